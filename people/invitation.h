/*
 * An invitation: with its code, and where it was made with a PIN besides, one person initialises
 * one profile once. Code and PIN are told when it is made and are nowhere afterwards but as
 * digests. One login session at a time holds it, and it is taken up again only from the same place.
 * One file a profile, beside those of db/people.h, but root's alone:
 *
 *	people/i-<SHA-256 of the e-mail>   "adpermpi", format 4, text profile, made_at 8,
 *		expires_at 8, no_pin 1, mailed 1, digest of the code 32, digest of code and PIN 32,
 *		wrong PINs 4, text place, process 4, start 8, text key, checksum 8
 */
#ifndef ADPERM_PEOPLE_INVITATION_H
#define ADPERM_PEOPLE_INVITATION_H

#include "base/hash.h"
#include "people/book.h"

#include <dirent.h>

#define INVITATION_KIND 'i'
#define INVITATION_PINS 5 /* wrong ones with the right code, and it is revoked */

/* A session, by its process; number 0: none. */
struct holder {
	uint32_t pid;
	uint64_t start;
};

struct invitation {
	char profile[WISH_EMAIL_SIZE];
	int64_t made_at, expires_at; /* seconds since 1970 */
	enum wish_pin no_pin;
	bool mailed;
	uint8_t code[SHA256_SIZE], both[SHA256_SIZE];
	uint32_t wrong;              /* PINs with the right code */
	char place[WISH_PLACE_SIZE]; /* where it was taken up, or "" */
	struct holder holder;
	uint8_t key[WISH_KEY_MAX]; /* that waits to be registered */
	uint16_t key_len;          /* 0: none does */
};

/* What only the person is told. "" is no PIN. */
struct invitation_words {
	char code[WISH_CODE_SIZE], pin[WISH_PIN_SIZE];
};

/*
 * A new one for out->profile, out->no_pin and the time from out->made_at to out->expires_at, which
 * are set. 0 or a negative errno.
 */
int invitation_make(struct invitation *out, struct invitation_words *words);

/* DONE, BAD_CODE or BAD_PIN, after a time that does not depend on what is wrong where. */
enum wish_result invitation_judge(const struct invitation *i, const char *code, const char *pin);

bool invitation_is_held_by(const struct invitation *i, const struct holder *holder);

/*
 * The files by themselves, for who only looks: invitation_file.c. One by its name; unless
 * PEOPLE_YES *out is zero. One that its name does not say it is, is PEOPLE_CORRUPT.
 */
enum people_result invitation_read(const char *directory, const char *name, struct invitation *out);
/* All names, in an order that stays, and how many; or a negative errno. Free them in any case. */
int invitation_names(const char *directory, struct dirent ***names);
void invitation_names_free(struct dirent **names, int n);
void invitation_name(struct slice profile, char out[static PEOPLE_NAME_SIZE]);
/* The contents of one. */
void invitation_put(struct buf *out, const struct invitation *i);
/* As far as can be told. */
bool holder_has_ended(const struct holder *holder);

/* The one of a profile: DONE, NOT_INVITED, DAMAGED or FAILED; unless DONE *out is zero. */
enum wish_result invitation_load(struct book *book, struct slice profile, struct invitation *out);
/* The one that comes behind `number` others, in an order that stays: likewise. */
enum wish_result invitation_number(struct book *book, uint32_t number, struct invitation *out);
/* Written whole, or taken away: DONE or FAILED. */
enum wish_result invitation_store(struct book *book, const struct invitation *i);
enum wish_result invitation_remove(struct book *book, struct slice profile);

/*
 * The holders in all invitations whose process has ended, as elements of `out`. Whoever is not
 * among them is taken to go on.
 */
void invitation_ended(const char *directory, struct buf *out);
bool invitation_has_ended(const struct buf *ended, const struct holder *holder);

#endif
