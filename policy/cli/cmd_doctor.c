/* adperm doctor: one screen that tells whether everything is as it should be; see doctor.h. */
#include "cli/doctor.h"

#include "adperm.h"
#include "adpermd/proto.h"
#include "base/terminal.h"
#include "cli/sshd_config.h"
#include "cli/sudoers.h"
#include "wiring/block.h"
#include "wiring/record.h"

#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ADPERM_KEYS ADPERM_LIBEXECDIR "/adperm-keys"
#define MODULE      ADPERM_PAMDIR "/" WEIGH_MODULE

#define OPTION(NAME, VALUE, FIELD, HELP)                                                           \
	{                                                                                          \
		NAME, 0, VALUE, offsetof(struct doctor_options, FIELD), HELP                       \
	}

static const struct command_option options[] = {
	OPTION("wired", NULL, wired, "only whether what was wired still is"),
	OPTION("login", "USER", login, "walk through one login instead"),
	OPTION("profile", "EMAIL", profile, "who logs in, on a shared account"),
	OPTION("service", "NAME", service, "the PAM service of that login (sshd)"),
	OPTION("from", "ADDRESS", from, "where that login comes from"),
	OPTION("break-glass", "USER", break_glass,
		"gets in whatever is broken (" BLOCK_BREAK_GLASS ")"),
	OPTION("json", NULL, json, "the findings as a JSON array"),
	OPTION("db", "FILE", db, "the installed database (" ADPERM_DB ")"),
	OPTION("people", "DIR", people, "what people changed (" ADPERM_PEOPLE ")"),
	OPTION("etc", "DIR", etc, "of pam.d, ssh and adperm (" WIRING_ETC ")"),
	OPTION("wiring", "DIR", wiring, "where wire keeps records (" RECORD_DIRECTORY ")"),
	OPTION("share", "DIR", share, "of the shipped stacks (" WIRING_SHARE ")"),
	OPTION("trusted-keys", "DIR", trusted_keys, "who may sign (" TRUSTED_KEYS ")"),
	OPTION("socket", "PATH", socket, "of adpermd (" PROTO_SOCKET ")"),
	OPTION("state", "DIR", state, "of adpermd (" PROTO_STATE ")"),
	OPTION("state-key", "FILE", state_key, "of adpermd (" PROTO_KEY ")"),
	OPTION("module", "FILE", module, "the PAM module (" MODULE ")"),
	OPTION("sshd", "FILE", sshd, "the program (" SSHD_PROGRAM ")"),
	OPTION("visudo", "FILE", visudo, "the program (" VISUDO_PROGRAM ")"),
	OPTION("rehearse", "FILE", rehearse, "the program (" WIRING_REHEARSE ")"),
	OPTION("adperm-keys", "FILE", adperm_keys, "the program (" ADPERM_KEYS ")"),
	{ .name = NULL },
};

static void settle(struct doctor_options *o)
{
	struct {
		const char **option, *usual;
	} rows[] = {
		{ &o->db, ADPERM_DB },
		{ &o->people, ADPERM_PEOPLE },
		{ &o->etc, WIRING_ETC },
		{ &o->wiring, RECORD_DIRECTORY },
		{ &o->share, WIRING_SHARE },
		{ &o->trusted_keys, TRUSTED_KEYS },
		{ &o->socket, PROTO_SOCKET },
		{ &o->state, PROTO_STATE },
		{ &o->state_key, PROTO_KEY },
		{ &o->module, MODULE },
		{ &o->sshd, SSHD_PROGRAM },
		{ &o->visudo, VISUDO_PROGRAM },
		{ &o->rehearse, WIRING_REHEARSE },
		{ &o->adperm_keys, ADPERM_KEYS },
		{ &o->service, "sshd" },
		{ &o->break_glass, BLOCK_BREAK_GLASS },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (*rows[i].option == NULL)
			*rows[i].option = rows[i].usual;
}

static const struct {
	const char *word, *colour;
} healths[] = {
	[HEALTH_OK] = { "ok", TERMINAL_GREEN },
	[HEALTH_SKIPPED] = { "skip", TERMINAL_CYAN },
	[HEALTH_WARN] = { "warn", TERMINAL_MAGENTA },
	[HEALTH_FAIL] = { "fail", TERMINAL_RED },
};

void doctor_say(struct doctor *d, enum health health, const char *advice, const char *format, ...)
{
	bool colours = !d->o->json && terminal_colours(stdout);
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (health > d->worst)
		d->worst = health;
	if (d->o->json) {
		json_object(&d->json, NULL);
		json_string(&d->json, "area", d->area);
		json_string(&d->json, "health", healths[health].word);
		json_string(&d->json, "finding", text);
		json_string(&d->json, "advice", advice);
		json_object_end(&d->json);
		return;
	}
	printf("%s%-4s%s  %-10s %s\n", colours ? healths[health].colour : "", healths[health].word,
		colours ? TERMINAL_PLAIN : "", d->area, text);
	if (advice != NULL)
		printf("%-18s-> %s\n", "", advice);
}

static const struct check {
	const char *area;
	void (*look)(struct doctor *d);
} all[] = {
	{ "policy", doctor_database },
	{ "people", doctor_people },
	{ "invited", doctor_invited },
	{ "stacks", doctor_stacks },
	{ "sshd", doctor_sshd },
	{ "adpermd", doctor_daemon },
	{ "clock", doctor_clock },
	{ .area = NULL },
}, only_wired[] = {
	{ "stacks", doctor_wired },
	{ .area = NULL },
};

static int look(const struct doctor_options *o)
{
	struct doctor d = {
		.o = o, .json = json_to(stdout), .now = time(NULL), .db = { .fd = -1 }
	};

	if (o->json)
		json_array(&d.json, NULL);
	for (const struct check *c = o->wired ? only_wired : all; c->area != NULL; c++) {
		d.area = c->area;
		c->look(&d);
	}
	if (o->json)
		json_array_end(&d.json);
	db_close(&d.db);
	close_policy(&d.rows);
	return d.worst == HEALTH_FAIL ? EXIT_ERROR : d.worst == HEALTH_WARN ? EXIT_NO : EXIT_OK;
}

static int run(int argc, char **argv)
{
	struct doctor_options o = { .db = NULL };
	int first, code;

	if (!arguments_parse(&cmd_doctor, &o, argc, argv, &first, &code))
		return code;
	settle(&o);
	if (first < argc)
		return complain_surplus(&cmd_doctor, argv[first]);
	if (geteuid() != 0)
		return complain("doctor: only root can look at everything");
	if (o.login == NULL && (o.profile != NULL || o.from != NULL))
		return complain("doctor: --profile and --from go with --login");
	if (o.login != NULL && o.wired)
		return complain("doctor: --wired and --login are two questions");
	return o.login != NULL ? doctor_login(&o) : look(&o);
}

const struct command cmd_doctor = {
	.name = "doctor",
	.synopsis = "[--json] [--wired]\n"
		    "       adperm doctor --login USER [--profile EMAIL] [--from ADDRESS]",
	.summary = "Look at everything that is installed and wired, and say what is not well",
	.run = run,
	.options = options,
};
