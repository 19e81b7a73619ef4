/*
 * The parts that the files of a set are parsed in: a queue between the threads that parse and the
 * one that walks, see reading.h.
 *
 * The parts of all files stand in one list, in their order. The first belongs to the walk; a thread
 * takes the first that nobody parses yet, or else cuts a further one off the files. Whoever parses
 * a part puts its tape there block by block.
 *
 * A part ends where the next one begins if its parser arrives there in the nesting that the next
 * one assumes. If not, that assumption was wrong, and the parser goes on over the bytes of the next
 * part as its own; but a part that itself only assumes where it is first waits until the walk has
 * come to it. The list is in the order of taking, too, so what the walk waits for is always with
 * some thread, and that one never waits for a later one.
 */
#ifndef ADPERM_LANG_PARTS_H
#define ADPERM_LANG_PARTS_H

#include "base/threads.h"
#include "lang/events.h"
#include "lang/policy.h"
#include "lang/set.h"

struct parts {
	const struct set *set; /* not owned, as `paths` */
	const char *const *paths;
	unsigned thread_n, window; /* window: parts in the list, if no parser needs a further one */
	size_t piece;              /* bytes of a part */
	pthread_t threads[THREADS_MAX];
	struct parsing *own; /* without threads: the first part while it is parsed, or NULL */
	/* Of the thread that cuts. */
	struct input input;
	struct diags *input_diags; /* NULL: no file is open */
	int fd;
	/* Of all, under the lock. */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_cond_t handed_over;   /* the first part has a tape that is worth a walk */
	struct part *oldest, *newest; /* of all, in their order */
	struct part *head;            /* the first that is not gone from the list */
	unsigned n;                   /* in the list */
	uint32_t next_file;           /* to be opened */
	uint32_t skipped;             /* files before this are not read on */
	bool cutting, no_more, no_memory, closing;
};

/* False: out of memory. */
bool parts_start(struct parts *ps, const struct set *set, const char *const *paths,
	const struct load_how *how);

/* All that follows is for the walk. */

/* Until the first part is one of file `file`; what is before it is passed over. False: no memory.
 */
bool parts_seek(struct parts *ps, uint32_t file);

/* The next block of the first part's tape, which is the caller's. NULL: the tape is not whole. */
struct tape_block *parts_block(struct parts *ps);

/* Leaves the first part behind. If it goes on, so is the next one a part of the file. */
void parts_leave(struct parts *ps, bool goes_on);

/* Did a parser end for want of a further piece? */
bool parts_starved(struct parts *ps);

/* Stops the threads, wherever they are. */
void parts_done(struct parts *ps);

#endif
