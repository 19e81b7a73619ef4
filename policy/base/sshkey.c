/* SSH public keys in the wire format; see sshkey.h. One row a key type. */
#include "base/sshkey.h"

#include "base/base64.h"

#define RSA_MIN_BITS 2048
#define RSA_MAX_BITS 16384 /* of either number, as OpenSSH has it */
#define MAX_FIELDS   3
#define UNCOMPRESSED 4 /* the first byte of a point, RFC 5656 section 3.1 */

/*
 * What stands in a blob after its type: `fields` SSH strings. The certificate of the type is called
 * `<type>-cert-v01@openssh.com` (with the @ part of sk types moved behind), and holds the same
 * fields after a nonce.
 */
static const struct key_type {
	char name[40], cert[48];
	unsigned fields;
	char curve[12]; /* the first field's only value, or "" */
	unsigned exact; /* length of the field that is the key; 0: it is RSA */
	bool weak;
} key_types[] = {
	{ "ssh-ed25519", "ssh-ed25519-cert-v01@openssh.com", 1, "", 32, false },
	{ "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256-cert-v01@openssh.com", 2, "nistp256", 65,
		false },
	{ "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384-cert-v01@openssh.com", 2, "nistp384", 97,
		false },
	{ "ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521-cert-v01@openssh.com", 2, "nistp521", 133,
		false },
	{ "ssh-rsa", "ssh-rsa-cert-v01@openssh.com", 2, "", 0, false },
	{ "sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519-cert-v01@openssh.com", 2, "", 32, false },
	{ "sk-ecdsa-sha2-nistp256@openssh.com", "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", 3,
		"nistp256", 65, false },
	{ "ssh-dss", "ssh-dss-cert-v01@openssh.com", 4, "", 0, true },
};

#define KEY_TYPES (sizeof key_types / sizeof key_types[0])

static struct slice take_string(struct cursor *c)
{
	struct slice len = cursor_take(c, 4);

	if (len.len != 4)
		return len;
	return cursor_take(c, (size_t)len.at[0] << 24 | (size_t)len.at[1] << 16 |
				      (size_t)len.at[2] << 8 | len.at[3]);
}

/* The bits of a positive mpint (RFC 4251 section 5), 0 for a malformed or negative one. */
static size_t mpint_bits(struct slice number)
{
	size_t bits;

	if (number.len == 0 || (number.at[0] & 0x80) != 0)
		return 0;
	if (number.at[0] == 0) {
		if (number.len == 1 || (number.at[1] & 0x80) == 0)
			return 0;
		return (number.len - 1) * 8;
	}
	bits = number.len * 8;
	for (unsigned top = number.at[0]; (top & 0x80) == 0; top <<= 1)
		bits--;
	return bits;
}

static const struct key_type *type_find(struct slice name)
{
	for (size_t i = 0; i < KEY_TYPES; i++)
		if (slice_equal(name, slice_str(key_types[i].name)))
			return &key_types[i];
	return NULL;
}

static const struct key_type *cert_find(struct slice name)
{
	for (size_t i = 0; i < KEY_TYPES; i++)
		if (slice_equal(name, slice_str(key_types[i].cert)))
			return &key_types[i];
	return NULL;
}

static enum sshkey_problem check_rsa(struct slice exponent, struct slice modulus)
{
	size_t small = mpint_bits(exponent), large = mpint_bits(modulus);

	if (small == 0 || large == 0 || small > RSA_MAX_BITS || large > RSA_MAX_BITS)
		return SSHKEY_MALFORMED;
	return large < RSA_MIN_BITS ? SSHKEY_WEAK : SSHKEY_GOOD;
}

/* That it is on the curve is left to OpenSSH. */
static bool is_point(struct slice key)
{
	struct cursor c = cursor_of(key);

	return cursor_u8(&c) == UNCOMPRESSED;
}

/* The key fields of one type, taken from the cursor. */
static enum sshkey_problem take_fields(const struct key_type *type, struct cursor *c)
{
	struct slice field[MAX_FIELDS] = { { .len = 0 } };
	bool curved = type->curve[0] != '\0';
	struct slice key, application;

