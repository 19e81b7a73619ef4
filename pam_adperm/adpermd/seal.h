/*
 * Secrets at rest: XChaCha20-Poly1305 under the key of this machine, bound to the profile, the kind
 * of code and the key they belong to, so that a record moved to another person, or changed, opens
 * as nothing. sodium_init() must have succeeded.
 */
#ifndef ADPERM_SEAL_H
#define ADPERM_SEAL_H

#include "adpermd/totp.h"

#define SEAL_KEY_SIZE    PROTO_KEY_SIZE
#define SEAL_KEY_ID_SIZE 16
#define SEAL_NONCE_SIZE  24
#define SEAL_TAG_SIZE    16

struct seal_key {
	uint8_t *secret;              /* SEAL_KEY_SIZE bytes of guarded memory */
	uint8_t id[SEAL_KEY_ID_SIZE]; /* a hash of the key: says which one sealed a record */
};

/* Takes the key over into guarded memory, locked if the system lets us; -ENOMEM. Wipes `bytes`. */
int seal_key_init(struct seal_key *key, uint8_t bytes[static SEAL_KEY_SIZE]);
void seal_key_done(struct seal_key *key);

/*
 * Two keys while one takes the other's place: the first seals, both open. `before.secret` is NULL
 * if there is only one.
 */
struct seal_ring {
	struct seal_key now, before;
};

void seal_ring_done(struct seal_ring *ring);

struct sealed {
	uint8_t key_id[SEAL_KEY_ID_SIZE];
	uint8_t nonce[SEAL_NONCE_SIZE];
	uint8_t box[PROTO_SECRET_MAX + SEAL_TAG_SIZE];
	size_t len; /* of box */
};

/* Seals len <= PROTO_SECRET_MAX bytes. */
void seal_close(const struct seal_key *key, const char *profile, const struct totp_kind *kind,
	const uint8_t *secret, size_t len, struct sealed *out);

/* Opens into secret, of PROTO_SECRET_MAX bytes; false if it is not this person's under this key. */
bool seal_open(const struct seal_key *key, const char *profile, const struct totp_kind *kind,
	const struct sealed *sealed, uint8_t *secret, size_t *len);

/* The same with the key of the ring that sealed it. */
bool seal_ring_open(const struct seal_ring *ring, const char *profile, const struct totp_kind *kind,
	const struct sealed *sealed, uint8_t *secret, size_t *len);

#endif
