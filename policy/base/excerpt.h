/*
 * The lines that diagnostics speak of, read again from their files to be shown. The files may have
 * become anything since: whatever is there is cut to a width, made printable ASCII, and read only
 * up to a limit.
 */
#ifndef ADPERM_BASE_EXCERPT_H
#define ADPERM_BASE_EXCERPT_H

#include "base/diag.h"

#define EXCERPT_WIDTH 160 /* columns that a text can have at most */

struct excerpt {
	struct mark at; /* wanted */
	/* Given: printable ASCII, "" if there is no such place; and what to underline of it. */
	char text[EXCERPT_WIDTH + 1];
	unsigned mark, marked;
};

/*
 * Fills n excerpts of at most `width` columns (80 or more) from the file at `path`. They are sorted
 * by line. A file that cannot be read leaves them empty, and so do too many of one line.
 */
void excerpts_read(const char *path, struct excerpt *const *excerpts, size_t n, unsigned width);

#endif
