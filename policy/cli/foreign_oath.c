/*
 * users.oath; see foreign.h. Words with blanks between them, one person a line: type, user, PIN,
 * secret in hexadecimal, and what pam_oath itself writes behind: counter, last code, its time.
 */
#include "cli/foreign.h"

#include <sodium.h>
#include <time.h>

#define LOOKAHEAD 5 /* steps that pam_oath looks ahead, unless window= says otherwise */

struct oath {
	struct foreign_text text;
	struct foreigners *out;
};

/* What a type means to us; `digits` 0: nothing. */
static const struct kind {
	const char *name;
	uint8_t digits, period;
} kinds[] = {
	{ "HOTP/T30", 6, 30 },
	{ "HOTP/T30/6", 6, 30 },
	{ "HOTP/T30/7", 0, 30 },
	{ "HOTP/T30/8", 8, 30 },
	{ "HOTP/T60", 6, 60 },
	{ "HOTP/T60/6", 6, 60 },
	{ "HOTP/T60/7", 0, 60 },
	{ "HOTP/T60/8", 8, 60 },
	{ "HOTP", 0, 0 },
	{ "HOTP/E", 0, 0 },
	{ "HOTP/E/6", 0, 0 },
	{ "HOTP/E/7", 0, 0 },
	{ "HOTP/E/8", 0, 0 },
};

static bool not_understood(struct oath *o, const char *what)
{
	return diag(o->text.diags, o->text.at, DIAG_IMPORT_SYNTAX, "%s", what);
}

static const struct kind *kind_of(struct slice word)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (slice_equal(word, slice_str(kinds[i].name)))
			return &kinds[i];
	return NULL;
}

static bool take_user(struct oath *o, struct foreign *one)
{
	struct slice word = foreign_word(&o->text);

	if (word.len == 0 || word.len >= sizeof one->user ||
		memchr(word.at, '\0', word.len) != NULL)
		return not_understood(o, "here stands the name of a user");
	memcpy(one->user, word.at, word.len);
	return true;
}

static bool take_pin(struct oath *o)
{
	struct slice word = foreign_word(&o->text);

	if (word.len == 0)
		return not_understood(o, "here stands a PIN, or - for none");
	if (!slice_equal(word, slice_str("-")) && !slice_equal(word, slice_str("+")))
		diag(o->text.diags, o->text.at, DIAG_IMPORT_LEFT_BEHIND,
			"the PIN is not taken over: the code alone is asked for");
	return true;
}

static bool take_secret(struct oath *o, struct foreign *one)
{
	struct slice word = foreign_word(&o->text);
	size_t len = 0;

	if (word.len == 0 || word.len % 2 != 0 || word.len > 2 * sizeof one->secret ||
		sodium_hex2bin(one->secret, sizeof one->secret, (const char *)word.at, word.len,
			NULL, &len, NULL) != 0 ||
		len != word.len / 2)
		return not_understood(o, "here stands a secret, up to 64 bytes in hexadecimal");
	one->secret_len = (uint8_t)len;
	return true;
}

/* An optional number that nothing here needs. */
static bool skip_number(struct oath *o)
{
	struct slice word = foreign_word(&o->text);
	int64_t number;

	return word.len == 0 || foreign_number(word, &number) ||
	       not_understood(o, "here stands a number");
}

/* What pam_oath has written behind: "0 123456 2026-11-22T05:15:06L", counter, code and time. */
static bool take_last_use(struct oath *o, struct foreign *one, const struct kind *kind)
{
	static const char example[] = "2026-11-22T05:15:06L";
	struct tm when = { .tm_isdst = -1 };
	char text[sizeof example] = "";
	struct slice word;
	const char *end;

	if (!skip_number(o) || !skip_number(o))
		return false;
	word = foreign_word(&o->text);
	if (word.len == 0)
		return true;
	if (word.len < sizeof text)
		memcpy(text, word.at, word.len);
	end = strptime(text, "%Y-%m-%dT%H:%M:%SL", &when);
	when.tm_isdst = -1;
	if (text[0] == '\0' || end == NULL || *end != '\0')
		return not_understood(o, "here stands a time like 2026-11-22T05:15:06L");
	if (kind->period > 0)
		one->spent = mktime(&when) / kind->period + LOOKAHEAD;
	return foreign_word(&o->text).len == 0 ||
	       not_understood(o, "nothing stands behind the time");
}

static bool conclude(struct oath *o, struct foreign *one, const struct kind *kind)
{
	const char *obstacle = NULL;

	one->digits = kind->digits;
	one->period = kind->period;
	if (kind->period == 0)
		obstacle = "the codes are counted (HOTP), not time-based";
	else if (kind->digits == 0)
		obstacle = "the codes have 7 digits";
	return foreign_add(o->out, one, obstacle, o->text.diags);
}

static bool take_line(struct oath *o)
{
	struct slice word = foreign_word(&o->text);
	struct foreign one = { .mark = o->text.at };
	const struct kind *kind;
	bool good;

	if (word.len == 0 || word.at[0] == '#')
		return true;
	kind = kind_of(word);
	if (kind == NULL)
		return not_understood(o, "a line begins with a type as HOTP/T30, or with #");
	good = take_user(o, &one) && take_pin(o) && take_secret(o, &one) &&
	       take_last_use(o, &one, kind) && conclude(o, &one, kind);
	explicit_bzero(&one, sizeof one);
	return good;
}

bool oath_read(struct slice text, uint32_t file, struct diags *diags, struct foreigners *out)
{
	struct oath o = { .text = foreign_text(text, file, diags), .out = out };
	bool good = true;

	/* All that is wrong is reported, not only the first. */
	while (foreign_line(&o.text))
		good = take_line(&o) && good;
	return good;
}
