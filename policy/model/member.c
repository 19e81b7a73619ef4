/* The door at which people help themselves; see member.h. */
#include "model/member.h"

struct verdict member_judge(const struct holding *h, const struct question *q)
{
	struct verdict v = { .answer = ANSWER_DENY, .grant = GRANT_NONE };

	v.cause = decide_shut_out(h, q);
	if (v.cause != CAUSE_NONE)
		return v;
	v.cause = CAUSE_NO_GRANT;
	for (uint32_t i = 0; i < h->grant_total; i++) {
		enum cause cause = decide_drops(h, &h->grants[i], q);

		if (cause == CAUSE_NONE)
			v.cause = CAUSE_NONE;
		else if (v.cause == CAUSE_NO_GRANT)
			v.cause = cause;
		if (cause == CAUSE_NONE && v.answer != ANSWER_ALLOW_2FA)
			v.answer = h->grants[i].require_2fa ? ANSWER_ALLOW_2FA : ANSWER_ALLOW;
	}
	return v;
}
