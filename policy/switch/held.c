/* What a look-up found, in memory of its own; see source.h. */
#include "switch/source.h"

#include <stdlib.h>

enum adperm_reason held_decode(struct slice payload, struct held *held)
{
	size_t size = record_holding_size(payload);
	uint8_t *bytes;

	if (size == 0)
		return ADPERM_POLICY_CORRUPT;
	held->memory[0] = malloc(size);
	bytes = held->memory[1] = malloc(payload.len);
	if (held->memory[0] == NULL || bytes == NULL)
		return ADPERM_NOMEM;
	memcpy(bytes, payload.at, payload.len);
	if (!record_get_holding(
		    slice_of(bytes, payload.len), held->memory[0], &held->holding, &held->text))
		return ADPERM_POLICY_CORRUPT;
	return ADPERM_OK;
}

void held_done(struct held *held)
{
	free(held->memory[0]);
	free(held->memory[1]);
	held->memory[0] = held->memory[1] = NULL;
}
