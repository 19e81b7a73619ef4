/* Signatures of databases; see signature.h. */
#include "cli/signature.h"

#include "base/base64.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

_Static_assert(SIGNATURE_SIZE == crypto_sign_BYTES, "Ed25519");
_Static_assert(PUBLIC_KEY_SIZE == crypto_sign_PUBLICKEYBYTES, "Ed25519");
_Static_assert(SECRET_KEY_SIZE == crypto_sign_SECRETKEYBYTES, "Ed25519");

static const struct {
	const char *word, *text;
} results[] = {
	[SIGNATURE_GOOD] = { "good", "the signature is good" },
	[SIGNATURE_MISSING] = { "missing", "there is no signature beside the database" },
	[SIGNATURE_UNREADABLE] = { "unreadable", "the signature cannot be read, or its owner or "
						 "mode lets others change it" },
	[SIGNATURE_MALFORMED] = { "malformed",
		"what stands beside the database is no signature that this adperm knows" },
	[SIGNATURE_UNKNOWN_KEY] = { "unknown_key", "the key that signed is not trusted here" },
	[SIGNATURE_FORGED] = { "forged",
		"the signature was not made by the key that it names, or was changed" },
	[SIGNATURE_OTHER] = { "other_database",
		"the signature is of another database, or this one was changed" },
};

const char *signature_word(enum signature_result result)
{
	return results[result].word;
}

const char *signature_text(enum signature_result result)
{
	return results[result].text;
}

int file_digest(int fd, uint8_t out[static SHA256_SIZE])
{
	uint8_t some[64 * 1024];
	uint64_t pos = 0;
	struct sha256 s;
	ssize_t got;

	sha256_init(&s);
	while ((got = pread(fd, some, sizeof some, (off_t)pos)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		sha256_add(&s, slice_of(some, (size_t)got));
		pos += (uint64_t)got;
	}
	sha256_done(&s, out);
	return 0;
}

/* The part of the text that is signed. */
static void put_signed(struct buf *out, const struct signature *s)
{
	char lines[SIGNATURE_TEXT_MAX], number[24];
	struct text t = text_over(lines, sizeof lines);

	snprintf(number, sizeof number, "%" PRIu64, s->generation);
	text_add(&t, "adperm-signature 1\nalgorithm ed25519\nkey ");
	text_add(&t, s->key_id);
	text_add(&t, "\ngeneration ");
	text_add(&t, number);
	text_add(&t, "\nserver ");
	text_add(&t, s->server[0] != '\0' ? s->server : "*");
	text_add(&t, "\nsha256 ");
	text_add_hex(&t, slice_of(s->sha256, sizeof s->sha256));
	text_add(&t, "\n");
	buf_bytes(out, lines, t.len);
}

static void put_signature(struct buf *out, const struct signature *s)
{
	char encoded[BASE64_LEN(SIGNATURE_SIZE) + 1];

	put_signed(out, s);
	base64_encode(slice_of(s->bytes, sizeof s->bytes), encoded);
	buf_bytes(out, "signature ", 10);
	buf_bytes(out, encoded, sizeof encoded - 1);
	buf_bytes(out, "\n", 1);
}

int signature_make(const struct secret_key *key, int fd, uint64_t generation, const char *server,
	struct buf *text)
{
	struct signature s = { .generation = generation };
	struct public_key own;
	struct buf message = { .at = NULL };
	int ret = file_digest(fd, s.sha256);

	if (ret != 0)
		return ret;
	memcpy(own.bytes, key->bytes + SECRET_KEY_SIZE - PUBLIC_KEY_SIZE, sizeof own.bytes);
	public_key_name(&own);
	memcpy(s.key_id, own.id, sizeof s.key_id);
	snprintf(s.server, sizeof s.server, "%s", server);
	put_signed(&message, &s);
	if (message.failed ||
		crypto_sign_detached(s.bytes, NULL, message.at, message.len, key->bytes) != 0)
		ret = -ENOMEM;
	else
		put_signature(text, &s);
	buf_done(&message);
	return ret != 0 || text->failed ? -ENOMEM : 0;
}

/* The rest of the line that begins with `name`, without its line feed. */
static struct slice take_line(struct cursor *c, const char *name)
{
	struct slice begin = cursor_take(c, strlen(name));
	const uint8_t *end;
	struct slice value;

	if (!slice_equal(begin, slice_str(name)))
		c->short_of = true;
	end = c->rest.len > 0 ? memchr(c->rest.at, '\n', c->rest.len) : NULL;
	if (end == NULL)
		c->short_of = true;
	value = cursor_take(c, end != NULL ? (size_t)(end - c->rest.at) : 0);
	cursor_take(c, 1);
	return value;
}

static bool parse_decimal(struct slice text, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < text.len; i++) {
		uint64_t digit = (uint64_t)text.at[i] - '0';

		if (digit > 9 || *out > (UINT64_MAX - digit) / 10)
			return false;
		*out = *out * 10 + digit;
	}
	return text.len > 0;
}

