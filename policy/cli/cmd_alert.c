/*
 * adperm alert: tells the contacts of this server, once, what they should know without asking.
 * Without --run it only says what they would be told.
 */
#include "cli/alert.h"
#include "cli/cli.h"
#include "cli/describe.h"
#include "cli/tell.h"
#include "cli/totp.h"

#include "adperm.h"

#include <errno.h>

struct arguments {
	struct mail_paths paths;
	const char *db, *people, *log, *socket, *state, *at;
	bool run, json;
};

static const char *const templates[ALERTS] = {
#define ALERT(symbol, name, says) [ALERT_##symbol] = "alert-" name,
	ALERTS_ALL(ALERT)
#undef ALERT
};

/* All of a kind in one text; "" if there is no news. */
static void unite(const struct finding *f, enum alert kind, struct buf *out)
{
	static const char more[] = "...\n";

	for (uint32_t i = 0; i < f->rows.n; i++) {
		const struct event *event = &f->rows.at[i];

		if (event->kind != kind || event->told)
			continue;
		if (out->len + strlen(event->text) > MAIL_BODY_MAX / 2) {
			buf_bytes(out, more, sizeof more - 1);
			break;
		}
		buf_bytes(out, event->text, strlen(event->text));
		if (event->text[0] != '\0' && event->text[strlen(event->text) - 1] != '\n')
			buf_u8(out, '\n');
	}
	while (out->len > 0 && out->at[out->len - 1] == '\n')
		out->len--;
	buf_u8(out, '\0');
}

static void set_told(struct finding *f, enum alert kind)
{
	for (uint32_t i = 0; i < f->rows.n; i++)
		if (f->rows.at[i].kind == kind)
			f->rows.at[i].told = true;
}

/* Tells of one kind. What is kept counts as told: it is on its way. */
static int tell_kind(const struct arguments *a, struct finding *f, const struct contacts *c,
	const struct telling *begun, enum alert kind)
{
	struct telling t = *begun;
	struct buf text = { .at = NULL };
	int code = EXIT_OK;

	unite(f, kind, &text);
	if (text.failed) {
		code = complain("alert: out of memory");
	} else if (text.len > 1) {
		t.template = templates[kind];
		t.text = (const char *)text.at;
		printf("%s:\n%s\n", alert_names[kind], t.text);
		code = a->run ? tell(&t, c) : EXIT_OK;
		if (a->run && code != EXIT_ERROR)
			set_told(f, kind);
	}
	buf_done(&text);
	return code;
}

static void events_json(const struct finding *f)
{
	struct json j = json_to(stdout);

	json_array(&j, NULL);
	for (uint32_t i = 0; i < f->rows.n; i++) {
		const struct event *event = &f->rows.at[i];

		json_object(&j, NULL);
		json_string(&j, "alert", alert_names[event->kind]);
		json_string(&j, "text", event->text);
		json_bool(&j, "told", event->told);
		json_object_end(&j);
	}
	json_array_end(&j);
}

static int worse(int a, int b)
{
	return a > b ? a : b;
}

/* Finds everything that is switched on, tells it, and notes that it was told. */
static int alert(
	const struct arguments *a, struct telling *t, struct finding *f, struct contacts *c)
{
	int code = EXIT_OK;

	if (!telling_begin(t, ""))
		return EXIT_ERROR;
	for (unsigned kind = 0; kind < ALERTS; kind++) {
		f->unseen[kind] = !t->settings.alerts[kind];
		if (f->unseen[kind])
			continue;
		find_events(f, (enum alert)kind);
		if (f->unseen[kind])
			code = EXIT_ERROR;
	}
	if (f->no_memory)
		return complain("alert: out of memory");
	if (a->json)
		events_json(f);
	for (unsigned kind = 0; kind < ALERTS && !a->json; kind++)
		code = worse(code, tell_kind(a, f, c, t, (enum alert)kind));
	if (a->run && !told_write(f->told, f))
		code = EXIT_ERROR;
	return code;
}

/* Whom to tell: the contacts of the server whose policy it is. */
static int settle(const struct arguments *a, const struct policy *p)
{
	struct told told = { .dir = { NULL, -1 } };
	struct telling t = { .command = "alert", .paths = &a->paths };
	struct finding f = { .p = p,
		.db = a->db,
		.log = a->log,
		.socket = a->socket,
		.words = &t.words,
		.told = &told };
	struct contacts c = { .p = p, .people = { .directory = a->people } };
	struct contacts_asked asked = { .topic = "technical", .at = a->at };
	int code = EXIT_ERROR;

	if (p->servers.n != 1)
		return complain("alert: %s is the policy of %u servers; alerts are of one server",
			f.db, (unsigned)p->servers.n);
	asked.server = server_text(p, 0);
	if (!place_time("alert", a->at, &f.now) || !told_read(&told, a->state))
		goto out;
	if (contacts_find("alert", &asked, &c) && !c.people.bad)
		code = alert(a, &t, &f, &c);
	contacts_done(&c);
out:
	finding_done(&f);
	told_done(&told);
	return code;
}

static const struct command_option options[] = {
	OPTION_FLAG(struct arguments, run, "run", 0,
		"tell it, and never again; else only say what would be told"),
	OPTION_FLAG(
		struct arguments, json, "json", 0, "without --run: everything, as a JSON array"),
	OPTION_USUAL(struct arguments, db, "db", 0, "FILE", "another database", ADPERM_DB),
	OPTION_PEOPLE_DIR(struct arguments),
	OPTION_AT(struct arguments, at),
	OPTION_VALUE(struct arguments, log, "log", 0, "FILE",
		"the log of logins (the journal, or the usual file)"),
	OPTION_USUAL(struct arguments, state, "state", 0, "DIR", "what was told", ALERT_STATE),
	OPTION_SOCKET(struct arguments),
	OPTIONS_MAIL(struct arguments),
	{ .name = NULL },
};

static int run(int argc, char **argv)
{
	struct arguments a = { .json = false };
	struct opened opened;
	int code;

	if (!report_begin(&cmd_alert, &a, &a.db, argc, argv, &opened, &code))
		return code;
	code = a.run && a.json ? complain("alert: --json is what would be told: leave --run out")
			       : settle(&a, opened.policy);
	close_policy(&opened);
	return code;
}

const struct command cmd_alert = {
	.name = "alert",
	.synopsis = "[--run | --json] [OPTION...]",
	.summary = "Tell the contacts of this server, once, what they should know without asking",
	.run = run,
	.options = options,
};
