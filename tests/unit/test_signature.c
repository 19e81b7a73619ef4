/*
 * Signatures: what is taken, and that everything that is nearly one is refused. (Security test 22.)
 */
#include "cli/signature.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#define SERVER     "web1.acme.example"
#define GENERATION 418

static char directory[] = "/tmp/adperm-signature-XXXXXX";
static char key_path[64], other_path[64];
static struct secret_key secret, other_secret;
static struct trusted_keys keys;
static int file;
static struct buf text;

static struct public_key read_public(const char *path)
{
	char name[80];
	struct public_key key = { .id = "" };

	snprintf(name, sizeof name, "%s.pub", path);
	is_int(public_key_read(name, TRUST_CALLER, &key), 0, "a public key is read");
	return key;
}

static enum signature_result check(struct slice signature)
{
	struct signature by;

	return signature_check(signature, file, GENERATION, SERVER, &keys, &by);
}

static void make_keys(void)
{
	struct public_key made, again;
	struct secret_key unreadable;
	struct stat state;

	snprintf(key_path, sizeof key_path, "%s/key", directory);
	snprintf(other_path, sizeof other_path, "%s/other", directory);
	is_int(keypair_create(key_path, &made), 0, "a pair is made");
	is_int(keypair_create(other_path, &again), 0, "and another one");
	ok(strcmp(made.id, again.id) != 0, "which has another id");
	is_int(keypair_create(key_path, &again), -EEXIST, "nothing is overwritten");
	ok(stat(key_path, &state) == 0 && (state.st_mode & 07777) == 0600,
		"the secret half is its owner's alone");
	is_int(secret_key_read(key_path, &secret), 0, "a secret key is read");
	is_int(secret_key_read(other_path, &other_secret), 0, "the other one, too");
	keys.key[0] = read_public(key_path);
	keys.n = 1;
	is_str(keys.key[0].id, made.id, "the id comes from the bytes");
	if (chmod(other_path, 0640) != 0)
		abort();
	is_int(secret_key_read(other_path, &unreadable), -EPERM,
		"a secret key that others may read is refused");
}

static void good_one(void)
{
	struct signature by;

	is_int(signature_make(&secret, file, GENERATION, SERVER, &text), 0, "a file is signed");
	is_int(signature_check(buf_slice(&text), file, GENERATION, SERVER, &keys, &by),
		SIGNATURE_GOOD, "t22_its_own_signature_is_good");
	is_str(by.key_id, keys.key[0].id, "it says who signed");
	is_str(by.server, SERVER, "and for which server");
}

/* Whatever byte of the text is changed, it is good no more. */
static void changed_text(void)
{
	size_t good = 0;

	for (size_t at = 0; at < text.len; at++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			text.at[at] ^= (uint8_t)(1u << bit);
			good += check(buf_slice(&text)) == SIGNATURE_GOOD;
			text.at[at] ^= (uint8_t)(1u << bit);
		}
	}
	is_int(good, 0, "t22_no_flipped_bit_of_a_signature_is_good (%zu bits)", text.len * 8);
	good = 0;
	for (size_t len = 0; len < text.len; len++)
		good += check(slice_of(text.at, len)) == SIGNATURE_GOOD;
	is_int(good, 0, "t22_nor_is_one_cut_short");
	buf_bytes(&text, "\n", 1);
	is_int(check(buf_slice(&text)), SIGNATURE_MALFORMED, "nor one with a line more");
	text.len--;
}

static void changed_file(void)
{
	uint8_t byte;
	size_t good = 0;

	for (off_t at = 0; pread(file, &byte, 1, at) == 1; at++) {
		uint8_t flipped = byte ^ 1;

		if (pwrite(file, &flipped, 1, at) != 1)
			abort();
		good += check(buf_slice(&text)) != SIGNATURE_OTHER;
		if (pwrite(file, &byte, 1, at) != 1)
			abort();
	}
	is_int(good, 0, "t22_a_changed_byte_of_the_file_is_noticed");
	is_int(check(buf_slice(&text)), SIGNATURE_GOOD, "and nothing else was");
}

static void other_claims(void)
{
	struct trusted_keys none = { .n = 0 };
	struct signature by;
	struct slice all = buf_slice(&text);

	is_int(signature_check(all, file, GENERATION + 1, SERVER, &keys, &by), SIGNATURE_OTHER,
		"t22_a_database_that_says_another_generation");
	is_int(signature_check(all, file, GENERATION, "web2.acme.example", &keys, &by),
		SIGNATURE_OTHER, "t25_a_database_that_says_another_server");
	is_int(signature_check(all, file, GENERATION, SERVER, &none, &by), SIGNATURE_UNKNOWN_KEY,
		"nobody is trusted");
}

/* The text with another line in it. */
static struct buf with_line(const char *name, const char *line)
{
	struct buf out = { .at = NULL };
	const char *rest = (const char *)text.at, *end = rest + text.len;

	while (rest < end) {
		size_t len =
			(size_t)((const char *)memchr(rest, '\n', (size_t)(end - rest)) + 1 - rest);

		if (strncmp(rest, name, strlen(name)) == 0)
			buf_bytes(&out, line, strlen(line));
		else
			buf_bytes(&out, rest, len);
		rest += len;
	}
	return out;
}

