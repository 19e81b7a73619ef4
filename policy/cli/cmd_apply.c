/* adperm apply: from policy files to the database that counts, with everything shown before. */
#include "cli/apply.h"

#include "adperm.h"
#include "adpermd/proto.h"
#include "cli/confirm.h"
#include "cli/diff.h"
#include "cli/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define CONFIRM_MAX 86400 /* seconds */

static const struct command_option options[] = {
	{ "server", 0, "HOST", offsetof(struct apply_options, server),
		"which server this is (its host name)" },
	{ "yes", 'y', NULL, offsetof(struct apply_options, yes), "do not ask" },
	{ "dry-run", 'n', NULL, offsetof(struct apply_options, dry_run), "install nothing" },
	{ "allow-lockout", 0, NULL, offsetof(struct apply_options, allow_lockout),
		"also if nobody, or not you, could log in" },
	{ "confirm", 0, "TIME", offsetof(struct apply_options, confirm),
		"go back after that time, like 10m, unless `adperm confirm`" },
	{ "undo", 0, NULL, offsetof(struct apply_options, undo), "go back to the previous one" },
	{ "tests", 0, "DIR", offsetof(struct apply_options, tests),
		"questions to ask before (" TESTS_DIRECTORY ")" },
	{ "as", 0, "LOGIN", offsetof(struct apply_options, as), "who applies (who called sudo)" },
	{ "json", 0, NULL, offsetof(struct apply_options, json), "the outcome as a JSON object" },
	{ "db", 0, "FILE", offsetof(struct apply_options, db),
		"the database to install (" ADPERM_DB ")" },
	{ "state", 0, "DIR", offsetof(struct apply_options, state),
		"of the files beside it (its directory)" },
	{ "trusted-keys", 0, "DIR", offsetof(struct apply_options, trusted_keys),
		"who may sign (" TRUSTED_KEYS ")" },
	{ "people", 0, "DIR", offsetof(struct apply_options, people),
		"what people changed (" ADPERM_PEOPLE ")" },
	{ "local-users", 0, "FILE", offsetof(struct apply_options, local_users),
		"whom the policy leaves alone (" LOCAL_USERS ")" },
	{ "socket", 0, "PATH", offsetof(struct apply_options, socket),
		"of adpermd (" PROTO_SOCKET ")" },
	{ .name = NULL },
};

