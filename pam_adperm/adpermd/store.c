/*
 * The state on disk; see store.h. A write-ahead log, because it makes a durable commit out of one
 * fsync where a rollback journal takes three (measured: 4,500 commits a second against 2,200), and
 * exclusive locking, so that its index lives in memory and a second daemon is turned away. This
 * file is about the file as a whole; what is in it, store_person.c, store_guess.c and
 * store_grace.c know.
 */
#include "adpermd/store_sql.h"

#include "adpermd/watermark.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The log is written from its start again after 1,000 pages of 4 KiB, and its blocks are reserved
 * before anybody needs them: a disk that fills up then takes no login's commit.
 */
#define LOG_RESERVE 4300000 /* bytes */
#define FILE_STEP   262144  /* bytes that the database grows by */

static const char settings[] = "PRAGMA locking_mode = EXCLUSIVE;"
			       "PRAGMA journal_mode = WAL;"
			       "PRAGMA synchronous = FULL;"
			       "PRAGMA secure_delete = ON;"
			       "PRAGMA trusted_schema = OFF;"
			       "PRAGMA cell_size_check = ON;"
			       "PRAGMA cache_size = -32768;" /* KiB */
			       "PRAGMA temp_store = MEMORY;"
			       "PRAGMA mmap_size = 0;";

/*
 * How a file of version n becomes one of version n + 1, the first of them from nothing. Steps that
 * a release has run are never changed.
 */
static const char *const steps[] = {
	"CREATE TABLE person ("
	" profile TEXT PRIMARY KEY NOT NULL,"
	" digits INTEGER NOT NULL,"
	" algorithm INTEGER NOT NULL,"
	" period INTEGER NOT NULL,"
	" key_id BLOB NOT NULL,"
	" nonce BLOB NOT NULL,"
	" sealed BLOB NOT NULL,"
	" mark INTEGER NOT NULL,"
	" enrolled_at INTEGER NOT NULL,"
	" last_used_at INTEGER NOT NULL"
	") WITHOUT ROWID;"
	"CREATE TABLE guess ("
	" profile TEXT NOT NULL,"
	" peer INTEGER NOT NULL,"
	" full_at INTEGER NOT NULL,"
	" PRIMARY KEY (profile, peer)"
	") WITHOUT ROWID;",

	"ALTER TABLE person RENAME TO person_1;"
	"ALTER TABLE guess RENAME TO guess_1;"
	"CREATE TABLE person ("
	" profile TEXT NOT NULL,"
	" pending INTEGER NOT NULL,"
	" digits INTEGER NOT NULL,"
	" algorithm INTEGER NOT NULL,"
	" period INTEGER NOT NULL,"
	" key_id BLOB NOT NULL,"
	" nonce BLOB NOT NULL,"
	" sealed BLOB NOT NULL,"
	" mark INTEGER NOT NULL,"
	" enrolled_at INTEGER NOT NULL,"
	" last_used_at INTEGER NOT NULL,"
	" PRIMARY KEY (profile, pending)"
	") WITHOUT ROWID;"
	"CREATE INDEX person_key ON person (key_id);"
	"CREATE TABLE guess ("
	" profile TEXT NOT NULL,"
	" peer INTEGER NOT NULL,"
	" budget INTEGER NOT NULL,"
	" full_at INTEGER NOT NULL,"
	" PRIMARY KEY (profile, peer, budget)"
	") WITHOUT ROWID;"
	"CREATE TABLE source ("
	" profile TEXT NOT NULL,"
	" source TEXT NOT NULL,"
	" last_at INTEGER NOT NULL,"
	" PRIMARY KEY (profile, source)"
	") WITHOUT ROWID;"
	"CREATE TABLE recovery ("
	" profile TEXT NOT NULL,"
	" number INTEGER NOT NULL,"
	" salt BLOB NOT NULL,"
	" hash BLOB NOT NULL,"
	" PRIMARY KEY (profile, number)"
	") WITHOUT ROWID;"
	"CREATE TABLE state (changes INTEGER NOT NULL, taken_at INTEGER NOT NULL);"
	"INSERT INTO state VALUES (0, 0);"
	"INSERT INTO person SELECT profile, 0, digits, algorithm, period, key_id, nonce, sealed,"
	" mark, enrolled_at, last_used_at FROM person_1;"
	"INSERT INTO guess SELECT profile, peer, CASE peer WHEN 0 THEN 0 ELSE 3 END, full_at"
	" FROM guess_1;"
	"DROP TABLE person_1;"
	"DROP TABLE guess_1;",

	"CREATE TABLE grace ("
	" number INTEGER PRIMARY KEY,"
	" profile TEXT NOT NULL,"
	" service TEXT NOT NULL,"
	" address TEXT NOT NULL,"
	" key TEXT NOT NULL,"
	" terms BLOB NOT NULL,"
	" begun_at INTEGER NOT NULL,"
	" until INTEGER NOT NULL,"
	" UNIQUE (profile, service, address, key)"
	");"
	"CREATE INDEX grace_until ON grace (until);",
};

