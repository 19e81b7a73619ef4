/*
 * adperm apply, in its parts: a database is staged beside the installed one (apply_stage.c), after
 * the tests of the policy (apply_tests.c); it is judged who could still log in (apply_guard.c); and
 * after a yes it takes its place (cmd_apply.c, which also holds the options).
 */
#ifndef ADPERM_CLI_APPLY_H
#define ADPERM_CLI_APPLY_H

#include "cli/cli.h"
#include "cli/entry.h"
#include "cli/installed.h"

#define POLICY_DIRECTORY "/etc/adperm/policy.d"
#define TESTS_DIRECTORY  "/etc/adperm/tests.d"
#define LOCAL_USERS      "/etc/adperm/local-users"

struct apply_options {
	const char *db, *server, *people, *local_users, *socket, *state, *trusted_keys, *as,
		*confirm, *tests;
	bool yes, allow_lockout, dry_run, undo, json;
};

/* One apply; zero it first. */
struct apply {
	const struct apply_options *o;
	struct site site;
	struct trusted_keys keys;
	uint64_t highest;    /* generation ever installed here */
	struct db installed; /* fd -1: there is none that can be read */
	struct staged staged;
	bool is_staged;
	uint64_t generation; /* of the staged one */
	char server[HOST_MAX + 1];
	bool unchanged;       /* the staged one is the installed one, byte by byte */
	struct opened before; /* their rows; before.policy NULL: nothing was installed */
	struct opened after;
	int64_t now;
};

/*
 * Each makes a->staged, and prints what is in the way: EXIT_OK, EXIT_NO if this server's rules
 * forbid it, EXIT_ERROR.
 */
int stage_policy(struct apply *a, const char *const *paths, size_t n);
int stage_database(struct apply *a, const char *path);
int stage_previous(struct apply *a);

/*
 * Asks a policy the questions of the tests directory, if there is one. EXIT_OK, EXIT_NO if an
 * answer is another than expected, EXIT_ERROR; all printed.
 */
int run_tests(const struct apply *a, const struct policy *p);

/* What the guards found. */
struct guard {
	struct entry *entries; /* of all profiles of `after` */
	uint32_t open;         /* how many could log in */
	bool silent;           /* adpermd did not answer */
	char login[64];        /* of who applies; "": nobody that matters */
	const char *person;    /* what stands in the way of who applies, NULL: nothing */
};

/* False: out of memory. guard_done() in any case. */
bool guard_take(struct apply *a, struct guard *guard);
void guard_print(const struct apply *a, const struct guard *guard);
/* May it be installed? If not the reason is printed. */
bool guard_allows(const struct apply *a, const struct guard *guard);
void guard_done(struct guard *guard);

#endif
