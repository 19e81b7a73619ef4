/*
 * The files below people/, changed: see db/people.h for what stands in them. One change at a time,
 * whoever asks; each file is replaced whole, in an order in which a change that ends in the middle
 * has not yet given anybody anything, and can be repeated.
 */
#ifndef ADPERM_PEOPLE_BOOK_H
#define ADPERM_PEOPLE_BOOK_H

#include "base/buf.h"
#include "db/people.h"
#include "people/wish.h"

#include <sys/types.h>

struct book {
	const char *directory;
	int lock;      /* a file of root's alone, to be locked; -1: not open */
	gid_t readers; /* the group that may read the directory */
	int error;     /* what the kernel said to the last WISH_FAILED, as a negative errno */
};

/*
 * Makes the directory if it is missing, which only root's group and adperm-clients may then read,
 * and sees to it that it is root's alone. WISH_DONE, or WISH_FAILED.
 */
enum wish_result book_open(struct book *book, const char *directory);
/* Waits up to two seconds for whoever else changes something: WISH_DONE, BUSY or FAILED. */
enum wish_result book_lock(struct book *book);
void book_close(struct book *book);

/*
 * One file of the directory, of that kind and about that: written whole, or taken away. DONE or
 * FAILED.
 */
enum wish_result book_put(
	struct book *book, char kind, struct slice of, mode_t mode, const struct buf *bytes);
enum wish_result book_take_away(struct book *book, char kind, struct slice of);
/* What came of reading one: DONE also if there is none, DAMAGED, FAILED. */
enum wish_result book_read(struct book *book, enum people_result result);
/* FAILED, for that reason, a negative errno. */
enum wish_result book_failed(struct book *book, int error);

/* All of these: DONE, NOTHING (it was so already), DAMAGED, FULL, FAILED; of a key FOREIGN_KEY. */
enum wish_result book_renounce(struct book *book, struct slice profile, struct slice owner);
enum wish_result book_readmit(struct book *book, struct slice profile, struct slice owner);
/* What that would say, but for FAILED; nothing is changed. */
enum wish_result book_may_add_key(struct book *book, struct slice profile, struct slice blob);
enum wish_result book_add_key(struct book *book, struct slice profile, struct slice blob);
enum wish_result book_remove_key(struct book *book, struct slice profile, struct slice blob);
enum wish_result book_forget_keys(struct book *book, struct slice profile);

#endif
