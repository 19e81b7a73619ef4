/* adperm totp remove, unlock: one question, one line about what came of it. */
#include "cli/totp.h"

struct arguments {
	const char *socket;
};

static const struct command_option options[] = {
	TOTP_SOCKET(struct arguments),
	{ .name = NULL },
};

static int change(
	const struct command *command, enum proto_op op, const char *done, int argc, char **argv)
{
	struct arguments a = { .socket = NULL };
	struct totp_question q;
	int code;

	if (!totp_parse(&q, command, op, &a, &a.socket, argc, argv, &code))
		return code;
	if (!totp_ask(&q))
		return totp_failed(&q);
	printf("%s: %s\n", q.request.profile, done);
	return EXIT_OK;
}

static int run_remove(int argc, char **argv)
{
	return change(&totp_remove, PROTO_REMOVE, "removed", argc, argv);
}

static int run_unlock(int argc, char **argv)
{
	return change(&totp_unlock, PROTO_UNLOCK, "has all guesses again", argc, argv);
}

const struct command totp_remove = {
	.name = "totp remove",
	.synopsis = "EMAIL [OPTION...]",
	.summary = "forgets a person's secret and recovery codes",
	.run = run_remove,
	.options = options,
};

const struct command totp_unlock = {
	.name = "totp unlock",
	.synopsis = "EMAIL [OPTION...]",
	.summary = "forgets the wrong codes, for whoever has no guesses left",
	.run = run_unlock,
	.options = options,
};
