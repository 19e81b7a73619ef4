/*
 * What denies whatever else is granted: suspension, an address that the profile does not allow, and
 * renunciation, but for the owner. From nothing but the contract of decide(). Proved by `make
 * prove`, never run.
 */
#include "model/decide.h"

/*@
  @ requires sound(h) && \valid_read(q) && well_asked(q) && h->suspended != 0;
  @ assigns \nothing;
  @ ensures \result.answer == ANSWER_DENY;
  @*/
struct verdict suspended(const struct holding *h, const struct question *q)
{
	return decide(h, q);
}

/*@
  @ requires sound(h) && \valid_read(q) && well_asked(q) && h->net_count > 0;
  @ requires \forall integer i; h->net_first <= i < h->net_first + h->net_count ==>
  @   !in_net(&h->nets[i], &q->from);
  @ assigns \nothing;
  @ ensures \result.answer == ANSWER_DENY;
  @*/
struct verdict excluded_address(const struct holding *h, const struct question *q)
{
	return decide(h, q);
}

/*@
  @ requires sound(h) && \valid_read(q) && well_asked(q) && q->renounced != 0;
  @ requires \forall integer i; 0 <= i < h->grant_total ==> h->grants[i].ownership == 0;
  @ assigns \nothing;
  @ ensures \result.answer == ANSWER_DENY;
  @*/
struct verdict renounced(const struct holding *h, const struct question *q)
{
	return decide(h, q);
}

/*@
  @ requires sound(h) && \valid_read(q) && well_asked(q) && h->net_count > 0;
  @ requires q->from.family == FAMILY_UNKNOWN;
  @ assigns \nothing;
  @ ensures \result.answer == ANSWER_DENY;
  @*/
struct verdict unknown_address(const struct holding *h, const struct question *q)
{
	return decide(h, q);
}
