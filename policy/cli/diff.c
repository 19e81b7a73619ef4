/* Telling what changes for people; see diff.h. */
#include "cli/diff.h"

#include "cli/describe.h"
#include "cli/place.h"
#include "cli/progress.h"
#include "lang/change.h"
#include "lang/rows.h"
#include "model/names.h"

#include <stdlib.h>
#include <string.h>

#define SHOWN 6 /* places of one line; JSON has them all */

/* What is said of some permissions, and where it is true. */
struct line {
	unsigned kinds;
	char *perms, *detail;
	ROWS(char *) places;
};

struct telling {
	char profile[EMAIL_MAX + 1]; /* whose lines are being gathered */
	ROWS(struct line) lines;
	struct diff_counts *counts;
	struct json *json; /* NULL: for people */
	const struct policy *before, *after;
	struct place_people people; /* what they changed themselves */
	bool failed;
};

static const struct {
	unsigned kind;
	const char *word;
} kind_words[] = {
	{ CHANGE_GAINED, "gained" },
	{ CHANGE_LOST, "lost" },
	{ CHANGE_2FA_ADDED, "2fa_added" },
	{ CHANGE_2FA_DROPPED, "2fa_dropped" },
	{ CHANGE_WIDER, "from_more_addresses" },
	{ CHANGE_NARROWER, "from_fewer_addresses" },
	{ CHANGE_UNTIL, "expiry" },
	{ CHANGE_2FA_UNTIL, "2fa_expiry" },
	{ CHANGE_GRACE, "grace" },
	{ CHANGE_LATER, "later" },
	{ CHANGE_LOGIN_GAINED, "login_gained" },
	{ CHANGE_LOGIN_LOST, "login_lost" },
	{ CHANGE_KEY_GAINED, "key_gained" },
	{ CHANGE_KEY_LOST, "key_lost" },
};

/* --- words */

/* Does a region have, of the bits in mask, just these? */
static bool fate_is(const struct change *c, uint32_t region, unsigned mask, unsigned wanted)
{
	return (c->fates[region] & mask) == wanted;
}

static uint32_t count_fates(const struct change *c, unsigned mask, unsigned wanted)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->regions->all.n; i++)
		n += fate_is(c, i, mask, wanted);
	return n;
}

/* The regions with these bits: "192.0.2.0/24, any other address". */
static void put_regions(FILE *out, const struct change *c, unsigned mask, unsigned wanted)
{
	const char *before = "";

	for (uint32_t i = 0; i < c->regions->all.n; i++) {
		char text[ADDRESS_TEXT_SIZE] = "any other address";
		const struct net *net = &c->regions->all.at[i].net;

		if (!fate_is(c, i, mask, wanted))
			continue;
		if (net->family != FAMILY_UNKNOWN)
			net_text(net, text);
		fprintf(out, "%s%s", before, text);
		before = ", ";
	}
}

static void put_time(FILE *out, int64_t when, const char *never)
{
	char text[SPELL_SIZE];

	if (when != WHEN_NEVER)
		spell_time(when, text);
	fputs(when != WHEN_NEVER ? text : never, out);
}

static void put_grace(FILE *out, uint32_t grace)
{
	char text[SPELL_SIZE] = "none";

	if (grace > 0)
		spell_duration(grace, text);
	fputs(text, out);
}

/* " from ...", unless these are all the addresses from which it is held on both sides. */
static void put_where(FILE *out, const struct change *c, unsigned mask, unsigned wanted)
{
	uint32_t all = count_fates(
		c, FATE_HELD_BEFORE | FATE_HELD_AFTER, FATE_HELD_BEFORE | FATE_HELD_AFTER);

	if (count_fates(c, mask, wanted) == all)
		return;
	fputs(" from ", out);
	put_regions(out, c, mask, wanted);
}

/* What is gained, or lost: on what terms it is, or was, held. */
static void put_terms(FILE *out, const struct change *c, const struct change_side *side,
	unsigned held, unsigned asked)
{
	uint32_t n = count_fates(c, held, held);

	if (side->with && !side->without)
		fputs("; with 2FA", out);
	if (side->with && side->without) {
		fputs("; with 2FA from ", out);
		put_regions(out, c, held | asked, held | asked);
	}
	if (n < c->regions->all.n) {
		fputs("; only from ", out);
		put_regions(out, c, held, held);
	}
	if (side->until != WHEN_NEVER) {
		fputs("; until ", out);
		put_time(out, side->until, "");
	}
}

