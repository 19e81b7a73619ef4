/*
 * What the files of the state share: its statements, kept prepared, and how one is run. Nobody else
 * includes this. Every statement about a profile has it as its first parameter.
 */
#ifndef ADPERM_STORE_SQL_H
#define ADPERM_STORE_SQL_H

#include "adpermd/store.h"
#include <sqlite3.h>

#define STORE_ENROLMENT                                                                            \
	"digits, algorithm, period, key_id, nonce, sealed, mark, enrolled_at, last_used_at"

#define STORE_GRACE "profile, service, address, key, number, begun_at, until"

/* STATEMENT(SYMBOL, "text"). */
#define STORE_STATEMENTS(STATEMENT)                                                                \
	STATEMENT(BEGIN, "BEGIN IMMEDIATE")                                                        \
	STATEMENT(COMMIT, "COMMIT")                                                                \
	STATEMENT(ROLLBACK, "ROLLBACK")                                                            \
	STATEMENT(STATE, "SELECT changes, taken_at FROM state")                                    \
	STATEMENT(SET_STATE, "UPDATE state SET changes = ?1, taken_at = ?2")                       \
	STATEMENT(FIND,                                                                            \
		"SELECT " STORE_ENROLMENT " FROM person WHERE profile = ?1 AND pending = ?2")      \
	STATEMENT(NEXT, "SELECT " STORE_ENROLMENT ", profile FROM person"                          \
			" WHERE profile > ?1 AND pending = 0 ORDER BY profile LIMIT 1")            \
	STATEMENT(ENROLL, "INSERT OR REPLACE INTO person (profile, pending, " STORE_ENROLMENT ")"  \
			  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")                \
	STATEMENT(BURN, "UPDATE person SET mark = max(mark, ?2), last_used_at = ?3"                \
			" WHERE profile = ?1 AND pending = 0")                                     \
	STATEMENT(REMOVE, "DELETE FROM person WHERE profile = ?1")                                 \
	STATEMENT(REMOVE_PENDING, "DELETE FROM person WHERE profile = ?1 AND pending = 1")         \
	STATEMENT(SEALED_BY,                                                                       \
		"SELECT " STORE_ENROLMENT ", profile, pending FROM person WHERE key_id = ?1"       \
		" LIMIT 1")                                                                        \
	STATEMENT(COUNT_SEALED_BY, "SELECT count(*) FROM person WHERE key_id = ?1")                \
	STATEMENT(RESEAL, "UPDATE person SET key_id = ?3, nonce = ?4, sealed = ?5"                 \
			  " WHERE profile = ?1 AND pending = ?2")                                  \
	STATEMENT(LOSE, "UPDATE person SET key_id = zeroblob(length(key_id))"                      \
			" WHERE profile = ?1 AND pending = ?2")                                    \
	STATEMENT(GUESSES,                                                                         \
		"SELECT full_at FROM guess WHERE profile = ?1 AND peer = ?2 AND budget = ?3")      \
	STATEMENT(SET_GUESSES, "INSERT OR REPLACE INTO guess (profile, peer, budget, full_at)"     \
			       " VALUES (?1, ?2, ?3, ?4)")                                         \
	STATEMENT(FORGET_GUESSES, "DELETE FROM guess WHERE profile = ?1")                          \
	STATEMENT(SOURCE, "SELECT last_at FROM source WHERE profile = ?1 AND source = ?2")         \
	STATEMENT(SET_SOURCE,                                                                      \
		"INSERT OR REPLACE INTO source (profile, source, last_at) VALUES (?1, ?2, ?3)")    \
	STATEMENT(TRIM_SOURCES,                                                                    \
		"DELETE FROM source WHERE profile = ?1 AND source NOT IN"                          \
		" (SELECT source FROM source WHERE profile = ?1 ORDER BY last_at DESC LIMIT ?2)")  \
	STATEMENT(FORGET_SOURCES, "DELETE FROM source WHERE profile = ?1")                         \
	STATEMENT(RECOVERY, "SELECT number, salt, hash FROM recovery WHERE profile = ?1")          \
	STATEMENT(SET_RECOVERY,                                                                    \
		"INSERT INTO recovery (profile, number, salt, hash) VALUES (?1, ?2, ?3, ?4)")      \
	STATEMENT(BURN_RECOVERY, "DELETE FROM recovery WHERE profile = ?1 AND number = ?2")        \
	STATEMENT(FORGET_RECOVERY, "DELETE FROM recovery WHERE profile = ?1")                      \
	STATEMENT(BEGIN_GRACE, "INSERT OR REPLACE INTO grace"                                      \
			       " (profile, service, address, key, terms, begun_at, until)"         \
			       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")                             \
	STATEMENT(TRIM_GRACES,                                                                     \
		"DELETE FROM grace WHERE profile = ?1 AND number NOT IN"                           \
		" (SELECT number FROM grace WHERE profile = ?1 ORDER BY number DESC LIMIT ?2)")    \
	STATEMENT(PURGE_GRACES, "DELETE FROM grace WHERE until <= ?1")                             \
	STATEMENT(GRACE, "SELECT " STORE_GRACE " FROM grace WHERE profile = ?1 AND service = ?2"   \
			 " AND address = ?3 AND key = ?4 AND terms = ?5")                          \
	STATEMENT(NEXT_GRACE, "SELECT " STORE_GRACE " FROM grace"                                  \
			      " WHERE number > ?2 AND (?1 = '' OR profile = ?1)"                   \
			      " ORDER BY number LIMIT 1")                                          \
	STATEMENT(END_GRACES, "DELETE FROM grace WHERE profile = ?1")

enum statement {
#define STATEMENT_ENUM(symbol, text) SQL_##symbol,
	STORE_STATEMENTS(STATEMENT_ENUM)
#undef STATEMENT_ENUM
		SQL_COUNT
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *prepared[SQL_COUNT];
	char why[256]; /* an error that SQLite does not know of; else empty */
	int64_t changes, taken_at;
	int changed_before; /* rows, when the transaction began */
	int watermark;      /* -1: none is kept */
};

/* The statement with a profile for its first parameter. */
sqlite3_stmt *store_about(struct store *store, enum statement which, const char *profile);

/* Runs a statement that gives no rows, and makes it ready for the next time. */
int store_run(struct store *store, enum statement which);

/* Both in one, for a statement that has no other parameter. */
int store_run_about(struct store *store, enum statement which, const char *profile);

/* 0 if the statement gives one more row, current until store_let_go(); -ENOENT if not. */
int store_row(sqlite3_stmt *s);
void store_let_go(sqlite3_stmt *s);

/* A column of between min and max bytes; *len tells how many. */
bool store_column_blob(
	sqlite3_stmt *s, int column, size_t min, size_t max, uint8_t *out, size_t *len);

#endif
