/*
 * Two holdings, asked the same questions: what differs in the answers. The inner half of change.h.
 */
#ifndef ADPERM_LANG_OUTCOME_H
#define ADPERM_LANG_OUTCOME_H

#include "lang/change.h"
#include "lang/standing.h"

#define ACCOUNT_ABSENT (UINT32_MAX - 1) /* that account is not there: everything is denied */

/* A pair of holdings and what is common to all questions about it. Zero before the first use. */
struct outcomes {
	const struct holding *before, *after;
	struct regions regions;
	ROWS(int64_t) times; /* `at`, then every end of a grant, ascending */
	uint8_t *fates;      /* of the permissions of one scope, one row a permission */
	size_t fates_cap;
};

/* False: out of memory. */
bool outcomes_open(
	struct outcomes *o, const struct holding *before, const struct holding *after, int64_t at);

/*
 * Compares the permissions of a scope; account numbers are of each holding. Calls visit for each
 * set of permissions that changed alike, with what `as` says of the place. False: out of memory.
 */
bool outcomes_compare(struct outcomes *o, const struct change *as, uint32_t before_account,
	uint32_t after_account, change_visit *visit, void *data);

void outcomes_done(struct outcomes *o);

/* Do both say the same, wherever it is written? */
bool holding_same(const struct holding *a, const struct holding_text *a_text,
	const struct holding *b, const struct holding_text *b_text);

#endif
