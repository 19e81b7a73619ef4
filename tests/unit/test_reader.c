/*
 * The database under damage: whatever is flipped, cut, added, forged or deleted, no question gets a
 * wrong yes, and no 2FA becomes a plain yes. (Security tests 17, 18, 19, 28.)
 */
#include "../decide/engines.h"
#include "db/format.h"
#include "db/reader.h"
#include "tap.h"

#include <cdb.h>
#include <fcntl.h>
#include <time.h>

#define POLICY "tests/decide/small.yaml"
#define NOW    INT64_C(1780000000)

/* What is asked of every damaged database. */
static const struct adperm_question questions[] = {
	{ .who = ADPERM_LOGIN,
		.name = "a-login",
		.permission = "account.ssh",
		.account = "acme",
		.from = "192.0.2.1",
		.time = NOW,
		.server = "s.x.example" },
	{ .who = ADPERM_FINGERPRINT,
		.name = "SHA256:EkToMw5vKyPR67dc+Bb2L3KwhudLJh4eKmGZ0CgopdM",
		.permission = "account.ssh",
		.account = "acme",
		.from = "10.0.0.1",
		.time = NOW,
		.server = "s.x.example" },
	{ .who = ADPERM_PROFILE,
		.name = "a@x.example",
		.permission = "server.firewall_rules",
		.time = NOW,
		.server = "s.x.example" },
	{ .who = ADPERM_PROFILE,
		.name = "b@x.example",
		.permission = "server.firewall_rules",
		.time = NOW,
		.server = "s.x.example" },
	{ .who = ADPERM_PROFILE,
		.name = "o@x.example",
		.permission = "overall.billing",
		.time = NOW,
		.server = "s.x.example" },
	{ .who = ADPERM_LOGIN,
		.name = "a-login",
		.permission = "account.ssh",
		.account = "acme",
		.from = "192.0.2.1",
		.time = NOW + 100000000,
		.server = "s.x.example" },
};

#define QUESTIONS (sizeof questions / sizeof questions[0])

static const enum adperm_verdict expected[QUESTIONS] = { ADPERM_ALLOW_2FA, ADPERM_ALLOW_2FA,
	ADPERM_ALLOW, ADPERM_DENY, ADPERM_ALLOW, ADPERM_ALLOW };

static uint8_t bytes[64 * 1024];
static size_t size;
static char path[] = "/tmp/adperm-reader-XXXXXX";
static int file;

static void put_file(const uint8_t *at, size_t len)
{
	if (pwrite(file, at, len, 0) != (ssize_t)len || ftruncate(file, (off_t)len) != 0)
		abort();
}

/*
 * Asks everything of the file as it is now. Returns how many answers are right; *wrong counts those
 * that are neither right nor a no.
 */
static size_t ask_all(size_t *wrong)
{
	struct source source;
	struct adperm *handle;
	size_t right = 0;

	if (source_db_open(path, TRUST_CALLER, &source) != ADPERM_OK ||
		adperm_over(&source, NULL, TRUST_CALLER, NULL, &handle) != ADPERM_OK)
		return 0;
	for (size_t i = 0; i < QUESTIONS; i++) {
		struct adperm_answer answer;
		enum adperm_verdict verdict = adperm_ask(handle, &questions[i], &answer);

		right += verdict == expected[i];
		*wrong +=
			verdict != expected[i] && verdict != ADPERM_DENY && verdict != ADPERM_ERROR;
	}
	adperm_close(handle);
	return right;
}

static bool load(void)
{
	const char *const paths[] = { POLICY };
	const struct emit_options options = { .server = NO_INDEX, .not_after = WHEN_NEVER };
	struct diags *diags = diags_new();
	struct policy *p = policy_load(paths, 1, diags);
	bool good = p != NULL && policy_emit(p, &options, file) == 0;
	ssize_t got = good ? pread(file, bytes, sizeof bytes, 0) : -1;

	diags_print(diags, stdout);
	policy_free(p);
	diags_free(diags);
	size = got > 0 ? (size_t)got : 0;
	return got > 0 && size < sizeof bytes;
}

static void flipped_bits(void)
{
	size_t wrong = 0, unharmed = 0, opened = 0;

	for (size_t bit = 0; bit < size * 8; bit++) {
		uint8_t byte = (uint8_t)(bytes[bit / 8] ^ 1 << bit % 8);
		size_t right;

		if (pwrite(file, &byte, 1, (off_t)(bit / 8)) != 1)
			abort();
		right = ask_all(&wrong);
		unharmed += right == QUESTIONS;
		opened += right > 0;
		if (pwrite(file, &bytes[bit / 8], 1, (off_t)(bit / 8)) != 1)
			abort();
	}
	is_int(wrong, 0, "t17_no_flipped_bit_gives_a_wrong_yes (%zu bits)", size * 8);
	ok(unharmed < size * 8 && opened > 0, "%zu flips were in bytes that no question read",
		unharmed);
}

