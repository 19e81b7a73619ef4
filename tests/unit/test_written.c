/*
 * Databases whose checksums are right and whose records lie. Whatever is done to a record as
 * written, reading all rows either refuses the database, or gives a policy that the loader takes
 * too, once it is dumped. (Security test 19, for the tool.)
 */
#include "../decide/rows.h"
#include "db/writer.h"
#include "tap.h"

#include <fcntl.h>
#include <sys/wait.h>

#define RECORDS_MAX 64

static const char policy[] =
	"---\n"
	"adperm: 1\n"
	"profiles:\n"
	"  a@x.example:\n"
	"    name: \"A: person\"\n"
	"    login: a-login\n"
	"    ssh_keys: [ssh-ed25519 "
	"AAAAC3NzaC1lZDI1NTE5AAAAIG4i6+2a3LFd/EI2OaE/niR+QAyGcHGi5YW+WwdEwBHn a@home]\n"
	"    allow_from: [192.0.2.0/24, 2001:db8::/32]\n"
	"  m@x.example: {kind: machine}\n"
	"groups: {g: [a@x.example, b@x.example]}\n"
	"roles: {r: [sites, resources], t: [account.resources]}\n"
	"owners:\n"
	"  o@x.example:\n"
	"    require_2fa: false\n"
	"    servers: {s.x.example: {accounts: [acme, shop]}, t.x.example: {}}\n"
	"    grants:\n"
	"      - {to: [group:g, c@x.example], overall: [billing], servers: {s.x.example: "
	"[ssh_users]},\n"
	"         accounts: {acme: [role:r, ssh]}, require_2fa: true, grace: 8h, expires: "
	"2027-01-31,\n"
	"         allow_from: [198.51.100.7], note: incident 4711}\n"
	"      - {to: m@x.example, accounts: {shop: [role:t]}, expires: 2027-01-31T18:00:00Z}\n"
	"...\n";

struct record {
	uint8_t key[RECORD_KEY_MAX];
	size_t key_len, len;
	uint8_t payload[2048];
};

static struct record records[RECORDS_MAX];
static size_t record_total;
static struct meta meta;
static char database[] = "/tmp/adperm-written-XXXXXX", dumped[sizeof database + 5];
static int file;
static size_t accepted, refused, unloadable;

/* Reads the records of the policy's own database. */
static bool take_records(void)
{
	struct db db;
	uint32_t pos = DB_HEAD_SIZE;
	enum db_result result = db_open(&db, database, TRUST_CALLER);

	if (result != DB_FOUND)
		return false;
	meta = db.meta;
	while (result == DB_FOUND && record_total < RECORDS_MAX) {
		struct record *record = &records[record_total];
		struct db_value value;
		struct slice key;

		result = db_next(&db, &pos, &key, &value);
		if (result == DB_FOUND && key.at[0] != RECORD_META &&
			value.payload.len <= sizeof record->payload) {
			memcpy(record->key, key.at, key.len);
			memcpy(record->payload, value.payload.at, value.payload.len);
			record->key_len = key.len;
			record->len = value.payload.len;
			record_total++;
		}
		db_value_done(&value);
	}
	db_close(&db);
	return result == DB_ABSENT;
}

static bool make_database(void)
{
	struct diags *diags = diags_new();
	struct policy *p = rows_load(policy, dumped, diags);
	bool good = p != NULL && rows_emit(p, NO_INDEX, database);

	policy_free(p);
	diags_free(diags);
	return good && take_records();
}

/* Writes all records in the given order, which may leave some out or repeat some, and reads them.
 */
static bool try_records(const size_t *order, size_t n)
{
	struct diags *diags = diags_new(), *loaded_diags = diags_new();
	struct buf payload = { .at = NULL };
	struct db_writer w;
	struct policy *p;
	bool good;

	if (ftruncate(file, 0) != 0 || lseek(file, 0, SEEK_SET) != 0 ||
		db_writer_start(&w, file, &meta) != 0)
		abort();
	for (size_t i = 0; i < n; i++) {
		const struct record *record = &records[order[i]];

		buf_bytes(&payload, record->payload, record->len);
		if (db_writer_put(&w, slice_of(record->key, record->key_len), &payload) != 0)
			abort();
	}
	if (db_writer_finish(&w, 0) != 0)
		abort();
	db_writer_done(&w);
	buf_done(&payload);
	p = rows_read(database, diags);
	good = p != NULL;
	accepted += good;
	refused += !good;
	if (good) {
		char *text = rows_text(p);
		struct policy *loaded = rows_load(text, dumped, loaded_diags);

		unloadable += loaded == NULL || diags_warnings(loaded_diags) > 0;
		policy_free(loaded);
		free(text);
	}
	policy_free(p);
	diags_free(diags);
	diags_free(loaded_diags);
	return good;
}

static bool try_all(void)
{
	size_t order[RECORDS_MAX];

	for (size_t i = 0; i < record_total; i++)
		order[i] = i;
	return try_records(order, record_total);
}

static bool is_written(const struct record *record)
{
	return strchr("POSGRgk", record->key[0]) != NULL;
}

