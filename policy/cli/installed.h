/*
 * The installed database and what lies beside it:
 *
 *	policy.cdb, policy.cdb.sig            what counts, and its signature if it has one
 *	policy.cdb.previous, ....previous.sig what counted before it
 *	policy.generation                     the highest generation ever installed, in the
 *	policy.lock                           state directory: one writer at a time
 *	policy.confirm                        an apply that waits to be confirmed; see confirm.h
 *	policy.rehearsal                      stacks, while an apply tries them: apply_stack.c
 *
 * Whatever happens at whatever moment, under the name of the database stands the old one or the new
 * one, complete.
 */
#ifndef ADPERM_CLI_INSTALLED_H
#define ADPERM_CLI_INSTALLED_H

#include "cli/signature.h"
#include "db/reader.h"

#include <limits.h>

#define PREVIOUS_SUFFIX ".previous"
#define DB_MODE         0640

struct site {
	char db[PATH_MAX];
	char state[PATH_MAX]; /* directory */
	int lock;             /* -1: not held */
};

/*
 * Fills in where things are, from options that may be NULL: without `state` it is the database's
 * directory. 0 or -ENAMETOOLONG.
 */
int site_at(struct site *site, const char *db, const char *state);
/* Waits for nobody: -EWOULDBLOCK if another one has it. */
int site_lock(struct site *site);
void site_unlock(struct site *site);
/* The path of a file of the state directory. */
int site_path(const struct site *site, const char *name, char out[static PATH_MAX]);

/*
 * The highest generation that was installed. -ENOENT, and 0, if none is on record; -EBADMSG: what
 * is there cannot be read.
 */
int installed_generation(const char *state, uint64_t *highest);
/* Puts a generation on record, whatever was there. */
int installed_record(const struct site *site, uint64_t generation);

/* A complete database that waits under a temporary name to take the place of the installed one. */
struct staged {
	struct file_new file;
	char path[PATH_MAX];
	char signature[SIGNATURE_TEXT_MAX];
	size_t signature_len; /* 0: not signed */
};

/* An empty one, to be filled through file.fd; then staged_commit() or staged_abandon(). */
int staged_create(struct staged *staged, const struct site *site);
/* Empties it again. */
int staged_reset(struct staged *staged);
/* Fills it with the bytes of an open file. */
int staged_copy(struct staged *staged, int from);
/* Fills it with the records of another database, under another generation. */
int staged_restamp(struct staged *staged, const struct db *from, uint64_t generation);
/* Are its bytes those of the installed database? */
bool staged_is_installed(const struct staged *staged, const struct site *site);

/*
 * Keeps the installed one as the previous, notes the generation, and puts the staged one in its
 * place. Needs the lock.
 */
int staged_commit(struct staged *staged, const struct site *site, uint64_t generation);
/*
 * The same for one that was the previous already: it stays that until it counts, so that this can
 * be done again whenever it was interrupted.
 */
int staged_restore(struct staged *staged, const struct site *site, uint64_t generation);
void staged_abandon(struct staged *staged);

/* Takes the installed database away. Needs the lock. */
int installed_remove(const struct site *site);

#endif
