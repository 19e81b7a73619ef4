/*
 * adperm notify: mails a text to those whom `adperm contacts` names, one message each; and tries
 * again what the mail system did not take.
 */
#include "cli/cli.h"
#include "cli/contacts.h"
#include "cli/describe.h"
#include "cli/tell.h"

#include "adperm.h"

#include <unistd.h>

struct arguments {
	struct contacts_asked asked;
	struct mail_paths paths;
	const char *policy, *people, *subject;
	bool pending, dry_run, json;
};

/* Reads the text of the message from stdin. False: the complaint is printed. */
static bool read_text(struct buf *text)
{
	char bytes[4096];
	size_t n;

	if (isatty(STDIN_FILENO))
		fputs("adperm: notify: the text of the message, then Ctrl-D:\n", stderr);
	while (text->len <= MAIL_BODY_MAX && (n = fread(bytes, 1, sizeof bytes, stdin)) > 0)
		buf_bytes(text, bytes, n);
	while (text->len > 0 && text->at[text->len - 1] == '\n')
		text->len--;
	if (ferror(stdin) || text->len == 0)
		complain("notify: there is no text on standard input");
	else if (text->len > MAIL_BODY_MAX)
		complain("notify: a text has at most 64 KiB");
	else if (memchr(text->at, '\0', text->len) != NULL)
		complain("notify: the text has a control character");
	else {
		buf_u8(text, '\0');
		if (!text->failed)
			return true;
		complain("notify: out of memory");
	}
	return false;
}

static int notify(const struct arguments *a, const struct policy *p)
{
	struct contacts c = { .p = p, .people = { .directory = a->people } };
	struct telling t = { .command = "notify",
		.paths = &a->paths,
		.template = "notify",
		.dry_run = a->dry_run,
		.json = a->json };
	struct buf text = { .at = NULL };
	int code = EXIT_ERROR;

	if (!contacts_find("notify", &a->asked, &c) || c.people.bad ||
		!telling_begin(&t, a->subject) || !read_text(&text))
		goto out;
	t.text = (const char *)text.at;
	code = tell(&t, &c);
out:
	contacts_done(&c);
	buf_done(&text);
	return code;
}

static int pending(const struct arguments *a)
{
	struct settings settings;
	struct mail_system system;
	int left;

	if (!settings_mail("notify", &a->paths, &settings, &system))
		return EXIT_ERROR;
	left = mail_retry("notify", &system);
	return left < 0 ? EXIT_ERROR : left > 0 ? EXIT_NO : EXIT_OK;
}

static const struct command_option options[] = {
	OPTION_POLICY(struct arguments, policy),
	OPTIONS_CONTACTS(struct arguments),
	OPTION_VALUE(struct arguments, subject, "subject", 0, "TEXT", "of the message"),
	OPTION_PEOPLE(struct arguments, people),
	OPTIONS_MAIL(struct arguments),
	OPTION_FLAG(struct arguments, dry_run, "dry-run", 'n',
		"only say who would be told, and show the message"),
	OPTION_FLAG(struct arguments, pending, "pending", 0, "instead, try again what waits"),
	OPTION_FLAG(struct arguments, json, "json", 0, "what became of it, as a JSON array"),
	{ .name = NULL },
};

static int run(int argc, char **argv)
{
	struct arguments a = { .json = false };
	struct opened opened;
	int first, code;

	if (!arguments_parse(&cmd_notify, &a, argc, argv, &first, &code))
		return code;
	if (first < argc)
		return complain_surplus(&cmd_notify, argv[first]);
	if (a.pending && a.json)
		return complain("notify: --pending is told line by line: leave --json out");
	if (a.pending)
		return pending(&a);
	if (a.subject == NULL)
		return complain("notify: a message needs a --subject");
	a.people = people_meant(a.people, a.policy);
	if (!open_rows(policy_meant(a.policy), &opened))
		return EXIT_ERROR;
	code = notify(&a, opened.policy);
	close_policy(&opened);
	return code;
}

const struct command cmd_notify = {
	.name = "notify",
	.synopsis = "[--policy PATH] (--server HOST | --account NAME | --owner EMAIL)\n"
		    "                     --topic technical|billing --subject TEXT [--people DIR] "
		    "[--language NAME]\n"
		    "                     [--dry-run] [--json] <TEXT\n"
		    "       adperm notify --pending",
	.summary = "Mail a text to those who are to be told about a server, an account or an owner",
	.run = run,
	.options = options,
};