_Static_assert(sizeof steps / sizeof steps[0] == STORE_FORMAT, "each step makes the next format");

static const char *const statement_text[] = {
#define STATEMENT_TEXT(symbol, text) [SQL_##symbol] = (text),
	STORE_STATEMENTS(STATEMENT_TEXT)
#undef STATEMENT_TEXT
};

const char *store_error(const struct store *store)
{
	if (store == NULL)
		return "out of memory";
	return store->why[0] != '\0' ? store->why : sqlite3_errmsg(store->db);
}

static int run_script(struct store *store, const char *text)
{
	int code = sqlite3_exec(store->db, text, NULL, NULL, NULL);

	if (code == SQLITE_OK)
		return 0;
	return code == SQLITE_BUSY || code == SQLITE_LOCKED ? -EBUSY : -EIO;
}

void store_let_go(sqlite3_stmt *s)
{
	sqlite3_reset(s);
	sqlite3_clear_bindings(s);
}

int store_run(struct store *store, enum statement which)
{
	sqlite3_stmt *s = store->prepared[which];
	int ret = sqlite3_step(s) == SQLITE_DONE ? 0 : -EIO;

	store_let_go(s);
	return ret;
}

sqlite3_stmt *store_about(struct store *store, enum statement which, const char *profile)
{
	sqlite3_stmt *s = store->prepared[which];

	sqlite3_bind_text(s, 1, profile, -1, SQLITE_STATIC);
	return s;
}

int store_run_about(struct store *store, enum statement which, const char *profile)
{
	store_about(store, which, profile);
	return store_run(store, which);
}

int store_row(sqlite3_stmt *s)
{
	switch (sqlite3_step(s)) {
	case SQLITE_ROW: return 0;
	case SQLITE_DONE: return -ENOENT;
	default: return -EIO;
	}
}

bool store_column_blob(
	sqlite3_stmt *s, int column, size_t min, size_t max, uint8_t *out, size_t *len)
{
	const void *bytes = sqlite3_column_blob(s, column);

	*len = (size_t)sqlite3_column_bytes(s, column);
	if (sqlite3_column_type(s, column) != SQLITE_BLOB || bytes == NULL || *len < min ||
		*len > max)
		return false;
	memcpy(out, bytes, *len);
	return true;
}

static int schema_version(struct store *store, int *version)
{
	sqlite3_stmt *s = NULL;
	int ret = -EIO;

	if (sqlite3_prepare_v2(store->db, "PRAGMA user_version", -1, &s, NULL) == SQLITE_OK &&
		sqlite3_step(s) == SQLITE_ROW) {
		*version = sqlite3_column_int(s, 0);
		ret = 0;
	}
	sqlite3_finalize(s);
	return ret;
}

/* One step, and the number of the version that it makes, in one transaction of the caller's. */
static int step_from(struct store *store, int version)
{
	char number[40];
	int ret = run_script(store, steps[version]);

	snprintf(number, sizeof number, "PRAGMA user_version = %d", version + 1);
	return ret == 0 ? run_script(store, number) : ret;
}

/* Brings the file up to date, a new one from nothing; all of it or nothing. */
static int settle_schema(struct store *store)
{
	int version = 0;
	int ret = run_script(store, "BEGIN IMMEDIATE");

	if (ret == 0)
		ret = schema_version(store, &version);
	if (ret != 0)
		return ret;
	if (version < 0 || version > STORE_FORMAT) {
		snprintf(store->why, sizeof store->why,
			"its format is %d, this adpermd knows %d: start the version that wrote it",
			version, STORE_FORMAT);
		return -EPROTO;
	}
	if (version == STORE_FORMAT)
		return run_script(store, "COMMIT");
	for (; version < STORE_FORMAT && ret == 0; version++)
		ret = step_from(store, version);
	if (ret == 0)
		ret = run_script(store, "COMMIT");
	/* Packages look for the format in the file itself, while this runs. */
	return ret == 0 ? run_script(store, "PRAGMA wal_checkpoint(FULL)") : ret;
}

static int prepare_all(struct store *store)
{
	for (enum statement i = 0; i < SQL_COUNT; i++) {
		if (sqlite3_prepare_v3(store->db, statement_text[i], -1, SQLITE_PREPARE_PERSISTENT,
			    &store->prepared[i], NULL) != SQLITE_OK)
			return -EIO;
	}
	return 0;
}