#define BOTH_HELD (FATE_HELD_BEFORE | FATE_HELD_AFTER)
#define ASKED     (FATE_2FA_BEFORE | FATE_2FA_AFTER)

/* "until 2027-01-31 (was: until further notice)" */
static void put_end(FILE *out, const char *words, int64_t now, int64_t before)
{
	fprintf(out, "%s ", words);
	put_time(out, now, "further notice");
	fputs(" (was: ", out);
	put_time(out, before, "until further notice");
	fputs(")", out);
}

/* One kind of change of what is held on both sides. */
static void put_kind(FILE *out, const struct change *c, unsigned kind)
{
	switch (kind) {
	case CHANGE_2FA_ADDED:
		fputs("2FA added", out);
		put_where(out, c, BOTH_HELD | ASKED, BOTH_HELD | FATE_2FA_AFTER);
		break;
	case CHANGE_2FA_DROPPED:
		fputs("2FA dropped", out);
		put_where(out, c, BOTH_HELD | ASKED, BOTH_HELD | FATE_2FA_BEFORE);
		break;
	case CHANGE_WIDER:
		fputs("also from ", out);
		put_regions(out, c, BOTH_HELD, FATE_HELD_AFTER);
		break;
	case CHANGE_NARROWER:
		fputs("no more from ", out);
		put_regions(out, c, BOTH_HELD, FATE_HELD_BEFORE);
		break;
	case CHANGE_UNTIL: put_end(out, "until", c->after.until, c->before.until); break;
	case CHANGE_2FA_UNTIL:
		put_end(out, "2FA is asked until", c->after.asked_until, c->before.asked_until);
		break;
	case CHANGE_GRACE:
		fputs("grace ", out);
		put_grace(out, c->after.grace);
		fputs(" (was: ", out);
		put_grace(out, c->before.grace);
		fputs(")", out);
		break;
	case CHANGE_LATER: fputs("conditions change at a later time", out); break;
	default: break;
	}
}

/* The flag of a grant that ends, or holds in some places only, beside one without it. */
static void put_vanishing(FILE *out, const struct change *c)
{
	if (!c->after.with)
		return;
	if (c->after.asked_until < c->after.until) {
		fputs("; no 2FA any more from ", out);
		put_time(out, c->after.asked_until, "");
		fputs(" on", out);
	}
	if (c->after.without) {
		fputs("; no 2FA from ", out);
		put_regions(out, c, FATE_HELD_AFTER | FATE_2FA_AFTER, FATE_HELD_AFTER);
	}
}

static void put_detail(FILE *out, const struct change *c)
{
	const char *before = ": ";

	if ((c->kinds & CHANGE_KNOWN_BY) != 0)
		return;
	if (c->kinds == CHANGE_GAINED)
		put_terms(out, c, &c->after, FATE_HELD_AFTER, FATE_2FA_AFTER);
	for (size_t i = 0; i < sizeof kind_words / sizeof kind_words[0]; i++) {
		unsigned kind = kind_words[i].kind & c->kinds;

		if (kind == 0 || kind == CHANGE_GAINED || kind == CHANGE_LOST)
			continue;
		fputs(before, out);
		put_kind(out, c, kind);
		before = ", ";
	}
	if (c->kinds != CHANGE_LOST)
		put_vanishing(out, c);
}

static void put_place(FILE *out, const struct change *c)
{
	if ((c->kinds & CHANGE_KNOWN_BY) != 0)
		return;
	fputs(c->scope == SCOPE_OVERALL ? " of " : " on ", out);
	for (uint32_t i = 0; i < c->account_total && i < SHOWN; i++)
		fprintf(out, "%s%s", i > 0 ? ", " : "", c->accounts[i]);
	if (c->account_total > SHOWN)
		fprintf(out, " and %u more accounts", (unsigned)(c->account_total - SHOWN));
	fprintf(out, "%s%s", c->account_total > 0 ? " of " : "", c->place);
}

/* --- gathering lines: what is true in many places is said once */

/* Writes something into a text of its own; NULL, and telling.failed, without memory. */
static char *in_words(
	struct telling *t, const struct change *c, void (*put)(FILE *out, const struct change *c))
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out != NULL) {
		put(out, c);
		if (fclose(out) == 0)
			return text;
	}
	free(text);
	t->failed = true;
	return NULL;
}

