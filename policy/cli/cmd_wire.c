/* adperm wire: puts our lines into the PAM file of one service, after showing and asking. */
#include "cli/wire.h"

#include "adperm.h"
#include "adpermd/proto.h"
#include "base/file.h"
#include "cli/sshd_config.h"
#include "cli/sudoers.h"
#include "model/when.h"
#include "wiring/block.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define CONFIRM "10m"

static const struct command_option options[] = {
	OPTION_BREAK_GLASS(struct wire_options),
	OPTION_VALUE(struct wire_options, leave, "leave", 0, "USERS",
		"whom the policy leaves alone from now on: a,b or none"),
	OPTION_VALUE(struct wire_options, confirm, "confirm", 0, "TIME",
		"go back after that time unless `adperm confirm` (" CONFIRM ")"),
	OPTION_FLAG(struct wire_options, no_confirm, "no-confirm", 0, "do not go back by itself"),
	OPTION_FLAG(struct wire_options, yes, "yes", 'y', "do not ask"),
	OPTION_FLAG(struct wire_options, dry_run, "dry-run", 'n', "change nothing"),
	OPTION_DB(struct wire_options),
	OPTION_PEOPLE_DIR(struct wire_options),
	OPTION_SOCKET(struct wire_options),
	OPTION_USUAL(struct wire_options, share, "share", 0, "DIR", "of the shipped stacks",
		WIRING_SHARE),
	OPTION_USUAL(
		struct wire_options, etc, "etc", 0, "DIR", "of pam.d, ssh and adperm", WIRING_ETC),
	OPTION_USUAL(struct wire_options, wiring, "wiring", 0, "DIR", "where copies are kept",
		RECORD_DIRECTORY),
	OPTION_SSHD(struct wire_options),
	OPTION_USUAL(
		struct wire_options, visudo, "visudo", 0, "FILE", "the program", VISUDO_PROGRAM),
	OPTION_PID_FILE(struct wire_options),
	OPTION_REHEARSE(struct wire_options),
	{ .name = NULL },
};

/* --- showing */

static void print_names(const char *what, const struct users *users)
{
	if (users->n == 0)
		return;
	printf("%s:", what);
	for (size_t i = 0; i < users->n; i++)
		printf(" %s", users->at[i]);
	putchar('\n');
}

static void show_changes(const struct wire *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (change_matters(&w->changes[i]))
			change_show(&w->changes[i], stdout);
}

static void show_people(const struct wire *w)
{
	printf("\nWho is not asked by adperm: root, %s (break-glass)", w->o->break_glass);
	for (size_t i = 0; i < w->local.n; i++)
		printf(", %s", w->local.at[i]);
	for (size_t i = 0; i < w->leave.n; i++)
		printf(", %s", w->leave.at[i]);
	putchar('\n');
	print_names("Machines, for whom the key is enough", &w->machines);
	print_names("Who gets in today and could not afterwards", &w->lost);
}

static void show_warnings(const struct wire *w)
{
	if (w->service->warning != NULL)
		puts(w->service->warning);
	for (size_t i = 0; w->service->block && i < w->n; i++)
		if (w->kinds[i] == WIRE_STACK)
			printf("%s belongs to a package: if an upgrade asks, keep your version; "
			       "`adperm doctor` tells when our lines are lost.\n",
				w->changes[i].path);
}

static bool agreed(const struct wire *w)
{
	char line[16];

	if (w->o->yes)
		return true;
	if (!isatty(STDIN_FILENO)) {
		complain("wire: nothing was changed: there is no terminal to ask on; --yes is the "
			 "answer");
		return false;
	}
	printf("Wire %s (%s)? [y/N] ", w->service->name, w->service->summary);
	fflush(stdout);
	if (fgets(line, sizeof line, stdin) != NULL &&
		(strcmp(line, "y\n") == 0 || strcmp(line, "yes\n") == 0))
		return true;
	puts("Nothing was changed.");
	return false;
}

/* --- doing */

