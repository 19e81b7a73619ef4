/* Files of other programs: what is taken over, what is not, and what is no such file. */
#include "cli/foreign.h"

#include "tap.h"

#include <stdlib.h>
#include <time.h>

/* What reading a text gave. */
static struct {
	bool good;
	struct diags *diags;
	struct foreigners found;
} got;

static void forget(void)
{
	foreigners_done(&got.found);
	diags_free(got.diags);
	got.diags = NULL;
}

static void read_bytes(foreign_reader *reader, const char *text, size_t len)
{
	forget();
	got.diags = diags_new();
	if (got.diags == NULL || !foreigners_room(&got.found, slice_of(text, len)))
		exit(2);
	got.good =
		reader(slice_of(text, len), diags_file(got.diags, "file"), got.diags, &got.found);
}

static void read_text(foreign_reader *reader, const char *text)
{
	read_bytes(reader, text, strlen(text));
}

/* The n-th message is of that kind and at that place, and tells nothing of a secret. */
static bool says(size_t n, enum diag_id id, uint32_t line, uint32_t col)
{
	struct diag_view m;

	if (n >= diags_sort(got.diags))
		return false;
	m = diags_at(got.diags, n);
	if (m.id != id || m.at.line != line || m.at.col != col)
		printf("# %u:%u: %s [%d]\n", m.at.line, m.at.col, m.words, (int)m.id);
	return m.id == id && m.at.line == line && m.at.col == col &&
	       strstr(m.words, "MZXW6") == NULL && strstr(m.words, "6162") == NULL;
}

#define GOOGLE_SECRET "MFRGGZDFMZTWQ2LKNNWG23TPOB" /* 26 characters: "abcdefghijklmnop" */

static void google(void)
{
	read_text(google_read,
		GOOGLE_SECRET "\n\" RATE_LIMIT 3 30 1763000000\n\" WINDOW_SIZE 17\n"
			      "\" DISALLOW_REUSE 58766700 58766701 58766699\n\" TOTP_AUTH\n"
			      "48929581\n31188630\n");
	ok(got.good && got.found.n == 1 && got.found.left_out == 0, "a usual file");
	is_int(got.found.at[0].secret_len, 16, "its secret has 16 bytes");
	ok(memcmp(got.found.at[0].secret, "abcdefghijklmnop", 16) == 0, "the right ones");
	is_int(got.found.at[0].digits, 6, "6 digits");
	is_int(got.found.at[0].period, 30, "every 30 seconds");
	is_int(got.found.at[0].spent, 58766701, "the last step that was used");
	is_str(got.found.at[0].user, "", "of nobody by name");
	is_int(diags_warnings(got.diags), 3, "three things are left behind");
	ok(says(0, DIAG_IMPORT_LEFT_BEHIND, 2, 3), "the rate limit");
	ok(says(1, DIAG_IMPORT_LEFT_BEHIND, 3, 15), "the window");
	ok(says(2, DIAG_IMPORT_LEFT_BEHIND, 6, 1), "the scratch codes");

	read_text(google_read,
		GOOGLE_SECRET "\n\" WINDOW_SIZE 3\n\" STEP_SIZE 60\n\" TOTP_AUTH\n"
			      "\" TIME_SKEW 0\n\" RESETTING_TIME_SKEW 1 2 3 4\n\" LAST0 1 2\n");
	ok(got.good && got.found.n == 1 && diags_warnings(got.diags) == 0,
		"one with nothing to leave behind");
	is_int(got.found.at[0].period, 60, "every 60 seconds");
	is_int(got.found.at[0].spent, 0, "no code was used that it tells of");
}

