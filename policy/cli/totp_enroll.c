/*
 * adperm totp enroll: a new secret, on the screen once. It counts when one of its codes has been
 * typed; until then, and if none is, the secret before it stays in force.
 */
#include "cli/secret_screen.h"
#include "cli/totp.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

#define ISSUER_MAX 64
#define TRIES      3

struct arguments {
	const char *socket, *issuer, *digits, *algorithm, *period;
	bool replace, raw, no_confirm;
};

static const struct command_option options[] = {
	OPTION_USUAL(
		struct arguments, issuer, "issuer", 0, "NAME", "what the app shows", TOTP_ISSUER),
	OPTION_USUAL(struct arguments, digits, "digits", 0, "6|8", "length of a code", "6"),
	OPTION_USUAL(struct arguments, algorithm, "algorithm", 0, "NAME",
		"SHA1, SHA256 or SHA512; every app can the first", "SHA1"),
	OPTION_USUAL(struct arguments, period, "period", 0, "30|60", "seconds a code lasts", "30"),
	OPTION_FLAG(struct arguments, replace, "replace", 0,
		"also if enrolled: the old secret is void"),
	OPTION_FLAG(struct arguments, raw, "raw", 0,
		"also where no terminal is: URI and recovery codes, one a line"),
	OPTION_FLAG(struct arguments, no_confirm, "no-confirm", 0,
		"ask for no code: the secret counts at once"),
	TOTP_SOCKET(struct arguments),
	{ .name = NULL },
};

/* One of two numbers. */
static bool take_number(const char *text, uint8_t small, uint8_t large, uint8_t *out)
{
	char words[4];

	for (int i = 0; i < 2; i++) {
		*out = i == 0 ? small : large;
		snprintf(words, sizeof words, "%u", *out);
		if (strcmp(words, text) == 0)
			return true;
	}
	return false;
}

static bool take_algorithm(const char *text, uint8_t *out)
{
	const char *name;

	for (*out = PROTO_SHA1; (name = totp_algorithm(*out)) != NULL; ++*out) {
		if (strcasecmp(text, name) == 0)
			return true;
	}
	return false;
}

/* An issuer is shown by the app; a colon would end it there, control characters nobody needs. */
static bool is_issuer(const char *text)
{
	size_t len = strlen(text);

	if (len == 0 || len > ISSUER_MAX)
		return false;
	for (; *text != '\0'; text++) {
		if ((uint8_t)*text < ' ' || *text == '\x7f' || *text == ':')
			return false;
	}
	return true;
}

/* EXIT_OK, or the complaint is printed. */
static int take_options(struct arguments *a, struct proto_request *request)
{
	const char *name = totp_enroll.name;

	if (!take_number(a->digits, 6, 8, &request->digits))
		return complain("%s: --digits is 6 or 8", name);
	if (!take_algorithm(a->algorithm, &request->algorithm))
		return complain("%s: --algorithm is SHA1, SHA256 or SHA512", name);
	if (!take_number(a->period, 30, 60, &request->period))
		return complain("%s: --period is 30 or 60", name);
	if (!is_issuer(a->issuer))
		return complain("%s: --issuer has 1 to %d bytes, no colon, no control characters",
			name, ISSUER_MAX);
	if (!a->raw && !screen_is_there())
		return complain("%s shows a secret: run it on a terminal, or with --raw, which "
				"writes it to standard output",
			name);
	request->replace = a->replace;
	request->pending = !a->no_confirm;
	return EXIT_OK;
}

/* As a picture, without the issuer before the address if there is no room for it. */
static bool draw(const struct arguments *a, const struct totp_question *q, char *uri)
{
	enum screen_drawn drawn = screen_draw(uri);

	if (drawn == SCREEN_TOO_SMALL && totp_uri(q, a->issuer, TOTP_URI_BRIEF, uri))
		drawn = screen_draw(uri);
	if (drawn == SCREEN_TOO_SMALL)
		fputs("The terminal is too small for a QR code of it.\n", stderr);
	return drawn != SCREEN_FAILED;
}

static bool show_secret(const struct arguments *a, const struct totp_question *q)
{
	char uri[TOTP_URI_SIZE];
	bool good = totp_uri(q, a->issuer, TOTP_URI_FULL, uri);

	if (!a->raw)
		screen_clear();
	good = good && screen_show(uri, strlen(uri)) && screen_show("\n", 1) &&
	       (a->raw || draw(a, q, uri));
	explicit_bzero(uri, sizeof uri);
	return good;
}

/*
 * Asks for a code until one is right. False: *why, or NULL if totp_failed() knows; nothing is said
 * while the secret is on the screen.
 */
static bool confirm(struct totp_question *q, const char **why)
{
	static const char *const prompts[TRIES] = { "Code that the app shows: ",
		"That is not right. Code (two tries left): ",
		"That is not right either. Code (last try): " };

	totp_next(q, PROTO_CONFIRM);
	*why = "no code was given";
	for (int i = 0; i < TRIES; i++) {
		if (!screen_ask(prompts[i], q->request.code, sizeof q->request.code))
			return false;
		if (totp_ask(q))
			return true;
		if (q->problem != CLIENT_OK || q->reply.result != PROTO_BAD_CODE) {
			*why = NULL;
			return false;
		}
	}
	*why = "no code was right; is the clock of the phone right, and this machine's?";
	return false;
}

/* The secret that waits is forgotten; if that cannot be said, it is forgotten within the hour. */
static void give_up(const struct arguments *a, struct totp_question *q)
{
	totp_next(q, PROTO_REMOVE);
	q->request.pending = 1;
	totp_ask(q);
	complain("%s: nothing has changed%s", q->request.profile,
		a->replace ? "; a secret from before stays in force" : "");
}

static int have_confirmed(const struct arguments *a, struct totp_question *q)
{
	const char *why;
	bool good = confirm(q, &why);
	int code = EXIT_OK;

	if (!a->raw)
		screen_clear();
	if (good)
		return totp_show_recovery(q, a->raw);
	if (why == NULL)
		code = totp_failed(q);
	else
		complain("%s: %s", q->request.profile, why);
	give_up(a, q);
	return code != EXIT_OK ? code : EXIT_NO;
}

/* Shows the secret that adpermd has made; it counts at once, or when it is confirmed. */
static int introduce(const struct arguments *a, struct totp_question *q)
{
	bool shown = show_secret(a, q);

	explicit_bzero(&q->reply, sizeof q->reply);
	if (shown && !a->no_confirm)
		return have_confirmed(a, q);
	if (!shown) {
		complain("%s: the secret could not be shown%s", q->request.profile,
			a->no_confirm ? "; enrol again with --replace" : "");
		if (!a->no_confirm)
			give_up(a, q);
		return EXIT_ERROR;
	}
	if (!a->raw)
		fprintf(stderr, "%s is enrolled; this is not shown again.\n", q->request.profile);
	return EXIT_OK;
}

static int run(int argc, char **argv)
{
	struct arguments a = { .socket = NULL };
	struct totp_question q;
	int code;

	if (!totp_parse(&q, &totp_enroll, PROTO_ENROLL, &a, &a.socket, argc, argv, &code))
		return code;
	code = take_options(&a, &q.request);
	if (code != EXIT_OK)
		return code;
	screen_begin();
	code = totp_ask(&q) ? introduce(&a, &q) : totp_failed(&q);
	explicit_bzero(&q, sizeof q);
	return code;
}

const struct command totp_enroll = {
	.name = "totp enroll",
	.synopsis = "EMAIL [OPTION...]",
	.summary = "makes a secret for a person and shows it, once",
	.run = run,
	.options = options,
};