/* Every byte of every such record: set to values that lie, one after the other. */
static void lying_bytes(void)
{
	static const uint8_t evil[] = { 0, 1, 2, '\n', 'Z', 0x80, 0xff };

	accepted = refused = 0;
	for (size_t i = 0; i < record_total; i++) {
		struct record *record = &records[i];

		for (size_t at = 0; is_written(record) && at < record->len; at++) {
			uint8_t right = record->payload[at];

			for (size_t k = 0; k < sizeof evil; k++) {
				record->payload[at] = evil[k];
				if (evil[k] != right)
					try_all();
			}
			record->payload[at] = right;
		}
	}
	ok(refused > accepted && accepted > 0,
		"t19_lies_are_refused (%zu), or are another policy (%zu)", refused, accepted);
}

static void lying_keys(void)
{
	static const uint8_t evil[] = { 0, '\n', 'Z', '_', '@', 0xff };

	accepted = refused = 0;
	for (size_t i = 0; i < record_total; i++) {
		struct record *record = &records[i];

		for (size_t at = 0; is_written(record) && at < record->key_len; at++) {
			uint8_t right = record->key[at];

			for (size_t k = 0; k < sizeof evil; k++) {
				record->key[at] = evil[k];
				try_all();
			}
			record->key[at] = right;
		}
	}
	ok(refused > accepted, "t19_so_are_lying_keys (%zu, %zu)", refused, accepted);
}

/* Payloads cut anywhere, or with a byte too much. */
static void wrong_lengths(void)
{
	accepted = 0;
	for (size_t i = 0; i < record_total; i++) {
		struct record *record = &records[i];
		size_t right = record->len;

		if (!is_written(record))
			continue;
		for (record->len = 0; record->len < right; record->len++)
			try_all();
		record->len = right + 1;
		record->payload[right] = 0;
		try_all();
		record->len = right;
	}
	is_int(accepted, 0, "t19_no_record_may_be_longer_or_shorter");
}

/* Each record left out, put twice, or first. */
static void wrong_records(void)
{
	size_t order[RECORDS_MAX], missed = 0, repeated = 0;

	for (size_t i = 0; i < record_total; i++) {
		bool needed = is_written(&records[i]);
		size_t n = 0;

		for (size_t k = 0; k < record_total; k++)
			if (k != i)
				order[n++] = k;
		missed += try_records(order, n) && needed;
		order[n++] = i;
		order[n++] = i;
		repeated += try_records(order, n) && needed;
		for (size_t k = 0; k < record_total; k++)
			order[k] = k == 0 ? i : k <= i ? k - 1 : k;
		try_records(order, record_total);
	}
	/* The last grant, and a server on which nothing is granted, are missed by nobody. */
	is_int(missed, 2, "t28_a_record_that_another_names_is_missed");
	is_int(repeated, 0, "none may stand there twice");
}

/* What `adperm verify` ends with, about the database as it is now. */
static int verify(void)
{
	const char *build = getenv("BUILD");
	char program[512];
	int status = -1;
	pid_t child;

	snprintf(program, sizeof program, "%s/adperm", build != NULL ? build : "build");
	fflush(stdout);
	child = fork();
	if (child == 0) {
		int out = open("/dev/null", O_WRONLY | O_CLOEXEC);

		if (out >= 0 && dup2(out, STDOUT_FILENO) >= 0 && dup2(out, STDERR_FILENO) >= 0)
			execl(program, "adperm", "verify", "--trusted-keys", "/nonexistent",
				database, (char *)NULL);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* Decisions that are others than the rows say: all that a login looks at, every byte of it. */
static void lying_decisions(void)
{
	size_t missed = 0, n = 0;

	try_all();
	ok(policy_db_check(database, TRUST_CALLER) == DB_FOUND,
		"a database decides what its rows say");
	is_int(verify(), 0, "and verify finds nothing");
	for (size_t i = 0; i < record_total; i++) {
		struct record *record = &records[i];

		for (size_t at = 0; !is_written(record) && at < record->len; at++, n++) {
			record->payload[at] ^= 1;
			try_all();
			missed += policy_db_check(database, TRUST_CALLER) == DB_FOUND;
			record->payload[at] ^= 1;
		}
	}
	records[0].payload[records[0].len - 1] ^= 1;
	try_all();
	is_int(verify(), 1, "t19_verify_finds_decisions_that_the_rows_do_not_show");
	records[0].payload[records[0].len - 1] ^= 1;
	is_int(missed, 0, "t19_decisions_that_the_rows_do_not_show_are_found (%zu)", n);
}

int main(void)
{
	file = mkstemp(database);
	snprintf(dumped, sizeof dumped, "%s.yaml", database);
	if (file < 0 || !ok(make_database(), "a policy with everything in it compiles"))
		return 1;
	/* The database was written anew under its name. */
	close(file);
	file = open(database, O_RDWR | O_CLOEXEC);
	ok(try_all(), "its records, written again, are read");
	lying_bytes();
	lying_keys();
	wrong_lengths();
	wrong_records();
	lying_decisions();
	is_int(unloadable, 0, "what is accepted can be dumped, and loads without a word");
	unlink(database);
	unlink(dumped);
	return tap_done();
}