static void google_left_out(void)
{
	static const char *const texts[] = {
		GOOGLE_SECRET "\n\" HOTP_COUNTER 1\n",
		GOOGLE_SECRET "\n\" HOTP_COUNTER 1\n\" TOTP_AUTH\n", GOOGLE_SECRET "\n",
		GOOGLE_SECRET "\n\" STEP_SIZE 45\n\" TOTP_AUTH\n",
		"MFRGGZDFMZTWQ2LK\n\" TOTP_AUTH\n", /* 10 bytes, of old versions */
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		read_text(google_read, texts[i]);
		ok(got.good && got.found.n == 0 && got.found.left_out == 1 &&
				says(0, DIAG_IMPORT_NOT_OURS, 1, 1),
			"left out, row %zu", i);
	}
}

static void google_none(void)
{
	static const struct {
		const char *text;
		uint32_t line, col;
	} rows[] = {
		{ "", 0, 1 },
		{ "\n", 1, 1 },
		{ "not base32!\n", 1, 5 },
		{ "base!\n", 1, 1 },
		{ "MFRGG1\n", 1, 1 },
		{ GOOGLE_SECRET " x\n", 1, 28 },
		{ GOOGLE_SECRET "\n\n", 2, 1 },
		{ GOOGLE_SECRET "\n\" NO_SUCH_OPTION\n", 2, 3 },
		{ GOOGLE_SECRET "\n\" STEP_SIZE\n", 2, 12 },
		{ GOOGLE_SECRET "\n\" STEP_SIZE -1\n", 2, 13 },
		{ GOOGLE_SECRET "\n\" DISALLOW_REUSE 1 x\n", 2, 20 },
		{ GOOGLE_SECRET "\n\" DISALLOW_REUSE 99999999999999999999\n", 2, 18 },
		{ GOOGLE_SECRET "\n1234567\n", 2, 1 },
		{ GOOGLE_SECRET "\n123456789\n", 2, 1 },
		{ GOOGLE_SECRET "\r\n\" TOTP_AUTH\r\n", 1, 1 },
		{ "HOTP/T30 alice - 6162636465666768696a6b6c6d6e6f70\n", 1, 1 },
	};
	char secret[256];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		read_text(google_read, rows[i].text);
		ok(!got.good && got.found.n == 0 &&
				says(0, DIAG_IMPORT_SYNTAX, rows[i].line, rows[i].col),
			"no .google_authenticator, row %zu", i);
	}
	memset(secret, 'A', sizeof secret);
	read_bytes(google_read, secret, 103);
	is_int(got.found.left_out, 1, "64 bytes are no error by themselves");
	read_bytes(google_read, secret, 104);
	ok(!got.good && says(0, DIAG_IMPORT_SYNTAX, 1, 1), "65 bytes are");
	read_bytes(google_read, GOOGLE_SECRET "\0\n", 28);
	ok(!got.good, "a NUL ends nothing");
}

#define HEX "6162636465666768696a6b6c6d6e6f7071727374"

static void oath(void)
{
	struct tm when = {
		.tm_year = 126, .tm_mon = 10, .tm_mday = 22, .tm_hour = 5, .tm_isdst = -1
	};

	read_text(oath_read, "# people\n\nHOTP/T30 alice - " HEX "\n"
			     "HOTP/T60/8\tbob\t+\t" HEX "\t0\t98337799\t2026-11-22T05:00:00L\n"
			     "  HOTP/T30/6 carol 1234 " HEX " 0\n");
	ok(got.good && got.found.n == 3 && got.found.left_out == 0, "three people");
	is_str(got.found.at[0].user, "alice", "the first");
	is_int(got.found.at[0].secret_len, 20, "has 20 bytes");
	ok(memcmp(got.found.at[0].secret, "abcdefghijklmnopqrst", 20) == 0, "the right ones");
	is_int(got.found.at[0].digits, 6, "6 digits");
	is_int(got.found.at[0].period, 30, "every 30 seconds");
	is_int(got.found.at[0].spent, 0, "and has not used them");
	is_int(got.found.at[1].digits, 8, "the second has 8");
	is_int(got.found.at[1].period, 60, "every 60 seconds");
	is_int(got.found.at[1].spent, mktime(&when) / 60 + 5,
		"and has used one, which was at most five steps ahead");
	is_int(diags_warnings(got.diags), 1, "one thing is left behind");
	ok(says(0, DIAG_IMPORT_LEFT_BEHIND, 5, 20), "the third's PIN");
}

