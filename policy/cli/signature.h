/*
 * Signatures of databases, and the keys that make them. A signature stands beside its database, in
 * DATABASE.sig, so that the database itself stays a plain one: it is looked at when a database is
 * installed, not at logins. It is a text of seven lines in this order, each ended by a line feed:
 *
 *	adperm-signature 1
 *	algorithm ed25519
 *	key 0123456789abcdef              who signed: see struct public_key
 *	generation 418                    of the database
 *	server web1.acme.example          of the database; * if it is of all servers
 *	sha256 (64 hex digits)            of all bytes of the database
 *	signature (88 characters)         base64 of the Ed25519 signature (RFC 8032)
 *
 * Signed is the text above the last line, every byte of it. A text that could be written in another
 * way is none.
 *
 * Keys are files of one line: "adperm-ed25519-public BASE64" and "adperm-ed25519-secret BASE64".
 */
#ifndef ADPERM_CLI_SIGNATURE_H
#define ADPERM_CLI_SIGNATURE_H

#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"
#include "model/names.h"

#define SIGNATURE_SUFFIX   ".sig"
#define SIGNATURE_TEXT_MAX 1024
#define SIGNATURE_SIZE     64
#define PUBLIC_KEY_SIZE    32
#define SECRET_KEY_SIZE    64 /* the public one is its second half */
#define KEY_ID_SIZE        17
#define TRUSTED_KEYS_MAX   64
#define KEY_TEXT_MAX       160 /* bytes of the file of either key, and a NUL */
#define TRUSTED_KEYS       "/etc/adperm/trusted-keys"

struct public_key {
	uint8_t bytes[PUBLIC_KEY_SIZE];
	char id[KEY_ID_SIZE]; /* the first 8 bytes of its SHA-256, in hex */
};

struct secret_key {
	uint8_t bytes[SECRET_KEY_SIZE]; /* wipe it after use */
};

struct trusted_keys {
	struct public_key key[TRUSTED_KEYS_MAX];
	unsigned n;
};

struct signature {
	char key_id[KEY_ID_SIZE];
	uint64_t generation;
	char server[HOST_MAX + 1]; /* "" if it is of all */
	uint8_t sha256[SHA256_SIZE];
	uint8_t bytes[SIGNATURE_SIZE];
};

enum signature_result {
	SIGNATURE_GOOD = 1,
	SIGNATURE_MISSING,     /* there is no such file */
	SIGNATURE_UNREADABLE,  /* or it cannot be read */
	SIGNATURE_MALFORMED,   /* not such a text; another algorithm */
	SIGNATURE_UNKNOWN_KEY, /* made with a key that is not trusted */
	SIGNATURE_FORGED,      /* not made by the key that it names, or changed afterwards */
	SIGNATURE_OTHER,       /* of other bytes, another generation or another server */
};

/* What a result is called in JSON ("forged"), and what it means in a sentence. */
const char *signature_word(enum signature_result result);
const char *signature_text(enum signature_result result);

/*
 * Makes a pair: the secret half in the new file `path`, mode 0600, the public one in `path`.pub.
 * 0 or a negative errno; -EEXIST if one of them is there: nothing is ever overwritten.
 */
int keypair_create(const char *path, struct public_key *made);

/* Makes the id from the bytes. */
void public_key_name(struct public_key *key);

/* 0 or a negative errno; -EBADMSG: it is no such key; -EPERM: others may read the secret. */
int secret_key_read(const char *path, struct secret_key *key);
int public_key_read(const char *path, enum trust trust, struct public_key *key);
/* What the error of reading a caller's public key means. */
const char *public_key_error(int error);

/*
 * Reads all *.pub files of a directory; an absent directory has none. On an error `wrong` names
 * the file or directory.
 */
int trusted_keys_read(
	const char *directory, enum trust trust, struct trusted_keys *keys, char wrong[static 512]);

/*
 * The text of a signature of the open file, whose generation and server ("" for all) the caller
 * knows. 0 or a negative errno.
 */
int signature_make(const struct secret_key *key, int fd, uint64_t generation, const char *server,
	struct buf *text);

/* The SHA-256 of all bytes of an open file. 0 or a negative errno. */
int file_digest(int fd, uint8_t out[static SHA256_SIZE]);

/* Takes a text apart; false if it is none. */
bool signature_parse(struct slice text, struct signature *out);

/* Judges a text as the signature of the open file. *out is set unless it is malformed. */
enum signature_result signature_check(struct slice text, int fd, uint64_t generation,
	const char *server, const struct trusted_keys *keys, struct signature *out);

/* Reads what stands beside `database`; SIGNATURE_GOOD: it is there, not judged yet. */
enum signature_result signature_read(
	const char *database, enum trust trust, char text[static SIGNATURE_TEXT_MAX], size_t *len);

#endif
