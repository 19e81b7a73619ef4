/*
 * What one more grant changes, from nothing but the contract of decide(): never an allow into a
 * deny, and never a second factor into a plain allow. Proved by `make prove`, never run.
 */
#include "model/decide.h"

/*@
  @ predicate same_grant(struct grant *a, struct grant *b) =
  @   a->perms == b->perms && a->account == b->account && a->ownership == b->ownership &&
  @   a->require_2fa == b->require_2fa && a->until == b->until &&
  @   a->net_first == b->net_first && a->net_count == b->net_count;
  @
  @ predicate same_person(struct holding *a, struct holding *b) =
  @   a->suspended == b->suspended && a->net_first == b->net_first &&
  @   a->net_count == b->net_count && a->nets == b->nets && a->net_total == b->net_total;
  @
  @ // `more` is `less` and one grant, in place k.
  @ predicate one_more(struct holding *less, struct holding *more, integer k) =
  @   same_person(less, more) && 0 <= k <= less->grant_total &&
  @   more->grant_total == less->grant_total + 1 &&
  @   (\forall integer i; 0 <= i < k ==> same_grant(&less->grants[i], &more->grants[i])) &&
  @   (\forall integer i; k <= i < less->grant_total ==>
  @     same_grant(&less->grants[i], &more->grants[i + 1]));
  @*/

struct both {
	struct verdict less, more;
};

/*@
  @ requires sound(less) && sound(more) && \valid_read(q) && one_more(less, more, k);
  @ assigns \nothing;
  @ ensures live: allows(\result.less.answer) ==> allows(\result.more.answer);
  @ ensures flagged: \result.less.answer == ANSWER_ALLOW_2FA ==>
  @   \result.more.answer == ANSWER_ALLOW_2FA;
  @ ensures only_by_it: !allows(\result.less.answer) && allows(\result.more.answer) ==>
  @   live(more, &more->grants[k], q);
  @ ensures flag_asks: allows(\result.more.answer) && live(more, &more->grants[k], q) &&
  @   more->grants[k].require_2fa != 0 ==> \result.more.answer == ANSWER_ALLOW_2FA;
  @*/
struct both adding_a_grant(const struct holding *less, const struct holding *more,
	const struct question *q, uint32_t k)
{
	struct both v = { decide(less, q), decide(more, q) };

	/*@ assert before: \forall integer i; 0 <= i < k && live(less, &less->grants[i], q) ==>
	  @   live(more, &more->grants[i], q);
	  @*/
	/*@ assert behind: \forall integer i; k <= i < less->grant_total &&
	  @   live(less, &less->grants[i], q) ==> live(more, &more->grants[i + 1], q);
	  @*/
	/*@ assert back_before: \forall integer i; 0 <= i < k && live(more, &more->grants[i], q) ==>
	  @   live(less, &less->grants[i], q);
	  @*/
	/*@ assert back_behind: \forall integer i; k < i < more->grant_total &&
	  @   live(more, &more->grants[i], q) ==> live(less, &less->grants[i - 1], q);
	  @*/
	return v;
}
