/* Growing the arrays of a policy (ROWS in policy.h) while it is being read. */
#ifndef ADPERM_LANG_ROWS_H
#define ADPERM_LANG_ROWS_H

#include "base/slice.h"

/*
 * Makes room for row n of an array whose pointer stands at `at`, of rows of `size` bytes; false:
 * out of memory, or more rows than an index can number.
 */
bool rows_room(void *at, uint32_t n, uint32_t *cap, size_t size);

/* A pointer to a further row of a ROWS(), not yet set, or NULL. */
#define ROWS_ADD(rows)                                                                             \
	(rows_room(&(rows)->at, (rows)->n, &(rows)->cap, sizeof *(rows)->at)                       \
			? &(rows)->at[(rows)->n++]                                                 \
			: NULL)

#endif
