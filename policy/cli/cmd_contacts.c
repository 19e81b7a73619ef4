/* adperm contacts: whom to tell about a server, an account or an owner. */
#include "cli/cli.h"
#include "cli/contacts.h"
#include "cli/describe.h"
#include "cli/table.h"

#include "adperm.h"

struct arguments {
	struct contacts_asked asked;
	const char *policy, *people;
	bool json;
};

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

static int contacts(const struct arguments *a, const struct policy *p)
{
	struct contacts c = { .p = p,
		.people = { .directory = people_meant(a->people, a->policy) } };
	int code = EXIT_ERROR;

	if (contacts_find("contacts", &a->asked, &c)) {
		if (a->json)
			contacts_json(&c);
		else if (!contacts_text(&c))
			c.people.bad = complain("contacts: out of memory") != EXIT_OK;
		code = c.people.bad ? EXIT_ERROR : EXIT_OK;
	}
	contacts_done(&c);
	return code;
}

static const struct command_option options[] = {
	OPTION_POLICY(struct arguments, policy),
	OPTIONS_CONTACTS(struct arguments),
	OPTION_PEOPLE(struct arguments, people),
	OPTION_FLAG(struct arguments, json, "json", 0, "the list as a JSON array"),
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