static void take_back(const struct wire *w, size_t n)
{
	while (n-- > 0)
		if (change_take_back(&w->changes[n]) != 0)
			complain(
				"wire: %s could not be put back as it was: do it by hand, from the "
				"copy in %s",
				w->changes[n].path, w->o->wiring);
}

static int make_directory(const char *path)
{
	if (mkdir(path, 0755) != 0 && errno != EEXIST)
		return complain("wire: %s: %s", path, strerror(errno));
	return file_trusted_dir(path) == 0
		       ? EXIT_OK
		       : complain(
				 "wire: %s and all above it must be root's, and writable by nobody "
				 "else",
				 path);
}

/* What a file of ours replaced when it was first put there; NULL: it is not ours. */
static const char *replaced(const struct record *before, const struct change *change)
{
	uint8_t digest[SHA256_SIZE];

	sha256_of(buf_slice(&change->before), digest);
	for (size_t i = 0; i < before->n; i++)
		if (strcmp(before->files[i].path, change->path) == 0 && !before->files[i].block &&
			memcmp(before->files[i].digest, digest, sizeof digest) == 0)
			return before->files[i].copy;
	return NULL;
}

/*
 * What will be done is noted before the first file is touched, so that what is half done can be
 * undone. `before` is the record of an earlier time, `copies` are the names under which what is
 * there now is kept.
 */
static int note_plan(const struct wire *w, const struct record *before, char copies[][PATH_MAX])
{
	struct record record = { .n = 0 };
	int64_t now = time(NULL);
	int ret;

	for (size_t i = 0; i < w->n; i++) {
		const struct change *change = &w->changes[i];
		struct record_file *file = &record.files[record.n];
		const char *older;

		if (!change_matters(change))
			copies[i][0] = '\0';
		else if (change_copy_path(change, w->o->wiring, now, copies[i]) != 0)
			return complain("wire: %s: the path is too long", w->o->wiring);
		if (w->kinds[i] == WIRE_LEFT)
			continue;
		*file = (struct record_file){ .block = w->service->block &&
						       w->kinds[i] == WIRE_STACK };
		snprintf(file->path, sizeof file->path, "%s", change->path);
		sha256_of(buf_slice(&change->after), file->digest);
		older = replaced(before, change);
		memcpy(file->copy, older != NULL ? older : copies[i], sizeof file->copy);
		record.n++;
	}
	ret = record_write(w->o->wiring, w->service->name, &record);
	return ret == 0 ? EXIT_OK
			: complain("wire: %s/%s: %s", w->o->wiring, w->service->name,
				  strerror(-ret));
}

/*
 * What would put everything back is on record before the first file is touched: `record` is a copy
 * of the service's record of before, "" if there was none.
 */
static int arm(const struct wire *w, char copies[][PATH_MAX], const char *record)
{
	struct wiring_wait wait = { .term = { .seconds = w->wait } };
	struct wiring_wait_file *file;
	int ret = moment_now(&wait.term.since);

	snprintf(wait.service, sizeof wait.service, "%s", w->service->name);
	file = &wait.files[wait.n++];
	if ((size_t)snprintf(file->path, sizeof file->path, "%s/%s", w->o->wiring,
		    w->service->name) >= sizeof file->path)
		ret = -ENAMETOOLONG;
	snprintf(file->copy, sizeof file->copy, "%s", record);
	for (size_t i = 0; i < w->n; i++)
		if (w->kinds[i] != WIRE_LEFT && change_matters(&w->changes[i])) {
			file = &wait.files[wait.n++];
			memcpy(file->path, w->changes[i].path, sizeof file->path);
			memcpy(file->copy, copies[i], sizeof file->copy);
		}
	if (ret == 0)
		ret = wiring_wait_write(w->o->wiring, &wait);
	return ret == 0 ? EXIT_OK : complain("wire: %s/confirm: %s", w->o->wiring, strerror(-ret));
}

static int carry_out(const struct wire *w, char copies[][PATH_MAX])
{
	for (size_t i = 0; i < w->n; i++) {
		const struct change *change = &w->changes[i];
		int ret = change_matters(change) ? change_carry_out(change, copies[i]) : 0;

		if (ret == 0)
			continue;
		complain("wire: %s: %s; everything is put back", change->path,
			ret == -ESTALE ? "somebody has just changed it" : strerror(-ret));
		take_back(w, i);
		return EXIT_ERROR;
	}
	return EXIT_OK;
}

