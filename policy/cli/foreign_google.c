/*
 * ~/.google_authenticator; see foreign.h. The format is FILEFORMAT of google-authenticator-libpam:
 * a line with the secret in base32, lines that begin with `" ` and name an option, and scratch
 * codes.
 */
#include "cli/foreign.h"

struct google {
	struct foreign_text text;
	struct foreigners *out;
	struct foreign one;
	bool timed, counted; /* TOTP_AUTH, HOTP_COUNTER */
	struct mark scratch; /* the first scratch code */
	unsigned scratch_codes;
	int64_t step; /* STEP_SIZE */
};

static bool not_understood(struct google *g, const char *what)
{
	return diag(g->text.diags, g->text.at, DIAG_IMPORT_SYNTAX, "%s", what);
}

static int base32_value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

/* RFC 4648, section 6; bits that fill no byte are dropped, as google-authenticator does. */
static bool take_secret(struct google *g, struct slice word)
{
	struct foreign *one = &g->one;
	unsigned bits = 0, have = 0;

	for (size_t i = 0; i < word.len; i++) {
		int value = base32_value(word.at[i]);

		if (value < 0)
			return not_understood(g, "this is no secret in base32");
		bits = (bits << 5 | (unsigned)value) & 0xfff;
		have += 5;
		if (have < 8)
			continue;
		have -= 8;
		if (one->secret_len == sizeof one->secret)
			return not_understood(g, "the secret has more than 64 bytes");
		one->secret[one->secret_len++] = (uint8_t)(bits >> have);
	}
	one->mark = g->text.at;
	return word.len > 0 || not_understood(g, "the first line has no secret");
}

static bool left_behind(struct google *g, const char *what)
{
	diag(g->text.diags, g->text.at, DIAG_IMPORT_LEFT_BEHIND, "%s", what);
	return true;
}

/* The options: each takes the words that are left of its line. */
static bool take_timed(struct google *g)
{
	g->timed = true;
	return true;
}

static bool take_counter(struct google *g)
{
	int64_t next;

	g->counted = true;
	return foreign_number(foreign_word(&g->text), &next) ||
	       not_understood(g, "HOTP_COUNTER is followed by a number");
}

static bool take_step(struct google *g)
{
	return foreign_number(foreign_word(&g->text), &g->step) ||
	       not_understood(g, "STEP_SIZE is followed by a number");
}

static bool take_spent(struct google *g)
{
	struct slice word;
	int64_t step;

	while ((word = foreign_word(&g->text)).len > 0) {
		if (!foreign_number(word, &step))
			return not_understood(g, "DISALLOW_REUSE is followed by numbers");
		if (step > g->one.spent)
			g->one.spent = step;
	}
	return true;
}

static bool take_window(struct google *g)
{
	int64_t window;

	if (!foreign_number(foreign_word(&g->text), &window))
		return not_understood(g, "WINDOW_SIZE is followed by a number");
	return window <= 3 ||
	       left_behind(g, "WINDOW_SIZE: codes are taken one step before and after "
			      "their time, not more");
}

static bool take_rate(struct google *g)
{
	return left_behind(g, "RATE_LIMIT: adpermd has a budget of wrong codes of its own");
}

static bool take_skew(struct google *g)
{
	struct slice word = foreign_word(&g->text);

	return slice_equal(word, slice_str("0")) ||
	       left_behind(g,
		       "TIME_SKEW: the clock of the phone, or of this machine, was wrong; it "
		       "must be right");
}

/* What it notes for itself. */
static bool take_nothing(struct google *g)
{
	(void)g;
	return true;
}

static const struct option {
	const char *name;
	bool (*take)(struct google *g);
} google_options[] = {
	{ "TOTP_AUTH", take_timed },
	{ "HOTP_COUNTER", take_counter },
	{ "STEP_SIZE", take_step },
	{ "DISALLOW_REUSE", take_spent },
	{ "WINDOW_SIZE", take_window },
	{ "RATE_LIMIT", take_rate },
	{ "TIME_SKEW", take_skew },
	{ "RESETTING_TIME_SKEW", take_nothing },
	{ "LAST0", take_nothing },
	{ "LAST1", take_nothing },
	{ "LAST2", take_nothing },
	{ "LAST3", take_nothing },
	{ "LAST4", take_nothing },
	{ "LAST5", take_nothing },
	{ "LAST6", take_nothing },
	{ "LAST7", take_nothing },
	{ "LAST8", take_nothing },
	{ "LAST9", take_nothing },
};

static bool take_option(struct google *g)
{
	struct slice name = foreign_word(&g->text);

	for (size_t i = 0; i < sizeof google_options / sizeof google_options[0]; i++)
		if (slice_equal(name, slice_str(google_options[i].name)))
			return google_options[i].take(g);
	diag(g->text.diags, g->text.at, DIAG_IMPORT_SYNTAX, "%s is no option that is known here",
		diag_quote(g->text.diags, name));
	return false;
}

static bool take_line(struct google *g)
{
	struct slice word = foreign_word(&g->text);
	struct mark begin = g->text.at;
	int64_t code;

	if (slice_equal(word, slice_str("\"")))
		return take_option(g);
	if (word.len != 8 || !foreign_number(word, &code) || foreign_word(&g->text).len > 0) {
		g->text.at = begin;
		return not_understood(g, "this is neither an option nor a scratch code");
	}
	if (g->scratch_codes++ == 0)
		g->scratch = begin;
	return true;
}

/* Once all of it is known. */
static bool conclude(struct google *g)
{
	struct diags *d = g->text.diags;
	const char *obstacle = NULL;

	if (g->scratch_codes > 0)
		diag(d, g->scratch, DIAG_IMPORT_LEFT_BEHIND,
			"the %u scratch codes are not taken over; `adperm totp recovery` makes new "
			"ones",
			g->scratch_codes);
	if (g->counted)
		obstacle = "the codes are counted (HOTP_COUNTER), not time-based";
	else if (!g->timed)
		obstacle = "the codes are not time-based (TOTP_AUTH is missing)";
	else if (g->step != 30 && g->step != 60)
		obstacle = "a code lasts neither 30 nor 60 seconds (STEP_SIZE)";
	else
		g->one.period = (uint8_t)g->step;
	return foreign_add(g->out, &g->one, obstacle, d);
}

bool google_read(struct slice text, uint32_t file, struct diags *diags, struct foreigners *out)
{
	struct google g = { .text = foreign_text(text, file, diags), .out = out, .step = 30 };
	bool good = true;

	g.one.digits = 6;
	foreign_line(&g.text);
	good = take_secret(&g, foreign_word(&g.text)) &&
	       (foreign_word(&g.text).len == 0 ||
		       not_understood(&g, "nothing stands behind the secret on its line"));
	while (good && foreign_line(&g.text))
		good = take_line(&g);
	good = good && conclude(&g);
	explicit_bzero(&g, sizeof g);
	return good;
}
