/* adperm who: everybody who may use a permission in one place, from where, and with what proof. */
#include "cli/cli.h"
#include "cli/describe.h"
#include "cli/place.h"
#include "cli/progress.h"
#include "cli/question.h"
#include "cli/table.h"

#include "adperm.h"
#include "lang/rows.h"
#include "lang/standing.h"

#include <stdlib.h>
#include <string.h>

struct arguments {
	const char *policy, *people, *permission, *server, *account, *from, *at;
	bool json;
};

/* Somebody who may, with one kind of proof. */
struct may {
	uint32_t profile;
	bool with_2fa, initialised;
	bool anywhere, elsewhere; /* elsewhere: from any address not in somebody's nets */
	struct span nets;         /* of who's nets */
	int64_t until;
	struct mark mark;
};

struct who {
	const struct policy *p;
	struct place_people people;
	struct place_found place;
	struct question q;
	bool from_given;
	struct standing standing;
	struct regions regions;
	ROWS(struct may) rows;
	ROWS(struct net) nets;
};

/* When the last of the grants that count at this address ends. */
static int64_t end_of(const struct who *w, const struct question *q)
{
	int64_t end = 0;

	for (uint32_t i = 0; i < w->standing.holding.grant_total; i++) {
		struct way way = standing_way(&w->standing, q, i);

		if (way.gives && way.dropped == CAUSE_NONE &&
			w->standing.holding.grants[i].until > end)
			end = w->standing.holding.grants[i].until;
	}
	return end;
}

static struct mark mark_of(const struct who *w, const struct verdict *verdict)
{
	uint32_t owner = w->p->servers.at[w->place.server].owner;

	return terms_of(w->p, w->standing.reaches[verdict->grant].grant, owner).mark;
}

/* One region where the answer is yes joins the row of its proof. */
static bool add_region(struct who *w, struct may *row, const struct region *region,
	const struct question *q, const struct verdict *verdict)
{
	int64_t end = end_of(w, q);
	struct net *net;

	if (row->mark.line == 0) {
		row->mark = mark_of(w, verdict);
		row->until = end;
	}
	if (end < row->until)
		row->until = end;
	if (region->net.family == FAMILY_UNKNOWN) {
		row->elsewhere = true;
		return true;
	}
	net = ROWS_ADD(&w->nets);
	if (net == NULL)
		return false;
	*net = region->net;
	if (row->nets.n++ == 0)
		row->nets.first = w->nets.n - 1;
	return true;
}

/* A person without key and login is named by the policy and not there yet. */
static bool initialised(struct who *w, uint32_t profile)
{
	const struct profile *row = &w->p->profiles.at[profile];
	struct registered key;
	uint32_t number = 0;

	return profile_access(w->p, row)->keys.n > 0 || row->login != 0 ||
	       place_registered(&w->people, w->p, profile, &number, &key);
}

/* The row of one kind of proof for the profile of the standing, if there is any. */
static bool add_row(struct who *w, enum answer wanted)
{
	struct may row = { .profile = w->standing.profile, .with_2fa = wanted == ANSWER_ALLOW_2FA };
	struct question q = w->q;
	uint32_t yes = 0;
	struct may *at;

	for (uint32_t i = 0; i < w->regions.all.n; i++) {
		struct verdict verdict;

		q.from = w->regions.all.at[i].from;
		verdict = decide(&w->standing.holding, &q);
		if (verdict.answer != wanted)
			continue;
		yes++;
		if (!add_region(w, &row, &w->regions.all.at[i], &q, &verdict))
			return false;
	}
	if (yes == 0)
		return true;
	row.anywhere = yes == w->regions.all.n && !w->from_given;
	row.initialised = initialised(w, row.profile);
	at = ROWS_ADD(&w->rows);
	if (at != NULL)
		*at = row;
	return at != NULL;
}

static bool ask_profile(struct who *w, uint32_t profile)
{
	if (!standing_take(&w->standing, w->p, profile, w->place.server))
		return false;
	if (w->standing.holding.grant_total == 0)
		return true;
	w->q.account = standing_account(&w->standing, w->place.account);
	w->q.renounced =
		place_renounced(&w->people, w->p, profile, w->p->servers.at[w->place.server].owner);
	if (!w->from_given && !standing_regions(&w->standing, &w->q, &w->regions))
		return false;
	return add_row(w, ANSWER_ALLOW) && add_row(w, ANSWER_ALLOW_2FA);
}

static const struct policy *sorted_policy; /* qsort() passes nothing along */

static int compare_rows(const void *a, const void *b)
{
	const struct may *x = a, *y = b;
	int order = strcmp(
		email_text(sorted_policy, x->profile), email_text(sorted_policy, y->profile));

	return order != 0 ? order : (int)x->with_2fa - (int)y->with_2fa;
}

static const char *proof_text(const struct who *w, const struct may *row)
{
	const struct profile *profile = &w->p->profiles.at[row->profile];

	if (profile->machine)
		return "allow (machine)";
	if (!row->initialised)
		return row->with_2fa ? "allow with 2FA (not initialised)"
				     : "allow (not initialised)";
	return row->with_2fa ? "allow with 2FA" : "allow";
}

static void show_from(FILE *out, const struct who *w, const struct may *row)
{
	if (row->anywhere) {
		fputs("anywhere", out);
		return;
	}
	show_nets(out, w->nets.at + row->nets.first, row->nets.n);
	if (row->elsewhere)
		fputs(row->nets.n > 0 ? ", elsewhere" : "elsewhere", out);
}