static void other_lines(void)
{
	static const struct {
		const char *name, *line;
		enum signature_result result;
	} rows[] = {
		{ "adperm-signature", "adperm-signature 2\n", SIGNATURE_MALFORMED },
		{ "algorithm", "algorithm none\n", SIGNATURE_MALFORMED },
		{ "algorithm", "algorithm ed25519ph\n", SIGNATURE_MALFORMED },
		{ "algorithm", "", SIGNATURE_MALFORMED },
		{ "key", "key 0000000000000000\n", SIGNATURE_UNKNOWN_KEY },
		{ "generation", "generation 419\n", SIGNATURE_FORGED },
		{ "generation", "generation 0418\n", SIGNATURE_MALFORMED },
		{ "generation", "generation 18446744073709552034\n", SIGNATURE_MALFORMED },
		{ "server", "server web2.acme.example\n", SIGNATURE_FORGED },
		{ "server", "server *\n", SIGNATURE_FORGED },
		{ "server", "server Web1.acme.example\n", SIGNATURE_MALFORMED },
		{ "sha256", "sha256 00\n", SIGNATURE_MALFORMED },
		{ "signature", "signature AAAA\n", SIGNATURE_MALFORMED },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf changed = with_line(rows[i].name, rows[i].line);

		is_int(check(buf_slice(&changed)), rows[i].result, "t22_line: %s -> %.*s",
			rows[i].name, (int)strcspn(rows[i].line, "\n"), rows[i].line);
		buf_done(&changed);
	}
}

/* Signed by another key, whose name is changed to that of the trusted one. */
static void other_key(void)
{
	struct buf by_other = { .at = NULL };
	struct signature s;
	char line[32];

	if (signature_make(&other_secret, file, GENERATION, SERVER, &by_other) != 0)
		abort();
	is_int(check(buf_slice(&by_other)), SIGNATURE_UNKNOWN_KEY, "t22_another_key_is_refused");
	if (!signature_parse(buf_slice(&by_other), &s))
		abort();
	buf_done(&text);
	text = by_other;
	snprintf(line, sizeof line, "key %s\n", keys.key[0].id);
	by_other = with_line("key", line);
	is_int(check(buf_slice(&by_other)), SIGNATURE_FORGED,
		"t22_also_under_the_name_of_the_trusted_one");
	buf_done(&by_other);
	buf_reset(&text);
	signature_make(&secret, file, GENERATION, SERVER, &text);
}

/* The signature of the text replaced by these 64 bytes. */
static enum signature_result check_bytes(const uint8_t bytes[static SIGNATURE_SIZE])
{
	char line[128], encoded[96];
	struct buf changed;
	enum signature_result result;

	sodium_bin2base64(
		encoded, sizeof encoded, bytes, SIGNATURE_SIZE, sodium_base64_VARIANT_ORIGINAL);
	snprintf(line, sizeof line, "signature %s\n", encoded);
	changed = with_line("signature", line);
	result = check(buf_slice(&changed));
	buf_done(&changed);
	return result;
}

/* The same signature with S + L: some verifiers take it, so that it would be a second one. */
static void not_canonical(void)
{
	static const uint8_t order[32] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6,
		0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0x10 };
	struct signature s;
	unsigned carry = 0;

	if (!signature_parse(buf_slice(&text), &s))
		abort();
	is_int(check_bytes(s.bytes), SIGNATURE_GOOD, "the same bytes written again are good");
	for (size_t i = 0; i < 32; i++) {
		carry += s.bytes[32 + i] + (unsigned)order[i];
		s.bytes[32 + i] = (uint8_t)carry;
		carry >>= 8;
	}
	is_int(check_bytes(s.bytes), SIGNATURE_FORGED, "t22_a_scalar_that_is_not_canonical");
}

/*
 * Under a public key of small order, a signature of R = that point and S = 0 holds for many texts
 * with a careless verifier: for the neutral point for every text.
 */
static void small_order(void)
{
	static const uint8_t points[][32] = {
		{ 1 },
		{ 0 },
		{ 0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
		{ 0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
	};
	struct public_key trusted = keys.key[0];

	for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
		uint8_t bytes[SIGNATURE_SIZE] = { 0 };

		memcpy(keys.key[0].bytes, points[i], sizeof points[i]);
		memcpy(bytes, points[i], sizeof points[i]);
		is_int(check_bytes(bytes), SIGNATURE_FORGED, "t22_a_key_of_small_order (%zu)", i);
		bytes[0] = 1;
		is_int(check_bytes(bytes), SIGNATURE_FORGED, "t22_with_the_neutral_point (%zu)", i);
	}
	keys.key[0] = trusted;
}

static void damaged_keys(void)
{
	char path[80];
	struct public_key key;

	snprintf(path, sizeof path, "%s.pub", key_path);
	is_int(secret_key_read(path, &secret), -EPERM, "a public key is no secret one");
	is_int(public_key_read(key_path, TRUST_CALLER, &key), -EBADMSG,
		"nor is a secret key a public one");
	is_int(truncate(path, 40), 0, "a public key, cut short");
	is_int(public_key_read(path, TRUST_CALLER, &key), -EBADMSG, "is none");
}

int main(void)
{
	static const char content[] = "any bytes; what they are is not this code's matter";
	char path[64], key_file[80];

	if (mkdtemp(directory) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/file", directory);
	file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (file < 0 || write(file, content, sizeof content) != (ssize_t)sizeof content)
		return 1;
	make_keys();
	good_one();
	changed_text();
	changed_file();
	other_claims();
	other_lines();
	other_key();
	not_canonical();
	small_order();
	damaged_keys();
	buf_done(&text);
	close(file);
	unlink(path);
	for (int i = 0; i < 4; i++) {
		snprintf(key_file, sizeof key_file, "%s%s", i < 2 ? key_path : other_path,
			i % 2 == 0 ? "" : ".pub");
		unlink(key_file);
	}
	rmdir(directory);
	return tap_done();
}
