/* adperm totp recovery: ten codes for whoever has lost the app, on the screen once. */
#include "cli/secret_screen.h"
#include "cli/totp.h"

#include "base/text.h"

#include <string.h>

struct arguments {
	const char *socket;
	bool raw;
};

/* A screenful for people, two beside each other. */
static bool show_codes(const struct proto_reply *reply, bool raw)
{
	char room[PROTO_RECOVERY_CODES * (PROTO_RECOVERY_TEXT + 8)];
	struct text t = text_over(room, sizeof room);
	bool good;

	for (int i = 0; i < PROTO_RECOVERY_CODES; i++) {
		text_add(&t, raw ? "" : "    ");
		text_add(&t, reply->recovery[i]);
		text_add(&t, !raw && i % 2 == 0 ? "" : "\n");
	}
	good = !t.cut && screen_show(room, t.len);
	explicit_bzero(room, sizeof room);
	return good;
}

int totp_show_recovery(struct totp_question *q, bool raw)
{
	const char *whose = q->request.profile;
	char line[8];
	bool good;

	totp_next(q, PROTO_RECOVERY);
	if (!totp_ask(q))
		return totp_failed(q);
	if (!raw)
		fprintf(stderr,
			"Recovery codes of %s, each good for one login without the app.\n"
			"Write them down: they are not shown again, and older ones are void.\n\n",
			whose);
	good = show_codes(&q->reply, raw);
	explicit_bzero(&q->reply, sizeof q->reply);
	if (!good)
		return complain("%s: the recovery codes could not be shown; `adperm totp recovery` "
				"makes new ones",
			whose);
	if (!raw) {
		screen_ask("\nPress Enter when they are written down: ", line, sizeof line);
		screen_clear();
		printf("%s: enrolled, with %d recovery codes\n", whose, PROTO_RECOVERY_CODES);
	}
	return EXIT_OK;
}

static int run(int argc, char **argv)
{
	struct arguments a = { .socket = NULL };
	struct totp_question q;
	int code;

	if (!totp_parse(&q, &totp_recovery, PROTO_RECOVERY, &a, &a.socket, argc, argv, &code))
		return code;
	if (!a.raw && !screen_is_there())
		return complain("%s shows secrets: run it on a terminal, or with --raw, which "
				"writes them to standard output",
			totp_recovery.name);
	screen_begin();
	return totp_show_recovery(&q, a.raw);
}

static const struct command_option options[] = {
	OPTION_FLAG(struct arguments, raw, "raw", 0, "also where no terminal is: one a line"),
	TOTP_SOCKET(struct arguments),
	{ .name = NULL },
};

const struct command totp_recovery = {
	.name = "totp recovery",
	.synopsis = "EMAIL [OPTION...]",
	.summary = "makes ten new recovery codes and shows them, once",
	.run = run,
	.options = options,
};
