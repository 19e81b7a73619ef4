/*
 * The state that must survive: who is enrolled, up to which step codes are spent, how many guesses
 * are left, from where somebody has come before, which recovery codes are unused. One SQLite file,
 * state.db, in a directory of the daemon's own. Every change is made inside a transaction that is
 * on the disk when store_commit() has returned 0. Only one process at a time has it open. Functions
 * return 0 or a negative errno; -EIO stands for all that SQLite may complain about, store_error()
 * has its words.
 */
#ifndef ADPERM_STORE_H
#define ADPERM_STORE_H

#include "adpermd/guess.h"
#include "adpermd/recovery.h"
#include "adpermd/seal.h"
#include <sys/types.h>

#define STORE_FILE   "state.db"
#define STORE_FORMAT 3 /* of the file; packages refuse to go below it, see packaging/formats */

#define STORE_SOURCES_MAX 8  /* places that a person is remembered to have come from */
#define STORE_GRACES_MAX  16 /* places where a person's code counts for longer */

struct enrolment {
	struct totp_kind kind;
	struct sealed sealed;
	int64_t mark;         /* no step up to this one is accepted any more; 0: none was */
	int64_t enrolled_at;  /* seconds since 1970 */
	int64_t last_used_at; /* 0: never */
};

/* A profile has at most one secret of either. */
enum standing { IN_FORCE = 0, PENDING = 1 };

struct store;

/*
 * Opens the state in `dir`, begins it there, or brings that of an older version up to date. Also
 * after a failure *store is to be closed, and has the error's words. -EBUSY: another process has it
 * open. -EPROTO: written by a newer version.
 */
int store_open(const char *dir, struct store **store);
void store_close(struct store *store);
const char *store_error(const struct store *store);

/*
 * Compares the state with its watermark, the open file `fd` outside the directory, and keeps that
 * up to date from now on. -ESTALE: the state is older than it has been, somebody put back a copy.
 * -EBADMSG: the file is no watermark. An empty file takes the state as it is.
 */
int store_watch(struct store *store, int fd, int64_t now);

/*
 * When a state was taken as it is, seconds since 1970; 0: never. What was enrolled by then may have
 * had codes accepted that this state does not know of.
 */
int64_t store_taken_at(const struct store *store);

/* A failed commit has changed nothing; it is rolled back already. */
int store_begin(struct store *store);
int store_commit(struct store *store);
void store_rollback(struct store *store);

/* -ENOENT: none of this standing. -EBADMSG: there is a record, but it cannot be one of ours. */
int store_find(
	struct store *store, const char *profile, enum standing standing, struct enrolment *out);

/* The first in force after `after`, in the order of bytes; its name too. Errors as store_find(). */
int store_next(struct store *store, const char *after, char profile[static PROTO_PROFILE_SIZE],
	struct enrolment *out);

/*
 * Writes a whole record, replacing any. One in force ends what belonged to that before it: the
 * wrong guesses, the recovery codes, and the places where a code counted for longer.
 */
int store_enroll(struct store *store, const char *profile, enum standing standing,
	const struct enrolment *enrolment);

/* Spends all steps up to `mark` of the one in force. A mark of 0 changes only when it was used. */
int store_burn(struct store *store, const char *profile, int64_t mark, int64_t now);

/* Forgets everything about a profile, or only what waits. -ENOENT: there was no such record. */
int store_remove(struct store *store, const char *profile);
int store_remove_pending(struct store *store, const char *profile);

/*
 * Records that a key has sealed: any one of them, then written back sealed anew. store_lose() takes
 * one that this key does not open out of their number; it stays as damaged as it was.
 */
int store_sealed_by(struct store *store, const uint8_t key_id[static SEAL_KEY_ID_SIZE],
	char profile[static PROTO_PROFILE_SIZE], enum standing *standing, struct enrolment *out);
int store_reseal(struct store *store, const char *profile, enum standing standing,
	const struct sealed *sealed);
int store_lose(struct store *store, const char *profile, enum standing standing);
int store_count_sealed_by(
	struct store *store, const uint8_t key_id[static SEAL_KEY_ID_SIZE], uint32_t *count);

/* When this budget is full again, see guess.h; 0 if nothing is known. */
int store_guesses(struct store *store, const char *profile, uid_t peer, enum guess_budget budget,
	int64_t *full_at);
int store_set_guesses(struct store *store, const char *profile, uid_t peer,
	enum guess_budget budget, int64_t full_at);
int store_forget_guesses(struct store *store, const char *profile);

/* When a code was last accepted from there, seconds since 1970; 0: never, or long forgotten. */
int store_source(struct store *store, const char *profile, const char *source, int64_t *last_at);
/* Remembers it; of more than STORE_SOURCES_MAX, the latest. */
int store_set_source(struct store *store, const char *profile, const char *source, int64_t now);

/*
 * Where an accepted code counts for longer. Begun anew it takes the place of what there was at the
 * same service, from the same address, with the same key; of more than STORE_GRACES_MAX of a
 * profile the latest are kept, and what is over at `at` is forgotten, whoever's it is. A new secret
 * in force ends all of a profile's.
 */
int store_begin_grace(struct store *store, const struct proto_grace *grace,
	const uint8_t terms[static PROTO_TERMS_SIZE]);
/* Fills the times of *grace, whose four names say which. -ENOENT: none, or of other terms. */
int store_grace(struct store *store, struct proto_grace *grace,
	const uint8_t terms[static PROTO_TERMS_SIZE]);
/* The first behind that number, of a profile or ("") of anybody. -ENOENT: none. */
int store_next_grace(
	struct store *store, const char *profile, int64_t after, struct proto_grace *out);
int store_end_graces(struct store *store, const char *profile);

/* The unused recovery codes of a profile; those before are forgotten. */
int store_recovery(struct store *store, const char *profile, struct recovery_set *out);
int store_set_recovery(struct store *store, const char *profile, const struct recovery_set *codes);
int store_burn_recovery(struct store *store, const char *profile, unsigned number);

#endif
