/*
 * adperm wire, in its parts: what the files of a service shall be (wire_plan.c), whom that would
 * keep out (wire_people.c, wire_self.c) or who asks (wire_asker.c), what the stacks would do
 * (wire_try.c), what sshd (wire_sshd.c) or sudo (wire_sudo.c) makes of it, and the command that
 * shows, asks and does (cmd_wire.c). cmd_unwire.c goes the way back.
 */
#ifndef ADPERM_CLI_WIRE_H
#define ADPERM_CLI_WIRE_H

#include "cli/cli.h"
#include "cli/waiting.h"
#include "wiring/change.h"
#include "wiring/record.h"
#include "wiring/services.h"

struct wire_options {
	const char *break_glass, *leave, *confirm, *db, *people, *socket, *share, *etc, *wiring,
		*sshd, *visudo, *pid_file, *rehearse;
	bool yes, dry_run, no_confirm, all, force;
};

/* A list of Unix users; the names are its own. */
struct users {
	char (*at)[64];
	size_t n;
};

/* Unless it is there. False: out of memory, or no name is so long; errno says which. */
bool users_add(struct users *users, const char *name);
bool users_have(const struct users *users, const char *name);
void users_done(struct users *users);

#define WIRE_CHANGES 24

enum wire_kind {
	WIRE_LEFT, /* local-users: whoever was left alone stays so after unwire */
	WIRE_DROP_IN,
	WIRE_STACK,
};

/* One wiring; zero it first. */
struct wire {
	const struct wire_options *o;
	const struct service *service;
	struct opened policy;  /* the rows of what is installed */
	struct users leave;    /* to be added to local-users */
	struct users local;    /* who stands there already */
	struct users machines; /* logins of machines */
	struct users lost;     /* Unix users with a shell whom nobody manages, nor leaves */
	struct change changes[WIRE_CHANGES]; /* in the order in which they are made */
	enum wire_kind kinds[WIRE_CHANGES];
	size_t n;
	uint32_t wait; /* seconds until it is taken back, 0: never */
	bool done;
};

/* EXIT_OK, or EXIT_NO or EXIT_ERROR with the complaint printed. */
int wire_look_at_people(struct wire *w);
/* Behind it: could who wires, under the name they came in with, come in again? */
int wire_look_at_self(const struct wire *w);
/* The same of a service that lets no Unix users in: may it ask at all? */
int wire_look_at_asker(const struct wire *w);
int wire_plan(struct wire *w);
void wire_done(struct wire *w);

/*
 * The stacks as planned, before they are in place: nobody whom adperm refuses can get in by them,
 * and the break-glass user passes. EXIT_OK, or with the complaint printed EXIT_NO or EXIT_ERROR.
 */
int wire_try(const struct wire *w);

/*
 * With the files in place and sshd not told yet: does it take them, and do they have effect?
 * EXIT_OK, or EXIT_NO with the complaints printed.
 */
int wire_check_sshd(const struct wire *w);
/* The same of sudo, which reads its files each time. */
int wire_check_sudo(const struct wire *w);
/* Tells a running sshd to read its configuration. False: there is one and it cannot be told. */
bool wire_reload_sshd(const char *pid_file, bool *running);

/* --- until it is confirmed */

#define WIRING_SERVICE    32
#define WIRING_WAIT_FILES (WIRE_CHANGES + 1)

/* What puts a service back as it was; in the file "confirm" of the directory of records. */
struct wiring_wait {
	char service[WIRING_SERVICE];
	struct term term;
	struct wiring_wait_file {
		char path[PATH_MAX];
		char copy[PATH_MAX]; /* of what was there; "": nothing was */
	} files[WIRING_WAIT_FILES];
	size_t n;
};

/* Nobody else wires, unwires or confirms while the descriptor is open. -EWOULDBLOCK: somebody does.
 */
int wiring_lock(const char *directory);

/* All return 0 or a negative errno; -ENOENT from reading: nothing waits. */
int wiring_wait_read(const char *directory, struct wiring_wait *wait);
int wiring_wait_write(const char *directory, const struct wiring_wait *wait);
int wiring_wait_remove(const char *directory);

/* Puts everything back, tells sshd, and waits no more. What cannot be put back is complained of. */
int wiring_take_back(const char *directory, const struct wiring_wait *wait, const char *pid_file);
/* The same, if something waits and its time is over: then `service` names it, else it is "". */
int wiring_expire(const char *directory, const char *pid_file, char service[static WIRING_SERVICE]);

#endif
