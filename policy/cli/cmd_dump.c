/* adperm dump: a policy, or a database, as canonical YAML. */
#include "cli/cli.h"

#include "adperm.h"
#include "lang/print.h"

static int run(int argc, char **argv)
{
	struct opened opened;
	int first, code;

	if (!arguments_parse(&cmd_dump, NULL, argc, argv, &first, &code))
		return code;
	if (argc - first > 1)
		return complain("dump: name one file, directory or database");
	if (!open_rows(first < argc ? argv[first] : ADPERM_DB, &opened))
		return EXIT_ERROR;
	code = policy_print(opened.policy, stdout) ? EXIT_OK : complain("dump: out of memory");
	close_policy(&opened);
	return code;
}

const struct command cmd_dump = {
	.name = "dump",
	.synopsis = "[PATH]",
	.summary = "Print a policy or a database as canonical YAML",
	.run = run,
	.operand = "PATH",
};