static bool parse_hex(struct slice text, uint8_t out[static SHA256_SIZE])
{
	return text.len == 2 * SHA256_SIZE &&
	       sodium_hex2bin(
		       out, SHA256_SIZE, (const char *)text.at, text.len, NULL, NULL, NULL) == 0;
}

/*
 * The lines are taken leniently and written again: only a text that comes out as it went in is one.
 */
bool signature_parse(struct slice text, struct signature *out)
{
	struct cursor c = cursor_of(text);
	struct slice first = take_line(&c, "adperm-signature ");
	struct slice algorithm = take_line(&c, "algorithm "), key = take_line(&c, "key ");
	struct slice generation = take_line(&c, "generation ");
	struct slice server = take_line(&c, "server "), digest = take_line(&c, "sha256 ");
	struct slice bytes = take_line(&c, "signature ");
	struct buf again = { .at = NULL };
	bool good;

	*out = (struct signature){ .generation = 0 };
	if (!cursor_done(&c) || !slice_equal(first, slice_str("1")) ||
		!slice_equal(algorithm, slice_str("ed25519")) || key.len != KEY_ID_SIZE - 1 ||
		!parse_decimal(generation, &out->generation) || !parse_hex(digest, out->sha256) ||
		base64_decode(bytes, out->bytes, sizeof out->bytes) != SIGNATURE_SIZE)
		return false;
	memcpy(out->key_id, key.at, key.len);
	if (!slice_equal(server, slice_str("*"))) {
		if (!name_is_host(server))
			return false;
		memcpy(out->server, server.at, server.len);
	}
	put_signature(&again, out);
	good = !again.failed && slice_equal(buf_slice(&again), text);
	buf_done(&again);
	return good;
}

static const struct public_key *find_key(const struct trusted_keys *keys, const char *id)
{
	for (unsigned i = 0; i < keys->n; i++)
		if (strcmp(keys->key[i].id, id) == 0)
			return &keys->key[i];
	return NULL;
}

/* libsodium refuses points of small order, and encodings that are not the canonical ones. */
static bool signed_by(const struct public_key *key, const struct signature *s)
{
	struct buf message = { .at = NULL };
	bool good;

	put_signed(&message, s);
	good = !message.failed && sodium_init() >= 0 &&
	       crypto_sign_verify_detached(s->bytes, message.at, message.len, key->bytes) == 0;
	buf_done(&message);
	return good;
}

enum signature_result signature_check(struct slice text, int fd, uint64_t generation,
	const char *server, const struct trusted_keys *keys, struct signature *out)
{
	const struct public_key *key;
	uint8_t digest[SHA256_SIZE];

	if (!signature_parse(text, out))
		return SIGNATURE_MALFORMED;
	key = find_key(keys, out->key_id);
	if (key == NULL)
		return SIGNATURE_UNKNOWN_KEY;
	if (!signed_by(key, out))
		return SIGNATURE_FORGED;
	if (file_digest(fd, digest) != 0)
		return SIGNATURE_UNREADABLE;
	if (memcmp(digest, out->sha256, sizeof digest) != 0 || out->generation != generation ||
		strcmp(out->server, server) != 0)
		return SIGNATURE_OTHER;
	return SIGNATURE_GOOD;
}

enum signature_result signature_read(
	const char *database, enum trust trust, char text[static SIGNATURE_TEXT_MAX], size_t *len)
{
	char path[4096];
	int ret, n = snprintf(path, sizeof path, "%s" SIGNATURE_SUFFIX, database);

	if (n < 0 || (size_t)n >= sizeof path)
		return SIGNATURE_UNREADABLE;
	ret = file_read(path, trust, text, SIGNATURE_TEXT_MAX, len);
	if (ret == -ENOENT)
		return SIGNATURE_MISSING;
	if (ret == -EFBIG)
		return SIGNATURE_MALFORMED;
	return ret == 0 ? SIGNATURE_GOOD : SIGNATURE_UNREADABLE;
}
