/* adperm perms: the catalogue. */
#include "cli/cli.h"

#include "cli/json.h"
#include "model/catalogue.h"

#include <string.h>

struct arguments {
	bool json;
};

static const enum scope scopes[] = { SCOPE_OVERALL, SCOPE_ACCOUNT, SCOPE_SERVER };

#define SCOPES (sizeof scopes / sizeof scopes[0])

/* All permissions that whoever holds this one holds thereby, without itself and without menus. */
static uint64_t brought_by(enum perm perm)
{
	uint64_t all = 0;

	for (size_t i = 0; i < perm_rows; i++)
		if (!perm_table[i].derived && perm_table[i].perm != perm &&
			(perm_givers(perm_table[i].perm) & PERM_BIT(perm)) != 0)
			all |= PERM_BIT(perm_table[i].perm);
	return all;
}

/* "brings every server permission, account.ssh", on a line of its own. */
static void print_brought(int column, uint64_t brought)
{
	const char *comma = "";

	if (brought == 0)
		return;
	printf("%*sbrings ", column, "");
	for (size_t i = 0; i < SCOPES; i++) {
		uint64_t whole = perm_scope_bits(scopes[i]);

		if ((brought & whole) != whole)
			continue;
		printf("%severy %s permission", comma, scope_name(scopes[i]));
		comma = ", ";
		brought &= ~whole;
	}
	for (size_t i = 0; i < perm_rows; i++) {
		if ((brought & PERM_BIT(perm_table[i].perm)) == 0)
			continue;
		printf("%s%s", comma, perm_table[i].full);
		comma = ", ";
	}
	putchar('\n');
}

static void print_text(void)
{
	int width = 0;

	for (size_t i = 0; i < perm_rows; i++)
		if ((int)strlen(perm_table[i].full) > width)
			width = (int)strlen(perm_table[i].full);
	for (size_t s = 0; s < SCOPES; s++) {
		if (s > 0)
			putchar('\n');
		for (size_t i = 0; i < perm_rows; i++) {
			const struct perm_info *info = &perm_table[i];

			if (info->scope != scopes[s])
				continue;
			printf("%-*s  %s%s\n", width, info->full,
				info->derived ? "(cannot be granted) " : "",
				perm_meaning(info->perm));
			print_brought(width + 2, brought_by(info->perm));
		}
	}
}

static void print_json(void)
{
	struct json j = json_to(stdout);

	json_array(&j, NULL);
	for (size_t i = 0; i < perm_rows; i++) {
		const struct perm_info *info = &perm_table[i];
		uint64_t brought = brought_by(info->perm);

		json_object(&j, NULL);
		json_string(&j, "permission", info->full);
		json_string(&j, "scope", scope_name(info->scope));
		json_string(&j, "id", info->id);
		json_string(&j, "meaning", perm_meaning(info->perm));
		json_bool(&j, "grantable", !info->derived);
		json_array(&j, "brings");
		for (size_t n = 0; n < perm_rows; n++)
			if ((brought & PERM_BIT(perm_table[n].perm)) != 0)
				json_string(&j, NULL, perm_table[n].full);
		json_array_end(&j);
		json_object_end(&j);
	}
	json_array_end(&j);
}

static const struct command_option options[] = {
	OPTION_FLAG(struct arguments, json, "json", 0, "an array of JSON objects"),
	{ .name = NULL },
};

static int run(int argc, char **argv)
{
	struct arguments a = { .json = false };
	int first, code;

	if (!arguments_parse(&cmd_perms, &a, argc, argv, &first, &code))
		return code;
	if (first < argc)
		return complain_surplus(&cmd_perms, argv[first]);
	if (a.json)
		print_json();
	else
		print_text();
	return EXIT_OK;
}

const struct command cmd_perms = {
	.name = "perms",
	.synopsis = "[--json]",
	.summary = "List the permissions that there are",
	.run = run,
	.options = options,
};
