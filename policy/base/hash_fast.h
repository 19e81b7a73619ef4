/*
 * Hashes for bytes by the hundred megabyte: SHA-256 with the instructions of the processor, if it
 * has them, and one for tables in memory. Not for a login process, which digests a key: there it
 * costs more to ask the processor.
 */
#ifndef ADPERM_BASE_HASH_FAST_H
#define ADPERM_BASE_HASH_FAST_H

#include "base/hash.h"

/* As sha256_init(); the same digest. */
void sha256_init_fast(struct sha256 *s);

/* One step of a hash that never leaves the process, and that nobody has reason to break. */
static inline uint64_t hash_mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15;
	return hash ^ hash >> 32;
}

#endif
