/* The three phases that decide; each says why, ADPERM_OK for yes. */
#ifndef ADPERM_PAM_PHASES_H
#define ADPERM_PAM_PHASES_H

#include "call.h"

/* Leaves a proof in the handle when it says yes. */
enum adperm_reason auth_phase(struct call *c);

/* Decides again, by the policy of this moment. */
enum adperm_reason account_phase(struct call *c);

/* Decides again, now that sshd names the key; puts ADPERM_PROFILE into the environment. */
enum adperm_reason session_phase(struct call *c);

#endif
