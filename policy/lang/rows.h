/* Growing the arrays of a policy (ROWS in policy.h) while it is being read. */
#ifndef ADPERM_LANG_ROWS_H
#define ADPERM_LANG_ROWS_H

#include "base/slice.h"

/*
 * Makes more room in an array whose pointer stands at `at`, of rows of `size` bytes; false: out of
 * memory, or more rows than an index can number.
 */
bool rows_grow(void *at, uint32_t *cap, size_t size);

/* Is there room for a further row of a ROWS()? */
#define ROWS_ROOM(rows)                                                                            \
	((rows)->n < (rows)->cap || rows_grow(&(rows)->at, &(rows)->cap, sizeof *(rows)->at))

/* A pointer to a further row of a ROWS(), not yet set, or NULL. */
#define ROWS_ADD(rows) (ROWS_ROOM(rows) ? &(rows)->at[(rows)->n++] : NULL)

#endif
