/*
 * Grace: a code that was accepted counts for a while, for the same person with the same key, from
 * the same address at the same service, as long as what they hold stays as it was. Only root's word
 * about addresses and keys is worth anything, so nobody else begins or uses one.
 */
#include "adpermd/asking.h"

#include "adpermd/source.h"
#include <errno.h>

/* Which one the request is about; false: it names no address, and there is none without. */
static bool which_grace(const struct asking *a, struct proto_grace *grace)
{
	const struct proto_request *r = a->request;

	*grace = (struct proto_grace){ .at = a->now, .until = a->now + r->grace };
	memcpy(grace->profile, r->profile, sizeof grace->profile);
	memcpy(grace->service, r->service, sizeof grace->service);
	memcpy(grace->key, r->key, sizeof grace->key);
	return a->peer == 0 && r->grace > 0 && source_exact(r->from, grace->from);
}

int asking_grace_begin(struct asking *a)
{
	struct proto_grace grace;

	return which_grace(a, &grace)
		       ? store_begin_grace(a->judge->store, &grace, a->request->terms)
		       : 0;
}

int asking_grace_end(struct asking *a)
{
	return store_end_graces(a->judge->store, a->request->profile);
}

/* What was accepted in a state that was put back since may have ended after the copy was made. */
static bool still_counts(const struct asking *a, const struct proto_grace *grace)
{
	return grace->at <= a->now && a->now < grace->until &&
	       a->now - grace->at < a->request->grace &&
	       store_taken_at(a->judge->store) < grace->at;
}

int answer_grace(struct asking *a)
{
	struct proto_grace grace;
	/* Only a clock that has never said more can be believed to say how long ago something was.
	 */
	bool believed = a->now == a->judge->latest;
	int ret = believed && which_grace(a, &grace)
			  ? store_grace(a->judge->store, &grace, a->request->terms)
			  : -ENOENT;

	if (ret != 0 && ret != -ENOENT)
		return ret;
	return settle(a, ret == 0 && still_counts(a, &grace) ? PROTO_YES : PROTO_NO_GRACE);
}

int answer_graces(struct asking *a)
{
	struct proto_reply *reply = a->reply;
	int64_t after = a->request->after;
	int ret = 0;

	while (reply->count < PROTO_GRACE_PAGE && ret == 0) {
		struct proto_grace *grace = &reply->grace[reply->count];

		ret = store_next_grace(a->judge->store, a->request->profile, after, grace);
		if (ret != 0)
			break;
		after = grace->number;
		reply->count += grace->until > a->now;
	}
	if (ret == -ENOENT && reply->count < PROTO_GRACE_PAGE)
		memset(&reply->grace[reply->count], 0, sizeof reply->grace[0]);
	settle(a, PROTO_YES);
	return ret == -ENOENT ? 0 : ret;
}

int answer_revoke(struct asking *a)
{
	settle(a, PROTO_YES);
	return asking_grace_end(a);
}