static void settle(struct apply_options *o)
{
	struct {
		const char **option, *usual;
	} rows[] = {
		{ &o->db, ADPERM_DB },
		{ &o->trusted_keys, TRUSTED_KEYS },
		{ &o->people, ADPERM_PEOPLE },
		{ &o->local_users, LOCAL_USERS },
		{ &o->socket, PROTO_SOCKET },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (*rows[i].option == NULL)
			*rows[i].option = rows[i].usual;
}

/* What is installed, and what keeps this apply from beginning. */
static int look_around(struct apply *a)
{
	char wrong[512];
	enum db_result found;
	int ret = file_trusted_dir(a->site.state);

	if (ret != 0)
		return complain("apply: %s: %s", a->site.state,
			ret == -EPERM ? "it and all above it must be root's, and writable by "
					"nobody else"
				      : strerror(-ret));
	ret = trusted_keys_read(a->o->trusted_keys, TRUST_ROOT, &a->keys, wrong);
	if (ret != 0)
		return complain("apply: %s: %s", wrong,
			ret == -EBADMSG ? "no public key that `adperm keygen` made"
					: strerror(-ret));
	ret = installed_generation(a->site.state, &a->highest);
	if (ret != 0)
		return complain("apply: %s/policy.generation, the number of the newest policy ever "
				"installed here, cannot be read: %s",
			a->site.state, strerror(-ret));
	found = db_open(&a->installed, a->site.db, TRUST_CALLER);
	if (found != DB_FOUND)
		a->installed.fd = -1;
	if (found != DB_FOUND && found != DB_MISSING)
		fprintf(stderr, "warning: what is installed is damaged or of another version: "
				"compared with nothing\n");
	if (found == DB_FOUND && a->installed.meta.generation > a->highest)
		a->highest = a->installed.meta.generation;
	return a->highest < INT64_MAX ? EXIT_OK : complain("apply: no generation is left");
}

/* Something may wait to be confirmed: only going back is possible then. */
static int look_for_pending(struct apply *a)
{
	struct pending pending;

	if (pending_read(&a->site, &pending) == -ENOENT)
		return EXIT_OK;
	if (pending_is_watched(&a->site) && !a->o->undo && !a->o->dry_run) {
		complain("apply: the one before waits to be confirmed: `adperm confirm` from a new "
			 "login keeps it, `adperm apply --undo` takes it back");
		return EXIT_NO;
	}
	if (!a->o->dry_run)
		pending_remove(&a->site);
	return EXIT_OK;
}

static int stage(struct apply *a, const char *const *paths, size_t n)
{
	static const char *const usual[] = { POLICY_DIRECTORY };

	if (a->o->undo)
		return stage_previous(a);
	if (n == 1 && path_is_database(paths[0]))
		return stage_database(a, paths[0]);
	return n > 0 ? stage_policy(a, paths, n) : stage_policy(a, usual, 1);
}

static bool agreed(const struct apply *a)
{
	char line[16] = "";

	if (a->o->yes)
		return true;
	if (!isatty(STDIN_FILENO)) {
		complain("apply: not installed: there is no terminal to ask on; --yes is the "
			 "answer");
		return false;
	}
	printf("Install this as generation %" PRIu64 " of %s? [y/N] ", a->generation, a->server);
	fflush(stdout);
	if (fgets(line, sizeof line, stdin) != NULL &&
		(strcmp(line, "y\n") == 0 || strcmp(line, "yes\n") == 0))
		return true;
	puts("Not installed.");
	return false;
}

static void print_json(const struct apply *a, const struct guard *guard, bool installed)
{
	static const char *const words[] = {
		[ANSWER_ERROR] = "error",
		[ANSWER_DENY] = "deny",
		[ANSWER_ALLOW] = "allow",
		[ANSWER_ALLOW_2FA] = "allow_2fa",
	};
	struct json j = json_to(stdout);

	json_object(&j, NULL);
	json_string(&j, "server", a->server);
	json_number(&j, "generation", (int64_t)a->generation);
	json_bool(&j, "changed", !a->unchanged);
	json_bool(&j, "installed", installed);
	json_array(&j, "people");
	for (uint32_t i = 0; guard->entries != NULL && i < a->after.policy->profiles.n; i++) {
		const struct entry *e = &guard->entries[i];
		const struct profile *who = &a->after.policy->profiles.at[i];

		json_object(&j, NULL);
		json_string(&j, "profile", policy_text(a->after.policy, who->email));
		json_string(&j, "login",
			who->login != 0 ? policy_text(a->after.policy, who->login) : NULL);
		json_string(&j, "ssh_users", words[e->answer]);
		json_bool(&j, "could_log_in", e->obstacle == OBSTACLE_NONE);
		json_string(&j, "obstacle",
			e->obstacle != OBSTACLE_NONE ? obstacle_text(e->obstacle) : NULL);
		json_bool(&j, "to_enrol", e->flagged && !e->enrolled);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_object_end(&j);
}

static void note(const char *what, uint64_t generation, const char *server)
{
	openlog("adperm", LOG_PID, LOG_AUTHPRIV);
	syslog(LOG_NOTICE, "apply: generation %" PRIu64 " of %s %s", generation, server, what);
	closelog();
}

/*
 * In the process that watches: nobody has confirmed. What has been installed since by somebody else
 * is not touched.
 */
static void go_back(void *context)
{
	struct apply a = { .o = context, .installed = { .fd = -1 } };
	int ret = site_at(&a.site, a.o->db, a.o->state), turns = 30;
	struct pending pending;

	while (ret == 0 && (ret = site_lock(&a.site)) == -EWOULDBLOCK && turns-- > 0) {
		sleep(1);
		ret = 0;
	}
	if (ret != 0 || pending_read(&a.site, &pending) != 0)
		return;
	if (look_around(&a) == EXIT_OK && a.installed.fd >= 0 &&
		a.installed.meta.generation == pending.generation) {
		bool good = stage_previous(&a) == EXIT_OK &&
			    staged_commit(&a.staged, &a.site, a.generation) == 0;

		note(good ? "is the one before: nobody confirmed the last one"
			  : "could not be installed, which nobody confirming the last one asked "
			    "for",
			a.generation, a.server);
	}
	pending_remove(&a.site);
}

static int install(struct apply *a, uint32_t wait)
{
	struct pending pending = pending_from_now(a->generation, wait);
	int ret = wait > 0 ? pending_write(&a->site, &pending) : 0;

	if (ret == 0) {
		ret = staged_commit(&a->staged, &a->site, a->generation);
		a->is_staged = false;
	}
	if (ret != 0) {
		if (wait > 0)
			pending_remove(&a->site);
		return complain("apply: cannot install %s: %s; what was installed is untouched",
			a->site.db, strerror(-ret));
	}
	note("is installed", a->generation, a->server);
	if (!a->o->json)
		printf("Installed: generation %" PRIu64
		       " of %s. `adperm apply --undo` goes back.\n",
			a->generation, a->server);
	return EXIT_OK;
}

/* Who gains and who loses what. False: out of memory. */
static bool print_changes(const struct apply *a)
{
	const struct policy *after = a->after.policy;
	struct diff_counts counts;

	if (a->before.policy == NULL) {
		printf("The first policy here: %" PRIu32 " profiles, %" PRIu32 " grants.\n",
			after->profiles.n, after->grants.n);
		return true;
	}
	if (!diff_print(a->before.policy, after, a->now, false, &counts))
		return false;
	if (counts.changes == 0)
		puts("Nothing changes for anybody.");
	return true;
}

/* All that is shown and asked before; EXIT_OK: go on and install. */
static int judge(struct apply *a, struct guard *guard)
{
	if (!open_rows(a->staged.path, &a->after))
		return EXIT_ERROR;
	if (a->installed.fd >= 0 && !open_rows(a->site.db, &a->before))
		fprintf(stderr, "warning: compared with nothing\n");
	if (!guard_take(a, guard))
		return complain("out of memory");
	if (!a->o->json) {
		if (!print_changes(a))
			return complain("out of memory");
		guard_print(a, guard);
	}
	if (!guard_allows(a, guard))
		return EXIT_NO;
	return a->o->dry_run || agreed(a) ? EXIT_OK : EXIT_NO;
}

static int apply(struct apply *a, const char *const *paths, size_t n, uint32_t wait)
{
	struct guard guard = { .entries = NULL };
	bool installed = false;
	int code = look_around(a);

	if (code == EXIT_OK)
		code = look_for_pending(a);
	if (code == EXIT_OK && wait > 0 && (a->installed.fd < 0 || a->keys.n > 0))
		code = complain("apply: --confirm: there is nothing that it could go back to%s",
			a->keys.n > 0 ? ": signed databases come from who signs" : "");
	if (code == EXIT_OK)
		code = stage(a, paths, n);
	if (code == EXIT_OK && !a->unchanged)
		code = judge(a, &guard);
	if (code == EXIT_OK && !a->unchanged && !a->o->dry_run) {
		code = install(a, wait);
		installed = code == EXIT_OK;
	}
	if (a->o->json && (code == EXIT_OK || a->after.policy != NULL))
		print_json(a, &guard, installed);
	else if (code == EXIT_OK && a->unchanged)
		printf("Generation %" PRIu64 " of %s is this very policy: nothing to do.\n",
			a->generation, a->server);
	else if (code == EXIT_OK && a->o->dry_run)
		puts("Nothing was installed: --dry-run.");
	guard_done(&guard);
	return code;
}

static void done(struct apply *a)
{
	if (a->is_staged)
		staged_abandon(&a->staged);
	close_policy(&a->before);
	close_policy(&a->after);
	db_close(&a->installed);
	site_unlock(&a->site);
}

/* What was installed waits: somebody has to look after it when this process is gone. */
static int watch(struct apply *a, struct apply_options *o)
{
	int ret = pending_watch(&a->site, a->generation, go_back, o);

	if (ret != 0)
		return complain("apply: installed, but nothing watches it (%s): it is not taken "
				"back by itself",
			strerror(-ret));
	if (!o->json)
		printf("It is taken back after %s unless somebody logs in anew and calls `adperm "
		       "confirm`.\n",
			o->confirm);
	return EXIT_OK;
}

static int run(int argc, char **argv)
{
	struct apply_options o = { .db = NULL };
	struct apply a = { .o = &o, .installed = { .fd = -1 }, .now = time(NULL) };
	uint32_t wait = 0;
	int first, code, ret;

	if (!arguments_parse(&cmd_apply, &o, argc, argv, &first, &code))
		return code;
	settle(&o);
	if (o.undo && (first < argc || o.confirm != NULL))
		return complain("apply: --undo takes no policy and no --confirm");
	if (o.confirm != NULL && !duration_parse(slice_str(o.confirm), CONFIRM_MAX, &wait))
		return complain("apply: --confirm takes minutes or hours, like 10m or 1h, at most "
				"24h");
	if (geteuid() != 0)
		return complain("apply: only root installs policies; try `adperm lint` or `adperm "
				"diff`");
	ret = site_at(&a.site, o.db, o.state);
	if (ret == 0)
		ret = site_lock(&a.site);
	if (ret == -EWOULDBLOCK)
		return complain("apply: another apply is under way");
	if (ret != 0)
		return complain("apply: %s: %s", a.site.state, strerror(-ret));
	code = apply(&a, (const char *const *)argv + first, (size_t)(argc - first), wait);
	done(&a);
	if (code == EXIT_OK && wait > 0 && !a.unchanged && !o.dry_run)
		code = watch(&a, &o);
	return code;
}

const struct command cmd_apply = {
	.name = "apply",
	.synopsis = "[--server HOST] [--yes] [--confirm TIME] [POLICY...]\n"
		    "       adperm apply [--server HOST] [--yes] DATABASE\n"
		    "       adperm apply --undo [--yes]",
	.summary = "Install a policy on this server, after showing what changes",
	.run = run,
	.operand = "PATH",
	.options = options,
};
