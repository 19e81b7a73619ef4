/*
 * Grants that give the same in the same places share the rows that say so: in a large policy many
 * do, and those rows are a third of it. So do those that hold on the same terms as the one before.
 */
#ifndef ADPERM_LANG_SAME_H
#define ADPERM_LANG_SAME_H

#include "lang/policy.h"

/* What is known so far; zero before the first use. */
struct same {
	uint32_t *slots; /* 1 + the index of a grant, 0: free */
	uint32_t slot_n, used;
};

/*
 * The grant is complete, and the rows of `places` and `items` from these indexes on are its own: if
 * an earlier grant has the same, it takes those and gives its own back. Without memory for it
 * nothing is shared.
 */
void same_share(struct same *s, struct policy *p, uint32_t grant, uint32_t places, uint32_t items);

void same_done(struct same *s);

/* A row of terms, the last. False: out of memory. */
bool terms_add(struct policy *p, const struct grant_terms *terms);

/*
 * The grant has terms of its own, the last row, whose networks are the last, too: if they are those
 * that hold always, or those of the row before, it takes these and gives its own back.
 */
void terms_share(struct policy *p, struct policy_grant *g);

#endif
