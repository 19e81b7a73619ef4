/*
 * The session phase, the first in which sshd names the key of a login with a key only. It says
 * nothing to the person: a text here would break sftp.
 */
#include "base/sshkey.h"
#include "base/text.h"
#include "live_session.h"
#include "person.h"
#include "phases.h"
#include "proof.h"
#include "self.h"

#define PROFILE_ENV "ADPERM_PROFILE="

void session_describe(const struct call *c, bool proved, struct live_session *session)
{
	*session = (struct live_session){ .pid = 0 };
	text_set(session->service, sizeof session->service, c->service);
	text_set(session->user, sizeof session->user, c->user);
	text_set(session->profile, sizeof session->profile, c->profile);
	text_set(session->permission, sizeof session->permission, c->permission);
	text_set(session->account, sizeof session->account, c->account);
	text_set(session->rhost, sizeof session->rhost, c->rhost);
	text_set(session->proved, sizeof session->proved, proved ? "yes" : "no");
	if (c->keys > 0)
		sshkey_fingerprint(c->key_digest, session->key);
}

/*
 * Whether a second factor was shown in this very login. Where the policy has a grace, an earlier
 * code may have done, which sshd's word that somebody was asked does not tell.
 */
static bool has_proved(const struct call *c)
{
	return c->answer.verdict == ADPERM_ALLOW_2FA && c->answer.grace == 0;
}

/* For the administrator to see; where it cannot be left, the person is let in all the same. */
static void leave_record(const struct call *c)
{
	struct live_session session;

	session_describe(c, has_proved(c), &session);
	live_session_leave(c->options.sessions, &session);
}

enum adperm_reason session_phase(struct call *c)
{
	char room[sizeof PROFILE_ENV + ADPERM_EMAIL_SIZE];
	struct text env = text_over(room, sizeof room);
	enum adperm_reason reason;

	if (self_is_door(c))
		return self_session(c);
	reason = person_decide(c);
	if (reason != ADPERM_OK)
		return reason;
	/* sshd judged keyboard-interactive in a child whose handle is gone; its word must do. */
	reason = proof_check(c, c->answer.verdict == ADPERM_ALLOW_2FA && !c->kbdint);
	if (reason != ADPERM_OK)
		return reason;
	text_add(&env, PROFILE_ENV);
	text_add(&env, c->profile);
	if (pam_putenv(c->pamh, room) != PAM_SUCCESS)
		return ADPERM_NOMEM;
	leave_record(c);
	return ADPERM_OK;
}
