/* Recovery codes; see recovery.h. */
#include "adpermd/recovery.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#define GROUP 4 /* letters between two dashes */

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

_Static_assert(RECOVERY_SALT_SIZE == crypto_pwhash_argon2id_SALTBYTES, "size of the salt");
_Static_assert(sizeof((struct recovery_code *)NULL)->letters * 5 >= 64, "bits of a code");
_Static_assert(PROTO_RECOVERY_TEXT == 16 + 16 / GROUP, "the letters, the dashes and a NUL");

bool recovery_parse(const char *typed, struct recovery_code *code)
{
	size_t len = strlen(typed), used = 0;
	bool dashes = len == PROTO_RECOVERY_TEXT - 1;

	if (!dashes && len != sizeof code->letters)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = typed[i] >= 'A' && typed[i] <= 'Z' ? (char)(typed[i] + 'a' - 'A')
							    : typed[i];

		if (dashes && i % (GROUP + 1) == GROUP) {
			if (c != '-')
				return false;
		} else if ((c >= 'a' && c <= 'z') || (c >= '2' && c <= '7')) {
			code->letters[used++] = c;
		} else {
			return false;
		}
	}
	return true;
}

static int hash_of(const struct recovery_code *code, const uint8_t salt[static RECOVERY_SALT_SIZE],
	uint8_t hash[static RECOVERY_HASH_SIZE])
{
	return crypto_pwhash_argon2id(hash, RECOVERY_HASH_SIZE, code->letters, sizeof code->letters,
		       salt, RECOVERY_PASSES, RECOVERY_MEMORY,
		       crypto_pwhash_argon2id_ALG_ARGON2ID13) == 0
		       ? 0
		       : -ENOMEM;
}

static void make_code(struct recovery_code *code, char text[static PROTO_RECOVERY_TEXT])
{
	size_t used = 0;

	for (size_t i = 0; i < sizeof code->letters; i++) {
		code->letters[i] = alphabet[randombytes_uniform(sizeof alphabet - 1)];
		if (i > 0 && i % GROUP == 0)
			text[used++] = '-';
		text[used++] = code->letters[i];
	}
	text[used] = '\0';
}

int recovery_make(
	struct recovery_set *set, char texts[static PROTO_RECOVERY_CODES][PROTO_RECOVERY_TEXT])
{
	struct recovery_code code;
	int ret = 0;

	*set = (struct recovery_set){ .left = (1u << PROTO_RECOVERY_CODES) - 1 };
	randombytes_buf(set->salt, sizeof set->salt);
	for (size_t i = 0; i < PROTO_RECOVERY_CODES && ret == 0; i++) {
		make_code(&code, texts[i]);
		ret = hash_of(&code, set->salt, set->hash[i]);
	}
	explicit_bzero(&code, sizeof code);
	return ret;
}

unsigned recovery_count(const struct recovery_set *set)
{
	unsigned count = 0;

	for (unsigned left = set->left; left != 0; left &= left - 1)
		count++;
	return count;
}

int recovery_find(
	const struct recovery_set *set, const struct recovery_code *code, unsigned *number)
{
	uint8_t hash[RECOVERY_HASH_SIZE];
	int ret = set->left == 0 ? -ENOENT : hash_of(code, set->salt, hash);
	bool found = false;

	for (unsigned i = 0; i < PROTO_RECOVERY_CODES && ret == 0; i++) {
		if (sodium_memcmp(hash, set->hash[i], sizeof hash) == 0 &&
			(set->left & 1u << i) != 0) {
			*number = i;
			found = true;
		}
	}
	explicit_bzero(hash, sizeof hash);
	return ret == 0 && !found ? -ENOENT : ret;
}
