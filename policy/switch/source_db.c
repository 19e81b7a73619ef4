/* The compiled database as a source; see source_db.h. */
#include "switch/source_db.h"

#include <stdlib.h>

enum adperm_reason source_db_reason(enum db_result result)
{
	switch (result) {
	case DB_FOUND: return ADPERM_OK;
	case DB_ABSENT:
	case DB_MISSING: return ADPERM_POLICY_MISSING;
	case DB_UNSAFE: return ADPERM_POLICY_UNSAFE_PATH;
	case DB_UNREADABLE: return ADPERM_POLICY_UNREADABLE;
	case DB_OTHER_FORMAT: return ADPERM_POLICY_FORMAT;
	case DB_NOMEM: return ADPERM_NOMEM;
	case DB_CORRUPT: break;
	}
	return ADPERM_POLICY_CORRUPT;
}

enum adperm_reason source_db_open(const char *path, enum trust trust, struct source *out)
{
	struct db *db = malloc(sizeof *db);
	enum adperm_reason why = ADPERM_NOMEM;

	if (db != NULL)
		why = source_db_reason(db_open(db, path, trust));
	if (why != ADPERM_OK) {
		free(db);
		return why;
	}
	*out = (struct source){
		.ops = &source_db_ops,
		.state = db,
		.generation = db->meta.generation,
		.not_after = db->meta.not_after,
	};
	memcpy(out->server, db->server, sizeof out->server);
	return ADPERM_OK;
}

static void close_db(void *state)
{
	db_close(state);
	free(state);
}

/* Looks a record up; `absent` is what its absence means. */
static enum adperm_reason find(
	const struct db *db, struct slice key, enum adperm_reason absent, struct db_value *value)
{
	enum db_result result = db_find(db, key, value);

	return result == DB_ABSENT ? absent : source_db_reason(result);
}

/* An e-mail from a record into an answer. */
static enum adperm_reason give_profile(struct slice email, char out[static ADPERM_EMAIL_SIZE])
{
	if (email.len == 0 || email.len >= ADPERM_EMAIL_SIZE)
		return ADPERM_POLICY_CORRUPT;
	memcpy(out, email.at, email.len);
	out[email.len] = '\0';
	return ADPERM_OK;
}

static enum adperm_reason find_login(
	const void *state, struct slice login, char profile[static ADPERM_EMAIL_SIZE])
{
	uint8_t key[RECORD_KEY_MAX];
	struct db_value value;
	struct slice email;
	enum adperm_reason why =
		find(state, record_key(key, RECORD_LOGIN, login), ADPERM_UNKNOWN_PERSON, &value);

	if (why == ADPERM_OK)
		why = record_get_text(value.payload, &email) ? give_profile(email, profile)
							     : ADPERM_POLICY_CORRUPT;
	db_value_done(&value);
	return why;
}

static enum adperm_reason find_key(const void *state, const uint8_t digest[static SHA256_SIZE],
	struct slice blob, char profile[static ADPERM_EMAIL_SIZE])
{
	uint8_t key[RECORD_KEY_MAX];
	struct db_value value;
	struct key_record record;
	enum adperm_reason why =
		find(state, record_key(key, RECORD_KEY, slice_of(digest, SHA256_SIZE)),
			ADPERM_UNKNOWN_PERSON, &value);

	if (why == ADPERM_OK && !record_get_key(value.payload, &record))
		why = ADPERM_POLICY_CORRUPT;
	if (why == ADPERM_OK && blob.at != NULL && !slice_equal(blob, record.blob))
		why = ADPERM_UNKNOWN_PERSON;
	if (why == ADPERM_OK)
		why = give_profile(record.profile, profile);
	db_value_done(&value);
	return why;
}

static enum adperm_reason find_server(const void *state, struct slice server)
{
	uint8_t key[RECORD_KEY_MAX];
	struct db_value value;
	enum adperm_reason why =
		find(state, record_key(key, RECORD_SERVER, server), ADPERM_UNKNOWN_SERVER, &value);

	db_value_done(&value);
	return why;
}

static enum adperm_reason find_account(
	const void *state, struct slice account, struct slice server, bool *ssh_2fa)
{
	uint8_t key[RECORD_KEY_MAX];
	struct db_value value;
	struct account_record record;
	enum adperm_reason why = find(
		state, record_key(key, RECORD_ACCOUNT, account), ADPERM_UNKNOWN_ACCOUNT, &value);

	if (why == ADPERM_OK && !record_get_account(value.payload, &record))
		why = ADPERM_POLICY_CORRUPT;
	if (why == ADPERM_OK && !slice_equal(record.server, server))
		why = ADPERM_UNKNOWN_ACCOUNT;
	if (why == ADPERM_OK)
		*ssh_2fa = record.ssh_2fa;
	db_value_done(&value);
	return why;
}

static enum adperm_reason find_holding(
	const void *state, struct slice profile, struct slice server, struct held *held)
{
	uint8_t key[RECORD_KEY_MAX];
	struct db_value value;
	enum db_result result = db_find(state, record_key_holding(key, profile, server), &value);
	enum adperm_reason why;

	if (result == DB_ABSENT) {
		db_value_done(&value);
		result =
			db_find(state, record_key_holding(key, profile, slice_of(NULL, 0)), &value);
	}
	why = result == DB_ABSENT ? ADPERM_UNKNOWN_PERSON : source_db_reason(result);
	if (why == ADPERM_OK)
		why = held_decode(value.payload, held);
	db_value_done(&value);
	return why;
}

const struct source_ops source_db_ops = {
	.name = "db",
	.login = find_login,
	.key = find_key,
	.server = find_server,
	.account = find_account,
	.holding = find_holding,
	.close = close_db,
};
