/*
 * adperm totp: enrols people for the second factor, tells whether they are, and forgets them. All
 * of it happens in adpermd; this file asks, and shows a new secret once. The secret goes from the
 * answer to the terminal and nowhere else: not to a file, an argument, the environment or a log.
 */
#include "adpermd/client.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/qr.h"
#include "model/names.h"
#include "model/when.h"
#include <errno.h>
#include <inttypes.h>
#include <langinfo.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SERVICE    "adperm" /* the name this tool gives itself to adpermd */
#define ISSUER_MAX 64
#define URI_SIZE   1536 /* all of label and issuer, percent-encoded, and the longest secret */

struct totp_options {
	const char *socket, *issuer, *digits, *algorithm, *period;
	bool replace, json;
	struct proto_request request;
};

static const char *const algorithm_names[] = {
	[PROTO_SHA1] = "SHA1",
	[PROTO_SHA256] = "SHA256",
	[PROTO_SHA512] = "SHA512",
};

/* Answers that end every action alike, and what to do about them. */
static const struct {
	enum proto_result result;
	const char *says;
} refusals[] = {
	{ PROTO_REFUSED, "adpermd takes this from root only; run it as root" },
	{ PROTO_MALFORMED,
		"adpermd does not understand this question; restart it if it was updated" },
	{ PROTO_CLOCK, "this machine's clock is wrong; set it right first" },
	{ PROTO_STORE_CORRUPT, "the record is damaged, or was sealed with another key; enrol again "
			       "with --replace" },
	{ PROTO_STORE_FAILED,
		"adpermd cannot write its state; its log says why (is the disk full?)" },
	{ PROTO_EXISTS,
		"is enrolled already; --replace makes a new secret, the old one then is void" },
};

static int say_refusal(const struct totp_options *o, uint32_t result)
{
	const char *says = "adpermd gave an answer that means nothing here";

	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		if (refusals[i].result == result)
			says = refusals[i].says;
	}
	complain("%s: %s", o->request.profile, says);
	return result == PROTO_EXISTS ? EXIT_NO : EXIT_ERROR;
}

static int say_problem(const struct totp_options *o, enum client_problem problem)
{
	const char *says = "";

	switch (problem) {
	case CLIENT_OK: break;
	case CLIENT_UNREACHABLE:
		says = geteuid() != 0 ? "cannot be asked; only root may, so run it as root"
				      : "nobody answers; start adpermd: `systemctl start "
					"adpermd.socket`, or "
					"`adpermd --foreground` where there is no systemd";
		break;
	case CLIENT_UNTRUSTED:
		says = "not asked: the directories above it and who listens there must be root's "
		       "alone";
		break;
	case CLIENT_PROTOCOL:
		says = "the answer is to another question; restart adpermd if it was updated";
		break;
	}
	return complain("%s: %s", o->socket, says);
}

/* Everything but what a URI may hold anywhere (RFC 3986, section 2.3) as %XX. */
static void add_encoded(struct text *t, const char *words)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "-._~";
	static const char hex[] = "0123456789ABCDEF";

	for (; *words != '\0'; words++) {
		const uint8_t c = (uint8_t)*words;
		const char escape[3] = { '%', hex[c >> 4], hex[c & 15] };
		bool keep = strchr(plain, *words) != NULL;

		text_add_slice(t, keep ? slice_of(words, 1) : slice_of(escape, sizeof escape));
	}
}

/* The URI that authenticator apps read. What they assume anyway is left out: a smaller QR code. */
static void make_uri(const struct totp_options *o, const struct proto_reply *reply, struct text *t)
{
	text_add(t, "otpauth://totp/");
	add_encoded(t, o->issuer);
	text_add(t, ":");
	add_encoded(t, o->request.profile);
	text_add(t, "?secret=");
	text_add(t, reply->secret);
	text_add(t, "&issuer=");
	add_encoded(t, o->issuer);
	if (reply->algorithm != PROTO_SHA1) {
		text_add(t, "&algorithm=");
		text_add(t, algorithm_names[reply->algorithm]);
	}
	if (reply->digits != 6) {
		text_add(t, "&digits=");
		text_add_u64(t, reply->digits);
	}
	if (reply->period != 30) {
		text_add(t, "&period=");
		text_add_u64(t, reply->period);
	}
}

/* Past stdio, which would keep a copy. */
static bool write_out(const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t put = write(STDOUT_FILENO, at, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		at += put;
		len -= (size_t)put;
	}
	return true;
}

