/*
 * adperm doctor: what is installed and wired, looked at piece by piece. Each check says what it
 * found, and what to do if that is not well; nothing is changed.
 */
#ifndef ADPERM_CLI_DOCTOR_H
#define ADPERM_CLI_DOCTOR_H

#include "cli/cli.h"
#include "cli/json.h"
#include "cli/signature.h"
#include "db/reader.h"
#include "wiring/services.h"
#include "wiring/weigh.h"

enum health {
	HEALTH_OK,
	HEALTH_SKIPPED, /* could not be looked at here */
	HEALTH_WARN,    /* works, and will not, or is not as it should be */
	HEALTH_FAIL,    /* somebody is kept out or let in who should not be */
};

struct doctor_options {
	const char *db, *etc, *people, *socket, *state, *state_key, *sshd, *wiring, *trusted_keys,
		*share, *module, *visudo, *break_glass, *login, *profile, *service, *from,
		*rehearse, *adperm_keys;
	bool json, wired;
};

struct doctor {
	const struct doctor_options *o;
	struct json json;
	enum health worst;
	const char *area; /* of the check that is on */
	int64_t now;
	struct db db;       /* fd -1: none that can be read */
	struct opened rows; /* its rows; policy NULL: none */
	bool sshd_wired;
	bool wired;     /* some stack asks adperm */
	unsigned menus; /* stacks of the menus that nobody gets past */
};

/*
 * A finding. `advice` says what to do, NULL if all is well. What in the text would speak to a
 * terminal is escaped.
 */
void doctor_say(struct doctor *d, enum health health, const char *advice, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The checks, in the order of the screen. */
void doctor_database(struct doctor *d);
void doctor_people(struct doctor *d);
void doctor_invited(struct doctor *d);
void doctor_stacks(struct doctor *d);
void doctor_wired(struct doctor *d); /* of the stacks, only what was lost */
void doctor_sshd(struct doctor *d);
void doctor_daemon(struct doctor *d);
void doctor_clock(struct doctor *d);

/* What wired services need besides their stacks, as doctor_stacks() finds it. */
void doctor_module(struct doctor *d);
void doctor_passwords(struct doctor *d, const struct stacks *stacks);
void doctor_sudoers(struct doctor *d, const char *file);

/* One login, step by step: EXIT_OK if it would succeed, EXIT_NO, EXIT_ERROR. */
int doctor_login(const struct doctor_options *o);

#endif
