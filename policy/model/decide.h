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

struct verdict decide(const struct holding *h, const struct question *q);

/*
 * The parts of it, for whoever shows how it came about. decide() weighs every grant of the holding
 * by the second and third unless the first shuts the person out altogether.
 */

/* Why nothing that is held counts (suspended, the profile's allow_from); CAUSE_NONE if it may. */
enum cause decide_shut_out(const struct holding *h, const struct question *q);

/*
 * Does the grant give what is asked, itself or by what it brings along? `givers` are
 * perm_givers(q->perm).
 */
bool decide_gives(const struct grant *g, const struct question *q, uint64_t givers);

/* Why a grant that gives it does not count here and now; CAUSE_NONE if it does. */
enum cause decide_drops(const struct holding *h, const struct grant *g, const struct question *q);

#endif
