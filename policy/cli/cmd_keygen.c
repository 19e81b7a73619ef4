/* adperm keygen: a pair of keys for signing databases. */
#include "cli/cli.h"
#include "cli/describe.h"
#include "cli/signature.h"

#include <errno.h>
#include <string.h>

struct arguments {
	const char *out;
};

static const struct command_option options[] = {
	OPTION_VALUE(struct arguments, out, "output", 'o', "FILE",
		"the secret key; the public one goes to FILE.pub"),
	{ .name = NULL },
};

static int run(int argc, char **argv)
{
	struct arguments a = { .out = NULL };
	struct public_key made;
	int first, code, ret;

	if (!arguments_parse(&cmd_keygen, &a, argc, argv, &first, &code))
		return code;
	if (a.out == NULL || first < argc)
		return complain("keygen: name the file of the secret key: `adperm keygen -o FILE`");
	ret = keypair_create(a.out, &made);
	if (ret == -EEXIST)
		return complain("keygen: %s or %s.pub is there already; keys are never overwritten",
			a.out, a.out);
	if (ret != 0)
		return complain("keygen: %s: %s; no key was made", a.out, strerror(-ret));
	show_text(stdout, a.out);
	printf(": secret key %s; keep it where databases are compiled, and nowhere else\n",
		made.id);
	show_text(stdout, a.out);
	puts(".pub: goes into " TRUSTED_KEYS "/ of every server");
	return EXIT_OK;
}

const struct command cmd_keygen = {
	.name = "keygen",
	.synopsis = "-o FILE",
	.summary = "Make a pair of keys for signing databases",
	.run = run,
	.options = options,
};
