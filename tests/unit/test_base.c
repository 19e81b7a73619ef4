/* Slices, texts, digests and base64, with the vectors of their authors. */
#include "base/base64.h"
#include "base/buf.h"
#include "base/hash_fast.h"
#include "base/text.h"

#include "tap.h"

static const char *hex(struct slice bytes)
{
	static char out[256];
	struct text t = text_over(out, sizeof out);

	text_add_hex(&t, bytes);
	return out;
}

static void slices(void)
{
	struct slice whole = slice_str("abcdef"), part = slice_str("old");
	struct cursor c;

	ok(slice_sub(whole, 2, 3, &part) && slice_equal(part, slice_str("cde")), "a part inside");
	ok(slice_sub(whole, 6, 0, &part) && part.len == 0, "an empty part at the end");
	part = slice_str("old");
	ok(!slice_sub(whole, 5, 2, &part), "a part across the end");
	ok(!slice_sub(whole, UINT64_MAX, 1, &part) && !slice_sub(whole, 1, UINT64_MAX, &part),
		"positions and lengths that would wrap");
	ok(slice_equal(part, slice_str("old")), "a refused part leaves the old one");
	c = cursor_of(slice_of("\x01\x02\x03\x04\x05\x06\x07", 7));
	is_int(cursor_u8(&c), 1, "a byte");
	is_int(cursor_u16(&c), 0x0302, "two, little-endian");
	is_int(cursor_u32(&c), 0x07060504, "four");
	ok(cursor_done(&c), "and all is taken");
	is_int(cursor_u8(&c), 0, "behind the end there is zero");
	ok(!cursor_done(&c) && c.short_of, "and that is remembered");
}

static void texts(void)
{
	char at[16];
	struct text t = text_over(at, sizeof at);

	text_add(&t, "n=");
	text_add_u64(&t, 18446744073709551615u);
	is_str(at, "n=1844674407370", "a text is cut at the end of its array");
	ok(t.cut, "and says so");
	t = text_over(at, 12);
	text_add_escaped(&t,
		slice_of("a\"\n\xff"
			 "b",
			5),
		15);
	is_str(at, "a\\x22\\x0a", "escapes are never cut in half");
	t = text_over(at, sizeof at);
	text_add_escaped(&t, slice_str("abcdef"), 3);
	is_str(at, "abc", "a field has its own limit");
	t = text_over(at, sizeof at);
	text_add_u64(&t, 0);
	is_str(at, "0", "zero has a digit");
}

static void digests(void)
{
	static const char million_a[] =
		"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
	uint8_t digest[SHA256_SIZE], key[SIPHASH_KEY_SIZE], input[15], many[500];
	struct sha256 s;

	sha256_of(slice_str("abc"), digest);
	is_str(hex(slice_of(digest, 32)),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"SHA-256 of abc");
	sha256_of(slice_str(""), digest);
	is_str(hex(slice_of(digest, 32)),
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"SHA-256 of nothing");
	sha256_of(slice_str("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), digest);
	is_str(hex(slice_of(digest, 32)),
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", "of 56 bytes");
	sha256_init(&s);
	for (int i = 0; i < 1000000; i++)
		sha256_add(&s, slice_str("a"));
	sha256_done(&s, digest);
	is_str(hex(slice_of(digest, 32)), million_a, "of a million a, one by one");
	sha256_init_fast(&s);
	for (size_t n = 0; s.len < 1000000; n = (n + 61) % 500) {
		memset(many, 'a', sizeof many);
		sha256_add(&s, slice_of(many, n < 1000000 - s.len ? n : 1000000 - s.len));
	}
	sha256_done(&s, digest);
	is_str(hex(slice_of(digest, 32)), million_a, "... in pieces, as fast as the machine can");
	for (unsigned i = 0; i < 16; i++)
		key[i] = (uint8_t)i;
	for (unsigned i = 0; i < 15; i++)
		input[i] = (uint8_t)i;
	for (size_t cut = 0; cut <= 15; cut++)
		ok(siphash(key, slice_of(input, cut), slice_of(input + cut, 15 - cut)) ==
				0xa129ca6149be45e5,
			"the SipHash vector, cut at %zu", cut);
}

static void base64(void)
{
	static const struct {
		const char *plain, *coded;
	} good[] = { { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" } };
	static const char *const bad[] = { "", "Zg",
		"Zg=", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm 9", "Zm9v\n", "Zm9-" };
	uint8_t out[16];
	char text[16];

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		long n = base64_decode(slice_str(good[i].coded), out, sizeof out);

		ok(n >= 0 && slice_equal(slice_of(out, (size_t)n), slice_str(good[i].plain)),
			"%s is read", good[i].coded);
		base64_encode(slice_str(good[i].plain), text);
		is_str(text, good[i].coded, "%s is written", good[i].coded);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		is_int(base64_decode(slice_str(bad[i]), out, sizeof out), -1,
			"malformed text %zu is refused", i);
	is_int(base64_decode(slice_str("Zm9vYmFy"), out, 5), -1, "too long for its room");
}

int main(void)
{
	slices();
	texts();
	digests();
	base64();
	return tap_done();
}
