/*
 * The session phase, the first in which sshd names the key of a login with a key only. It says
 * nothing to the person: a text here would break sftp.
 */
#include "base/text.h"
#include "person.h"
#include "phases.h"
#include "proof.h"

#define PROFILE_ENV "ADPERM_PROFILE="

enum adperm_reason session_phase(struct call *c)
{
	char room[sizeof PROFILE_ENV + ADPERM_EMAIL_SIZE];
	struct text env = text_over(room, sizeof room);
	enum adperm_reason reason = person_decide(c);

	if (reason != ADPERM_OK)
		return reason;
	/* sshd judged keyboard-interactive in a child whose handle is gone; its word must do. */
	reason = proof_check(c, c->answer.verdict == ADPERM_ALLOW_2FA && !c->kbdint);
	if (reason != ADPERM_OK)
		return reason;
	text_add(&env, PROFILE_ENV);
	text_add(&env, c->profile);
	return pam_putenv(c->pamh, room) == PAM_SUCCESS ? ADPERM_OK : ADPERM_NOMEM;
}
