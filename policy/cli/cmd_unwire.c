/* adperm unwire: takes out what `adperm wire` put in, and leaves every other byte as it is. */
#include "cli/wire.h"

#include "base/file.h"
#include "wiring/block.h"

#include <errno.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

static const struct command_option options[] = {
	OPTION_FLAG(struct wire_options, all, "all", 0, "every service that is wired"),
	OPTION_FLAG(struct wire_options, force, "force", 0,
		"also files that somebody has changed since"),
	OPTION_FLAG(struct wire_options, dry_run, "dry-run", 'n', "change nothing"),
	OPTION_USUAL(
		struct wire_options, etc, "etc", 0, "DIR", "of pam.d, ssh and adperm", WIRING_ETC),
	OPTION_USUAL(struct wire_options, wiring, "wiring", 0, "DIR", "where copies are kept",
		RECORD_DIRECTORY),
	OPTION_PID_FILE(struct wire_options),
	{ .name = NULL },
};

static int failed(const char *path, int error)
{
	return complain("unwire: %s: %s", path,
		error == -EPERM ? "it and all above it must be root's, and writable by nobody else"
		: error == -ESTALE ? "somebody has just changed it; try again"
				   : strerror(-error));
}

/* The copy of what was there before, into what shall be. */
static int take_copy(const struct record_file *file, struct change *change)
{
	struct change copy;
	int ret;

	if (file->copy[0] == '\0')
		return EXIT_OK;
	ret = change_plan(&copy, file->copy);
	if (ret == 0 && !copy.was)
		ret = -ENOENT;
	if (ret == 0) {
		change->is = true;
		change->mode = copy.mode;
		buf_bytes(&change->after, copy.before.at, copy.before.len);
	}
	change_done(&copy);
	return ret == 0 ? EXIT_OK : failed(file->copy, ret);
}

static int plan_block(struct change *change)
{
	size_t from, to;

	if (!change->was)
		return EXIT_OK;
	if (block_find(buf_slice(&change->before), &from, &to) == BLOCK_BROKEN)
		return complain(
			"unwire: %s: the marks of adperm's lines are damaged: take the lines out "
			"by hand",
			change->path);
	change->is = true;
	block_remove(&change->after, buf_slice(&change->before));
	return EXIT_OK;
}

/* A file of ours goes, or gives way to what it replaced; but not with somebody's changes in it. */
static int plan_file(
	const struct wire_options *o, const struct record_file *file, struct change *change)
{
	uint8_t digest[SHA256_SIZE];

	if (!change->was)
		return take_copy(file, change);
	sha256_of(buf_slice(&change->before), digest);
	if (memcmp(digest, file->digest, sizeof digest) != 0 && !o->force)
		return complain(
			"unwire: %s was changed since it was wired; --force takes it away all "
			"the same, and keeps a copy in %s",
			change->path, o->wiring);
	return take_copy(file, change);
}

static int plan(const struct wire_options *o, const struct record *record, struct change *changes,
	size_t *n)
{
	int code = EXIT_OK;

	/* What makes the service ask is the last in the record, and the first to go. */
	for (*n = 0; code == EXIT_OK && *n < record->n;) {
		const struct record_file *file = &record->files[record->n - 1 - *n];
		struct change *change = &changes[(*n)++];
		int ret = change_plan(change, file->path);

		if (ret != 0)
			code = failed(file->path, ret);
		else if (file->block)
			code = plan_block(change);
		else
			code = plan_file(o, file, change);
		if (code == EXIT_OK && change->after.failed)
			code = complain("out of memory");
	}
	return code;
}

static int carry_out(const struct wire_options *o, const struct change *changes, size_t n)
{
	int64_t now = time(NULL);

	/* Who wired by hand has none. */
	if (mkdir(o->wiring, 0755) != 0 && errno != EEXIST)
		return failed(o->wiring, -errno);
	for (size_t i = 0; i < n; i++) {
		char copy[PATH_MAX];
		int ret;

		if (!change_matters(&changes[i]))
			continue;
		ret = change_copy_path(&changes[i], o->wiring, now, copy);
		if (ret == 0)
			ret = change_carry_out(&changes[i], copy);
		if (ret != 0)
			return failed(changes[i].path, ret);
	}
	return EXIT_OK;
}

