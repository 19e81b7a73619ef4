/* Codes: the RFC's vectors, what may be typed, the window, the clock. */
#include "adpermd/totp.h"
#include "tap.h"

#include <errno.h>
#include <liboath/oath.h>
#include <sodium.h>

static const char seed[] = "1234567890123456789012345678901234567890123456789012345678901234";

/* RFC 6238, appendix B: eight digits, steps of 30 seconds. */
static void rfc6238_vectors(void)
{
	static const struct {
		int64_t now;
		const char *code[4]; /* by algorithm */
	} rows[] = {
		{ 59, { NULL, "94287082", "46119246", "90693936" } },
		{ 1111111109, { NULL, "07081804", "68084774", "25091201" } },
		{ 1111111111, { NULL, "14050471", "67062674", "99943326" } },
		{ 1234567890, { NULL, "89005924", "91819424", "93441116" } },
		{ 2000000000, { NULL, "69279037", "90698825", "38618901" } },
		{ 20000000000, { NULL, "65353130", "77737706", "47863826" } },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (uint8_t algorithm = PROTO_SHA1; algorithm <= PROTO_SHA512; algorithm++) {
			struct totp_kind kind = { 8, algorithm, 30 };
			int64_t step = -1;
			int ret = totp_find_step(&kind, (const uint8_t *)seed,
				totp_secret_size(algorithm), rows[i].now + 60,
				rows[i].code[algorithm], &step);

			is_int(ret, -ENOENT, "RFC 6238, two steps late: %s is no code any more",
				rows[i].code[algorithm]);
			ret = totp_find_step(&kind, (const uint8_t *)seed,
				totp_secret_size(algorithm), rows[i].now + 30,
				rows[i].code[algorithm], &step);
			ok(ret == 0 && step == rows[i].now / 30,
				"RFC 6238, at %lld with algorithm %d: %s", (long long)rows[i].now,
				algorithm, rows[i].code[algorithm]);
		}
	}
}

/* RFC 4226, appendix D: the counter is the step. Counter 0 is 1970 and never a step of ours. */
static void rfc4226_vectors(void)
{
	static const char *const codes[] = { "755224", "287082", "359152", "969429", "338314",
		"254676", "287922", "162583", "399871", "520489" };
	static const uint8_t secret[] = "12345678901234567890";
	const struct totp_kind kind = { 6, PROTO_SHA1, 30 };

	for (int64_t counter = 0; counter < 10; counter++) {
		int64_t step = 0;
		int ret = totp_find_step(&kind, secret, sizeof secret - 1, 30 * (counter + 1),
			codes[counter], &step);

		if (counter == 0)
			is_int(ret, -EINVAL, "RFC 4226, counter 0 is refused");
		else
			ok(ret == 0 && step == counter, "RFC 4226, counter %d: %s", (int)counter,
				codes[counter]);
	}
}

static void make_code(const struct totp_kind *kind, int64_t step, char *code)
{
	oath_totp_generate2(seed, totp_secret_size(kind->algorithm), (time_t)(step * kind->period),
		kind->period, 0, kind->digits, 0, code);
}

static void t64_window_is_one_step(void)
{
	const struct totp_kind kind = { 6, PROTO_SHA1, 30 };
	const int64_t now = 1800000005;

	for (int64_t off = -3; off <= 3; off++) {
		char code[TOTP_CODE_SIZE];
		int64_t step = -1;
		bool inside = off >= -1 && off <= 1;
		int ret;

		make_code(&kind, now / 30 + off, code);
		ret = totp_find_step(&kind, (const uint8_t *)seed, 20, now, code, &step);
		is_int(ret, inside ? 0 : -ENOENT, "t64 a code %+lld steps away", (long long)off);
		if (inside)
			is_int(step, now / 30 + off, "t64 its step is known");
	}
}

