/* adperm apply: from policy files to the database that counts, with everything shown before. */
#include "cli/apply.h"

#include "adperm.h"
#include "adpermd/proto.h"
#include "cli/diff.h"
#include "cli/enrolled.h"
#include "cli/sshd_config.h"
#include "people/wish.h"
#include "wiring/block.h"
#include "wiring/services.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static const struct command_option options[] = {
	OPTION_VALUE(struct apply_options, server, "server", 0, "HOST",
		"which server this is (its host name)"),
	OPTION_FLAG(struct apply_options, yes, "yes", 'y', "do not ask"),
	OPTION_FLAG(struct apply_options, dry_run, "dry-run", 'n', "install nothing"),
	OPTION_FLAG(struct apply_options, allow_lockout, "allow-lockout", 0,
		"also if nobody, or not you, could log in"),
	OPTION_VALUE(struct apply_options, confirm, "confirm", 0, "TIME",
		"go back after that time, like 10m, unless `adperm confirm`"),
	OPTION_FLAG(struct apply_options, undo, "undo", 0, "go back to the previous one"),
	OPTION_FLAG(struct apply_options, kill_sessions, "kill-sessions", 0,
		"end the sessions of who is not let in any more"),
	OPTION_VALUE(struct apply_options, readopt, "readopt", 0, "EMAIL" OPTION_AGAIN,
		"who comes back is the same person: keep their keys"),
	OPTION_VALUE(struct apply_options, forget, "forget", 0, "EMAIL" OPTION_AGAIN,
		"who comes back is another person: do not ask"),
	OPTION_FLAG(struct apply_options, invite, "invite", 0,
		"mail who gets a first grant a code to register a key with"),
	OPTION_VALUE(struct apply_options, tests, "tests", 0, "DIR",
		"questions to ask before (" TESTS_DIRECTORY ")"),
	OPTION_VALUE(struct apply_options, as, "as", 0, "LOGIN", "who applies (who called sudo)"),
	OPTION_FLAG(struct apply_options, json, "json", 0, "the outcome as a JSON object"),
	OPTION_USUAL(
		struct apply_options, db, "db", 0, "FILE", "the database to install", ADPERM_DB),
	OPTION_VALUE(struct apply_options, state, "state", 0, "DIR",
		"of the files beside it (its directory)"),
	OPTION_TRUSTED_KEYS(struct apply_options),
	OPTION_PEOPLE_DIR(struct apply_options),
	OPTION_USUAL(struct apply_options, adperm_people, "adperm-people", 0, "FILE",
		"the program that writes there", PEOPLE_PROGRAM),
	OPTION_USUAL(struct apply_options, local_users, "local-users", 0, "FILE",
		"whom the policy leaves alone", LOCAL_USERS),
	OPTION_SOCKET(struct apply_options),
	OPTION_USUAL(struct apply_options, sessions, "sessions", 0, "DIR",
		"which sessions are open", LIVE_SESSIONS),
	OPTION_BREAK_GLASS(struct apply_options),
	OPTION_USUAL(struct apply_options, etc, "etc", 0, "DIR", "of pam.d", WIRING_ETC),
	OPTION_SSHD(struct apply_options),
	OPTION_REHEARSE(struct apply_options),
	OPTIONS_MAIL(struct apply_options),
	{ .name = NULL },
};

static int stage(struct apply *a, const char *const *paths, size_t n)
{
	static const char *const usual[] = { POLICY_DIRECTORY };

	if (a->o->undo)
		return stage_previous(a);
	if (n == 1 && path_is_database(paths[0]))
		return stage_database(a, paths[0]);
	return n > 0 ? stage_policy(a, paths, n) : stage_policy(a, usual, 1);
}

/* Asks unless --yes was given; `question` is what to. */
static bool agreed(const struct apply *a, const char *question)
{
	char line[16] = "";

	if (a->o->yes)
		return true;
	if (!isatty(STDIN_FILENO)) {
		complain("apply: not installed: there is no terminal to ask on; --yes is the "
			 "answer");
		return false;
	}
	/* Standard output may be for a program. */
	fprintf(stderr, "%s generation %" PRIu64 " of %s? [y/N] ", question, a->generation,
		a->server);
	if (fgets(line, sizeof line, stdin) != NULL &&
		(strcmp(line, "y\n") == 0 || strcmp(line, "yes\n") == 0))
		return true;
	fputs("Not installed.\n", stderr);
	return false;
}