static void cut_and_appended(void)
{
	size_t wrong = 0, answered = 0;
	uint8_t longer[sizeof bytes];

	for (size_t len = 0; len < size; len++) {
		put_file(bytes, len);
		answered += ask_all(&wrong) > 0;
	}
	is_int(answered, 0, "t18_no_truncated_file_answers (%zu lengths)", size);
	memcpy(longer, bytes, size);
	longer[size] = 0;
	put_file(longer, size + 1);
	is_int(ask_all(&wrong), 0, "t18_an_appended_byte_is_noticed");
	put_file(bytes, size);
	if (ftruncate(file, (off_t)UINT32_MAX + 1) != 0)
		abort();
	is_int(ask_all(&wrong), 0, "t18_a_file_over_4_gib_is_refused");
	is_int(wrong, 0, "t18_none_of_them_gives_a_wrong_yes");
	put_file(bytes, size);
}

/* Of the processor: what else the machine does is nobody's search. */
static double milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Lengths and positions that overflow, overlap or run in circles, in every word of the file. */
static void crafted_words(void)
{
	const uint32_t evil[] = { 0, 1, 2047, 2048, (uint32_t)size - 1, (uint32_t)size, 0x10000000,
		0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff };
	size_t wrong = 0;
	double slowest = 0;

	for (size_t word = 0; word + 4 <= size; word += 4) {
		for (size_t i = 0; i < sizeof evil / sizeof evil[0]; i++) {
			uint8_t at[4];
			double before = milliseconds(), took;

			put_le32(at, evil[i]);
			if (pwrite(file, at, sizeof at, (off_t)word) != sizeof at)
				abort();
			ask_all(&wrong);
			took = milliseconds() - before;
			slowest = took > slowest ? took : slowest;
		}
		if (pwrite(file, bytes + word, 4, (off_t)word) != 4)
			abort();
	}
	is_int(wrong, 0, "t19_crafted_lengths_and_positions_give_no_yes");
	ok(slowest < 250, "t19_none_of_them_takes_long (slowest %.1f ms for %zu questions)",
		slowest, QUESTIONS);
}

/* A table that has no free slot, all pointing at one record of another key: the search must end. */
static void crafted_chain(void)
{
	enum { SLOTS = 1 << 20 };
	size_t len = size + (size_t)SLOTS * DB_SLOT_SIZE, wrong = 0;
	uint8_t *big = calloc(1, len);
	double before;

	if (big == NULL)
		abort();
	memcpy(big, bytes, size);
	for (size_t i = 0; i < DB_TABLES; i++) {
		put_le32(big + 8 * i, (uint32_t)size);
		put_le32(big + 8 * i + 4, SLOTS);
	}
	for (size_t i = 0; i < SLOTS; i++) {
		put_le32(big + size + i * DB_SLOT_SIZE, 0x12345678);
		put_le32(big + size + i * DB_SLOT_SIZE + 4, DB_HEAD_SIZE);
	}
	put_file(big, len);
	before = milliseconds();
	is_int(ask_all(&wrong), 0, "t19_a_table_without_a_free_slot_answers_nothing");
	ok(milliseconds() - before < 100, "t19_and_soon");
	free(big);
	put_file(bytes, size);
}

/* The decoder behind the checksum: every byte of a holding set to values that lie. */
static void crafted_payloads(void)
{
	const uint8_t evil[] = { 0, 1, 0x7f, 0x80, 0xff };
	struct db db;
	struct db_value value;
	uint8_t key[RECORD_KEY_MAX];
	size_t accepted = 0;

	if (db_open(&db, path, TRUST_CALLER) != DB_FOUND ||
		db_find(&db,
			record_key_holding(key, slice_str("a@x.example"), slice_str("s.x.example")),
			&value) != DB_FOUND)
		abort();
	for (size_t at = 0; at < value.payload.len; at++)
		for (size_t i = 0; i < sizeof evil; i++) {
			uint8_t *copy = malloc(value.payload.len);
			struct slice payload = slice_of(copy, value.payload.len);
			struct holding h;
			struct holding_text text;
			size_t need;
			void *memory;

			memcpy(copy, value.payload.at, value.payload.len);
			copy[at] = evil[i];
			need = record_holding_size(payload);
			memory = malloc(need);
			accepted += need > 0 && record_get_holding(payload, memory, &h, &text);
			free(memory);
			free(copy);
		}
	ok(accepted > 0, "t19_the_decoder_stays_inside_crafted_payloads (%zu were well formed)",
		accepted);
	db_value_done(&value);
	db_close(&db);
}

