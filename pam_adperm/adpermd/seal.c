/* Secrets at rest; see seal.h. */
#include "adpermd/seal.h"

#include <errno.h>
#include <sodium.h>

_Static_assert(SEAL_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "size of the key");
_Static_assert(SEAL_NONCE_SIZE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "of the nonce");
_Static_assert(SEAL_TAG_SIZE == crypto_aead_xchacha20poly1305_ietf_ABYTES, "of the tag");
_Static_assert(SEAL_KEY_ID_SIZE >= crypto_generichash_BYTES_MIN, "of the key's hash");

int seal_key_init(struct seal_key *key, uint8_t bytes[static SEAL_KEY_SIZE])
{
	static const unsigned char purpose[] = "adpermd: which key this is";
	int ret = 0;

	key->secret = sodium_malloc(SEAL_KEY_SIZE);
	if (key->secret == NULL) {
		ret = -ENOMEM;
		goto out;
	}
	memcpy(key->secret, bytes, SEAL_KEY_SIZE);
	crypto_generichash(
		key->id, sizeof key->id, purpose, sizeof purpose, key->secret, SEAL_KEY_SIZE);
	sodium_mprotect_readonly(key->secret);
out:
	explicit_bzero(bytes, SEAL_KEY_SIZE);
	return ret;
}

void seal_key_done(struct seal_key *key)
{
	sodium_free(key->secret);
	key->secret = NULL;
}

void seal_ring_done(struct seal_ring *ring)
{
	seal_key_done(&ring->now);
	seal_key_done(&ring->before);
}

/* What a sealed secret is bound to. */
struct binding {
	uint8_t key_id[SEAL_KEY_ID_SIZE];
	struct totp_kind kind;
	char profile[PROTO_PROFILE_SIZE];
};

_Static_assert(sizeof(struct binding) == SEAL_KEY_ID_SIZE + 3 + PROTO_PROFILE_SIZE,
	"a binding has no padding");

static struct binding bind_to(
	const struct seal_key *key, const char *profile, const struct totp_kind *kind)
{
	struct binding b = { .kind = *kind };

	memcpy(b.key_id, key->id, sizeof b.key_id);
	memcpy(b.profile, profile, strnlen(profile, sizeof b.profile - 1));
	return b;
}

void seal_close(const struct seal_key *key, const char *profile, const struct totp_kind *kind,
	const uint8_t *secret, size_t len, struct sealed *out)
{
	struct binding about = bind_to(key, profile, kind);
	unsigned long long box_len;

	*out = (struct sealed){ .len = 0 };
	memcpy(out->key_id, key->id, sizeof out->key_id);
	randombytes_buf(out->nonce, sizeof out->nonce);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out->box, &box_len, secret, len,
		(const unsigned char *)&about, sizeof about, NULL, out->nonce, key->secret);
	out->len = (size_t)box_len;
}

bool seal_open(const struct seal_key *key, const char *profile, const struct totp_kind *kind,
	const struct sealed *sealed, uint8_t *secret, size_t *len)
{
	struct binding about = bind_to(key, profile, kind);
	unsigned long long secret_len;

	if (sealed->len < SEAL_TAG_SIZE || sealed->len > sizeof sealed->box ||
		memcmp(sealed->key_id, key->id, sizeof key->id) != 0)
		return false;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(secret, &secret_len, NULL, sealed->box,
		    sealed->len, (const unsigned char *)&about, sizeof about, sealed->nonce,
		    key->secret) != 0)
		return false;
	*len = (size_t)secret_len;
	return true;
}

bool seal_ring_open(const struct seal_ring *ring, const char *profile, const struct totp_kind *kind,
	const struct sealed *sealed, uint8_t *secret, size_t *len)
{
	return seal_open(&ring->now, profile, kind, sealed, secret, len) ||
	       (ring->before.secret != NULL &&
		       seal_open(&ring->before, profile, kind, sealed, secret, len));
}
