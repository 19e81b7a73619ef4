/*
 * A private directory of stacks that are tried before, or instead of, those in /etc/pam.d: libpam
 * reads it where a program says so (pam_start_confdir(3)). Nothing in it outlives the trial, so
 * that nothing is synced.
 */
#ifndef ADPERM_WIRING_STAGE_H
#define ADPERM_WIRING_STAGE_H

#include "base/buf.h"
#include "wiring/stack.h"

/* Makes it, empty, in place of what an earlier trial may have left there. 0 or a negative errno. */
int stage_make(const char *directory);
/* A file of that name, instead of one that may be there. 0 or a negative errno. */
int stage_put(const char *directory, const char *name, struct slice text);
/* Takes it away with all its files; harmless if it is not there. */
void stage_remove(const char *directory);

/*
 * The file in which our module decides by the database `db`, and by the directory `people` unless
 * that is NULL, and says in the log that it was a rehearsal; all else stays as it is. False: a path
 * cannot be written into such a file, or a line would be too long for libpam.
 */
bool stage_rehearsal(
	struct buf *out, const struct stack *stack, const char *db, const char *people);

#endif