static void oath_left_out(void)
{
	read_text(oath_read, "HOTP alice - " HEX " 7\nHOTP/E/8 bob - " HEX "\n"
			     "HOTP/T30/7 carol - " HEX "\nHOTP/T30 dave - 00\n"
			     "HOTP/T30 erin - " HEX "\n");
	ok(got.good && got.found.n == 1 && got.found.left_out == 4, "four of five are left out");
	for (uint32_t i = 0; i < 4; i++)
		ok(says(i, DIAG_IMPORT_NOT_OURS, i + 1, 1), "and line %u is told", i + 1);
	is_str(got.found.at[0].user, "erin", "the fifth is not");
}

static void oath_none(void)
{
	static const struct {
		const char *text;
		uint32_t col;
	} rows[] = {
		{ "TOTP alice - " HEX "\n", 1 },
		{ "HOTP/T45 alice - " HEX "\n", 1 },
		{ "hotp/t30 alice - " HEX "\n", 1 },
		{ "HOTP/T30\n", 9 },
		{ "HOTP/T30 alice\n", 15 },
		{ "HOTP/T30 alice -\n", 17 },
		{ "HOTP/T30 alice - 616\n", 18 },
		{ "HOTP/T30 alice - 6g\n", 18 },
		{ "HOTP/T30 alice - xy62636465666768696a6b6c6d6e6f70\n", 18 },
		{ "HOTP/T30 alice - " HEX HEX HEX HEX "\n", 18 },
		{ "HOTP/T30 alice - " HEX " x\n", 59 },
		{ "HOTP/T30 alice - " HEX " 0 12x456\n", 61 },
		{ "HOTP/T30 alice - " HEX " 0 123456 yesterday\n", 68 },
		{ "HOTP/T30 alice - " HEX " 0 123456 2026-13-22T05:00:00L\n", 68 },
		{ "HOTP/T30 alice - " HEX " 0 123456 2026-11-22T05:00:00Z\n", 68 },
		{ "HOTP/T30 alice - " HEX " 0 123456 2026-11-22T05:00:00L x\n", 89 },
		{ "HOTP/T30 alice - " HEX "\r\n", 18 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		read_text(oath_read, rows[i].text);
		ok(!got.good && got.found.n == 0 && says(0, DIAG_IMPORT_SYNTAX, 1, rows[i].col),
			"no users.oath, row %zu", i);
	}
	read_text(oath_read, "HOTP/T30 alice - 61\nx\n\ny\n");
	is_int(diags_errors(got.diags), 2, "all that is wrong is told");
}

/* A file cut anywhere, or with any byte changed, is read or refused, and nothing worse. */
static void any_bytes(foreign_reader *reader, const char *text, const char *name)
{
	size_t len = strlen(text), read = 0;
	char *copy = malloc(len);

	for (size_t i = 0; i <= len; i++) {
		read_bytes(reader, text, i);
		read += got.good || diags_errors(got.diags) > 0;
	}
	for (size_t i = 0; i < len; i++)
		for (int bit = 0; bit < 8; bit++) {
			memcpy(copy, text, len);
			copy[i] = (char)(copy[i] ^ (1 << bit));
			read_bytes(reader, copy, len);
			read += got.good || diags_errors(got.diags) > 0;
		}
	is_int(read, len + 1 + 8 * len, "%s, cut anywhere and with any bit flipped", name);
	free(copy);
}

int main(void)
{
	google();
	google_left_out();
	google_none();
	oath();
	oath_left_out();
	oath_none();
	any_bytes(google_read, GOOGLE_SECRET "\n\" WINDOW_SIZE 17\n\" TOTP_AUTH\n48929581\n",
		".google_authenticator");
	any_bytes(oath_read, "HOTP/T30 alice - " HEX " 0 123456 2026-11-22T05:00:00L\n",
		"users.oath");
	forget();
	return tap_done();
}
