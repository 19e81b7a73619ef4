/* What a policy says, in words and as JSON; see describe.h. */
#include "cli/describe.h"

#include "lang/unicode.h"

#include <inttypes.h>
#include <langinfo.h>
#include <stdarg.h>
#include <string.h>

#define MINUTE 60u
#define HOUR   3600u
#define DATE   10 /* bytes of "2027-01-31" */

void show_text(FILE *out, const char *text)
{
	bool wide = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	struct slice rest = slice_str(text);

	while (rest.len > 0) {
		uint32_t c = 0;
		int found = utf8_decode(rest, &c);
		size_t len = found > 0 ? (size_t)found : 1;
		bool good = found > 0 && character_refused(c) == NULL && c != '\n' && c != '\t' &&
			    (c < 0x80 || wide);

		if (good)
			fwrite(rest.at, 1, len, out);
		for (size_t i = 0; !good && i < len; i++)
			fprintf(out, "\\x%02x", rest.at[i]);
		rest = slice_of(rest.at + len, rest.len - len);
	}
}

void show_coloured(FILE *out, const char *colour, const char *format, ...)
{
	bool coloured = colour[0] != '\0' && terminal_colours(out);
	va_list args;

	if (coloured)
		fputs(colour, out);
	va_start(args, format);
	vfprintf(out, format, args);
	va_end(args);
	if (coloured)
		fputs(TERMINAL_PLAIN, out);
}

void spell_duration(uint32_t seconds, char out[static SPELL_SIZE])
{
	if (seconds % HOUR == 0)
		snprintf(out, SPELL_SIZE, "%" PRIu32 "h", seconds / HOUR);
	else if (seconds % MINUTE == 0)
		snprintf(out, SPELL_SIZE, "%" PRIu32 "m", seconds / MINUTE);
	else
		snprintf(out, SPELL_SIZE, "%" PRIu32 "s", seconds);
}

void spell_time(int64_t when, char out[static SPELL_SIZE])
{
	when_text(when, out);
}

/* As `expires` is written: a date, or a time. */
static void spell_until(int64_t until, bool is_date, char out[static SPELL_SIZE])
{
	/* A date ends with its day. */
	when_text(is_date ? until - 1 : until, out);
	if (is_date)
		out[DATE] = '\0';
}

void show_mark(FILE *out, const struct policy *p, struct mark mark)
{
	show_text(out, diags_file_name(p->diags, mark.file));
	fprintf(out, ":%" PRIu32, mark.line);
}

void json_mark(struct json *j, const char *name, const struct policy *p, struct mark mark)
{
	char text[512];

	snprintf(text, sizeof text, "%s:%" PRIu32, diags_file_name(p->diags, mark.file), mark.line);
	json_string(j, name, text);
}

void show_nets(FILE *out, const struct net *nets, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		char text[ADDRESS_TEXT_SIZE];

		net_text(&nets[i], text);
		fprintf(out, "%s%s", i > 0 ? ", " : "", text);
	}
}

void json_nets(struct json *j, const char *name, const struct net *nets, uint32_t n)
{
	json_array(j, name);
	for (uint32_t i = 0; i < n; i++) {
		char text[ADDRESS_TEXT_SIZE];

		net_text(&nets[i], text);
		json_string(j, NULL, text);
	}
	json_array_end(j);
}

void show_perms(FILE *out, uint64_t perms)
{
	show_perms_in(out, perms, NULL);
}

void show_perms_in(FILE *out, uint64_t perms, const struct words *words)
{
	static const enum word every[] = {
		[SCOPE_OVERALL] = WORD_EVERY_OVERALL,
		[SCOPE_ACCOUNT] = WORD_EVERY_ACCOUNT,
		[SCOPE_SERVER] = WORD_EVERY_SERVER,
	};
	const char *before = "";

	for (unsigned scope = SCOPE_OVERALL; scope <= SCOPE_SERVER; scope++) {
		uint64_t all = perm_scope_bits(scope);

		if ((perms & all) != all)
			continue;
		fprintf(out, "%s%s", before, words_text(words, every[scope]));
		before = ", ";
		perms &= ~all;
	}
	for (size_t i = 0; i < perm_rows; i++) {
		if ((perms & PERM_BIT(perm_table[i].perm)) == 0)
			continue;
		fprintf(out, "%s%s", before, words_perm(words, perm_table[i].perm));
		before = ", ";
	}
}

void json_perms(struct json *j, const char *name, uint64_t perms)
{
	json_array(j, name);
	for (size_t i = 0; i < perm_rows; i++)
		if ((perms & PERM_BIT(perm_table[i].perm)) != 0)
			json_string(j, NULL, perm_table[i].full);
	json_array_end(j);
}

