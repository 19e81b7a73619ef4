/*
 * Text into a fixed array, for log lines and answers inside somebody else's process: no locale, no
 * allocation, no stdio. What does not fit is cut and remembered in `cut`; the array always ends
 * in NUL. Escaping makes any bytes printable ASCII, so that a name can forge neither a log line
 * nor a terminal sequence.
 */
#ifndef ADPERM_BASE_TEXT_H
#define ADPERM_BASE_TEXT_H

#include "base/slice.h"

struct text {
	char *at;
	size_t cap, len; /* len < cap; at[len] is NUL */
	bool cut;
};

/* A text over the array `at` of cap >= 1 bytes; makes it empty. */
struct text text_over(char *at, size_t cap);
/* The words alone, into such an array; false if they were cut. */
bool text_set(char *at, size_t cap, const char *words);
void text_add(struct text *t, const char *words);
void text_add_slice(struct text *t, struct slice bytes);
void text_add_u64(struct text *t, uint64_t value);
void text_add_hex(struct text *t, struct slice bytes);
/*
 * Adds the bytes with everything but printable ASCII, and also `"` and `\`, as \xNN. At most `max`
 * bytes are added; an escape is never cut in half.
 */
void text_add_escaped(struct text *t, struct slice bytes, size_t max);

#endif
