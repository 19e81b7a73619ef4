/* Room for rows; see rows.h. */
#include "lang/rows.h"

#include "lang/policy.h"
#include <stdlib.h>

bool rows_grow(void *at, uint32_t *cap, size_t size)
{
	uint32_t more = *cap == 0 ? 16 : *cap + *cap / 2;
	void *rows;

	/* Indexes share their 32 bits with NO_INDEX and TO_GROUP. */
	if (more >= TO_GROUP)
		return false;
	memcpy(&rows, at, sizeof rows);
	rows = realloc(rows, more * size);
	if (rows == NULL)
		return false;
	memcpy(at, &rows, sizeof rows);
	*cap = more;
	return true;
}
