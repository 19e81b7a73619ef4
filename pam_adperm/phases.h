/* The three phases that decide; each says why, ADPERM_OK for yes. */
#ifndef ADPERM_PAM_PHASES_H
#define ADPERM_PAM_PHASES_H

#include "call.h"
#include "live_session.h"

/* Leaves a proof in the handle when it says yes. */
enum adperm_reason auth_phase(struct call *c);

/* Asks adpermd about a code; ADPERM_OK leaves the proof. Tells the person what they may know. */
enum adperm_reason auth_second_factor(struct call *c, const char *code);

/*
 * Sleeps until so long after c->answered: how long it takes to say no must not tell why. Never
 * longer than the whole, since a clock that jumps must not hold somebody else's process.
 */
void auth_refuse_evenly(const struct call *c, long nanoseconds);

/* Decides again, by the policy of this moment. */
enum adperm_reason account_phase(struct call *c);

/* Decides again, now that sshd names the key; puts ADPERM_PROFILE into the environment. */
enum adperm_reason session_phase(struct call *c);

/* What the record of a session that this call begins says, but for its process. */
void session_describe(const struct call *c, bool proved, struct live_session *session);

#endif
