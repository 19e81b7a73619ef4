/* adperm totp grace: where an earlier code still counts, so that none is asked for; and its end. */
#include "cli/table.h"
#include "cli/totp.h"

#include "lang/rows.h"
#include "model/when.h"

#include <stdlib.h>
#include <string.h>

struct arguments {
	const char *socket;
	bool json;
};

static const struct command_option options[] = {
	OPTION_FLAG(struct arguments, json, "json", 0, "list: for programs"),
	TOTP_SOCKET(struct arguments),
	{ .name = NULL },
};

struct graces {
	struct proto_grace *at;
	uint32_t n, cap;
};

static void add_headings(struct table *t)
{
	static const char *const headings[] = { "PROFILE", "SERVICE", "FROM", "KEY", "SINCE",
		"UNTIL" };

	t->columns = sizeof headings / sizeof headings[0];
	for (unsigned i = 0; i < t->columns; i++)
		fputs(headings[i], table_cell(t));
}

static void add_row(struct table *t, const struct proto_grace *g)
{
	char since[WHEN_SIZE], until[WHEN_SIZE];

	when_text(g->at, since);
	when_text(g->until, until);
	fputs(g->profile, table_cell(t));
	fputs(g->service, table_cell(t));
	fputs(g->from, table_cell(t));
	fputs(g->key[0] != '\0' ? g->key : "-", table_cell(t));
	fputs(since, table_cell(t));
	fputs(until, table_cell(t));
}

static void add_json(struct json *j, const struct proto_grace *g)
{
	char since[WHEN_SIZE], until[WHEN_SIZE];

	when_text(g->at, since);
	when_text(g->until, until);
	json_object(j, NULL);
	json_string(j, "profile", g->profile);
	json_string(j, "service", g->service);
	json_string(j, "from", g->from);
	json_string(j, "key", g->key[0] != '\0' ? g->key : NULL);
	json_string(j, "since", since);
	json_string(j, "until", until);
	json_object_end(j);
}

/* Page by page; false: q says why. */
static bool read_all(struct totp_question *q, struct graces *all)
{
	do {
		if (!totp_ask(q))
			return false;
		for (uint32_t i = 0; i < q->reply.count; i++) {
			struct proto_grace *row = ROWS_ADD(all);

			q->no_memory = row == NULL;
			if (row == NULL)
				return false;
			*row = q->reply.grace[i];
			q->request.after = row->number;
		}
	} while (q->reply.count == PROTO_GRACE_PAGE);
	return true;
}

static void print_json(const struct graces *all)
{
	struct json j = json_to(stdout);

	json_array(&j, NULL);
	for (uint32_t i = 0; i < all->n; i++)
		add_json(&j, &all->at[i]);
	json_array_end(&j);
}

static bool print_table(const struct graces *all)
{
	struct table t = { .columns = 0 };

	add_headings(&t);
	for (uint32_t i = 0; i < all->n; i++)
		add_row(&t, &all->at[i]);
	return table_print(&t, stdout);
}

static int list(struct totp_question *q, bool json)
{
	struct graces all = { .at = NULL };
	int code = EXIT_OK;

	if (!read_all(q, &all))
		code = totp_failed(q);
	else if (json)
		print_json(&all);
	else if (!print_table(&all))
		code = complain("out of memory");
	free(all.at);
	return code;
}

static int revoke(struct totp_question *q, bool json)
{
	if (json)
		return complain("totp grace: only a list has a form for programs");
	if (q->request.profile[0] == '\0')
		return complain("totp grace: revoke takes one e-mail address");
	q->request.op = PROTO_REVOKE;
	if (!totp_ask(q))
		return totp_failed(q);
	printf("%s: no earlier code counts any more\n", q->request.profile);
	return EXIT_OK;
}

static const struct {
	const char *name;
	int (*run)(struct totp_question *q, bool json);
} actions[] = {
	{ "list", list },
	{ "revoke", revoke },
};

static int run_grace(int argc, char **argv)
{
	struct arguments a = { .socket = NULL };
	struct totp_question q;
	int first, code;

	if (!arguments_parse(&totp_grace, &a, argc, argv, &first, &code))
		return code;
	if (argc - first > 2)
		return complain_surplus(&totp_grace, argv[first + 2]);
	totp_begin(&q, a.socket, PROTO_GRACES);
	if (argc - first == 2 && !totp_about(&q, &totp_grace, argv[first + 1]))
		return EXIT_ERROR;
	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
		if (strcmp(first < argc ? argv[first] : "list", actions[i].name) == 0)
			return actions[i].run(&q, a.json);
	return complain("totp grace: there is no \"%s\"; say list or revoke", argv[first]);
}

const struct command totp_grace = {
	.name = "totp grace",
	.synopsis = "[list [EMAIL] | revoke EMAIL] [OPTION...]",
	.summary = "tells where an earlier code still counts, or ends that",
	.run = run_grace,
	.options = options,
};
