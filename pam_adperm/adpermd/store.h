/*
 * The state that must survive: who is enrolled, up to which step codes are spent, how many guesses
 * are left. One SQLite file, state.db, in a directory of the daemon's own. Every change is made
 * inside a transaction that is on the disk when store_commit() has returned 0. Only one process at
 * a time has it open. Functions return 0 or a negative errno; -EIO stands for all that SQLite may
 * complain about, store_error() has its words.
 */
#ifndef ADPERM_STORE_H
#define ADPERM_STORE_H

#include "adpermd/seal.h"
#include <sys/types.h>

#define STORE_FILE "state.db"

struct enrolment {
	struct totp_kind kind;
	struct sealed sealed;
	int64_t mark;         /* no step up to this one is accepted any more; 0: none was */
	int64_t enrolled_at;  /* seconds since 1970 */
	int64_t last_used_at; /* 0: never */
};

struct store;

/*
 * Opens the state in `dir`, or begins it there. Also after a failure *store is to be closed, and
 * has the error's words. -EBUSY: another process has it open. -EPROTO: written by a newer version.
 */
int store_open(const char *dir, struct store **store);
void store_close(struct store *store);
const char *store_error(const struct store *store);

/* A failed commit has changed nothing; it is rolled back already. */
int store_begin(struct store *store);
int store_commit(struct store *store);
void store_rollback(struct store *store);

/* -ENOENT: not enrolled. -EBADMSG: there is a record, but it cannot be one of ours. */
int store_find(struct store *store, const char *profile, struct enrolment *out);

/* Writes a whole record, replacing any, and forgets the guesses at the secret that was there. */
int store_enroll(struct store *store, const char *profile, const struct enrolment *enrolment);

/* Spends all steps up to `mark`. */
int store_burn(struct store *store, const char *profile, int64_t mark, int64_t now);

/* -ENOENT: was not enrolled. */
int store_remove(struct store *store, const char *profile);

/* When the budget of this profile with this peer is full again, see guess.h; 0 if nothing is known.
 */
int store_guesses(struct store *store, const char *profile, uid_t peer, int64_t *full_at);
int store_set_guesses(struct store *store, const char *profile, uid_t peer, int64_t full_at);

#endif