/* As if nothing had been tried. */
static void forget(const struct wire *w, const struct record *before, char copies[][PATH_MAX])
{
	for (size_t i = 0; i < w->n; i++)
		if (copies[i][0] != '\0')
			unlink(copies[i]);
	if (before->n > 0)
		record_write(w->o->wiring, w->service->name, before);
	else
		record_remove(w->o->wiring, w->service->name);
	wiring_wait_remove(w->o->wiring);
}

/* A copy of the record of before, for going back to it. "" if there was none. */
static int keep_record(
	const struct wire *w, const struct record *before, char copy[static PATH_MAX])
{
	char name[64];
	int ret;

	copy[0] = '\0';
	if (before->n == 0)
		return EXIT_OK;
	snprintf(name, sizeof name, "%s.record.before", w->service->name);
	if ((size_t)snprintf(copy, PATH_MAX, "%s/%s", w->o->wiring, name) >= PATH_MAX)
		return complain("wire: %s: the path is too long", w->o->wiring);
	ret = record_write(w->o->wiring, name, before);
	return ret == 0 ? EXIT_OK : complain("wire: %s: %s", copy, strerror(-ret));
}

static int wire_files(const struct wire *w)
{
	char copies[WIRE_CHANGES][PATH_MAX], kept[PATH_MAX];
	struct record before;
	int code;

	if (record_read(w->o->wiring, w->service->name, &before) != 0)
		before.n = 0;
	code = keep_record(w, &before, kept);
	if (code == EXIT_OK)
		code = note_plan(w, &before, copies);
	if (code != EXIT_OK)
		return code;
	if (w->wait > 0)
		code = arm(w, copies, kept);
	if (code == EXIT_OK)
		code = carry_out(w, copies);
	if (code == EXIT_OK && w->service->drop_in != NULL) {
		code = w->service->sudoers ? wire_check_sudo(w) : wire_check_sshd(w);
		if (code != EXIT_OK) {
			take_back(w, w->n);
			complain("wire: everything is put back");
		}
	}
	if (code != EXIT_OK)
		forget(w, &before, copies);
	return code;
}

/* In the process that watches; until somebody has decided, or it is taken back. */
static bool is_decided(void *context)
{
	const struct wire_options *o = context;
	struct wiring_wait wait;
	char service[WIRING_SERVICE];
	int lock, ret = wiring_wait_read(o->wiring, &wait);

	if (ret == -ENOENT)
		return true;
	lock = wiring_lock(o->wiring);
	if (lock < 0)
		return false;
	ret = wiring_expire(o->wiring, o->pid_file, service);
	close(lock);
	return ret == 0 && service[0] != '\0';
}

static void watch(struct wire_options *o)
{
	int ret = waiting_watch(is_decided, o);

	if (ret != 0)
		fprintf(stderr,
			"warning: no process watches it (%s): only adperm-confirm.timer or `adperm "
			"confirm --expired` takes it back\n",
			strerror(-ret));
	printf("It is taken back after %s unless somebody logs in anew and calls `adperm "
	       "confirm`.\n",
		o->confirm);
}

static void tell(const struct wire *w)
{
	bool running = false;

	openlog("adperm", LOG_PID, LOG_AUTHPRIV);
	syslog(LOG_NOTICE, "wire: %s is wired", w->service->name);
	closelog();
	printf("Wired: %s. `adperm unwire %s` takes it out again.\n", w->service->name,
		w->service->name);
	if (w->service->needs != NULL)
		printf("It also needs, as pam_adperm(8) tells:\n%s", w->service->needs);
	if (!service_tells_sshd(w->service))
		return;
	if (!wire_reload_sshd(w->o->pid_file, &running))
		fprintf(stderr,
			"warning: sshd could not be told to read its configuration (%s); "
			"reload it by hand\n",
			strerror(errno));
	else
		puts(running ? "sshd has read its configuration. Keep this session open until a "
			       "new "
			       "login has worked."
			     : "No sshd runs with a pid file: the next one started reads this "
			       "configuration.");
}

