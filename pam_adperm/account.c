/*
 * The account phase: in a login with a key only, the first that sshd asks. It knows no more of the
 * second factor than what this transaction's auth phase has left.
 */
#include "person.h"
#include "phases.h"
#include "proof.h"
#include "self.h"

enum adperm_reason account_phase(struct call *c)
{
	enum adperm_reason reason;

	if (self_is_door(c))
		return self_account(c);
	reason = person_decide(c);
	if (reason != ADPERM_OK)
		return reason;
	return proof_check(c, c->answer.verdict == ADPERM_ALLOW_2FA);
}
