/* adperm dump: a policy, or a database, as canonical YAML, or as entries for a directory. */
#include "cli/cli.h"

#include "adperm.h"
#include "cli/ldif.h"
#include "lang/print.h"

struct arguments {
	bool ldif;
	const char *base;
};

static const struct command_option options[] = {
	OPTION_FLAG(struct arguments, ldif, "ldif", 0, "entries for an LDAP directory"),
	OPTION_VALUE(
		struct arguments, base, "base", 0, "DN", "with --ldif: the entry they go below"),
	{ .name = NULL },
};

static int run(int argc, char **argv)
{
	struct arguments a = { .base = NULL };
	struct opened opened;
	int first, code;
	bool good;

	if (!arguments_parse(&cmd_dump, &a, argc, argv, &first, &code))
		return code;
	if (argc - first > 1)
		return complain("dump: name one file, directory or database");
	if (a.ldif != (a.base != NULL))
		return complain("dump: --ldif and --base go together: --ldif --base "
				"ou=adperm,dc=acme,dc=example");
	if (a.ldif && !ldif_is_dn(a.base))
		return complain("dump: --base %s: not the name of an entry, as "
				"ou=adperm,dc=acme,dc=example is",
			a.base);
	if (!open_rows(first < argc ? argv[first] : ADPERM_DB, &opened))
		return EXIT_ERROR;
	good = a.ldif ? ldif_print(opened.policy, a.base, stdout)
		      : policy_print(opened.policy, stdout);
	code = good ? EXIT_OK : complain("dump: out of memory");
	close_policy(&opened);
	return code;
}

const struct command cmd_dump = {
	.name = "dump",
	.synopsis = "[PATH]\n       adperm dump --ldif --base DN [PATH]",
	.summary = "Print a policy or a database as canonical YAML, or as LDIF",
	.run = run,
	.options = options,
	.operand = "PATH",
};