/* Copies the database without record number `skip`; false when there is no such record. */
static bool without(size_t skip)
{
	size_t pos = DB_HEAD_SIZE, end = SIZE_MAX, number = 0;
	struct cdb_make make;
	bool found = false;

	for (size_t i = 0; i < DB_TABLES; i++)
		if (le32(bytes + 8 * i + 4) > 0 && le32(bytes + 8 * i) < end)
			end = le32(bytes + 8 * i);
	if (ftruncate(file, 0) != 0 || cdb_make_start(&make, file) != 0)
		abort();
	for (; pos < end; number++) {
		uint32_t klen = le32(bytes + pos), dlen = le32(bytes + pos + 4);

		pos += DB_RECORD_HEAD;
		if (number == skip)
			found = true;
		else
			cdb_make_add(&make, bytes + pos, klen, bytes + pos + klen, dlen);
		pos += klen + dlen;
	}
	cdb_make_finish(&make);
	return found;
}

static void deleted_records(void)
{
	size_t wrong = 0, weakened = 0, n = 0;

	for (; without(n); n++)
		weakened += ask_all(&wrong) < QUESTIONS;
	is_int(wrong, 0, "t28_deleting_any_record_never_gives_more (%zu records)", n);
	ok(weakened >= 5, "t28_and_what_was_deleted_was_used");
	put_file(bytes, size);
}

/* Another format version, its checksum right: the reader must say which problem it is. */
static void other_formats(void)
{
	static const uint8_t salt[SIPHASH_KEY_SIZE];
	const size_t value = DB_HEAD_SIZE + DB_RECORD_HEAD + 1;
	size_t len = le32(bytes + DB_HEAD_SIZE + 4) - DB_CHECKSUM_SIZE;
	const uint32_t versions[] = { DB_FORMAT - 1, DB_FORMAT + 1, DB_FORMAT << 24 };

	for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
		uint8_t copy[sizeof bytes];
		struct source source;

		memcpy(copy, bytes, size);
		put_le32(copy + value + DB_MAGIC_SIZE, versions[i]);
		put_le64(copy + value + len,
			siphash(salt, slice_of("!", 1), slice_of(copy + value, len)));
		put_file(copy, size);
		is_int(source_db_open(path, TRUST_CALLER, &source), ADPERM_POLICY_FORMAT,
			"t27_another_format_version_is_refused (%#x)", versions[i]);
	}
	put_file(bytes, size);
}

/* The check that verify makes, of the file as it is now. */
static bool checks(void)
{
	struct db db;
	bool good = db_open(&db, path, TRUST_CALLER) == DB_FOUND;

	if (good) {
		good = db_check(&db) == DB_FOUND;
		db_close(&db);
	}
	return good;
}

static void check_finds_damage(void)
{
	size_t unnoticed = 0;
	uint8_t extra = 0;

	put_file(bytes, size);
	ok(checks(), "a whole database passes the check of all bytes");
	for (size_t bit = 0; bit < size * 8; bit++) {
		uint8_t flipped = (uint8_t)(bytes[bit / 8] ^ (1u << (bit % 8)));

		if (pwrite(file, &flipped, 1, (off_t)(bit / 8)) != 1)
			abort();
		unnoticed += checks();
		if (pwrite(file, &bytes[bit / 8], 1, (off_t)(bit / 8)) != 1)
			abort();
	}
	is_int(unnoticed, 0, "t17_check_notices_every_flipped_bit");
	if (pwrite(file, &extra, 1, (off_t)size) != 1)
		abort();
	ok(!checks(), "t18_and_an_appended_byte");
	put_file(bytes, size);
}

int main(void)
{
	size_t wrong = 0;

	file = mkstemp(path);
	if (file < 0 || !ok(load(), POLICY " compiles"))
		return 1;
	is_int(ask_all(&wrong), QUESTIONS, "the whole database answers everything right");
	flipped_bits();
	check_finds_damage();
	cut_and_appended();
	crafted_words();
	crafted_chain();
	crafted_payloads();
	deleted_records();
	other_formats();
	unlink(path);
	return tap_done();
}
