/*
 * adperm contacts: whom to tell about a server, an account or an owner. Being told is not logging
 * in: from where somebody may come, and with what proof, does not matter here.
 */
#include "cli/cli.h"
#include "cli/describe.h"
#include "cli/place.h"
#include "cli/progress.h"
#include "cli/table.h"

#include "adperm.h"
#include "lang/rows.h"
#include "lang/standing.h"

#include <stdlib.h>
#include <string.h>

struct arguments {
	const char *policy, *people, *server, *account, *owner, *topic, *at;
	bool json;
};

struct contact {
	uint32_t profile;
	bool owner;
	struct mark mark;
};

struct contacts {
	const struct policy *p;
	struct place_people people;
	uint32_t owner;           /* whose it is */
	struct place_found place; /* server NO_INDEX: anything of the owner's */
	struct question q;
	struct standing standing;
	ROWS(struct contact) rows;
};

static bool add(struct contacts *c, uint32_t profile, bool owner, struct mark mark)
{
	struct contact *row = ROWS_ADD(&c->rows);

	if (row != NULL)
		*row = (struct contact){ profile, owner, mark };
	return row != NULL;
}

/* Takes the networks out of what has just been built. */
static void forget_nets(struct standing *s)
{
	s->holding.net_count = 0;
	for (uint32_t i = 0; i < s->holding.grant_total; i++)
		s->holder.grants.at[i].net_count = 0;
}

/* Is the profile told about the server of the n reaches at `first`? */
static bool ask_server(struct contacts *c, uint32_t profile, uint32_t first, uint32_t n, bool *told)
{
	struct verdict verdict;

	if (!standing_build(&c->standing, c->p, profile, first, n))
		return false;
	forget_nets(&c->standing);
	c->q.account = standing_account(&c->standing, c->place.account);
	verdict = decide(&c->standing.holding, &c->q);
	*told = verdict.answer == ANSWER_ALLOW || verdict.answer == ANSWER_ALLOW_2FA;
	return !*told ||
	       add(c, profile, false,
		       terms_of(c->p, c->standing.reaches[verdict.grant].grant, c->owner).mark);
}

static bool ask_profile(struct contacts *c, uint32_t profile)
{
	const struct holder *holder = &c->standing.holder;
	bool told = false, good;

	if (c->p->profiles.at[profile].owner == c->owner)
		return true;
	good = holder_collect(&c->standing.holder, c->p, profile, c->place.server);
	c->q.renounced = place_renounced(&c->people, c->p, profile, c->owner);
	for (uint32_t first = 0, end; good && !told && first < holder->reaches.n; first = end) {
		uint32_t server = holder->reaches.at[first].server;

		for (end = first + 1;
			end < holder->reaches.n && holder->reaches.at[end].server == server; end++)
			;
		if (c->p->servers.at[server].owner == c->owner)
			good = ask_server(c, profile, first, end - first, &told);
	}
	return good;
}

static const struct policy *sorted_policy; /* qsort() passes nothing along */

/* The owner first, then by address. */
static int compare_rows(const void *a, const void *b)
{
	const struct contact *x = a, *y = b;

	if (x->owner != y->owner)
		return x->owner ? -1 : 1;
	return strcmp(email_text(sorted_policy, x->profile), email_text(sorted_policy, y->profile));
}

static bool contacts_text(const struct contacts *c)
{
	struct table table = { .columns = 3 };

	fputs("WHO", table_cell(&table));
	fputs("NAME", table_cell(&table));
	fputs("WHY", table_cell(&table));
	for (uint32_t i = 0; i < c->rows.n; i++) {
		const struct contact *row = &c->rows.at[i];
		const struct profile *profile = &c->p->profiles.at[row->profile];
		FILE *why;

		fputs(email_text(c->p, row->profile), table_cell(&table));
		show_text(table_cell(&table),
			profile->name != 0 ? policy_text(c->p, profile->name) : "-");
		why = table_cell(&table);
		fputs(row->owner ? "owner" : perm_info((unsigned)c->q.perm)->full, why);
		fputs(", ", why);
		show_mark(why, c->p, row->mark);
		if (profile->suspended)
			fputs(" (suspended, told all the same)", why);
	}
	return table_print(&table, stdout);
}

