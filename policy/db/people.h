/*
 * What people change themselves, beside the database: registered keys and renounced owners. One
 * file a profile and one a registered key, each written whole; an absent file means nothing was
 * changed. A file that cannot be believed is an error, never "nothing".
 *
 *	people/p-<SHA-256 of the e-mail>
 *		"adpermpp", format 4, text profile, owners 4, text owner ..., keys 4, text blob ...,
 *		readmissions 4 (where there were any), checksum 8
 *	people/k-<SHA-256 of the blob>
 *		"adpermpk", format 4, text profile, text blob, checksum 8
 *
 * Numbers, texts and the checksum (SipHash-2-4 under a salt of zeros) are as in format.h.
 */
#ifndef ADPERM_DB_PEOPLE_H
#define ADPERM_DB_PEOPLE_H

#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"

#define PEOPLE_FORMAT    1
#define PEOPLE_FILE_MAX  (64 * 1024) /* bytes */
#define PEOPLE_NAME_SIZE 67          /* "p-" and 64 hex digits and a NUL */

enum people_result {
	PEOPLE_YES = 1,
	PEOPLE_NO,
	PEOPLE_UNSAFE,
	PEOPLE_UNREADABLE,
	PEOPLE_CORRUPT,
	PEOPLE_NOMEM
};

/*
 * Has the profile renounced what this owner granted? *readmitted (unless NULL): how often a
 * renunciation of the profile was undone: 0 also if the answer is none.
 */
enum people_result people_renounced(const char *directory, enum trust trust, struct slice profile,
	struct slice owner, uint32_t *readmitted);

/*
 * Is the key (by its digest, and by its blob unless that is NULL) registered, and whose is it? On
 * YES the e-mail, of at most `room` bytes with its NUL, is in profile.
 */
enum people_result people_key(const char *directory, enum trust trust,
	const uint8_t digest[static SHA256_SIZE], struct slice blob, char *profile, size_t room);

/*
 * The keys that a profile has registered, from number 0 on: PEOPLE_YES and its blob, of at most
 * `room` bytes; PEOPLE_NO behind the last. Whether one counts the policy has a say in as well.
 */
enum people_result people_key_of(const char *directory, enum trust trust, struct slice profile,
	uint32_t number, uint8_t *blob, size_t room, size_t *len);

/*
 * All that a profile has changed, for whoever changes it: PEOPLE_YES, and the slices are of
 * `memory`; PEOPLE_NO, and the lists are empty. people_lists_done() in any case. A file with longer
 * lists than these is PEOPLE_CORRUPT: nobody writes one.
 */
#define PEOPLE_OWNERS_MAX 64
#define PEOPLE_KEYS_MAX   16

struct people_lists {
	struct slice owners[PEOPLE_OWNERS_MAX], keys[PEOPLE_KEYS_MAX];
	uint32_t owner_total, key_total, readmitted;
	uint8_t *memory;
};

enum people_result people_lists_read(
	const char *directory, enum trust trust, struct slice profile, struct people_lists *out);
void people_lists_done(struct people_lists *lists);

/*
 * The frame of such a file, for who keeps another kind below the same directory. Begun with its
 * eight letters, and ended; read whole, PEOPLE_YES and *c stands before the profile, or PEOPLE_NO;
 * the bytes are in *memory, to be freed.
 */
#define PEOPLE_MAGIC_SIZE 8

void people_file_begin(struct buf *out, const char *magic, struct slice profile);
void people_file_end(struct buf *out);
enum people_result people_file_read(const char *directory, enum trust trust, const char *name,
	const char *magic, uint8_t **memory, struct cursor *c);

/* The whole contents of the two kinds above, and what files are called. */
void people_put_profile(struct buf *out, struct slice profile, const struct slice *owners,
	uint32_t owner_total, const struct slice *keys, uint32_t key_total, uint32_t readmitted);
void people_put_key(struct buf *out, struct slice profile, struct slice blob);
void people_name(
	char kind, const uint8_t digest[static SHA256_SIZE], char out[static PEOPLE_NAME_SIZE]);

#endif