#define ABOUT_LOGIN (CHANGE_LOGIN_GAINED | CHANGE_LOGIN_LOST)
#define ABOUT_GAIN  (CHANGE_GAINED | CHANGE_LOGIN_GAINED | CHANGE_KEY_GAINED)
#define ABOUT_LOSS  (CHANGE_LOST | CHANGE_LOGIN_LOST | CHANGE_KEY_LOST)

/* What it is about: permissions, or that by which somebody is known. */
static void put_subject(FILE *out, const struct change *c)
{
	if ((c->kinds & CHANGE_KNOWN_BY) == 0)
		show_perms(out, c->perms);
	else
		fprintf(out, "%s %s", (c->kinds & ABOUT_LOGIN) != 0 ? "login" : "key", c->place);
}

/* The line that says the same, or a new one. Takes perms and detail. */
static struct line *find_line(struct telling *t, unsigned kinds, char *perms, char *detail)
{
	struct line *line;

	for (uint32_t i = 0; i < t->lines.n; i++) {
		line = &t->lines.at[i];
		if (line->kinds != kinds || strcmp(line->perms, perms) != 0 ||
			strcmp(line->detail, detail) != 0)
			continue;
		free(perms);
		free(detail);
		return line;
	}
	line = ROWS_ADD(&t->lines);
	if (line != NULL) {
		*line = (struct line){ .kinds = kinds, .perms = perms, .detail = detail };
		return line;
	}
	free(perms);
	free(detail);
	return NULL;
}

/* The owner of the place in one of the policies; false: it has none. */
static bool owner_in(const struct policy *p, const struct change *c, uint32_t *owner)
{
	bool overall = c->scope == SCOPE_OVERALL;
	uint32_t found = policy_find(p, overall ? NAME_OWNER : NAME_SERVER, slice_str(c->place));

	if (found != NO_INDEX)
		*owner = overall ? found : p->servers.at[found].owner;
	return found != NO_INDEX;
}

/* Does none of it count, because the person has given back what that owner grants? */
static bool gave_back(struct telling *t, const struct change *c)
{
	const struct policy *sides[] = { t->after, t->before };

	for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
		uint32_t profile = policy_find(sides[i], NAME_PROFILE, slice_str(c->profile));
		uint32_t owner;

		if (profile != NO_INDEX && owner_in(sides[i], c, &owner))
			return sides[i]->owners.at[owner].profile != profile &&
			       place_renounced(&t->people, sides[i], profile, owner);
	}
	return false;
}

static void put_place_given_back(FILE *out, const struct change *c)
{
	put_place(out, c);
	fputs(" (given back)", out);
}

static void gather(struct telling *t, const struct change *c)
{
	char *perms = in_words(t, c, put_subject), *detail = in_words(t, c, put_detail);
	bool idle = (c->kinds & CHANGE_KNOWN_BY) == 0 && gave_back(t, c);
	char *place = in_words(t, c, idle ? put_place_given_back : put_place), **row = NULL;
	struct line *line = NULL;

	if (perms != NULL && detail != NULL) {
		line = find_line(t, c->kinds, perms, detail);
	} else {
		free(perms);
		free(detail);
	}
	if (line != NULL && place != NULL)
		row = ROWS_ADD(&line->places);
	if (row != NULL)
		*row = place;
	else
		free(place);
	t->failed |= row == NULL;
}

static void print_line(const struct line *line)
{
	const char *colour = "", *sign = "~";

	if ((line->kinds & ABOUT_GAIN) != 0) {
		sign = "+";
		colour = TERMINAL_GREEN;
	} else if ((line->kinds & ABOUT_LOSS) != 0) {
		sign = "-";
		colour = TERMINAL_RED;
	} else if ((line->kinds & CHANGE_2FA_DROPPED) != 0) {
		colour = TERMINAL_MAGENTA;
	}
	fputs("  ", stdout);
	show_coloured(stdout, colour, "%s %s", sign, line->perms);
	for (uint32_t i = 0; i < line->places.n && i < SHOWN; i++)
		printf("%s%s", i > 0 ? "," : "", line->places.at[i]);
	if (line->places.n > SHOWN)
		printf(" and in %u more places", (unsigned)(line->places.n - SHOWN));
	puts(line->detail);
}

/* Prints and forgets what was gathered of one person. */
static void print_lines(struct telling *t)
{
	if (t->lines.n > 0)
		puts(t->profile);
	for (uint32_t i = 0; i < t->lines.n; i++) {
		struct line *line = &t->lines.at[i];

		print_line(line);
		for (uint32_t k = 0; k < line->places.n; k++)
			free(line->places.at[k]);
		free(line->places.at);
		free(line->perms);
		free(line->detail);
	}
	t->lines.n = 0;
}