static void contacts_json(const struct contacts *c)
{
	struct json j = json_to(stdout);

	json_array(&j, NULL);
	for (uint32_t i = 0; i < c->rows.n; i++) {
		const struct contact *row = &c->rows.at[i];
		const struct profile *profile = &c->p->profiles.at[row->profile];

		json_object(&j, NULL);
		json_string(&j, "profile", email_text(c->p, row->profile));
		json_string(
			&j, "name", profile->name != 0 ? policy_text(c->p, profile->name) : NULL);
		json_bool(&j, "owner", row->owner);
		json_bool(&j, "suspended", profile->suspended);
		json_mark(&j, "source", c->p, row->mark);
		json_object_end(&j);
	}
	json_array_end(&j);
}

/* Whose the place is, and which it is. False: the complaint is printed. */
static bool settle_place(const struct arguments *a, struct contacts *c)
{
	c->place = (struct place_found){ NO_INDEX, NO_INDEX };
	if ((a->owner != NULL) == (a->server != NULL || a->account != NULL)) {
		complain("contacts: name a --server, an --account or an --owner");
		return false;
	}
	if (a->owner != NULL) {
		c->owner = place_owner("contacts", c->p, a->owner);
		return c->owner != NO_INDEX;
	}
	if (!place_find("contacts", c->p, a->server, a->account, &c->place))
		return false;
	c->owner = c->p->servers.at[c->place.server].owner;
	return true;
}

static bool settle(const struct arguments *a, struct contacts *c)
{
	if (!settle_place(a, c) || !place_time("contacts", a->at, &c->q.now))
		return false;
	if (a->topic != NULL && strcmp(a->topic, "billing") == 0) {
		c->q.perm = PERM_OVERALL_BILLING;
		c->place.account = NO_INDEX;
		return true;
	}
	c->q.perm =
		a->account != NULL ? PERM_ACCOUNT_TECHNICAL_CONTACT : PERM_SERVER_TECHNICAL_CONTACT;
	if (a->topic != NULL && strcmp(a->topic, "technical") == 0)
		return true;
	complain("contacts: --topic is technical or billing");
	return false;
}

static int contacts(const struct arguments *a, const struct policy *p)
{
	struct contacts c = { .p = p, .people = { .directory = a->people } };
	bool good;

	if (!settle(a, &c))
		return EXIT_ERROR;
	good = add(&c, p->owners.at[c.owner].profile, true, p->owners.at[c.owner].mark);
	progress_begin("asking", "about everybody");
	for (uint32_t i = 0; good && i < p->profiles.n; i++)
		good = ask_profile(&c, i);
	progress_end();
	sorted_policy = p;
	if (good)
		qsort(c.rows.at, c.rows.n, sizeof *c.rows.at, compare_rows);
	if (good && a->json)
		contacts_json(&c);
	else if (good)
		good = contacts_text(&c);
	standing_done(&c.standing);
	free(c.rows.at);
	if (!good)
		return complain("contacts: out of memory");
	return c.people.bad ? EXIT_ERROR : EXIT_OK;
}

static const struct command_option options[] = {
	OPTION_POLICY(struct arguments, policy),
	{ "server", 0, "HOST", offsetof(struct arguments, server), "about this server ..." },
	{ "account", 0, "NAME", offsetof(struct arguments, account), "or this account ..." },
	{ "owner", 0, "EMAIL", offsetof(struct arguments, owner), "or anything of this owner" },
	{ "topic", 0, "technical|billing", offsetof(struct arguments, topic),
		"what they are to be told of" },
	OPTION_AT(struct arguments, at),
	OPTION_PEOPLE(struct arguments, people),
	{ "json", 0, NULL, offsetof(struct arguments, json), "the list as a JSON array" },
	{ .name = NULL },
};

static int run(int argc, char **argv)
{
	struct arguments a = { .json = false };
	struct opened opened;
	int code;

	if (!report_begin(&cmd_contacts, &a, &a.policy, argc, argv, &opened, &code))
		return code;
	code = contacts(&a, opened.policy);
	close_policy(&opened);
	return code;
}

const struct command cmd_contacts = {
	.name = "contacts",
	.synopsis = "[--policy PATH] (--server HOST | --account NAME | --owner EMAIL)\n"
		    "                       --topic technical|billing [--at TIME] [--people DIR] "
		    "[--json]",
	.summary = "Tell whom to tell about a server, an account or an owner",
	.run = run,
	.options = options,
};
