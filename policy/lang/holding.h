/*
 * What a profile holds on a server, worked out from the policy in memory: the one place that knows
 * how grants, groups, ownership and scopes come together. The database writer stores its results,
 * and the memory source answers from them.
 */
#ifndef ADPERM_LANG_HOLDING_H
#define ADPERM_LANG_HOLDING_H

#include "db/record.h"
#include "lang/policy.h"

/* One place of one grant, or an ownership (grant NO_INDEX), as it reaches one server. */
struct reach {
	uint32_t server, grant, place;
};

/* Scratch memory, reused from one profile to the next; zero it before the first use. */
struct holder {
	ROWS(struct reach) reaches; /* sorted by server, then in file order */
	ROWS(struct grant) grants;
	ROWS(struct net) nets;
	ROWS(struct slice) files;
	ROWS(struct slice) accounts;
	uint32_t
		*account_number; /* by account: 1 + its place in `accounts`, 0 if it is not there */
	uint32_t *file_number;   /* by file of the policy: likewise */
	uint32_t file_total;
	ROWS(uint32_t) used_accounts;
	ROWS(uint32_t) used_files;
};

/* Fills holder->reaches for one profile, on one server or (NO_INDEX) on all. False: no memory. */
bool holder_collect(struct holder *w, const struct policy *p, uint32_t profile, uint32_t server);

/*
 * The holding of the n reaches at `first`, all of one server; with n 0 what is true of the profile
 * without any server. It points into the holder until the next call.
 */
bool holder_build(struct holder *w, const struct policy *p, uint32_t profile, uint32_t first,
	uint32_t n, struct holding *h, struct holding_text *text);

void holder_done(struct holder *w);

#endif