/*
 * Fills the log up with zeros, which SQLite takes for the end of what is in it. To write over them
 * is also the cheapest thing to sync: neither size nor blocks of the file change (measured: a third
 * to a half of the time that appending takes). If there is no room, a full disk denies a little
 * earlier.
 */
static void reserve_log(const char *path)
{
	static const uint8_t zeros[65536];
	char name[PATH_MAX];
	struct stat state;
	int fd;

	if (snprintf(name, sizeof name, "%s-wal", path) >= (int)sizeof name)
		return;
	fd = open(name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	if (fstat(fd, &state) == 0) {
		off_t at = state.st_size;

		while (at < LOG_RESERVE && pwrite(fd, zeros, sizeof zeros, at) > 0)
			at += (off_t)sizeof zeros;
		fsync(fd);
	}
	close(fd);
}

static int read_state(struct store *store)
{
	sqlite3_stmt *s = store->prepared[SQL_STATE];
	int ret = store_row(s);

	if (ret == 0) {
		store->changes = sqlite3_column_int64(s, 0);
		store->taken_at = sqlite3_column_int64(s, 1);
	}
	store_let_go(s);
	return ret == -ENOENT ? -EIO : ret;
}

static int write_state(struct store *store)
{
	sqlite3_stmt *s = store->prepared[SQL_SET_STATE];

	sqlite3_bind_int64(s, 1, store->changes);
	sqlite3_bind_int64(s, 2, store->taken_at);
	return store_run(store, SQL_SET_STATE);
}

int store_open(const char *dir, struct store **out)
{
	struct store *store = calloc(1, sizeof *store);
	char path[PATH_MAX];
	int step = FILE_STEP;
	int ret;

	*out = store;
	if (store == NULL)
		return -ENOMEM;
	store->watermark = -1;
	if (snprintf(path, sizeof path, "%s/" STORE_FILE, dir) >= (int)sizeof path)
		return -ENAMETOOLONG;
	if (sqlite3_open_v2(path, &store->db,
		    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
			    SQLITE_OPEN_NOFOLLOW,
		    NULL) != SQLITE_OK)
		return -EIO;
	/* SQLite makes do with a file that it cannot write; here nobody could ever be let in. */
	if (sqlite3_db_readonly(store->db, "main") == 1) {
		snprintf(store->why, sizeof store->why,
			"it can be read only: is the file system mounted read-only?");
		return -EROFS;
	}
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_file_control(store->db, "main", SQLITE_FCNTL_CHUNK_SIZE, &step);
	ret = run_script(store, settings);
	if (ret == 0)
		ret = settle_schema(store);
	if (ret == 0)
		ret = prepare_all(store);
	if (ret == 0)
		ret = read_state(store);
	if (ret == 0)
		reserve_log(path);
	return ret;
}

void store_close(struct store *store)
{
	if (store == NULL)
		return;
	for (enum statement i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize(store->prepared[i]);
	sqlite3_close(store->db);
	free(store);
}

int store_begin(struct store *store)
{
	store->changed_before = sqlite3_total_changes(store->db);
	return store_run(store, SQL_BEGIN);
}

int store_commit(struct store *store)
{
	bool changed = sqlite3_total_changes(store->db) != store->changed_before;
	int ret = 0;

	store->changes += changed;
	if (changed)
		ret = write_state(store);
	if (ret == 0)
		ret = store_run(store, SQL_COMMIT);
	if (ret != 0) {
		store->changes -= changed;
		store_rollback(store);
	} else if (changed && store->watermark >= 0) {
		watermark_write(store->watermark, store->changes);
	}
	return ret;
}

void store_rollback(struct store *store)
{
	/* SQLite rolls back by itself after some errors; a second ROLLBACK would be one more. */
	if (!sqlite3_get_autocommit(store->db))
		store_run(store, SQL_ROLLBACK);
}

static int take_as_it_is(struct store *store, int64_t now)
{
	int ret = store_begin(store);

	store->taken_at = now;
	if (ret == 0)
		ret = write_state(store);
	return ret == 0 ? store_commit(store) : ret;
}

int store_watch(struct store *store, int fd, int64_t now)
{
	int64_t seen;
	int ret = watermark_read(fd, &seen);

	if (ret == 0 && store->changes < seen)
		return -ESTALE;
	if (ret == -ENODATA && store->changes > 0)
		ret = take_as_it_is(store, now);
	if (ret != 0 && ret != -ENODATA)
		return ret;
	store->watermark = fd;
	watermark_write(fd, store->changes);
	return 0;
}

int64_t store_taken_at(const struct store *store)
{
	return store->taken_at;
}
