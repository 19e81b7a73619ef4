/*
 * One call of PAM into the module: who asks, what was found out so far, and how it ends. Each entry
 * point is begin -> one phase -> end; the end writes the log line and turns the reason into PAM's
 * code.
 */
#ifndef ADPERM_PAM_CALL_H
#define ADPERM_PAM_CALL_H

#include "base/hash.h"
#include "options.h"

#include <security/pam_modules.h>
#include <time.h>

enum phase { PHASE_AUTH = 0, PHASE_ACCOUNT, PHASE_SESSION, PHASES };

/* Ends that no reason alone says. */
enum waiver {
	WAIVER_NONE = 0,
	WAIVER_IGNORE, /* UNMANAGED, and left to the other modules of the stack */
	WAIVER_LATE,   /* LATE, and let through for the session phase to decide */
	WAIVER_SPLIT,  /* a `split` line has done its work and decides nothing */
};

/* Longer items are cut; no name of a policy, no address and no service file is that long. */
#define CALL_ITEM_SIZE 256
#define CALL_RID_SIZE  4

struct call {
	pam_handle_t *pamh;
	enum phase phase;
	bool silent; /* PAM_SILENT: not a word to the person */
	struct options options;
	struct adperm *policy; /* NULL until person_decide() */

	/* PAM items as they were when the call began; "" if unset. Copies, because a conversation
	 * may change them under our feet. */
	bool has_user, has_rhost;
	char user[CALL_ITEM_SIZE], service[CALL_ITEM_SIZE], rhost[CALL_ITEM_SIZE];

	/* The Unix user who is the person: PAM_USER, or with person=caller who runs the program,
	 * "" if that is not certain. */
	char name[CALL_ITEM_SIZE];

	/* What person_decide() found; "" until then. */
	char profile[ADPERM_EMAIL_SIZE];
	char account[ADPERM_NAME_SIZE];
	const char *permission;          /* the one in question, in full */
	bool account_2fa;                /* somebody on the account needs a second factor */
	unsigned keys;                   /* that sshd has verified */
	uint8_t key_digest[SHA256_SIZE]; /* of the first of them */
	bool kbdint;                     /* keyboard-interactive by PAM has been completed */
	struct adperm_answer answer;

	bool grace_known;         /* adpermd knows of grace, and takes our word about places */
	struct timespec answered; /* auth: when the person had answered, CLOCK_MONOTONIC */
	enum waiver waiver;
	const char *hint; /* for the log: what else the administrator should know, or NULL */
	uint8_t rid[CALL_RID_SIZE]; /* of the question to adpermd, else zero */
};

/* Reads options and items. ADPERM_OK or ADPERM_BAD_OPTION; call_end() is due either way. */
enum adperm_reason call_begin(struct call *c, enum phase phase, pam_handle_t *pamh, int flags,
	int argc, const char **argv);

/* Logs what was decided, closes, and says what PAM is told. */
int call_end(struct call *c, enum adperm_reason reason);

#endif