/* --- for programs */

static void json_side(struct json *j, const char *name, const struct change *c,
	const struct change_side *side, unsigned held)
{
	char until[SPELL_SIZE], asked_until[SPELL_SIZE];
	const struct regions *regions = c->regions;
	bool everywhere = count_fates(c, held, held) == regions->all.n;
	bool limited = side->held && side->until != WHEN_NEVER;
	bool asked_limited = side->with && side->asked_until != WHEN_NEVER;

	if (limited)
		spell_time(side->until, until);
	if (asked_limited)
		spell_time(side->asked_until, asked_until);
	json_object(j, name);
	json_bool(j, "held", side->held);
	json_bool(j, "with_2fa", side->with);
	json_bool(j, "without_2fa", side->without);
	json_number(j, "grace", side->grace);
	json_string(j, "expires", limited ? until : NULL);
	json_string(j, "2fa_expires", asked_limited ? asked_until : NULL);
	json_array(j, "from");
	for (uint32_t i = 0; !everywhere && i + 1 < regions->all.n; i++) {
		char text[ADDRESS_TEXT_SIZE];

		net_text(&regions->all.at[i].net, text);
		if ((c->fates[i] & held) != 0)
			json_string(j, NULL, text);
	}
	json_array_end(j);
	json_bool(j, "elsewhere", (c->fates[regions->all.n - 1] & held) != 0);
	json_object_end(j);
}

static void json_kinds(struct json *j, unsigned kinds)
{
	json_array(j, "changes");
	for (size_t i = 0; i < sizeof kind_words / sizeof kind_words[0]; i++)
		if ((kinds & kind_words[i].kind) != 0)
			json_string(j, NULL, kind_words[i].word);
	json_array_end(j);
}

/* By what somebody is known. */
static void json_known(struct json *j, const struct change *c)
{
	bool login = (c->kinds & ABOUT_LOGIN) != 0;

	json_object(j, NULL);
	json_string(j, "profile", c->profile);
	json_kinds(j, c->kinds);
	json_string(j, "login", login ? c->place : NULL);
	json_string(j, "key", login ? NULL : c->place);
	json_object_end(j);
}

static void json_change(struct json *j, const struct change *c, bool idle)
{
	bool overall = c->scope == SCOPE_OVERALL;

	json_object(j, NULL);
	json_string(j, "profile", c->profile);
	json_kinds(j, c->kinds);
	json_string(j, "owner", overall ? c->place : NULL);
	json_string(j, "server", overall ? NULL : c->place);
	json_array(j, "accounts");
	for (uint32_t i = 0; i < c->account_total; i++)
		json_string(j, NULL, c->accounts[i]);
	json_array_end(j);
	json_perms(j, "permissions", c->perms);
	json_bool(j, "renounced", idle);
	json_side(j, "before", c, &c->before, FATE_HELD_BEFORE);
	json_side(j, "after", c, &c->after, FATE_HELD_AFTER);
	json_object_end(j);
}

static void tell(const struct change *c, void *data)
{
	struct telling *t = data;

	/* What is printed shows the progress. */
	progress_end();
	t->counts->changes++;
	t->counts->gained += c->kinds == CHANGE_GAINED;
	t->counts->lost += c->kinds == CHANGE_LOST;
	t->counts->weaker += (c->kinds & CHANGE_2FA_DROPPED) != 0;
	if (strcmp(t->profile, c->profile) != 0) {
		print_lines(t);
		t->counts->people++;
		snprintf(t->profile, sizeof t->profile, "%s", c->profile);
	}
	if (t->json != NULL && (c->kinds & CHANGE_KNOWN_BY) != 0)
		json_known(t->json, c);
	else if (t->json != NULL)
		json_change(t->json, c, gave_back(t, c));
	else
		gather(t, c);
}

bool diff_print(const struct policy *before, const struct policy *after, int64_t at,
	const char *people, struct json *json, const char *name, struct diff_counts *counts)
{
	struct telling t = { .counts = counts,
		.json = json,
		.before = before,
		.after = after,
		.people = { .directory = people } };
	bool good;

	*counts = (struct diff_counts){ .changes = 0 };
	if (json != NULL)
		json_array(json, name);
	progress_begin("comparing", "what people hold");
	good = policy_compare(before, after, at, tell, &t);
	progress_end();
	print_lines(&t);
	free(t.lines.at);
	if (json != NULL)
		json_array_end(json);
	return good && !t.failed;
}
