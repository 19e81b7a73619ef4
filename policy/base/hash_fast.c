/* SHA-256 by the SHA extensions of x86 (Intel's manual, volume 1, chapter 5); see hash_fast.h. */
#include "base/hash_fast.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

/* Eight words as the instructions want them: a b e f and c d g h, the first one highest. */
struct halves {
	__m128i abef, cdgh;
};

#define NI __attribute__((target("sha,sse4.1,ssse3")))

NI static struct halves halves_of(const uint32_t state[static 8])
{
	__m128i dcba = _mm_loadu_si128((const __m128i *)(const void *)state);
	__m128i hgfe = _mm_loadu_si128((const __m128i *)(const void *)(state + 4));
	__m128i cdab = _mm_shuffle_epi32(dcba, 0xb1);
	__m128i efgh = _mm_shuffle_epi32(hgfe, 0x1b);

	return (struct halves){ _mm_alignr_epi8(cdab, efgh, 8), _mm_blend_epi16(efgh, cdab, 0xf0) };
}

NI static void halves_store(struct halves h, uint32_t state[static 8])
{
	__m128i feba = _mm_shuffle_epi32(h.abef, 0x1b);
	__m128i dchg = _mm_shuffle_epi32(h.cdgh, 0xb1);

	_mm_storeu_si128((__m128i *)(void *)state, _mm_blend_epi16(feba, dchg, 0xf0));
	_mm_storeu_si128((__m128i *)(void *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

/* Words 16 and on of the schedule, four at a time, from the sixteen before them. */
NI static __m128i next_words(const __m128i w[static 4], unsigned i)
{
	__m128i old = _mm_sha256msg1_epu32(w[i % 4], w[(i + 1) % 4]);
	__m128i seven = _mm_alignr_epi8(w[(i + 3) % 4], w[(i + 2) % 4], 4);

	return _mm_sha256msg2_epu32(_mm_add_epi32(old, seven), w[(i + 3) % 4]);
}

NI static void blocks_ni(uint32_t state[static 8], const uint8_t *bytes, size_t n)
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
	struct halves now = halves_of(state);

	for (; n > 0; n--, bytes += 64) {
		struct halves before = now;
		__m128i w[4];

		for (unsigned i = 0; i < 16; i++) {
			__m128i sum;

			if (i < 4)
				w[i] = _mm_shuffle_epi8(
					_mm_loadu_si128(
						(const __m128i *)(const void *)(bytes + 16 * i)),
					swap);
			else
				w[i % 4] = next_words(w, i);
			sum = _mm_add_epi32(w[i % 4],
				_mm_loadu_si128(
					(const __m128i *)(const void *)(sha256_constant + 4 * i)));
			now.cdgh = _mm_sha256rnds2_epu32(now.cdgh, now.abef, sum);
			sum = _mm_shuffle_epi32(sum, 0x0e);
			now.abef = _mm_sha256rnds2_epu32(now.abef, now.cdgh, sum);
		}
		now.abef = _mm_add_epi32(now.abef, before.abef);
		now.cdgh = _mm_add_epi32(now.cdgh, before.cdgh);
	}
	halves_store(now, state);
}

static bool has_ni(void)
{
	unsigned a, b, c, d;

	if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_SSE4_1) == 0 || (c & bit_SSSE3) == 0)
		return false;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0;
}
#endif

void sha256_init_fast(struct sha256 *s)
{
	sha256_init(s);
#if defined(__x86_64__)
	if (has_ni())
		s->blocks = blocks_ni;
#endif
}