	for (unsigned i = 0; i < type->fields; i++) {
		field[i] = take_string(c);
		if (c->short_of || field[i].len == 0)
			return SSHKEY_MALFORMED;
	}
	if (type->exact == 0)
		return check_rsa(field[0], field[1]);
	key = field[curved];
	application = field[curved + 1]; /* of a security key; empty elsewhere */
	if (key.len != type->exact || (curved && !is_point(key)) ||
		(curved && !slice_equal(field[0], slice_str(type->curve))) ||
		(application.len > 0 && memchr(application.at, '\0', application.len) != NULL))
		return SSHKEY_MALFORMED;
	return SSHKEY_GOOD;
}

enum sshkey_problem sshkey_check(struct slice name, struct slice blob)
{
	const struct key_type *type = type_find(name);
	struct cursor c = cursor_of(blob);
	enum sshkey_problem problem;

	if (type == NULL)
		return cert_find(name) != NULL ? SSHKEY_CERT : SSHKEY_UNKNOWN;
	if (type->weak)
		return SSHKEY_WEAK;
	if (blob.len > SSHKEY_MAX || !slice_equal(take_string(&c), name))
		return SSHKEY_MALFORMED;
	problem = take_fields(type, &c);
	if (problem == SSHKEY_GOOD && !cursor_done(&c))
		return SSHKEY_MALFORMED;
	return problem;
}

const char *sshkey_type_name(size_t number)
{
	for (size_t i = 0; i < KEY_TYPES; i++)
		if (!key_types[i].weak && number-- == 0)
			return key_types[i].name;
	return NULL;
}

struct slice sshkey_type(struct slice blob)
{
	struct cursor c = cursor_of(blob);
	struct slice name = take_string(&c);

	return type_find(name) != NULL ? name : slice_of(NULL, 0);
}

bool sshkey_plain(struct slice blob, uint8_t *out, size_t room, struct slice *plain)
{
	struct cursor c = cursor_of(blob);
	struct slice name = take_string(&c);
	const struct key_type *type = cert_find(name);
	struct slice fields, own;

	*plain = blob;
	if (type == NULL)
		return !c.short_of;
	take_string(&c); /* the nonce */
	fields = c.rest;
	if (c.short_of || type->weak || take_fields(type, &c) != SSHKEY_GOOD)
		return false;
	fields.len -= c.rest.len;
	own = slice_str(type->name);
	if (own.len + 4 > room || fields.len > room - own.len - 4)
		return false;
	memset(out, 0, 4);
	out[3] = (uint8_t)own.len; /* every name is shorter than 256 bytes */
	memcpy(out + 4, own.at, own.len);
	memcpy(out + 4 + own.len, fields.at, fields.len);
	*plain = slice_of(out, 4 + own.len + fields.len);
	return true;
}

void sshkey_fingerprint(
	const uint8_t digest[static SHA256_SIZE], char out[static SSHKEY_FINGERPRINT_SIZE])
{
	char padded[BASE64_LEN(SHA256_SIZE) + 1];

	base64_encode(slice_of(digest, SHA256_SIZE), padded);
	memcpy(out, "SHA256:", 7);
	memcpy(out + 7, padded, SSHKEY_FINGERPRINT_SIZE - 8); /* without the one '=' */
	out[SSHKEY_FINGERPRINT_SIZE - 1] = '\0';
}

bool sshkey_fingerprint_parse(struct slice text, uint8_t digest[static SHA256_SIZE])
{
	char padded[BASE64_LEN(SHA256_SIZE)];

	if (text.len != SSHKEY_FINGERPRINT_SIZE - 1 || memcmp(text.at, "SHA256:", 7) != 0)
		return false;
	memcpy(padded, text.at + 7, sizeof padded - 1);
	padded[sizeof padded - 1] = '=';
	return base64_decode(slice_of(padded, sizeof padded), digest, SHA256_SIZE) == SHA256_SIZE;
}
