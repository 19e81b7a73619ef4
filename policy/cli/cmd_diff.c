/* adperm diff: what changes for people between two policies. */
#include "cli/cli.h"
#include "cli/diff.h"
#include "cli/place.h"

struct arguments {
	const char *at, *people;
	bool json;
};

static int diff(const struct arguments *a, const struct policy *before, const struct policy *after)
{
	struct json json = json_to(stdout);
	struct diff_counts counts;
	int64_t at;

	if (!place_time("diff", a->at, &at))
		return EXIT_ERROR;
	if (!diff_print(before, after, at, a->people, a->json ? &json : NULL, NULL, &counts))
		return complain("diff: out of memory");
	if (!a->json && counts.changes == 0)
		puts("nothing changes for anybody");
	return counts.changes > 0 ? EXIT_NO : EXIT_OK;
}

static const struct command_option options[] = {
	OPTION_VALUE(struct arguments, at, "at", 0, "TIME", "what changes from this time on (now)"),
	OPTION_VALUE(
		struct arguments, people, "people", 0, "DIR", "mark what people gave back there"),
	OPTION_FLAG(struct arguments, json, "json", 0, "the changes as a JSON array"),
	{ .name = NULL },
};

static int run(int argc, char **argv)
{
	struct arguments a = { .json = false };
	struct opened before, after = { .handle = NULL };
	int first, code = EXIT_ERROR;

	if (!arguments_parse(&cmd_diff, &a, argc, argv, &first, &code))
		return code;
	if (argc - first != 2)
		return complain("diff takes two policies; `adperm diff --help` says more");
	if (!open_rows(argv[first], &before))
		return EXIT_ERROR;
	if (open_rows(argv[first + 1], &after))
		code = diff(&a, before.policy, after.policy);
	else
		code = EXIT_ERROR;
	close_policy(&after);
	close_policy(&before);
	return code;
}

const struct command cmd_diff = {
	.name = "diff",
	.synopsis = "[--at TIME] [--people DIR] [--json] OLD NEW",
	.summary = "Tell what changes for people: exit 0 nothing, 1 something, 2 error",
	.run = run,
	.operand = "PATH",
	.options = options,
};
