/*
 * Where one profile stands on one server, ready to be asked about with decide(), together with the
 * rows of the policy that its grants come from: what every report looks at.
 */
#ifndef ADPERM_LANG_STANDING_H
#define ADPERM_LANG_STANDING_H

#include "lang/holding.h"
#include "lang/regions.h"

/* Zero it before the first use; from one profile to the next its memory is used again. */
struct standing {
	const struct policy *p;
	uint32_t profile, server;
	struct holding holding;
	struct holding_text text;
	const struct reach *reaches; /* holding.grants[i] is reaches[i] of the policy */
	struct holder holder;
};

/* False: out of memory. What it points to lasts until the next call. */
bool standing_take(struct standing *s, const struct policy *p, uint32_t profile, uint32_t server);

/* Of a standing whose holder has collected: the n reaches at `first`, all of one server. */
bool standing_build(
	struct standing *s, const struct policy *p, uint32_t profile, uint32_t first, uint32_t n);

void standing_done(struct standing *s);

/* The number that an account (an index of the policy, NO_INDEX: none) has in a question. */
uint32_t standing_account(const struct standing *s, uint32_t account);

/* How a grant gives what is asked. */
struct way {
	bool gives;
	enum cause dropped; /* if it gives it: why it does not count, or CAUSE_NONE */
	uint64_t by;        /* the permissions of it that do: PERM_BIT()s */
};
struct way standing_way(const struct standing *s, const struct question *q, uint32_t grant);

/* Makes the regions that matter to a question. False: out of memory. */
bool standing_regions(const struct standing *s, const struct question *q, struct regions *regions);

#endif
