/* adperm test: asks a policy questions whose answers are known; see lang/tests.h. */
#include "cli/cli.h"
#include "cli/question.h"
#include "cli/tests_run.h"

struct arguments {
	const char *policy, *people, *server;
	bool quiet, json;
};

static const struct command_option options[] = {
	OPTION_POLICY(struct arguments, policy),
	OPTION_VALUE(struct arguments, server, "server", 0, "HOST",
		"the server of tests that name none"),
	OPTION_PEOPLE(struct arguments, people),
	OPTION_FLAG(struct arguments, quiet, "quiet", 'q', "show only what failed"),
	OPTION_FLAG(struct arguments, json, "json", 0, "the outcome as a JSON object"),
	{ .name = NULL },
};

static int run(int argc, char **argv)
{
	struct arguments a = { .json = false };
	struct json json = json_to(stdout);
	struct tests_outcome outcome;
	struct opened opened;
	int first, code = EXIT_ERROR;

	if (!arguments_parse(&cmd_test, &a, argc, argv, &first, &code))
		return code;
	if (first == argc)
		return complain("test: name the files of tests; `adperm test --help` says more");
	a.people = people_meant(a.people, a.policy);
	if (!open_policy(policy_meant(a.policy), a.people, a.server, &opened))
		return EXIT_ERROR;
	if (tests_run(opened.handle, (const char *const *)argv + first, (size_t)(argc - first),
		    a.quiet, a.json ? &json : NULL, NULL, &outcome))
		code = outcome.failed > 0 ? EXIT_NO : EXIT_OK;
	else
		code = EXIT_ERROR;
	close_policy(&opened);
	return code;
}

const struct command cmd_test = {
	.name = "test",
	.synopsis = "[--policy PATH] [--server HOST] [--people DIR] [--quiet] [--json] FILE...",
	.summary = "Ask questions whose answers are known: exit 0 all right, 1 some failed",
	.run = run,
	.operand = "FILE",
	.options = options,
};
