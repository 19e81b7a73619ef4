/* The table of commands; see cli.h. */
#include "cli/cli.h"

const struct command *const commands[] = {
	&cmd_lint,
	&cmd_compile,
	&cmd_apply,
	&cmd_confirm,
	&cmd_check,
	&cmd_explain,
	&cmd_who,
	&cmd_show,
	&cmd_diff,
	&cmd_contacts,
	&cmd_test,
	&cmd_dump,
	&cmd_perms,
	&cmd_verify,
	&cmd_keygen,
	&cmd_trust,
	&cmd_errors,
	&cmd_schema,
	&cmd_totp,
	&cmd_completion,
	NULL,
};