/* Wired by hand with our marks, or its record is lost: the lines between the marks are ours still.
 */
static void make_record(
	const struct wire_options *o, const struct service *service, struct record *record)
{
	const char *const names[] = { service->stack != NULL ? service->stack : service->name,
		service->also };

	record->n = 0;
	for (size_t i = 0; i < sizeof names / sizeof names[0] && names[i] != NULL; i++) {
		struct record_file *file = &record->files[record->n];
		struct change change;
		size_t from, to;

		if ((size_t)snprintf(file->path, sizeof file->path, "%s/pam.d/%s", o->etc,
			    names[i]) >= sizeof file->path)
			return;
		file->block = true;
		if (change_plan(&change, file->path) == 0 && change.was &&
			block_find(buf_slice(&change.before), &from, &to) != BLOCK_NONE)
			record->n++;
		change_done(&change);
	}
}

static int unwire(const struct wire_options *o, const struct service *service)
{
	struct change changes[RECORD_FILES_MAX];
	struct wiring_wait wait;
	struct record record;
	bool running;
	size_t n = 0;
	int code, ret = record_read(o->wiring, service->name, &record);

	if (ret == -ENOENT)
		make_record(o, service, &record);
	else if (ret != 0)
		return complain("unwire: %s/%s: %s", o->wiring, service->name,
			ret == -EBADMSG ? "is damaged" : strerror(-ret));
	if (record.n == 0) {
		printf("%s is not wired.\n", service->name);
		return EXIT_OK;
	}
	code = plan(o, &record, changes, &n);
	for (size_t i = 0; code == EXIT_OK && i < n; i++)
		if (change_matters(&changes[i]))
			change_show(&changes[i], stdout);
	if (code == EXIT_OK && !o->dry_run)
		code = carry_out(o, changes, n);
	for (size_t i = 0; i < n; i++)
		change_done(&changes[i]);
	if (code != EXIT_OK || o->dry_run)
		return code;
	record_remove(o->wiring, service->name);
	if (wiring_wait_read(o->wiring, &wait) == 0 && strcmp(wait.service, service->name) == 0)
		wiring_wait_remove(o->wiring);
	if (service_tells_sshd(service) && !wire_reload_sshd(o->pid_file, &running))
		fprintf(stderr,
			"warning: sshd could not be told to read its configuration; reload it "
			"by hand\n");
	openlog("adperm", LOG_PID, LOG_AUTHPRIV);
	syslog(LOG_NOTICE, "unwire: %s is no more wired", service->name);
	closelog();
	printf("%s is no more wired: it does not ask adperm.\n", service->name);
	return EXIT_OK;
}

static int run(int argc, char **argv)
{
	struct wire_options o = { .db = NULL };
	const struct service *service;
	int first, code;

	if (!arguments_parse(&cmd_unwire, &o, argc, argv, &first, &code))
		return code;
	if (o.all ? first < argc : argc - first != 1)
		return complain("unwire: takes one service, or --all");
	if (geteuid() != 0)
		return complain("unwire: only root can");
	if (!o.all) {
		service = service_find(argv[first]);
		return service != NULL ? unwire(&o, service)
				       : complain("unwire: %s is none of the services that can be "
						  "wired",
						 argv[first]);
	}
	code = EXIT_OK;
	for (service = services; service->name != NULL; service++) {
		int one = unwire(&o, service);

		code = one > code ? one : code;
	}
	return code;
}

const struct command cmd_unwire = {
	.name = "unwire",
	.synopsis = "[--force] SERVICE | --all",
	.summary = "Take out what `adperm wire` put in",
	.run = run,
	.operand = "SERVICE",
	.options = options,
};
