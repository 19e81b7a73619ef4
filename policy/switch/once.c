/* A handle that stays what it was when it was opened; see hold.h. */
#include "switch/handle.h"
#include "switch/hold.h"

enum adperm_reason adperm_open(const struct adperm_options *options, struct adperm **policy)
{
	return handle_open(options, policy);
}

void adperm_close(struct adperm *policy)
{
	handle_close(policy);
}

enum adperm_reason hold_begin(const struct adperm *policy, struct hold *hold)
{
	hold->now = policy;
	return ADPERM_OK;
}

void hold_end(const struct adperm *policy, const struct hold *hold)
{
	(void)policy;
	(void)hold;
}
