/*
 * The lines that adperm puts into a file of /etc/pam.d: between two marks, in one piece, whole
 * lines. Taking them out again leaves every other byte as it was.
 */
#ifndef ADPERM_WIRING_BLOCK_H
#define ADPERM_WIRING_BLOCK_H

#include "base/buf.h"

#define BLOCK_BEGIN "# BEGIN adperm (made by `adperm wire`, taken out by `adperm unwire`)\n"
#define BLOCK_END   "# END adperm\n"

/* The user that shipped stacks skip before our lines; wiring puts the real one in its place. */
#define BLOCK_BREAK_GLASS "adperm-bg"

enum block_found {
	BLOCK_NONE,
	BLOCK_THERE,
	BLOCK_BROKEN, /* one mark without the other, or more than one block */
};

/* Where it is, marks included. */
enum block_found block_find(struct slice file, size_t *from, size_t *to);

/* The lines of a shipped stack that are not comments, with that user, between the marks. */
void block_make(struct buf *out, struct slice shipped, const char *break_glass);

/*
 * The file with the block where everything that is asked is asked after it: above the first line
 * that means something, below the heading that a file may begin with. `file` has no block.
 */
void block_insert(struct buf *out, struct slice file, struct slice block);

/* The file without its block; block_find() says BLOCK_THERE. */
void block_remove(struct buf *out, struct slice file);

#endif
