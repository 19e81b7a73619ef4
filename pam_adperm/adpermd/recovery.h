/*
 * Recovery codes: ten texts of 80 random bits for the day the app is gone, each good once. What is
 * kept of one is a hash (Argon2id, RFC 9106) under the person's salt, so that one computation
 * compares a guess with all ten. Nobody searches 80 bits: the cost is chosen so that a judged code
 * holds up everybody else's by a few milliseconds only. sodium_init() must have succeeded.
 */
#ifndef ADPERM_RECOVERY_H
#define ADPERM_RECOVERY_H

#include "adpermd/proto.h"

#define RECOVERY_SALT_SIZE 16
#define RECOVERY_HASH_SIZE 32
#define RECOVERY_PASSES    3
#define RECOVERY_MEMORY    1048576 /* bytes */

struct recovery_set {
	uint8_t salt[RECOVERY_SALT_SIZE];
	unsigned left; /* bit n: hash n is an unused code's */
	uint8_t hash[PROTO_RECOVERY_CODES][RECOVERY_HASH_SIZE];
};

/* The code without its dashes, in lower case. */
struct recovery_code {
	char letters[16];
};

/* "abcd-efgh-ijkl-mnop", also in upper case or without the dashes; nothing else is a code. */
bool recovery_parse(const char *typed, struct recovery_code *code);

/* Makes new codes and the set that knows them; -ENOMEM. The caller wipes the texts. */
int recovery_make(
	struct recovery_set *set, char texts[static PROTO_RECOVERY_CODES][PROTO_RECOVERY_TEXT]);

/* How many are left. */
unsigned recovery_count(const struct recovery_set *set);

/* The unused code that this is: 0 and its number; -ENOENT: none; -ENOMEM. */
int recovery_find(
	const struct recovery_set *set, const struct recovery_code *code, unsigned *number);

#endif
