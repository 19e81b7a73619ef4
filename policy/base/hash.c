/* SHA-256 and SipHash-2-4; see hash.h. Tested with the vectors of their authors. */
#include "base/hash.h"

/* clang-format off */
const uint32_t sha256_constant[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};
/* clang-format on */

static uint32_t rotate_right(uint32_t x, unsigned by)
{
	return x >> by | x << (32 - by);
}

static uint32_t be32(const uint8_t at[static 4])
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* One round; the next one has the eight words one place further, instead of moving them. */
static inline void sha256_round(uint32_t a, uint32_t b, uint32_t c, uint32_t *d, uint32_t e,
	uint32_t f, uint32_t g, uint32_t *h, uint32_t word)
{
	uint32_t t1 = *h + (rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25)) +
		      (g ^ (e & (f ^ g))) + word;
	uint32_t t2 = (rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22)) +
		      ((a & b) | (c & (a | b)));

	*d += t1;
	*h = t1 + t2;
}

static void sha256_block(uint32_t state[static 8], const uint8_t block[static 64])
{
	uint32_t w[64], v[8];

	for (unsigned i = 0; i < 16; i++)
		w[i] = be32(block + 4 * i);
	for (unsigned i = 16; i < 64; i++) {
		uint32_t a = w[i - 15], b = w[i - 2];

		w[i] = w[i - 16] + w[i - 7] + (rotate_right(a, 7) ^ rotate_right(a, 18) ^ a >> 3) +
		       (rotate_right(b, 17) ^ rotate_right(b, 19) ^ b >> 10);
	}
	memcpy(v, state, sizeof v);
	for (unsigned i = 0; i < 64; i += 8) {
		const uint32_t *k = sha256_constant + i, *x = w + i;

		sha256_round(v[0], v[1], v[2], &v[3], v[4], v[5], v[6], &v[7], k[0] + x[0]);
		sha256_round(v[7], v[0], v[1], &v[2], v[3], v[4], v[5], &v[6], k[1] + x[1]);
		sha256_round(v[6], v[7], v[0], &v[1], v[2], v[3], v[4], &v[5], k[2] + x[2]);
		sha256_round(v[5], v[6], v[7], &v[0], v[1], v[2], v[3], &v[4], k[3] + x[3]);
		sha256_round(v[4], v[5], v[6], &v[7], v[0], v[1], v[2], &v[3], k[4] + x[4]);
		sha256_round(v[3], v[4], v[5], &v[6], v[7], v[0], v[1], &v[2], k[5] + x[5]);
		sha256_round(v[2], v[3], v[4], &v[5], v[6], v[7], v[0], &v[1], k[6] + x[6]);
		sha256_round(v[1], v[2], v[3], &v[4], v[5], v[6], v[7], &v[0], k[7] + x[7]);
	}
	for (unsigned i = 0; i < 8; i++)
		state[i] += v[i];
}

static void sha256_blocks(uint32_t state[static 8], const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sha256_block(state, bytes + 64 * i);
}

void sha256_init(struct sha256 *s)
{
	*s = (struct sha256){
		.state = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
			0x1f83d9ab, 0x5be0cd19 },
		.blocks = sha256_blocks,
	};
}

void sha256_add(struct sha256 *s, struct slice bytes)
{
	while (bytes.len > 0) {
		size_t fill = s->len % sizeof s->block;
		size_t take = sizeof s->block - fill;

		if (fill == 0 && bytes.len >= sizeof s->block) {
			take = bytes.len - bytes.len % sizeof s->block;
			s->blocks(s->state, bytes.at, take / sizeof s->block);
		} else {
			take = take < bytes.len ? take : bytes.len;
			memcpy(s->block + fill, bytes.at, take);
			if (fill + take == sizeof s->block)
				s->blocks(s->state, s->block, 1);
		}
		s->len += take;
		bytes = slice_of(bytes.at + take, bytes.len - take);
	}
}

void sha256_done(struct sha256 *s, uint8_t out[static SHA256_SIZE])
{
	static const uint8_t padding[64] = { 0x80 };
	uint64_t bits = s->len * 8;
	size_t fill = s->len % 64;
	uint8_t length[8];

	sha256_add(s, slice_of(padding, fill < 56 ? 56 - fill : 120 - fill));
	for (unsigned i = 0; i < 8; i++)
		length[i] = (uint8_t)(bits >> (56 - 8 * i));
	sha256_add(s, slice_of(length, sizeof length));
	for (unsigned i = 0; i < SHA256_SIZE; i++)
		out[i] = (uint8_t)(s->state[i / 4] >> (24 - 8 * (i % 4)));
}

void sha256_of(struct slice bytes, uint8_t out[static SHA256_SIZE])
{
	struct sha256 s;

	sha256_init(&s);
	sha256_add(&s, bytes);
	sha256_done(&s, out);
}

static uint64_t rotate_left(uint64_t x, unsigned by)
{
	return x << by | x >> (64 - by);
}

static inline void sip_round(uint64_t v[static 4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate_left(v[1], 13) ^ v[0];
	v[3] = rotate_left(v[3], 16) ^ v[2];
	v[0] = rotate_left(v[0], 32) + v[3];
	v[2] += v[1];
	v[1] = rotate_left(v[1], 17) ^ v[2];
	v[3] = rotate_left(v[3], 21) ^ v[0];
	v[2] = rotate_left(v[2], 32);
}

static inline void sip_word(uint64_t v[static 4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	sip_round(v);
	v[0] ^= word;
}

uint64_t siphash(
	const uint8_t key[static SIPHASH_KEY_SIZE], struct slice first, struct slice second)
{
	struct slice part[2] = { first, second };
	uint64_t k0 = le64(key), k1 = le64(key + 8);
	uint64_t v[4] = { k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
		k1 ^ 0x7465646279746573 };
	uint64_t word = (uint64_t)(first.len + second.len) << 56;
	uint64_t last = 0;
	unsigned fill = 0;

	for (; part[0].len >= 8; part[0] = slice_of(part[0].at + 8, part[0].len - 8))
		sip_word(v, le64(part[0].at));
	for (int p = 0; p < 2; p++) {
		const uint8_t *at = part[p].at;
		size_t left = part[p].len;

		for (; left >= 8; at += 8, left -= 8) {
			uint64_t next = le64(at);

			/* `fill` bytes of the one before, and the rest of it afterwards: in two
			 * steps, as 64 bits are more than can be shifted by. */
			sip_word(v, last | next << (8 * fill));
			last = next >> (63 - 8 * fill) >> 1;
		}
		for (; left > 0; at++, left--) {
			last |= (uint64_t)*at << (8 * fill);
			if (++fill == 8) {
				sip_word(v, last);
				last = 0;
				fill = 0;
			}
		}
	}
	sip_word(v, word | last);
	v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
