/*
 * SSH public keys in the wire format (RFC 4253 section 6.6, RFC 5656, RFC 8709, and OpenSSH's
 * PROTOCOL.u2f and PROTOCOL.certkeys): which types there are, whether a blob is well formed and
 * strong enough, its fingerprint, and the plain key inside a certificate.
 */
#ifndef ADPERM_BASE_SSHKEY_H
#define ADPERM_BASE_SSHKEY_H

#include "base/hash.h"

/* The longest blob taken: RSA of 16384 bits is 2071 bytes, a certificate adds its own fields. */
#define SSHKEY_MAX 8192
/* "SHA256:" and 43 characters, and a NUL. */
#define SSHKEY_FINGERPRINT_SIZE 51

enum sshkey_problem {
	SSHKEY_GOOD = 0,
	SSHKEY_MALFORMED, /* not such a key: lengths, sizes, or another type inside the blob */
	SSHKEY_UNKNOWN,   /* a type that this product, or OpenSSH 9, does not take */
	SSHKEY_WEAK,      /* DSA, or RSA below 2048 bits */
	SSHKEY_CERT,      /* a certificate where a plain key belongs */
};

/* Judges a plain public key: `type` is the word before the blob, the decoded base64. */
enum sshkey_problem sshkey_check(struct slice type, struct slice blob);

/* The types that are good, by number from 0 on; NULL behind the last. */
const char *sshkey_type_name(size_t number);

/* The type that stands at the front of a blob, a part of it; empty unless it is a plain key's. */
struct slice sshkey_type(struct slice blob);

/*
 * The plain blob that `blob` stands for: itself, or the key inside an OpenSSH certificate, built in
 * out (`room` bytes; SSHKEY_MAX always suffices). False if the certificate is malformed.
 */
bool sshkey_plain(struct slice blob, uint8_t *out, size_t room, struct slice *plain);

/* "SHA256:..." as ssh-keygen -l prints it. */
void sshkey_fingerprint(
	const uint8_t digest[static SHA256_SIZE], char out[static SSHKEY_FINGERPRINT_SIZE]);

/* The digest behind such a text; false if it is none. */
bool sshkey_fingerprint_parse(struct slice text, uint8_t digest[static SHA256_SIZE]);

#endif
