/* Sealed secrets: only their own person, kind and key open them, and only whole. */
#include "adpermd/seal.h"
#include "tap.h"

#include <sodium.h>

static const struct totp_kind kind = { 6, PROTO_SHA1, 30 };
static const char alice[] = "alice@acme.example";

static void make_key(struct seal_key *key, uint8_t fill)
{
	uint8_t bytes[SEAL_KEY_SIZE];

	memset(bytes, fill, sizeof bytes);
	if (seal_key_init(key, bytes) != 0)
		ok(false, "no memory for a key");
	ok(sodium_is_zero(bytes, sizeof bytes), "a key taken over is wiped where it came from");
}

static bool opens(const struct seal_key *key, const char *profile, const struct totp_kind *as,
	const struct sealed *sealed)
{
	uint8_t secret[PROTO_SECRET_MAX];
	size_t len;

	return seal_open(key, profile, as, sealed, secret, &len);
}

static void round_trip(const struct seal_key *key)
{
	uint8_t secret[PROTO_SECRET_MAX], back[PROTO_SECRET_MAX];
	bool all = true;

	randombytes_buf(secret, sizeof secret);
	for (size_t len = 0; len <= sizeof secret; len++) {
		struct sealed sealed;
		size_t back_len = 99;

		seal_close(key, alice, &kind, secret, len, &sealed);
		all = all && seal_open(key, alice, &kind, &sealed, back, &back_len) &&
		      back_len == len && memcmp(back, secret, len) == 0;
	}
	ok(all, "what was sealed comes back, whatever its length");
}

static void t62_bound_to_person_kind_and_key(
	const struct seal_key *key, const struct seal_key *other)
{
	const struct totp_kind longer = { 8, PROTO_SHA1, 30 }, sha256 = { 6, PROTO_SHA256, 30 },
			       slower = { 6, PROTO_SHA1, 60 };
	struct sealed sealed, forged;
	uint8_t secret[20] = { 1, 2, 3 };

	seal_close(key, alice, &kind, secret, sizeof secret, &sealed);
	ok(opens(key, alice, &kind, &sealed), "t62 its own person's opens");
	ok(!opens(key, "bob@acme.example", &kind, &sealed), "t62 not as another person's");
	ok(!opens(key, "alice@acme.exampl", &kind, &sealed), "t62 nor a shorter name's");
	ok(!opens(key, alice, &longer, &sealed), "t62 nor with other digits");
	ok(!opens(key, alice, &sha256, &sealed), "t62 nor with another algorithm");
	ok(!opens(key, alice, &slower, &sealed), "t62 nor with another period");
	ok(!opens(other, alice, &kind, &sealed), "t62 nor with another key");
	forged = sealed;
	memcpy(forged.key_id, other->id, sizeof forged.key_id);
	ok(!opens(other, alice, &kind, &forged), "t62 nor if the record names that other key");
}

static void every_bit_counts(const struct seal_key *key)
{
	struct sealed sealed, damaged;
	uint8_t secret[20] = { 9 };
	size_t opened = 0;

	seal_close(key, alice, &kind, secret, sizeof secret, &sealed);
	for (size_t bit = 0; bit < 8 * sealed.len; bit++) {
		damaged = sealed;
		damaged.box[bit / 8] ^= (uint8_t)(1 << bit % 8);
		opened += opens(key, alice, &kind, &damaged);
	}
	for (size_t bit = 0; bit < 8 * sizeof sealed.nonce; bit++) {
		damaged = sealed;
		damaged.nonce[bit / 8] ^= (uint8_t)(1 << bit % 8);
		opened += opens(key, alice, &kind, &damaged);
	}
	for (size_t len = 0; len < sealed.len; len++) {
		damaged = sealed;
		damaged.len = len;
		opened += opens(key, alice, &kind, &damaged);
	}
	damaged.len = sizeof sealed.box + 1;
	opened += opens(key, alice, &kind, &damaged);
	is_int(opened, 0, "no damaged one opens");
}

static void nothing_repeats(const struct seal_key *key)
{
	struct sealed first, second;
	uint8_t secret[20] = { 9 };

	seal_close(key, alice, &kind, secret, sizeof secret, &first);
	seal_close(key, alice, &kind, secret, sizeof secret, &second);
	ok(memcmp(first.nonce, second.nonce, sizeof first.nonce) != 0 &&
			memcmp(first.box, second.box, first.len) != 0,
		"the same secret is sealed in another way each time");
}

int main(void)
{
	struct seal_key key, other;

	if (sodium_init() < 0)
		return 1;
	make_key(&key, 0x11);
	make_key(&other, 0x12);
	ok(memcmp(key.id, other.id, sizeof key.id) != 0, "two keys have two names");
	round_trip(&key);
	t62_bound_to_person_kind_and_key(&key, &other);
	every_bit_counts(&key);
	nothing_repeats(&key);
	seal_key_done(&key);
	seal_key_done(&other);
	return tap_done();
}