/* One at a time, and only one can wait. */
static int look_for_waiting(const struct wire *w)
{
	struct wiring_wait wait;
	int ret = wiring_wait_read(w->o->wiring, &wait);

	if (ret == -ENOENT)
		return EXIT_OK;
	if (ret != 0)
		return complain("wire: %s/confirm, which tells what waits to be confirmed: %s",
			w->o->wiring, strerror(-ret));
	complain("wire: the wiring of %s waits to be confirmed: `adperm confirm` from a new login "
		 "keeps "
		 "it, `adperm unwire %s` takes it out",
		wait.service, wait.service);
	return EXIT_NO;
}

static int wire(struct wire *w)
{
	bool matters = false;
	int code = look_for_waiting(w);

	if (code == EXIT_OK)
		code = wire_look_at_people(w);
	if (code == EXIT_OK)
		code = wire_plan(w);
	if (code != EXIT_OK)
		return code;
	for (size_t i = 0; i < w->n; i++)
		matters = matters || change_matters(&w->changes[i]);
	if (!matters) {
		printf("%s is wired already: nothing to do.\n", w->service->name);
		return EXIT_OK;
	}
	show_changes(w);
	if (w->service->unix_users)
		show_people(w);
	show_warnings(w);
	code = wire_try(w);
	if (code == EXIT_OK && w->o->dry_run) {
		puts("Nothing was changed: --dry-run.");
		return EXIT_OK;
	}
	if (code == EXIT_OK && !agreed(w))
		code = EXIT_NO;
	if (code == EXIT_OK)
		code = wire_files(w);
	w->done = code == EXIT_OK;
	if (w->done)
		tell(w);
	return code;
}

static void list_services(void)
{
	for (const struct service *s = services; s->name != NULL; s++)
		fprintf(stderr, "  %-12s %s\n", s->name, s->summary);
}

static int run(int argc, char **argv)
{
	struct wire_options o = { .db = NULL };
	struct wire w = { .o = &o };
	int first, code, lock;

	if (!arguments_parse(&cmd_wire, &o, argc, argv, &first, &code))
		return code;
	if (argc - first != 1) {
		complain("wire: takes one service:");
		list_services();
		return EXIT_ERROR;
	}
	if (service_never(argv[first]) != NULL) {
		complain("wire: %s is never wired: %s", argv[first], service_never(argv[first]));
		return EXIT_NO;
	}
	w.service = service_find(argv[first]);
	if (w.service == NULL) {
		complain("wire: %s is none of the services that can be wired:", argv[first]);
		list_services();
		return EXIT_ERROR;
	}
	if (geteuid() != 0)
		return complain("wire: only root can");
	/* Only what lets people in to this machine could keep out whoever wires it. */
	if (o.confirm == NULL && w.service->unix_users)
		o.confirm = CONFIRM;
	if (o.no_confirm || o.confirm == NULL)
		w.wait = 0;
	else if (!duration_parse(slice_str(o.confirm), WAITING_MAX, &w.wait))
		return complain(
			"wire: --confirm takes minutes or hours, like 10m or 1h, at most 24h");
	if (make_directory(o.wiring) != EXIT_OK)
		return EXIT_ERROR;
	lock = wiring_lock(o.wiring);
	if (lock < 0)
		return complain("wire: %s: %s", o.wiring,
			lock == -EWOULDBLOCK ? "somebody else is wiring" : strerror(-lock));
	code = wire(&w);
	close(lock);
	if (code == EXIT_OK && w.done && w.wait > 0)
		watch(&o);
	wire_done(&w);
	return code;
}

const struct command cmd_wire = {
	.name = "wire",
	.synopsis = "[--break-glass USER] [--leave USERS] [--confirm TIME | --no-confirm] [--yes] "
		    "SERVICE",
	.summary = "Have a service ask the policy, after showing what changes",
	.run = run,
	.operand = "SERVICE",
	.options = options,
};
