/*
 * What stands in the compiled database and how it is written as bytes. See format.h for the file
 * and the layout of each record. Encoders write into a buf, decoders take a slice and check all
 * of it: a decoder that returns true has filled the struct with values inside their ranges.
 */
#ifndef ADPERM_DB_RECORD_H
#define ADPERM_DB_RECORD_H

#include "base/buf.h"
#include "base/hash.h"
#include "model/decide.h"
#include "model/names.h"

/* The first byte of every key. */
enum record_kind {
	RECORD_META = '!',
	RECORD_HOLDING = 'h', /* profile NUL server: what the decision reads */
	RECORD_PROFILE = 'p', /* e-mail */
	RECORD_LOGIN = 'l',   /* login: its e-mail */
	RECORD_KEY = 'k',     /* SHA-256 of the blob */
	RECORD_ACCOUNT = 'a', /* account */
	RECORD_SERVER = 's',  /* server */
	/* For the tool only, never read by a login: */
	RECORD_GROUP = 'G',
	RECORD_ROLE = 'R',
	RECORD_OWNER = 'o', /* e-mail */
	RECORD_GRANT = 'g', /* number, 4 bytes: a grant as it was written */
};

#define DB_FORMAT 1

struct meta {
	uint32_t format;
	uint64_t generation;
	int64_t not_after; /* WHEN_NEVER */
	uint8_t built_from[32];
	uint8_t catalogue[32];
	uint8_t salt[SIPHASH_KEY_SIZE]; /* keys the checksum of every other record of this file */
	struct slice server;            /* "" in a whole database */
};

struct holding_text {        /* what a holding record has besides what decide() looks at */
	struct slice owner;  /* e-mail of the server's owner */
	struct slice *files; /* names for grant.file */
	size_t file_total;
	struct slice *accounts; /* names for grant.account - 1 */
	size_t account_total;
};

struct account_record {
	struct slice server;
	bool ssh_2fa;
};

struct key_record {
	struct slice profile, type, blob;
};

/* The key of a record: kind and name(s); `out` is emptied first. */
void record_key(struct buf *out, enum record_kind kind, struct slice name, struct slice second);

void record_put_meta(struct buf *out, const struct meta *meta);
void record_put_holding(struct buf *out, const struct holding *h, const struct holding_text *text);
void record_put_account(struct buf *out, const struct account_record *account);
void record_put_key(struct buf *out, const struct key_record *key);

bool record_get_meta(struct slice bytes, struct meta *meta);
bool record_get_account(struct slice bytes, struct account_record *account);
bool record_get_key(struct slice bytes, struct key_record *key);

/*
 * A holding needs arrays; holding_need() says how much memory, aligned as malloc does, and
 * record_get_holding() fills it. Texts and arrays point into `bytes` and `memory`.
 */
size_t record_holding_need(struct slice bytes);
bool record_get_holding(struct slice bytes, void *memory, size_t size, struct holding *h,
	struct holding_text *text);

#endif