/* Two neighbouring steps can have one code; it must be spent for both. */
static void t57_the_last_step_of_a_code(void)
{
	const struct totp_kind kind = { 6, PROTO_SHA1, 30 };
	const int64_t late = 62075369; /* found by search */
	int64_t step = -1;

	for (int64_t now = late - 1; now <= late; now++) {
		is_int(totp_find_step(&kind, (const uint8_t *)seed, 20, now * 30, "235522", &step),
			0, "t57 a code of two steps, in one of them");
		is_int(step, late, "t57 stands for the later one");
	}
}

static void t61_what_may_be_typed(void)
{
	static const struct {
		const char *typed, *six, *eight;
	} rows[] = {
		{ "123456", "123456", NULL },
		{ "123 456", "123456", NULL },
		{ "12345678", NULL, "12345678" },
		{ "1234 5678", NULL, "12345678" },
		{ "", NULL, NULL },
		{ " ", NULL, NULL },
		{ "12345", NULL, NULL },
		{ "1234567", NULL, NULL },
		{ "123456789", NULL, NULL },
		{ "+12345", NULL, NULL },
		{ "-12345", NULL, NULL },
		{ " 12345", NULL, NULL },
		{ "12345 ", NULL, NULL },
		{ " 123456", NULL, NULL },
		{ "123456 ", NULL, NULL },
		{ "12 3456", NULL, NULL },
		{ "1234 56", NULL, NULL },
		{ "123  456", NULL, NULL },
		{ "123-456", NULL, NULL },
		{ "123\t456", NULL, NULL },
		{ "123456\n", NULL, NULL },
		{ "0x1234", NULL, NULL },
		{ "12345a", NULL, NULL },
		{ "1 2 3 4", NULL, NULL },
		{ "123 45678", NULL, NULL },
		{ "\xef\xbc\x91\xef\xbc\x92", NULL, NULL },
		{ "\xd9\xa1\xd9\xa2\xd9\xa3", NULL, NULL },
		{ "\b\n\r\177INCORRECT", NULL, NULL },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (unsigned digits = 6; digits <= 8; digits += 2) {
			const char *expected = digits == 6 ? rows[i].six : rows[i].eight;
			char code[TOTP_CODE_SIZE] = "";
			bool good = totp_code_parse(rows[i].typed, digits, code);

			ok(good == (expected != NULL) &&
					(expected == NULL || strcmp(code, expected) == 0),
				"t61 row %zu as a code of %u digits is %s", i, digits,
				expected != NULL ? "one" : "none");
		}
	}
}

static void t61_suffix_of_eight_digits(void)
{
	const struct totp_kind kind = { 8, PROTO_SHA1, 30 };
	const int64_t now = 1800000000;
	char code[TOTP_CODE_SIZE];
	int64_t step;

	make_code(&kind, now / 30, code);
	is_int(totp_find_step(&kind, (const uint8_t *)seed, 20, now, code, &step), 0,
		"t61 eight digits are right");
	is_int(totp_find_step(&kind, (const uint8_t *)seed, 20, now, code + 2, &step), -EINVAL,
		"t61 their last six are not");
}

static void t62_length_of_the_secret(void)
{
	const struct totp_kind kind = { 6, PROTO_SHA1, 30 };
	static const struct {
		size_t len;
		bool good;
	} rows[] = { { 0, false }, { 1, false }, { 15, false }, { 16, true }, { 64, true },
		{ 65, false } };
	uint8_t secret[65] = { 7 };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char code[TOTP_CODE_SIZE] = "000000";
		int64_t step;

		if (rows[i].len > 0)
			oath_totp_generate2(
				(const char *)secret, rows[i].len, 1800000000, 30, 0, 6, 0, code);
		is_int(totp_find_step(&kind, secret, rows[i].len, 1800000000, code, &step),
			rows[i].good ? 0 : -EINVAL, "t62 a secret of %zu bytes", rows[i].len);
	}
}