static bool who_text(const struct who *w)
{
	static const char *const heading[] = { "WHO", "PROOF", "FROM", "UNTIL", "WRITTEN AT" };
	struct table table = { .columns = sizeof heading / sizeof heading[0] };

	for (unsigned i = 0; w->rows.n > 0 && i < table.columns; i++)
		fputs(heading[i], table_cell(&table));
	for (uint32_t i = 0; i < w->rows.n; i++) {
		const struct may *row = &w->rows.at[i];
		char until[SPELL_SIZE] = "-";

		if (row->until != WHEN_NEVER)
			spell_time(row->until, until);
		fputs(email_text(w->p, row->profile), table_cell(&table));
		fputs(proof_text(w, row), table_cell(&table));
		show_from(table_cell(&table), w, row);
		fputs(until, table_cell(&table));
		show_mark(table_cell(&table), w->p, row->mark);
	}
	if (w->rows.n == 0)
		puts("nobody");
	return table_print(&table, stdout);
}

static void who_json(const struct who *w)
{
	struct json j = json_to(stdout);

	json_array(&j, NULL);
	for (uint32_t i = 0; i < w->rows.n; i++) {
		const struct may *row = &w->rows.at[i];
		const struct profile *profile = &w->p->profiles.at[row->profile];
		char until[SPELL_SIZE];

		if (row->until != WHEN_NEVER)
			spell_time(row->until, until);
		json_object(&j, NULL);
		json_string(&j, "profile", email_text(w->p, row->profile));
		json_string(&j, "verdict", row->with_2fa ? "allow_2fa" : "allow");
		json_bool(&j, "machine", profile->machine);
		json_bool(&j, "initialised", row->initialised);
		json_bool(&j, "anywhere", row->anywhere);
		json_bool(&j, "elsewhere", row->elsewhere);
		json_nets(&j, "from", w->nets.at + row->nets.first, row->nets.n);
		json_string(&j, "expires", row->until != WHEN_NEVER ? until : NULL);
		json_mark(&j, "source", w->p, row->mark);
		json_object_end(&j);
	}
	json_array_end(&j);
}

/* The one region that --from names. False: the complaint is printed. */
static bool only_from(const char *from, struct regions *regions)
{
	struct address address;
	struct region *only;
	struct net net = { .bits = 0 };

	if (!address_parse(slice_str(from), &address)) {
		complain("who: the address is not a numeric one");
		return false;
	}
	only = ROWS_ADD(&regions->all);
	if (only == NULL) {
		complain("who: out of memory");
		return false;
	}
	net.family = address.family;
	net.bits = address.family == FAMILY_IPV4 ? 32 : 128;
	memcpy(net.octet, address.octet, sizeof net.octet);
	*only = (struct region){ .net = net, .from = address };
	return true;
}

/* What is asked, from the options. False: the complaint is printed. */
static bool settle(const struct arguments *a, struct who *w)
{
	if (!question_permission("who", a->permission, a->account, &w->q.perm))
		return false;
	w->from_given = a->from != NULL;
	if (w->from_given && !only_from(a->from, &w->regions))
		return false;
	return place_time("who", a->at, &w->q.now) &&
	       place_find("who", w->p, a->server, a->account, &w->place);
}

static int who(const struct arguments *a, const struct policy *p)
{
	struct who w = { .p = p, .people = { .directory = people_meant(a->people, a->policy) } };
	bool good = true;
	int code;

	if (!settle(a, &w)) {
		regions_done(&w.regions);
		return EXIT_ERROR;
	}
	progress_begin("asking", "about everybody");
	for (uint32_t i = 0; good && i < p->profiles.n; i++)
		good = ask_profile(&w, i);
	progress_end();
	sorted_policy = p;
	if (good && w.rows.n > 1)
		qsort(w.rows.at, w.rows.n, sizeof *w.rows.at, compare_rows);
	if (good && a->json)
		who_json(&w);
	else if (good)
		good = who_text(&w);
	code = w.rows.n > 0 ? EXIT_OK : EXIT_NO;
	standing_done(&w.standing);
	regions_done(&w.regions);
	free(w.rows.at);
	free(w.nets.at);
	if (!good)
		return complain("who: out of memory");
	return w.people.bad ? EXIT_ERROR : code;
}

static const struct command_option options[] = {
	OPTION_POLICY(struct arguments, policy),
	OPTION_VALUE(struct arguments, permission, "permission", 0, "ID",
		"who may use this permission ..."),
	OPTION_VALUE(struct arguments, server, "server", 0, "HOST",
		"on this server (if there are several) ..."),
	OPTION_VALUE(struct arguments, account, "account", 0, "NAME", "on this account ..."),
	OPTION_VALUE(struct arguments, from, "from", 0, "ADDRESS",
		"from this numeric address (from any) ..."),
	OPTION_AT(struct arguments, at),
	OPTION_PEOPLE(struct arguments, people),
	OPTION_FLAG(struct arguments, json, "json", 0, "the list as a JSON array"),
	{ .name = NULL },
};

static int run(int argc, char **argv)
{
	struct arguments a = { .json = false };
	struct opened opened;
	int code;

	if (!report_begin(&cmd_who, &a, &a.policy, argc, argv, &opened, &code))
		return code;
	code = who(&a, opened.policy);
	close_policy(&opened);
	return code;
}

const struct command cmd_who = {
	.name = "who",
	.synopsis = "[--policy PATH] --permission ID [--server HOST] [--account NAME]\n"
		    "                  [--from ADDRESS] [--at TIME] [--people DIR] [--json]",
	.summary = "Tell who may use a permission, from where, and with what proof",
	.run = run,
	.options = options,
};