struct terms terms_of(const struct policy *p, uint32_t grant, uint32_t owner)
{
	const struct policy_grant *g;
	const struct grant_terms *terms;
	const struct owner *o;

	if (grant == NO_INDEX) {
		o = &p->owners.at[owner];
		return (struct terms){
			.owner = owner,
			.ownership = true,
			.require_2fa = o->require_2fa == FLAG_TRUE,
			.until = WHEN_NEVER,
			.mark = o->require_2fa != FLAG_UNSET ? o->flag_mark : o->mark,
		};
	}
	g = &p->grants.at[grant];
	terms = grant_terms(p, g);
	return (struct terms){
		.owner = g->owner,
		.require_2fa = g->require_2fa,
		.grace = terms->grace,
		.note = g->note,
		.until = terms->until,
		.until_is_date = terms->until_is_date,
		.nets = terms->nets,
		.mark = g->mark,
	};
}

void terms_show(FILE *out, const struct policy *p, const struct terms *t)
{
	terms_show_in(out, p, t, NULL);
}

void terms_show_in(
	FILE *out, const struct policy *p, const struct terms *t, const struct words *words)
{
	char text[SPELL_SIZE];

	if (t->require_2fa)
		fputs(words_text(words, WORD_WITH_2FA), out);
	if (t->grace > 0) {
		spell_duration(t->grace, text);
		words_show(out, words, WORD_GRACE, text);
	}
	if (t->until != WHEN_NEVER) {
		spell_until(t->until, t->until_is_date, text);
		words_show(out, words, WORD_UNTIL, text);
	}
	if (t->nets.n > 0) {
		words_before(out, words, WORD_ONLY_FROM);
		show_nets(out, p->nets.at + t->nets.first, t->nets.n);
		words_behind(out, words, WORD_ONLY_FROM);
	}
	if (t->note != 0) {
		fputs("; \"", out);
		show_text(out, policy_text(p, t->note));
		fputs("\"", out);
	}
}

void terms_json(struct json *j, const struct policy *p, const struct terms *t)
{
	char until[SPELL_SIZE];

	json_mark(j, "source", p, t->mark);
	json_string(j, "owner", owner_text(p, t->owner));
	json_bool(j, "ownership", t->ownership);
	json_bool(j, "require_2fa", t->require_2fa);
	json_number(j, "grace", t->grace);
	if (t->until != WHEN_NEVER)
		spell_time(t->until, until);
	json_string(j, "expires", t->until != WHEN_NEVER ? until : NULL);
	json_nets(j, "allow_from", p->nets.at + t->nets.first, t->nets.n);
	json_string(j, "note", t->note != 0 ? policy_text(p, t->note) : NULL);
}

bool group_has(const struct policy *p, uint32_t group, uint32_t profile)
{
	struct span members = p->groups.at[group].members;

	for (uint32_t i = 0; i < members.n; i++)
		if (p->ids.at[members.first + i] == profile)
			return true;
	return false;
}

/* One way through which a grant reaches the profile: "directly" or a group; NULL, not this one. */
static const char *through_text(
	const struct policy *p, uint32_t id, uint32_t profile, char out[static 64])
{
	if ((id & TO_GROUP) == 0)
		return id == profile ? "directly" : NULL;
	if (!group_has(p, id & ~TO_GROUP, profile))
		return NULL;
	snprintf(out, 64, "group:%s", policy_text(p, p->groups.at[id & ~TO_GROUP].name));
	return out;
}

void show_through(FILE *out, const struct policy *p, uint32_t grant, uint32_t profile)
{
	struct span to = p->grants.at[grant].to;
	const char *before = "";

	for (uint32_t i = 0; i < to.n; i++) {
		char room[64];
		const char *text = through_text(p, p->ids.at[to.first + i], profile, room);

		if (text == NULL)
			continue;
		fprintf(out, "%s%s", before, text);
		before = " and ";
	}
}

void json_through(
	struct json *j, const char *name, const struct policy *p, uint32_t grant, uint32_t profile)
{
	struct span to = grant != NO_INDEX ? p->grants.at[grant].to : (struct span){ 0, 0 };

	json_array(j, name);
	if (grant == NO_INDEX)
		json_string(j, NULL, "ownership");
	for (uint32_t i = 0; i < to.n; i++) {
		char room[64];
		const char *text = through_text(p, p->ids.at[to.first + i], profile, room);

		if (text != NULL)
			json_string(j, NULL, text);
	}
	json_array_end(j);
}