/* What is to wait: made before anything is installed. */
static int make_pending(const struct apply *a, struct pending *pending)
{
	int ret;

	*pending = (struct pending){ .generation = a->generation,
		.term.seconds = a->wait,
		.is_first = a->installed.fd < 0 };
	ret = moment_now(&pending->term.since);
	if (ret == 0 && !pending->is_first)
		ret = file_digest(a->installed.fd, pending->before);
	return ret == 0 ? pending_write(&a->site, pending) : ret;
}

static int put_into_place(struct apply *a)
{
	struct pending pending;
	int ret = 0;

	if (a->waits != NULL)
		return apply_restore(a);
	if (a->wait > 0)
		ret = make_pending(a, &pending);
	if (ret == 0) {
		ret = staged_commit(&a->staged, &a->site, a->generation);
		a->is_staged = false;
	}
	return ret;
}

/* It can fail after the new one has its name: when the disk does not say that this is to last. */
static int failed(const struct apply *a, int error)
{
	struct db db;
	bool there = db_open(&db, a->site.db, TRUST_CALLER) == DB_FOUND &&
		     db.meta.generation == a->generation;

	db_close(&db);
	if (!there && a->wait > 0)
		pending_remove(&a->site);
	return complain(there ? "apply: %s is in its place, but may not outlast a power cut: %s; "
				"apply it again"
			      : "apply: cannot install %s: %s; what was installed is untouched",
		a->site.db, strerror(-error));
}

static int install(struct apply *a)
{
	int ret = put_into_place(a);
	bool can_undo = a->waits == NULL && (a->keys.n == 0 || a->wait > 0);

	if (ret != 0)
		return failed(a, ret);
	note("apply: generation %" PRIu64 " of %s is installed", a->generation, a->server);
	uninvite_lost(a);
	if (a->after.policy != NULL && !enrolled_end_graces(a->after.policy, a->o->socket))
		complain("apply: adpermd does not answer at %s: codes that suspended people gave "
			 "may still count when they are let in again; `adperm totp grace revoke` "
			 "ends that",
			a->o->socket);
	if (!a->o->json)
		printf("Installed: generation %" PRIu64 " of %s.%s\n", a->generation, a->server,
			can_undo ? " `adperm apply --undo` goes back." : "");
	return EXIT_OK;
}

/* Who gains and who loses what. False: out of memory. */
static bool tell_changes(struct apply *a)
{
	const struct policy *after = a->after.policy;
	struct diff_counts counts;

	if (a->before.policy == NULL) {
		if (!a->o->json)
			printf("The first policy here: %" PRIu32 " profiles, %" PRIu32 " grants.\n",
				after->profiles.n, after->grants.n);
		return true;
	}
	if (!diff_print(a->before.policy, after, a->now, a->o->people, apply_json(a), "changes",
		    &counts))
		return false;
	if (counts.changes == 0 && !a->o->json)
		puts("Nothing changes for anybody.");
	return true;
}

/* Nothing is installed, but sessions may go on that were opened by an older policy. */
static int judge_sessions(struct apply *a)
{
	if (!open_rows(a->staged.path, &a->after))
		return EXIT_ERROR;
	if (!sessions_find(a))
		return complain("out of memory");
	if (!a->o->json)
		sessions_print(a);
	return EXIT_OK;
}

