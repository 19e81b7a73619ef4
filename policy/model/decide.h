/*
 * The decision: may this person use this permission, here, now, and must they prove a second factor
 * first? Pure: plain arrays in, a verdict out; no I/O, no clock, no allocation, no pointer is kept.
 * All front ends and all sources of policy end here.
 */
#ifndef ADPERM_MODEL_DECIDE_H
#define ADPERM_MODEL_DECIDE_H

#include "model/address.h"
#include "model/catalogue.h"
#include "model/when.h"

/* Zero is never yes. */
enum answer {
	ANSWER_ERROR = 0, /* no such question */
	ANSWER_DENY,
	ANSWER_ALLOW,
	ANSWER_ALLOW_2FA,
};

/* Why it was denied, by the decision itself; what came before is the front end's. */
enum cause {
	CAUSE_NONE = 0, /* allowed */
	CAUSE_NO_GRANT,
	CAUSE_SUSPENDED,
	CAUSE_ADDRESS, /* the profile's or a grant's allow_from */
	CAUSE_EXPIRED,
	CAUSE_RENOUNCED,
};

#define ACCOUNT_NONE  0          /* the question is not about an account */
#define ACCOUNT_OTHER UINT32_MAX /* an account of the server that no grant names */
#define GRANT_NONE    UINT32_MAX

/* One thing that a person holds on one server. */
struct grant {
	uint64_t perms;   /* PERM_BIT()s, exactly as granted (a role's spelt out) */
	uint32_t account; /* 1 + index of the account it is limited to, or ACCOUNT_NONE */
	bool ownership;   /* owner of the server: holds everything, cannot be renounced */
	bool require_2fa;
	uint32_t grace;      /* seconds, 0 none; only with require_2fa */
	int64_t until;       /* holds while the time is before; WHEN_NEVER */
	uint32_t net_first;  /* its allow_from: nets[net_first .. +net_count-1]; */
	uint32_t net_count;  /* none: from anywhere */
	uint32_t file, line; /* where it is written; not looked at here */
};

/* All that one profile holds on one server. */
struct holding {
	bool suspended, machine;
	uint32_t net_first, net_count; /* the profile's own allow_from; none: from anywhere */
	uint32_t file, line;           /* where the profile is written; not looked at here */
	const struct net *nets;
	uint32_t net_total;
	const struct grant *grants;
	uint32_t grant_total;
};

struct question {
	enum perm perm;
	uint32_t account; /* as in struct grant, or ACCOUNT_OTHER; ACCOUNT_NONE unless perm's scope
			   */
	struct address from;
	int64_t now;
	bool renounced; /* the profile has given back all that this server's owner granted */
};

struct verdict {
	enum answer answer;
	enum cause cause;
	uint32_t grant; /* index of the grant that decided, or the first one dropped; or GRANT_NONE
			 */
	uint32_t
		grace; /* with ANSWER_ALLOW_2FA: the shortest of the flagged grants left, seconds */
	bool dropped_expired, dropped_address, dropped_renounced;
};

/*
 * The words of the contracts below, which `make prove` proves; see docs/proofs.md. The steps are
 * those of the permission model: what shuts a person out, which grants give what is asked, which of
 * these are dropped, and what is left.
 */
