/*
 * adperm apply, in its parts: what is there already is found (apply_back.c, which also goes back by
 * itself); a database is staged beside the installed one (apply_stage.c), after the tests of the
 * policy (apply_tests.c); it is judged who could still log in (apply_guard.c), by which stack
 * (apply_stack.c), and whose sessions go on without a right (apply_sessions.c), who comes back
 * (apply_returned.c) and is invited (apply_invite.c); and after a yes it takes its place
 * (cmd_apply.c, which also holds the options and tells what comes of it).
 */
#ifndef ADPERM_CLI_APPLY_H
#define ADPERM_CLI_APPLY_H

#include "cli/cli.h"
#include "cli/confirm.h"
#include "cli/entry.h"
#include "cli/installed.h"
#include "cli/json.h"
#include "cli/origin.h"
#include "cli/people_ask.h"
#include "cli/settings.h"
#include "live_session.h"
#include "local_users.h"

#define TESTS_DIRECTORY "/etc/adperm/tests.d"

struct apply_options {
	const char *db, *server, *people, *local_users, *socket, *state, *trusted_keys, *as,
		*confirm, *tests, *sessions, *adperm_people, *etc, *sshd, *rehearse, *break_glass;
	const char *readopt[OPTION_TIMES], *forget[OPTION_TIMES];
	struct mail_paths paths;
	bool invite;
	bool yes, allow_lockout, dry_run, undo, kill_sessions, json;
};

/* A session that is open, and whose person would not be let in any more. */
struct lost_session {
	struct live_session session;
	const char *why; /* "may not any more": behind the name of the person */
	bool is_own;     /* of who applies */
	bool ended;      /* by this apply */
};

/* Somebody who comes back, and what they had when they went. */
struct returned {
	uint32_t profile; /* of `after` */
	uint32_t keys;    /* registered */
	bool enrolled;
	enum returned_fate { RETURNED_UNSAID = 0, RETURNED_READOPTED, RETURNED_FORGOTTEN } fate;
};

/* Somebody who is to be invited: a profile of `after`. */
struct invitee {
	uint32_t profile;
	bool needs_pin;
};

/* One apply; zero it first. */
struct apply {
	const struct apply_options *o;
	struct site site;
	struct trusted_keys keys;
	uint64_t highest;               /* generation ever installed here */
	struct db installed;            /* fd -1: there is none that can be read, */
	enum db_result found;           /* and why */
	struct pending pending, *waits; /* what waits to be confirmed; NULL: nothing */
	struct staged staged;
	bool is_staged;
	uint64_t generation; /* of the staged one */
	char server[HOST_MAX + 1];
	bool unchanged;       /* the staged one is the installed one, byte by byte */
	struct opened before; /* their rows; before.policy NULL: nothing was installed */
	struct opened after;
	int64_t now;
	uint32_t wait;       /* seconds to be confirmed in, 0: for good */
	bool sessions_known; /* which are open */
	ROWS(struct lost_session) lost;
	ROWS(struct returned) returned;
	ROWS(struct invitee) invitees;
	struct json json; /* with --json: the object that is open on stdout */
};

/* Where to tell what, for programs: NULL without --json. */
static inline struct json *apply_json(struct apply *a)
{
	return a->o->json ? &a->json : NULL;
}

/*
 * Finds what is installed, whose signatures count, and what is on record: EXIT_OK, or EXIT_ERROR
 * with the complaint printed.
 */
int apply_look_around(struct apply *a);
/* Finds what waits to be confirmed; EXIT_NO, printed, if it is in the way. */
int apply_find_waiting(struct apply *a);
/* Puts the staged previous one, or nothing, into the place of the one that waits. A negative errno.
 */
int apply_restore(struct apply *a);
void apply_done(struct apply *a);

/*
 * Takes back what waits, if its time is over; *taken_back is its generation, or 0. Nobody is asked.
 * Needs the lock. EXIT_OK, or EXIT_ERROR with the complaint printed.
 */
int apply_expire(const struct apply_options *o, const struct site *site, uint64_t *taken_back);

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
int run_tests(struct apply *a, const struct policy *p);

/* What the guards found. */
struct guard {
	struct entry *entries; /* of all profiles of `after` */
	uint32_t open;         /* how many could log in */
	bool silent;           /* adpermd did not answer */
	/* The logins of who applies: as they say, and as the kernel remembers; "": none known. */
	struct applicant {
		char login[ORIGIN_SIZE];
		const char *obstacle; /* what stands in their way, NULL: nothing */
	} applicants[ORIGINS];
	/* The stack of sshd, and how those fared there who could log in without a code. */
	struct door {
		bool asks;          /* adperm */
		bool lax;           /* there is a way around adperm */
		uint32_t tried;     /* so many people, until one got in */
		const char *passed; /* who; NULL: nobody */
		char said[256];     /* to the first of them, "NAME: account 6 Permission denied" */
		char why_not[PATH_MAX + 128]; /* was nobody tried; "": somebody was */
	} door;
};

/* False: out of memory. guard_done() in any case. */
bool guard_take(struct apply *a, struct guard *guard);
void guard_print(const struct apply *a, const struct guard *guard);
void guard_json(struct apply *a, const struct guard *guard);
/*
 * Looks at the door and tries it with what is staged, between guard_take() and guard_allows(); what
 * was found is printed.
 */
void door_look(struct apply *a, struct guard *guard);
/* May it be installed? If not the reason is printed. */
bool guard_allows(const struct apply *a, const struct guard *guard);
void guard_done(struct guard *guard);

/*
 * Finds who comes back after a policy that did not name them, and had registered keys or a second
 * factor. EXIT_OK, or EXIT_ERROR with the complaint printed. returned_done() in any case.
 */
int returned_find(struct apply *a);
void returned_tell(struct apply *a);
/* Asks on a terminal who is the same person, where that was not said. */
void returned_ask(struct apply *a);
/* Forgets both, but of who is readopted. False: the complaint is printed. */
bool returned_forget(const struct apply *a);
void returned_done(struct apply *a);

/* Where adperm-people is, and adpermd for it. */
struct people_options apply_people(const struct apply *a);

/*
 * With --invite: finds who gets a first grant and has no key. EXIT_OK, or EXIT_ERROR with the
 * complaint printed. invitees_done() in any case.
 */
int invitees_find(struct apply *a);
void invitees_tell(struct apply *a);
/* Invites them, when the policy counts. False: somebody has got no mail, which was complained of.
 */
bool invitees_send(struct apply *a);
void invitees_done(struct apply *a);

/* Revokes the invitations of who has lost everything by this policy. */
void uninvite_lost(const struct apply *a);

/* Finds the sessions of people who lose access. False: out of memory. sessions_done() in any case.
 */
bool sessions_find(struct apply *a);
void sessions_print(const struct apply *a);
void sessions_json(struct apply *a);
/* Ends them, and says so. */
void sessions_end(struct apply *a);
void sessions_done(struct apply *a);

#endif