/* All that is shown and asked before; EXIT_OK: go on and install. */
static int judge(struct apply *a, struct guard *guard)
{
	if (!open_rows(a->staged.path, &a->after))
		return EXIT_ERROR;
	if (a->installed.fd >= 0 && !open_rows(a->site.db, &a->before))
		fprintf(stderr, "warning: compared with nothing\n");
	if (!tell_changes(a) || !sessions_find(a) || !guard_take(a, guard))
		return complain("out of memory");
	if (returned_find(a) != EXIT_OK || invitees_find(a) != EXIT_OK)
		return EXIT_ERROR;
	if (a->o->json) {
		guard_json(a, guard);
	} else {
		guard_print(a, guard);
		fflush(stdout);
	}
	door_look(a, guard);
	if (!a->o->json)
		sessions_print(a);
	returned_tell(a);
	invitees_tell(a);
	fflush(stdout);
	if (!guard_allows(a, guard))
		return EXIT_NO;
	if (!a->o->dry_run)
		returned_ask(a);
	return a->o->dry_run || agreed(a, "Install this as") ? EXIT_OK : EXIT_NO;
}

/* What waits is the first one, and nothing was before: so that there is nothing to judge. */
static int undo_first(struct apply *a)
{
	int ret;

	a->generation = a->waits->generation;
	snprintf(a->server, sizeof a->server, "%s", a->installed.server);
	if (!a->o->json)
		puts("It is the first policy here. Without it there is none, as before.");
	if (a->o->dry_run)
		return EXIT_OK;
	if (!agreed(a, "Take away"))
		return EXIT_NO;
	ret = apply_restore(a);
	if (ret != 0)
		return complain("apply: %s: %s", a->site.db, strerror(-ret));
	note("apply: generation %" PRIu64 " of %s, the first one, is taken away", a->generation,
		a->server);
	return EXIT_OK;
}

struct watched {
	const struct apply_options *o;
	struct site site;
	uint64_t generation;
};

/* In the process that watches; until somebody has decided, or it is taken back. */
static bool is_decided(void *context)
{
	struct watched *w = context;
	struct pending pending;
	struct moment now;
	uint64_t taken_back;
	bool done = false;

	if (pending_read(&w->site, &pending) != 0 || pending.generation != w->generation)
		return true;
	if (moment_now(&now) != 0 || !term_is_over(&pending.term, &now) || site_lock(&w->site) != 0)
		return false;
	done = apply_expire(w->o, &w->site, &taken_back) == EXIT_OK;
	site_unlock(&w->site);
	return done;
}

/* What was installed waits: somebody has to look after it when this process is gone. */
static void watch(const struct apply *a, struct apply_options *o)
{
	struct watched watched = { .o = o, .site = a->site, .generation = a->generation };
	int ret = waiting_watch(is_decided, &watched);

	if (ret != 0)
		fprintf(stderr,
			"warning: no process watches it (%s): only adperm-confirm.timer or "
			"`adperm confirm --expired` takes it back\n",
			strerror(-ret));
	if (!o->json)
		printf("It is taken back after %s unless somebody logs in anew and calls `adperm "
		       "confirm`.\n",
			o->confirm);
}

static int prepare(struct apply *a)
{
	int code = apply_look_around(a);

	if (code == EXIT_OK)
		code = apply_find_waiting(a);
	if (code == EXIT_OK && a->wait > 0 && a->found != DB_FOUND && a->found != DB_MISSING)
		code = complain("apply: --confirm: what is installed is damaged, so that there is "
				"nothing to go back to");
	return code;
}

static int go_through(struct apply *a, const char *const *paths, size_t n, bool *installed)
{
	struct guard guard = { .entries = NULL };
	int code = prepare(a);

	if (code != EXIT_OK)
		return code;
	if (a->o->undo && a->waits != NULL && a->waits->is_first)
		return undo_first(a);
	code = stage(a, paths, n);
	if (code == EXIT_OK && a->unchanged && a->o->kill_sessions)
		return judge_sessions(a);
	if (code != EXIT_OK || a->unchanged)
		return code;
	code = judge(a, &guard);
	guard_done(&guard);
	if (code == EXIT_OK && !a->o->dry_run && !returned_forget(a))
		code = complain("apply: nothing is installed");
	if (code == EXIT_OK && !a->o->dry_run) {
		code = install(a);
		*installed = code == EXIT_OK;
	}
	if (*installed && !invitees_send(a))
		fprintf(stderr, "warning: it is installed, but not everybody has been invited\n");
	return code;
}