/*@
  @ predicate sound(struct holding *h) = \valid_read(h) &&
  @   \valid_read(h->nets + (0 .. h->net_total - 1)) &&
  @   \valid_read(h->grants + (0 .. h->grant_total - 1));
  @
  @ predicate from_allowed(struct holding *h, integer first, integer count, struct address *from) =
  @   count == 0 || (first + count <= h->net_total &&
  @     \exists integer i; first <= i < first + count && in_net(&h->nets[i], from));
  @
  @ predicate shut_out(struct holding *h, struct question *q) =
  @   h->suspended != 0 || !from_allowed(h, h->net_first, h->net_count, &q->from);
  @
  @ predicate gives(struct grant *g, struct question *q) =
  @   (g->perms & givers_of((unsigned)q->perm)) != 0 &&
  @   (g->account == ACCOUNT_NONE || g->account == q->account);
  @
  @ predicate dropped(struct holding *h, struct grant *g, struct question *q) =
  @   (q->renounced != 0 && g->ownership == 0) || q->now >= g->until ||
  @   !from_allowed(h, g->net_first, g->net_count, &q->from);
  @
  @ predicate live(struct holding *h, struct grant *g, struct question *q) =
  @   gives(g, q) && !dropped(h, g, q);
  @
  @ predicate some_live(struct holding *h, struct question *q, integer n) =
  @   \exists integer i; 0 <= i < n && live(h, &h->grants[i], q);
  @
  @ predicate some_flagged(struct holding *h, struct question *q, integer n) =
  @   \exists integer i; 0 <= i < n && live(h, &h->grants[i], q) && h->grants[i].require_2fa != 0;
  @
  @ predicate shortest_grace(struct holding *h, struct question *q, integer n, integer grace) =
  @   \forall integer i; 0 <= i < n && live(h, &h->grants[i], q) &&
  @     h->grants[i].require_2fa != 0 ==> grace <= h->grants[i].grace;
  @
  @ predicate well_asked(struct question *q) = scope_of((unsigned)q->perm) != 0 &&
  @   (scope_of((unsigned)q->perm) == SCOPE_ACCOUNT <==> q->account != ACCOUNT_NONE);
  @
  @ predicate allows(integer answer) = answer == ANSWER_ALLOW || answer == ANSWER_ALLOW_2FA;
  @*/

/*@
  @ requires sound(h) && \valid_read(q);
  @ assigns \nothing;
  @ ensures \result.answer == ANSWER_ERROR <==> !well_asked(q);
  @ ensures \result.answer == ANSWER_ERROR || \result.answer == ANSWER_DENY ||
  @   allows(\result.answer);
  @ ensures \result.answer == ANSWER_ALLOW_2FA <==>
  @   well_asked(q) && !shut_out(h, q) && some_flagged(h, q, h->grant_total);
  @ ensures \result.answer == ANSWER_ALLOW <==> well_asked(q) && !shut_out(h, q) &&
  @   some_live(h, q, h->grant_total) && !some_flagged(h, q, h->grant_total);
  @ ensures allows(\result.answer) ==>
  @   \result.grant < h->grant_total && live(h, &h->grants[\result.grant], q);
  @ ensures \result.answer == ANSWER_ALLOW_2FA ==>
  @   h->grants[\result.grant].require_2fa != 0;
  @ ensures \result.answer == ANSWER_ALLOW_2FA ==>
  @   shortest_grace(h, q, h->grant_total, \result.grace);
  @ ensures \result.cause == CAUSE_NONE <==> \result.answer != ANSWER_DENY;
  @*/
struct verdict decide(const struct holding *h, const struct question *q);

/*
 * The parts of it, for whoever shows how it came about. decide() weighs every grant of the holding
 * by the second and third unless the first shuts the person out altogether.
 */

/* Why nothing that is held counts (suspended, the profile's allow_from); CAUSE_NONE if it may. */
/*@
  @ requires sound(h) && \valid_read(q);
  @ assigns \nothing;
  @ ensures \result != CAUSE_NONE <==> shut_out(h, q);
  @ ensures \result == CAUSE_NONE || \result == CAUSE_SUSPENDED || \result == CAUSE_ADDRESS;
  @*/
enum cause decide_shut_out(const struct holding *h, const struct question *q);

/*
 * Does the grant give what is asked, itself or by what it brings along? `givers` are
 * perm_givers(q->perm).
 */
/*@
  @ requires \valid_read(g) && \valid_read(q) && givers == givers_of((unsigned)q->perm);
  @ assigns \nothing;
  @ ensures \result <==> gives(g, q);
  @*/
bool decide_gives(const struct grant *g, const struct question *q, uint64_t givers);

/* Why a grant that gives it does not count here and now; CAUSE_NONE if it does. */
/*@
  @ requires sound(h) && \valid_read(g) && \valid_read(q);
  @ assigns \nothing;
  @ ensures \result != CAUSE_NONE <==> dropped(h, g, q);
  @ ensures \result == CAUSE_NONE || \result == CAUSE_RENOUNCED || \result == CAUSE_EXPIRED ||
  @   \result == CAUSE_ADDRESS;
  @*/
enum cause decide_drops(const struct holding *h, const struct grant *g, const struct question *q);

#endif
