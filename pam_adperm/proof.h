/*
 * What a successful auth phase leaves in the PAM handle for the account and session phases of the
 * same transaction. It is bound to what it was given for, dropped by whatever does not fit, and
 * wins nothing but time: the policy is asked again in every phase.
 */
#ifndef ADPERM_PAM_PROOF_H
#define ADPERM_PAM_PROOF_H

#include "call.h"

#define PROOF_SECONDS 120 /* that a second factor counts for the later phases */

struct proof {
	int64_t at;                 /* CLOCK_BOOTTIME, seconds */
	bool second_factor;         /* a code was accepted; else the policy asked for none */
	bool has_key;               /* sshd had verified a key */
	uint8_t bound[SHA256_SIZE]; /* user, service, profile and remote host */
	uint8_t key[SHA256_SIZE];
};

enum proof_state {
	PROOF_GOOD = 0,
	PROOF_OTHER, /* another user, service, profile, host or key */
	PROOF_OLD,
};

/* CLOCK_BOOTTIME in seconds: not settable, and it goes on while the machine sleeps. */
bool proof_clock(int64_t *now);

/* The proof that this call would leave at that time. */
void proof_make(struct proof *proof, const struct call *c, bool second_factor, int64_t now);

/*
 * Is what auth left (`left`) what this later call needs (`here`, made now)? A key that only the
 * later call saw is allowed: sshd tells it late, and person_decide() has compared its profile.
 */
enum proof_state proof_compare(const struct proof *left, const struct proof *here);

/* Leaves one in the handle: ADPERM_OK, _NOMEM or _CLOCK. */
enum adperm_reason proof_leave(struct call *c, bool second_factor);

/* Forgets whatever is there. */
void proof_drop(pam_handle_t *pamh);

/*
 * May this phase go on? `second_factor` says whether the policy wants one and nothing else has
 * shown it. ADPERM_OK, _NO_2FA_PROOF (also if there is a proof that does not fit) or _CLOCK.
 */
enum adperm_reason proof_check(struct call *c, bool second_factor);

#endif
