/* adperm lint: everything that can be said of YAML policy files, and nothing written. */
#include "adpermd/proto.h"
#include "cli/cli.h"
#include "cli/enrolled.h"
#include "cli/progress.h"

#include "lang/lint.h"

#include <time.h>

struct arguments {
	const char *at, *socket;
	bool strict, json, enrolled;
};

static int judge(const struct diags *diags, bool strict)
{
	if (diags_errors(diags) > 0)
		return EXIT_ERROR;
	return strict && diags_warnings(diags) > 0 ? EXIT_NO : EXIT_OK;
}

/* "1 error, no warnings" */
static void print_totals(const struct diags *diags)
{
	size_t errors = diags_errors(diags), warnings = diags_warnings(diags);

	if (errors > 0)
		printf("%zu error%s, ", errors, errors == 1 ? "" : "s");
	else
		printf("no errors, ");
	if (warnings > 0)
		printf("%zu warning%s\n", warnings, warnings == 1 ? "" : "s");
	else
		printf("no warnings\n");
}

static int lint(const struct arguments *a, int64_t now, const char *const *paths, size_t n,
	struct diags *diags)
{
	struct policy *p;
	bool answered = true;

	progress_begin("reading", paths[0]);
	p = policy_load(paths, n, diags);
	if (p != NULL && !policy_lint(p, now, diags))
		diag(diags, (struct mark){ 0 }, DIAG_NO_MEMORY, "out of memory");
	progress_end();
	if (p != NULL && a->enrolled) {
		progress_begin("asking", "who is enrolled");
		answered = enrolled_lint(p, now, a->socket, diags);
		progress_end();
	}
	policy_free(p);
	report_diags(diags, a->json);
	if (!a->json)
		print_totals(diags);
	return answered ? judge(diags, a->strict) : EXIT_ERROR;
}

static int run(int argc, char **argv)
{
	struct arguments a = { .at = NULL };
	int64_t now = time(NULL);
	struct diags *diags;
	int first, code;

	if (!arguments_parse(&cmd_lint, &a, argc, argv, &first, &code))
		return code;
	if (first == argc)
		return complain("lint: name the policy: YAML files or directories of them");
	if (a.at != NULL && !when_parse(slice_str(a.at), &now))
		return complain(
			"lint: --at takes a time like 2027-01-31T18:00:00Z, not \"%s\"", a.at);
	for (int i = first; i < argc; i++)
		if (path_is_database(argv[i]))
			return complain(
				"lint: %s is a database: name the YAML it was made from", argv[i]);
	diags = diags_new();
	if (diags == NULL)
		return complain("out of memory");
	code = lint(&a, now, (const char *const *)argv + first, (size_t)(argc - first), diags);
	diags_free(diags);
	return code;
}

static const struct command_option options[] = {
	OPTION_FLAG(struct arguments, strict, "strict", 0, "end with 1 if anything is warned of"),
	OPTION_VALUE(struct arguments, at, "at", 0, "TIME", "judge what has expired as of then"),
	OPTION_FLAG(struct arguments, enrolled, "enrolled", 0,
		"ask adpermd, too, who has no second factor and needs one"),
	OPTION_USUAL(
		struct arguments, socket, "socket", 0, "PATH", "where it listens", PROTO_SOCKET),
	OPTION_FLAG(struct arguments, json, "json", 0, "print for programs"),
	{ .name = NULL },
};

const struct command cmd_lint = {
	.name = "lint",
	.synopsis = "[--strict] [--json] [--at TIME] [--enrolled [--socket PATH]] POLICY...",
	.summary = "Check YAML policy files, also for what is surely a mistake",
	.run = run,
	.operand = "PATH",
	.options = options,
};
