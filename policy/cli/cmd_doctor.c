/* adperm doctor: one screen that tells whether everything is as it should be; see doctor.h. */
#include "cli/doctor.h"

#include "adperm.h"
#include "adpermd/proto.h"
#include "base/terminal.h"
#include "cli/describe.h"
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

static const struct command_option options[] = {
	OPTION_FLAG(
		struct doctor_options, wired, "wired", 0, "only whether what was wired still is"),
	OPTION_VALUE(
		struct doctor_options, login, "login", 0, "USER", "walk through one login instead"),
	OPTION_VALUE(struct doctor_options, profile, "profile", 0, "EMAIL",
		"who logs in, on a shared account"),
	OPTION_USUAL(struct doctor_options, service, "service", 0, "NAME",
		"the PAM service of that login", "sshd"),
	OPTION_VALUE(
		struct doctor_options, from, "from", 0, "ADDRESS", "where that login comes from"),
	OPTION_BREAK_GLASS(struct doctor_options),
	OPTION_FLAG(struct doctor_options, json, "json", 0, "the findings as a JSON array"),
	OPTION_DB(struct doctor_options),
	OPTION_PEOPLE_DIR(struct doctor_options),
	OPTION_USUAL(struct doctor_options, etc, "etc", 0, "DIR", "of pam.d, ssh and adperm",
		WIRING_ETC),
	OPTION_USUAL(struct doctor_options, wiring, "wiring", 0, "DIR", "where wire keeps records",
		RECORD_DIRECTORY),
	OPTION_USUAL(struct doctor_options, share, "share", 0, "DIR", "of the shipped stacks",
		WIRING_SHARE),
	OPTION_TRUSTED_KEYS(struct doctor_options),
	OPTION_SOCKET(struct doctor_options),
	OPTION_USUAL(struct doctor_options, state, "state", 0, "DIR", "of adpermd", PROTO_STATE),
	OPTION_USUAL(
		struct doctor_options, state_key, "state-key", 0, "FILE", "of adpermd", PROTO_KEY),
	OPTION_USUAL(struct doctor_options, module, "module", 0, "FILE", "the PAM module", MODULE),
	OPTION_SSHD(struct doctor_options),
	OPTION_USUAL(
		struct doctor_options, visudo, "visudo", 0, "FILE", "the program", VISUDO_PROGRAM),
	OPTION_REHEARSE(struct doctor_options),
	OPTION_USUAL(struct doctor_options, adperm_keys, "adperm-keys", 0, "FILE", "the program",
		ADPERM_KEYS),
	{ .name = NULL },
};

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
	printf("%s%-4s%s  %-10s ", colours ? healths[health].colour : "", healths[health].word,
		colours ? TERMINAL_PLAIN : "", d->area);
	show_text(stdout, text);
	putchar('\n');
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
	if (first < argc)
		return complain_surplus(&cmd_doctor, argv[first]);
	if (o.login != NULL && o.json)
		return complain("doctor: --login is told step by step: leave --json out");
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
