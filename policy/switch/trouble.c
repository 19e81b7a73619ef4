/* Why a source failed, beyond its reason; see adperm_trouble() in adperm.h. */
#include "switch/handle.h"
#include "switch/hold.h"

void adperm_trouble(const struct adperm *policy, char *text, size_t room)
{
	struct hold hold;

	text[0] = '\0';
	if (hold_begin(policy, &hold) != ADPERM_OK)
		return;
	for (unsigned i = 0; i < hold.now->n && text[0] == '\0'; i++) {
		const struct source *source = &hold.now->at[i].source;

		if (hold.now->at[i].unavail == ADPERM_OK && source->ops->trouble != NULL)
			source->ops->trouble(source->state, text, room);
	}
	hold_end(policy, &hold);
}
