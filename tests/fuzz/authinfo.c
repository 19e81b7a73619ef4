/*
 * What sshd says of the methods that are done, and the keys in it. A key that is taken is a good
 * one, and the one inside a certificate is no certificate.
 */
#include "authinfo.h"
#include "base/base64.h"
#include "fuzz.h"

static void judge_key(const struct authinfo_key *key)
{
	char fingerprint[SSHKEY_FINGERPRINT_SIZE], text[BASE64_LEN(SSHKEY_MAX) + 1];
	uint8_t digest[SHA256_SIZE], again[SHA256_SIZE], inside[SSHKEY_MAX];
	struct slice plain;

	must(key->plain.len > 0 && key->plain.len <= SSHKEY_MAX);
	must(sshkey_plain(key->plain, inside, sizeof inside, &plain) &&
		slice_equal(plain, key->plain));
	sha256_of(key->plain, digest);
	sshkey_fingerprint(digest, fingerprint);
	must(sshkey_fingerprint_parse(slice_str(fingerprint), again) &&
		memcmp(digest, again, sizeof digest) == 0);
	base64_encode(key->plain, text);
	must(strlen(text) < sizeof text);
}

static void judge_blob(struct slice blob)
{
	uint8_t digest[SHA256_SIZE], *exact = malloc(blob.len + 1);
	struct slice type = sshkey_type(blob), plain;

	must(exact != NULL);
	if (type.len > 0)
		must(type.at >= blob.at && type.at + type.len <= blob.at + blob.len);
	/* With just the room there is: what is longer is refused, not written. */
	if (sshkey_plain(blob, exact, blob.len, &plain))
		must(plain.len <= blob.len);
	if (sshkey_check(type, blob) == SSHKEY_GOOD)
		must(sshkey_plain(blob, exact, blob.len, &plain) && slice_equal(plain, blob));
	sshkey_fingerprint_parse(blob, digest);
	free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of(data, size);
	struct authinfo_key key;
	enum authinfo got;

	judge_blob(rest);
	do {
		size_t before = rest.len;

		got = authinfo_next(&rest, &key);
		must(got == AUTHINFO_END || rest.len < before);
		if (got == AUTHINFO_KEY)
			judge_key(&key);
	} while (got != AUTHINFO_END);
	return 0;
}
