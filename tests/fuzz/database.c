/*
 * The database reader and the decoders behind it. The input is tried as it is, and again with its
 * checksums made right, as somebody would who can write the file: nothing behind the checksums may
 * rely on them.
 */
#include "db/format.h"
#include "fuzz.h"
#include "lang/from_db.h"
#include "switch/handle.h"
#include "switch/source_db.h"

#define NOW         INT64_C(1780000000)
#define SALT_OFFSET 92 /* in the meta record's payload */

static const struct adperm_question questions[] = {
	{ .who = ADPERM_LOGIN, .name = "a-login", .permission = "account.ssh", .account = "acme" },
	{ .who = ADPERM_FINGERPRINT,
		.name = "SHA256:EkToMw5vKyPR67dc+Bb2L3KwhudLJh4eKmGZ0CgopdM",
		.permission = "account.ssh",
		.account = "acme" },
	{ .who = ADPERM_PROFILE, .name = "a@x.example", .permission = "server.firewall_rules" },
	{ .who = ADPERM_PROFILE, .name = "o@x.example", .permission = "overall.billing" },
};

/* Puts the right checksum behind each record that can be made out. */
static void repair(uint8_t *bytes, size_t size)
{
	uint8_t salt[SIPHASH_KEY_SIZE] = { 0 };
	size_t pos = DB_HEAD_SIZE;
	bool meta = true;

	while (pos + DB_RECORD_HEAD <= size) {
		size_t klen = le32(bytes + pos), dlen = le32(bytes + pos + 4);
		uint8_t *key = bytes + pos + DB_RECORD_HEAD, *payload;

		pos += DB_RECORD_HEAD;
		if (klen > size - pos || dlen < DB_CHECKSUM_SIZE || dlen > size - pos - klen)
			return;
		payload = key + klen;
		dlen -= DB_CHECKSUM_SIZE;
		put_le64(payload + dlen,
			siphash(salt, slice_of(key, klen), slice_of(payload, dlen)));
		if (meta && dlen >= SALT_OFFSET + sizeof salt)
			memcpy(salt, payload + SALT_OFFSET, sizeof salt);
		meta = false;
		pos += klen + dlen + DB_CHECKSUM_SIZE;
	}
}

static void walk(const char *path)
{
	struct db_value value = { .heap = NULL };
	uint32_t pos = DB_HEAD_SIZE;
	struct slice key;
	struct db db;
	enum db_result result = db_open(&db, path, TRUST_CALLER);

	if (result != DB_FOUND)
		return;
	for (; result == DB_FOUND; db_value_done(&value)) {
		struct held held = { .memory = { NULL } };

		result = db_next(&db, &pos, &key, &value);
		if (result == DB_FOUND && key.len > 0 && key.at[0] == RECORD_HOLDING)
			held_decode(value.payload, &held);
		held_done(&held);
	}
	db_check(&db);
	db_close(&db);
}

static void ask(const char *path)
{
	struct adperm *handle = NULL;
	struct adperm_answer answer;
	struct source source;

	if (source_db_open(path, TRUST_CALLER, &source) != ADPERM_OK ||
		adperm_over(&source, NULL, TRUST_CALLER, "s.x.example", &handle) != ADPERM_OK)
		return;
	for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
		struct adperm_question question = questions[i];

		question.time = NOW;
		question.from = "192.0.2.1";
		adperm_ask(handle, &question, &answer);
	}
	adperm_close(handle);
}

/* The rows it is made of, if they are believed, are rows like any other's. */
static void read_back(const char *path)
{
	struct diags *diags = diags_new();
	struct policy *p = NULL;
	struct meta meta;

	must((policy_from_db(path, TRUST_CALLER, diags, &meta, &p) == DB_FOUND) == (p != NULL));
	if (p != NULL)
		policy_db_check(path, TRUST_CALLER);
	policy_free(p);
	diags_free(diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes = malloc(size + 1);

	must(bytes != NULL);
	if (size > 0)
		memcpy(bytes, data, size);
	for (int repaired = 0; repaired < 2; repaired++) {
		const char *path;

		if (repaired == 1)
			repair(bytes, size);
		path = fuzz_file("policy.cdb", bytes, size);
		walk(path);
		ask(path);
		read_back(path);
	}
	free(bytes);
	return 0;
}