/* On a terminal that can show it, the URI also as a picture. */
static bool show_picture(const char *uri)
{
	struct winsize size = { .ws_row = 0 };
	struct buf picture = { .at = NULL };
	bool good;

	if (!isatty(STDOUT_FILENO) || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		return true;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
		size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	if (!qr_draw(uri, size.ws_row - 1u, size.ws_col, &picture)) {
		fputs("The terminal is too small for a QR code of it.\n", stderr);
		return true;
	}
	good = write_out(picture.at, picture.len);
	explicit_bzero(picture.at, picture.len);
	buf_done(&picture);
	return good;
}

static int show_secret(const struct totp_options *o, const struct proto_reply *reply)
{
	char uri[URI_SIZE];
	struct text t = text_over(uri, sizeof uri);
	bool good;

	make_uri(o, reply, &t);
	good = !t.cut && write_out(uri, t.len) && write_out("\n", 1) && show_picture(uri);
	explicit_bzero(uri, sizeof uri);
	if (good) {
		if (isatty(STDOUT_FILENO))
			fputs("Enrolled. Put this into an authenticator app now; it is not shown "
			      "again.\n",
				stderr);
		return EXIT_OK;
	}
	return complain(
		"%s is enrolled, but the secret could not be shown; enrol again with --replace",
		o->request.profile);
}

static void json_time(struct json *j, const char *name, int64_t when)
{
	char text[WHEN_SIZE];

	when_text(when, text);
	json_string(j, name, when == 0 ? NULL : text);
}

static void status_json(const struct totp_options *o, const struct proto_reply *reply)
{
	bool enrolled = reply->result == PROTO_YES;
	struct json j = json_to(stdout);

	json_object(&j, NULL);
	json_string(&j, "profile", o->request.profile);
	json_bool(&j, "enrolled", enrolled);
	if (enrolled) {
		json_number(&j, "digits", reply->digits);
		json_string(&j, "algorithm", algorithm_names[reply->algorithm]);
		json_number(&j, "period", reply->period);
		json_time(&j, "enrolled_at", reply->enrolled_at);
		json_time(&j, "last_used_at", reply->last_used_at);
		json_number(&j, "retry_after", reply->retry_after);
	}
	json_object_end(&j);
}

static void status_text(const struct totp_options *o, const struct proto_reply *reply)
{
	char enrolled[WHEN_SIZE], used[WHEN_SIZE];

	if (reply->result != PROTO_YES) {
		printf("%s: not enrolled\n", o->request.profile);
		return;
	}
	when_text(reply->enrolled_at, enrolled);
	when_text(reply->last_used_at, used);
	printf("%s: enrolled %s, last used %s; %u digits, %s, every %u seconds\n",
		o->request.profile, enrolled, reply->last_used_at == 0 ? "never" : used,
		reply->digits, algorithm_names[reply->algorithm], reply->period);
	if (reply->retry_after > 0)
		printf("%s: out of guesses; the next code is taken in %" PRIu32 " minutes\n",
			o->request.profile, (reply->retry_after + 59) / 60);
}

static int status(const struct totp_options *o, const struct proto_reply *reply)
{
	if (o->json)
		status_json(o, reply);
	else
		status_text(o, reply);
	return reply->result == PROTO_YES ? EXIT_OK : EXIT_NO;
}

static int removed(const struct totp_options *o, const struct proto_reply *reply)
{
	printf(reply->result == PROTO_YES ? "%s: removed\n" : "%s: was not enrolled\n",
		o->request.profile);
	return reply->result == PROTO_YES ? EXIT_OK : EXIT_NO;
}

#define OPTION_SOCKET                                                                              \
	{                                                                                          \
		"socket", 0, "PATH", offsetof(struct totp_options, socket),                        \
			"of adpermd (" PROTO_SOCKET ")"                                            \
	}

static const struct command_option enroll_options[] = {
	{ "issuer", 0, "NAME", offsetof(struct totp_options, issuer),
		"what the app shows (adperm)" },
	{ "digits", 0, "6|8", offsetof(struct totp_options, digits), "length of a code (6)" },
	{ "algorithm", 0, "NAME", offsetof(struct totp_options, algorithm),
		"SHA1, SHA256 or SHA512 (SHA1; not every app can the others)" },
	{ "period", 0, "30|60", offsetof(struct totp_options, period),
		"seconds a code lasts (30)" },
	{ "replace", 0, NULL, offsetof(struct totp_options, replace),
		"also if enrolled: the old secret is void" },
	OPTION_SOCKET,
	{ .name = NULL },
};

static const struct command_option status_options[] = {
	{ "json", 0, NULL, offsetof(struct totp_options, json), "for programs" },
	OPTION_SOCKET,
	{ .name = NULL },
};

static const struct command_option remove_options[] = {
	OPTION_SOCKET,
	{ .name = NULL },
};

static const struct action {
	struct command command;
	enum proto_op op;
	int (*tell)(const struct totp_options *o, const struct proto_reply *reply);
} actions[] = {
	{ { .name = "totp enroll",
		  .synopsis = "EMAIL [OPTION...]",
		  .summary = "makes a secret for a person and shows it, once",
		  .options = enroll_options },
		PROTO_ENROLL, show_secret },
	{ { .name = "totp status",
		  .synopsis = "EMAIL [OPTION...]",
		  .summary = "tells whether a person is enrolled, and how",
		  .options = status_options },
		PROTO_STATUS, status },
	{ { .name = "totp remove",
		  .synopsis = "EMAIL [OPTION...]",
		  .summary = "forgets a person's secret",
		  .options = remove_options },
		PROTO_REMOVE, removed },
};

static const struct command *const parts[] = {
	&actions[0].command,
	&actions[1].command,
	&actions[2].command,
	NULL,
};

/* One of two numbers; an absent option leaves the default. */
static bool take_number(const char *text, uint8_t small, uint8_t large, uint8_t *out)
{
	char words[4];

	if (text == NULL)
		return true;
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
	if (text == NULL)
		return true;
	for (*out = PROTO_SHA1; *out <= PROTO_SHA512; ++*out) {
		if (strcasecmp(text, algorithm_names[*out]) == 0)
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

/* The question from what was typed. EXIT_OK, or the complaint is printed. */
static int fill_request(const struct action *action, const char *email, struct totp_options *o)
{
	struct proto_request *request = &o->request;

	if (o->socket == NULL)
		o->socket = PROTO_SOCKET;
	if (o->issuer == NULL)
		o->issuer = "adperm";
	if (!take_number(o->digits, 6, 8, &request->digits))
		return complain("%s: --digits is 6 or 8", action->command.name);
	if (!take_algorithm(o->algorithm, &request->algorithm))
		return complain("%s: --algorithm is SHA1, SHA256 or SHA512", action->command.name);
	if (!take_number(o->period, 30, 60, &request->period))
		return complain("%s: --period is 30 or 60", action->command.name);
	if (!is_issuer(o->issuer))
		return complain("%s: --issuer has 1 to %d bytes, no colon, no control characters",
			action->command.name, ISSUER_MAX);
	if (!name_is_email(slice_str(email)) ||
		!name_lower(slice_str(email), request->profile, sizeof request->profile))
		return complain("%s: that is no e-mail address", action->command.name);
	request->replace = o->replace;
	request->op = (uint16_t)action->op;
	memcpy(request->service, SERVICE, sizeof SERVICE);
	return EXIT_OK;
}

static int run_action(const struct action *action, int argc, char **argv)
{
	struct totp_options o = { .socket = NULL };
	struct proto_reply reply;
	enum client_problem problem;
	int first, ret;

	if (!arguments_parse(&action->command, &o, argc, argv, &first, &ret))
		return ret;
	if (argc - first != 1)
		return complain("%s takes one e-mail address; `adperm %s --help` says more",
			action->command.name, action->command.name);
	ret = fill_request(action, argv[first], &o);
	if (ret != EXIT_OK)
		return ret;
	problem = client_ask(o.socket, &o.request, &reply);
	if (problem != CLIENT_OK)
		ret = say_problem(&o, problem);
	else if (reply.result == PROTO_YES ||
		 (reply.result == PROTO_NOT_ENROLLED && action->op != PROTO_ENROLL))
		ret = action->tell(&o, &reply);
	else
		ret = say_refusal(&o, reply.result);
	explicit_bzero(&reply, sizeof reply);
	return ret;
}

static int run(int argc, char **argv)
{
	int first, ret;

	for (size_t i = 0; argc > 1 && i < sizeof actions / sizeof actions[0]; i++) {
		if (strcmp(argv[1], strchr(actions[i].command.name, ' ') + 1) == 0)
			return run_action(&actions[i], argc - 1, argv + 1);
	}
	if (!arguments_parse(&cmd_totp, NULL, argc, argv, &first, &ret))
		return ret;
	return complain("totp: expected enroll, status or remove; `adperm totp --help` says more");
}

const struct command cmd_totp = {
	.name = "totp",
	.synopsis = "enroll|status|remove EMAIL [OPTION...]",
	.summary = "enrol people for the second factor",
	.run = run,
	.parts = parts,
};
