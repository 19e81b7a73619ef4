/*
 * Reads the files of a set, one after the other for who walks over their events, and as many at the
 * same time as there are processors for who parses them: files, and parts of large files. What the
 * walk gets is the same with any number of threads, reports of what is wrong with the bytes
 * included: they are told when the walk comes to their place.
 */
#ifndef ADPERM_LANG_READING_H
#define ADPERM_LANG_READING_H

#include "lang/events.h"
#include "lang/names.h"
#include "lang/policy.h"
#include "lang/set.h"

struct reading;

/*
 * The set and the paths stay the caller's, and as they are. NULL: out of memory.
 */
struct reading *reading_start(const struct set *set, const char *const *paths, struct diags *diags,
	const struct load_how *how);

/*
 * What is read will be looked up in these names: each look would wait for the memory, which so is
 * asked for them a block of the tape ahead.
 */
void reading_fetch(struct reading *r, const struct names *names);

/* With as many threads as there are processors for this process, none if there is but one. */
struct load_how reading_how(void);

/*
 * Begins with the next file; whatever is left of the one before is passed over. False: it cannot be
 * read, which was reported.
 */
bool reading_file(struct reading *r);

/* Its next event. False: the rest of it cannot be read, which was reported. */
bool reading_event(struct reading *r, struct event *out);

/* After the last event of the root: judges how the file ends. False: it was reported. */
bool reading_finish(struct reading *r);

/* After that: SHA-256 of the file, and its length in 8 bytes. */
const uint8_t *reading_digest(const struct reading *r);

/* Stops the threads, wherever they are. NULL is fine. */
void reading_done(struct reading *r);

#endif
