/*
 * adperm self: the dialogue about oneself, from a login of one's own. It is the program behind `ssh
 * adperm@SERVER`, which takes this process's place: the login stays its proof.
 */
#include "cli/cli.h"
#include "cli/people_ask.h"

#include "people/wish.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define SELF_PROGRAM ADPERM_LIBEXECDIR "/adperm-self"

struct arguments {
	struct people_options people;
	const char *program;
};

static int run(int argc, char **argv)
{
	struct arguments a = { .program = NULL };
	int first, code;

	if (!arguments_parse(&cmd_self, &a, argc, argv, &first, &code))
		return code;
	if (first < argc)
		return complain_surplus(&cmd_self, argv[first]);
	if (geteuid() == 0)
		return complain("self: nobody is root; `adperm profile`, `adperm totp` and `adperm "
				"renounce` do it for others");
	execl(a.program, "adperm-self", "--socket", a.people.socket, (char *)NULL);
	return complain("self: %s: %s", a.program, strerror(errno));
}

static const struct command_option options[] = {
	PEOPLE_OPTION_SOCKET(struct arguments, people),
	OPTION_USUAL(struct arguments, program, "adperm-self", 0, "FILE",
		"the program of the dialogue", SELF_PROGRAM),
	{ .name = NULL },
};

const struct command cmd_self = {
	.name = "self",
	.synopsis = "[OPTION...]",
	.summary = "Look after yourself: your keys, your second factor, what you hold",
	.run = run,
	.options = options,
};
