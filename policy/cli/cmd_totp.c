/* adperm totp: the second factors that adpermd keeps; one part a file, see totp.h. */
#include "cli/totp.h"

#include <string.h>
#include <sys/prctl.h>

static const struct command *const parts[] = {
	&totp_enroll,
	&totp_status,
	&totp_list,
	&totp_remove,
	&totp_unlock,
	&totp_recovery,
	&totp_grace,
	&totp_rekey,
	&totp_import,
	NULL,
};

static int run(int argc, char **argv)
{
	int first, ret;

	/* What is asked and answered here may be a secret, and a core is a file. */
	prctl(PR_SET_DUMPABLE, 0);
	for (size_t i = 0; argc > 1 && parts[i] != NULL; i++) {
		if (strcmp(argv[1], strchr(parts[i]->name, ' ') + 1) == 0)
			return parts[i]->run(argc - 1, argv + 1);
	}
	if (!arguments_parse(&cmd_totp, NULL, argc, argv, &first, &ret))
		return ret;
	return complain(
		argc > 1 ? "totp: there is no \"%s\"; `adperm totp --help` lists what there is"
			 : "totp: say what to do; `adperm totp --help` lists what there is",
		argv[first]);
}

const struct command cmd_totp = {
	.name = "totp",
	.synopsis = "PART [ARGUMENT...]",
	.summary = "enrol people for the second factor",
	.run = run,
	.parts = parts,
};