static void t63_clock(void)
{
	static const struct {
		int64_t now, mark;
		bool sane;
		const char *what;
	} rows[] = {
		{ 1800000000, 0, true, "an ordinary day" },
		{ CLOCK_EPOCH, 0, true, "the first second of 2026" },
		{ CLOCK_EPOCH - 1, 0, false, "2025" },
		{ 0, 0, false, "1970" },
		{ 29, 0, false, "the first step, where the counter would wrap" },
		{ -1, 0, false, "time() failed" },
		{ INT64_MIN, 0, false, "the beginning" },
		{ 2147483648, 0, true, "2038" },
		{ 4294967296, 0, true, "2106" },
		{ TOTP_END + 1, 0, false, "the year 10000" },
		{ INT64_MAX, 0, false, "the end" },
		{ 1800000000, 60000000, true, "the step used a moment ago" },
		{ 1800000000, 60000001, true, "the next step is used already" },
		{ 1800000000, 60000020, true, "ten minutes behind the last code" },
		{ 1800000000, 60000021, false, "more than ten minutes behind it" },
		{ 1800000000, INT64_MAX, false, "a mark that no clock reaches" },
		{ 1800000000 - 3600, 60000000, false, "an hour back" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		ok(totp_clock_sane(rows[i].now, 30, rows[i].mark) == rows[i].sane, "t63 %s: %s",
			rows[i].what, rows[i].sane ? "sane" : "not sane");
}

static void kinds(void)
{
	struct totp_kind none = { 0, 0, 0 };

	ok(totp_kind_fill(&none) && none.digits == 6 && none.algorithm == PROTO_SHA1 &&
			none.period == 30,
		"zeros mean what every app can");
	for (unsigned digits = 0; digits < 256; digits++) {
		for (unsigned period = 0; period < 256; period += 5) {
			for (unsigned algorithm = 0; algorithm < 256; algorithm += 1) {
				struct totp_kind kind = { (uint8_t)digits, (uint8_t)algorithm,
					(uint8_t)period };
				bool expected = (digits == 0 || digits == 6 || digits == 8) &&
						(period == 0 || period == 30 || period == 60) &&
						algorithm <= 3;

				if (totp_kind_fill(&kind) != expected) {
					ok(false, "kind %u %u %u", digits, algorithm, period);
					return;
				}
			}
		}
	}
	ok(true, "no other kinds than 6 or 8 digits, 30 or 60 seconds, three algorithms");
}

static void secret_as_text(void)
{
	/* RFC 4648, section 10, without the padding. */
	static const struct {
		const char *bytes, *text;
	} rows[] = { { "", "" }, { "f", "MY" }, { "fo", "MZXQ" }, { "foo", "MZXW6" },
		{ "foob", "MZXW6YQ" }, { "fooba", "MZXW6YTB" }, { "foobar", "MZXW6YTBOI" } };
	uint8_t all[PROTO_SECRET_MAX];
	char text[PROTO_SECRET_TEXT], *back = NULL;
	size_t back_len = 0;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		totp_secret_text((const uint8_t *)rows[i].bytes, strlen(rows[i].bytes), text);
		is_str(text, rows[i].text, "base32 of \"%s\"", rows[i].bytes);
	}
	for (size_t i = 0; i < sizeof all; i++)
		all[i] = (uint8_t)(i * 37 + 11);
	totp_secret_text(all, sizeof all, text);
	ok(oath_base32_decode(text, strlen(text), &back, &back_len) == OATH_OK &&
			back_len == sizeof all && memcmp(back, all, sizeof all) == 0,
		"the longest secret comes back from its text");
	free(back);
}

int main(void)
{
	if (sodium_init() < 0 || oath_init() != OATH_OK)
		return 1;
	rfc6238_vectors();
	rfc4226_vectors();
	t64_window_is_one_step();
	t57_the_last_step_of_a_code();
	t61_what_may_be_typed();
	t61_suffix_of_eight_digits();
	t62_length_of_the_secret();
	t63_clock();
	kinds();
	secret_as_text();
	return tap_done();
}
