/*
 * The two digests that must be the same wherever a record is written or read, and that may not
 * cost a library in a login process: SHA-256 (FIPS 180-4) for key fingerprints and file names,
 * SipHash-2-4 (Aumasson, Bernstein 2012) as the keyed checksum of a record.
 * The checksum finds damage; it is no signature and its key is no secret.
 */
#ifndef ADPERM_BASE_HASH_H
#define ADPERM_BASE_HASH_H

#include "base/slice.h"

#define SHA256_SIZE      32
#define SIPHASH_KEY_SIZE 16

struct sha256 {
	uint32_t state[8];
	uint64_t len;
	uint8_t block[64];
	/* What digests `n` blocks of 64 bytes; see hash_fast.h. */
	void (*blocks)(uint32_t state[static 8], const uint8_t *bytes, size_t n);
};

extern const uint32_t sha256_constant[64]; /* of the rounds */

void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, struct slice bytes);
void sha256_done(struct sha256 *s, uint8_t out[static SHA256_SIZE]);
/* The digest of one slice. */
void sha256_of(struct slice bytes, uint8_t out[static SHA256_SIZE]);

/* SipHash-2-4 of first followed by second, as if they stood in one piece. */
/*@
  @ requires \valid_read(key + (0 .. SIPHASH_KEY_SIZE - 1)) && readable(first) && readable(second);
  @ assigns \nothing;
  @*/
uint64_t siphash(
	const uint8_t key[static SIPHASH_KEY_SIZE], struct slice first, struct slice second);

#endif
