/* What an open policy says of itself; see adperm.h. Without a policy: what grants nothing. */
#include "switch/handle.h"
#include "switch/hold.h"

const char *adperm_server(const struct adperm *policy)
{
	return policy->server;
}

uint64_t adperm_generation(const struct adperm *policy)
{
	struct hold hold;
	uint64_t generation = 0;

	if (hold_begin(policy, &hold) == ADPERM_OK) {
		generation = hold.now->generation;
		hold_end(policy, &hold);
	}
	return generation;
}

int64_t adperm_not_after(const struct adperm *policy)
{
	struct hold hold;
	int64_t not_after = INT64_MIN;

	if (hold_begin(policy, &hold) == ADPERM_OK) {
		not_after = hold.now->not_after;
		hold_end(policy, &hold);
	}
	return not_after;
}
