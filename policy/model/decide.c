/* The decision; see decide.h. The steps are those of the permission model, in its order. */
#include "model/decide.h"

/* Is the address in one of these networks, or are there none to be in? */
/*@
  @ requires sound(h) && \valid_read(from);
  @ assigns \nothing;
  @ ensures \result <==> from_allowed(h, first, count, from);
  @*/
static bool from_allowed(
	const struct holding *h, uint32_t first, uint32_t count, const struct address *from)
{
	if (count == 0)
		return true;
	if (first > h->net_total || count > h->net_total - first)
		return false;
	/*@ loop invariant 0 <= i <= count;
	  @ loop invariant
	  @   \forall integer j; first <= j < first + i ==> !in_net(&h->nets[j], from);
	  @ loop assigns i;
	  @ loop variant count - i;
	  @*/
	for (uint32_t i = 0; i < count; i++)
		if (net_contains(&h->nets[first + i], from))
			return true;
	return false;
}

enum cause decide_shut_out(const struct holding *h, const struct question *q)
{
	if (h->suspended)
		return CAUSE_SUSPENDED;
	if (!from_allowed(h, h->net_first, h->net_count, &q->from))
		return CAUSE_ADDRESS;
	return CAUSE_NONE;
}

bool decide_gives(const struct grant *g, const struct question *q, uint64_t givers)
{
	return (g->perms & givers) != 0 && (g->account == ACCOUNT_NONE || g->account == q->account);
}

enum cause decide_drops(const struct holding *h, const struct grant *g, const struct question *q)
{
	if (q->renounced && !g->ownership)
		return CAUSE_RENOUNCED;
	if (q->now >= g->until)
		return CAUSE_EXPIRED;
	if (!from_allowed(h, g->net_first, g->net_count, &q->from))
		return CAUSE_ADDRESS;
	return CAUSE_NONE;
}

/* Notes a grant that was dropped; the first one stands for all. */
/*@
  @ requires \valid(v) && cause != CAUSE_NONE;
  @ requires v->cause == CAUSE_NO_GRANT ==> v->answer == ANSWER_DENY;
  @ assigns v->dropped_renounced, v->dropped_expired, v->dropped_address, v->cause, v->grant;
  @ ensures v->cause == (\old(v->cause) == CAUSE_NO_GRANT ? cause : \old(v->cause));
  @ ensures v->answer != ANSWER_DENY ==> v->grant == \old(v->grant);
  @*/
static void note_dropped(struct verdict *v, uint32_t i, enum cause cause)
{
	v->dropped_renounced |= cause == CAUSE_RENOUNCED;
	v->dropped_expired |= cause == CAUSE_EXPIRED;
	v->dropped_address |= cause == CAUSE_ADDRESS;
	if (v->cause == CAUSE_NO_GRANT) {
		v->cause = cause;
		v->grant = i;
	}
}

/* Counts a grant that is left: the strictest wins, and of the flagged ones the shortest grace. */
/*@
  @ requires \valid(v) && \valid_read(g) && \separated(v, g);
  @ requires v->answer == ANSWER_DENY || allows(v->answer);
  @ assigns v->answer, v->cause, v->grant, v->grace;
  @ ensures v->cause == CAUSE_NONE;
  @ ensures v->answer == (g->require_2fa != 0 || \old(v->answer) == ANSWER_ALLOW_2FA ?
  @   ANSWER_ALLOW_2FA : ANSWER_ALLOW);
  @ ensures v->grant == (v->answer != \old(v->answer) ? i : \old(v->grant));
  @ ensures g->require_2fa != 0 ==> v->grace <= g->grace;
  @ ensures \old(v->answer) == ANSWER_ALLOW_2FA ==> v->grace <= \old(v->grace);
  @*/
static void note_left(struct verdict *v, uint32_t i, const struct grant *g)
{
	if (g->require_2fa && v->answer != ANSWER_ALLOW_2FA) {
		v->answer = ANSWER_ALLOW_2FA;
		v->grant = i;
		v->grace = g->grace;
	} else if (g->require_2fa) {
		v->grace = g->grace < v->grace ? g->grace : v->grace;
	} else if (v->answer == ANSWER_DENY) {
		v->answer = ANSWER_ALLOW;
		v->grant = i;
	}
	v->cause = CAUSE_NONE;
}

/* A permission of the catalogue, asked about what its scope says. */
/*@
  @ requires \valid_read(q);
  @ assigns \nothing;
  @ ensures \result <==> well_asked(q);
  @*/
static bool well_asked(const struct question *q)
{
	const struct perm_info *info = perm_info((unsigned)q->perm);

	return info != NULL && (info->scope == SCOPE_ACCOUNT) == (q->account != ACCOUNT_NONE);
}

struct verdict decide(const struct holding *h, const struct question *q)
{
	struct verdict v = { .answer = ANSWER_DENY, .grant = GRANT_NONE };
	uint64_t givers;

	if (!well_asked(q))
		return (struct verdict){ .answer = ANSWER_ERROR, .grant = GRANT_NONE };
	v.cause = decide_shut_out(h, q);
	if (v.cause != CAUSE_NONE) {
		v.dropped_address = v.cause == CAUSE_ADDRESS;
		return v;
	}
	v.cause = CAUSE_NO_GRANT;
	givers = perm_givers(q->perm);
	/*@ loop invariant 0 <= i <= h->grant_total;
	  @ loop invariant v.answer == ANSWER_DENY || allows(v.answer);
	  @ loop invariant v.answer == ANSWER_DENY <==> !some_live(h, q, i);
	  @ loop invariant v.answer == ANSWER_ALLOW_2FA <==> some_flagged(h, q, i);
	  @ loop invariant allows(v.answer) ==> v.grant < i && live(h, &h->grants[v.grant], q);
	  @ loop invariant
	  @   v.answer == ANSWER_ALLOW_2FA ==> h->grants[v.grant].require_2fa != 0;
	  @ loop invariant v.answer == ANSWER_ALLOW_2FA ==> shortest_grace(h, q, i, v.grace);
	  @ loop invariant v.cause == CAUSE_NONE <==> v.answer != ANSWER_DENY;
	  @ loop assigns i, v;
	  @ loop variant h->grant_total - i;
	  @*/
	for (uint32_t i = 0; i < h->grant_total; i++) {
		const struct grant *g = &h->grants[i];
		enum cause cause;

		if (!decide_gives(g, q, givers))
			continue;
		cause = decide_drops(h, g, q);
		if (cause != CAUSE_NONE)
			note_dropped(&v, i, cause);
		else
			note_left(&v, i, g);
	}
	return v;
}
