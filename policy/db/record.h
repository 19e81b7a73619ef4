/*
 * What the compiled database says and how it is written as bytes (format.h draws the layout).
 * Encoders append to a buf. Decoders look at every byte: one that returns true has filled its
 * struct with values inside their ranges, whose texts point into the bytes given.
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
	RECORD_HOLDING = 'h', /* profile, server: all that a decision reads */
	RECORD_LOGIN = 'l',   /* login */
	RECORD_KEY = 'k',     /* SHA-256 of the blob */
	RECORD_ACCOUNT = 'a', /* account */
	RECORD_SERVER = 's',  /* server */
	/* For the tool, never read by a login; see written.h. */
	RECORD_WRITTEN_PROFILE = 'P',
	RECORD_WRITTEN_OWNER = 'O',
	RECORD_WRITTEN_SERVER = 'S',
	RECORD_WRITTEN_GROUP = 'G',
	RECORD_WRITTEN_ROLE = 'R',
	RECORD_WRITTEN_GRANTS = 'g',
};

#define DB_FORMAT 2
/* Kind, two names of at most 254 bytes and a NUL between; the number of a grant is 4 bytes. */
#define RECORD_KEY_MAX 512

struct meta {
	uint32_t format; /* if it is not DB_FORMAT, nothing else is set */
	uint64_t generation;
	int64_t not_after; /* WHEN_NEVER */
	uint8_t built_from[SHA256_SIZE];
	uint8_t catalogue[SHA256_SIZE];
	uint8_t salt[SIPHASH_KEY_SIZE];
	struct slice server; /* empty: a whole database */
};

/* What a holding has besides what decide() looks at. */
struct holding_text {
	struct slice owner;           /* e-mail of the server's owner, empty without a server */
	const struct slice *files;    /* names for grant.file */
	const struct slice *accounts; /* names for grant.account - 1 */
	uint32_t file_total, account_total;
};

struct account_record {
	struct slice server;
	bool ssh_2fa;
};

struct key_record {
	struct slice profile, type, blob;
};

/*
 * Writes the key of a record: a kind and a name, and for a holding a second name. Empty if it would
 * be longer than any key is.
 */
struct slice record_key(
	uint8_t out[static RECORD_KEY_MAX], enum record_kind kind, struct slice name);
struct slice record_key_holding(
	uint8_t out[static RECORD_KEY_MAX], struct slice profile, struct slice server);

/* The hash of the cdb format, by which the record of a key is found. */
/*@
  @ requires readable(key);
  @ assigns \nothing;
  @*/
uint32_t record_hash(struct slice key);

void record_put_meta(struct buf *out, const struct meta *meta);
void record_put_holding(struct buf *out, const struct holding *h, const struct holding_text *text);
void record_put_account(struct buf *out, const struct account_record *account);
void record_put_key(struct buf *out, const struct key_record *key);
void record_put_net(struct buf *out, const struct net *net);

/* Takes a network from the front; anything else makes the cursor short. */
/*@
  @ requires \valid(c) && bounded(*c) && \valid(net) && \separated(c, net);
  @ assigns *c, *net;
  @ ensures bounded(*c);
  @*/
void record_take_net(struct cursor *c, struct net *net);

/*@
  @ requires readable(bytes) && \valid(meta);
  @ assigns *meta;
  @*/
bool record_get_meta(struct slice bytes, struct meta *meta);
/*@
  @ requires readable(bytes) && \valid(account);
  @ assigns *account;
  @*/
bool record_get_account(struct slice bytes, struct account_record *account);
/*@
  @ requires readable(bytes) && \valid(key);
  @ assigns *key;
  @*/
bool record_get_key(struct slice bytes, struct key_record *key);
/* A payload that is one text: a login's profile, a server's owner. */
/*@
  @ requires readable(bytes) && \valid(text);
  @ assigns *text;
  @*/
bool record_get_text(struct slice bytes, struct slice *text);

/*
 * A holding has arrays. record_holding_size() is the memory they need, 0 if the bytes are no
 * holding; record_get_holding() fills such memory, aligned as malloc(3) does.
 */
/*@
  @ requires readable(bytes);
  @ assigns \nothing;
  @*/
size_t record_holding_size(struct slice bytes);
bool record_get_holding(
	struct slice bytes, void *memory, struct holding *h, struct holding_text *text);

#endif