/* The last members of the object, or the last line. */
static void tell_end(struct apply *a, int code, bool installed)
{
	if (a->o->json) {
		sessions_json(a);
		json_string(&a->json, "server", a->server[0] != '\0' ? a->server : NULL);
		json_count(&a->json, "generation", a->generation);
		json_bool(&a->json, "changed", a->server[0] != '\0' && !a->unchanged);
		json_bool(&a->json, "installed", installed);
		json_number(&a->json, "confirm_seconds", installed ? a->wait : 0);
		json_object_end(&a->json);
	} else if (code == EXIT_OK && a->unchanged) {
		printf("Generation %" PRIu64 " of %s is this very policy: nothing to do.\n",
			a->generation, a->server);
	} else if (code == EXIT_OK && a->o->dry_run) {
		puts("Nothing was installed: --dry-run.");
	}
}

static int apply(struct apply *a, struct apply_options *o, const char *const *paths, size_t n)
{
	bool installed = false;
	int code;

	if (o->json)
		json_object(&a->json, NULL);
	code = go_through(a, paths, n, &installed);
	/* The watcher would inherit the lock. */
	site_unlock(&a->site);
	if (installed && a->wait > 0)
		watch(a, o);
	if (o->kill_sessions && !o->dry_run && (installed || (code == EXIT_OK && a->unchanged)))
		sessions_end(a);
	tell_end(a, code, installed);
	sessions_done(a);
	returned_done(a);
	invitees_done(a);
	apply_done(a);
	return code;
}

/* Takes the lock, and takes back what was not confirmed in time. */
static int enter(struct apply *a)
{
	uint64_t taken_back = 0;
	int code, ret = site_at(&a->site, a->o->db, a->o->state);

	if (ret == 0)
		ret = site_lock(&a->site);
	if (ret == -EWOULDBLOCK)
		return complain("apply: another apply is under way");
	if (ret == -ENOENT)
		return complain("apply: there is no directory %s: `install -d -m 0755 %s` makes "
				"it, as installing adperm does",
			a->site.state, a->site.state);
	if (ret != 0)
		return complain("apply: %s: %s", a->site.state, strerror(-ret));
	code = a->o->dry_run ? EXIT_OK : apply_expire(a->o, &a->site, &taken_back);
	if (taken_back != 0)
		fprintf(stderr,
			"warning: generation %" PRIu64 " was not confirmed in time, and has been "
			"taken back\n",
			taken_back);
	if (code != EXIT_OK)
		site_unlock(&a->site);
	return code;
}

static int run(int argc, char **argv)
{
	struct apply_options o = { .db = NULL };
	struct apply a = {
		.o = &o, .installed = { .fd = -1 }, .now = time(NULL), .json = json_to(stdout)
	};
	int first, code;

	if (!arguments_parse(&cmd_apply, &o, argc, argv, &first, &code))
		return code;
	if (o.undo && (first < argc || o.confirm != NULL))
		return complain("apply: --undo takes no policy and no --confirm");
	if (o.invite && (o.undo || o.confirm != NULL))
		return complain("apply: --invite is for a policy that is here to stay: invite when "
				"it is confirmed, with `adperm invite`");
	if (o.confirm != NULL && !duration_parse(slice_str(o.confirm), WAITING_MAX, &a.wait))
		return complain("apply: --confirm takes minutes or hours, like 10m or 1h, at most "
				"24h");
	if (o.db[0] != '/')
		return complain("apply: --db: %s: its path from the root is needed", o.db);
	if (geteuid() != 0)
		return complain("apply: only root installs policies; try `adperm lint` or `adperm "
				"diff`");
	code = enter(&a);
	if (code == EXIT_OK)
		code = apply(&a, &o, (const char *const *)argv + first, (size_t)(argc - first));
	return code;
}

const struct command cmd_apply = {
	.name = "apply",
	.synopsis = "[--server HOST] [--yes] [--confirm TIME] [--kill-sessions] [POLICY...]\n"
		    "       adperm apply [--server HOST] [--yes] DATABASE\n"
		    "       adperm apply --undo [--yes]",
	.summary = "Install a policy on this server, after showing what changes",
	.run = run,
	.operand = "PATH",
	.options = options,
};
