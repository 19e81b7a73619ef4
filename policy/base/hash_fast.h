/*
 * SHA-256 for bytes by the hundred megabyte: with the instructions of the processor, if it has
 * them. Not for a login process, which digests a key: there it costs more to ask the processor.
 */
#ifndef ADPERM_BASE_HASH_FAST_H
#define ADPERM_BASE_HASH_FAST_H

#include "base/hash.h"

/* As sha256_init(); the same digest. */
void sha256_init_fast(struct sha256 *s);

#endif
