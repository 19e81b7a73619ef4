/* Guesses, places and recovery codes; see store.h. */
#include "adpermd/store_sql.h"

#include <errno.h>

/* The number that a statement gives; 0 if it gives none. */
static int take_number(sqlite3_stmt *s, int64_t *out)
{
	int ret = store_row(s);

	*out = ret == 0 ? sqlite3_column_int64(s, 0) : 0;
	store_let_go(s);
	return ret == -ENOENT ? 0 : ret;
}

int store_guesses(struct store *store, const char *profile, uid_t peer, enum guess_budget budget,
	int64_t *full_at)
{
	sqlite3_stmt *s = store_about(store, SQL_GUESSES, profile);

	sqlite3_bind_int64(s, 2, peer);
	sqlite3_bind_int(s, 3, (int)budget);
	return take_number(s, full_at);
}

int store_set_guesses(struct store *store, const char *profile, uid_t peer,
	enum guess_budget budget, int64_t full_at)
{
	sqlite3_stmt *s = store_about(store, SQL_SET_GUESSES, profile);

	sqlite3_bind_int64(s, 2, peer);
	sqlite3_bind_int(s, 3, (int)budget);
	sqlite3_bind_int64(s, 4, full_at);
	return store_run(store, SQL_SET_GUESSES);
}

int store_forget_guesses(struct store *store, const char *profile)
{
	return store_run_about(store, SQL_FORGET_GUESSES, profile);
}

int store_source(struct store *store, const char *profile, const char *source, int64_t *last_at)
{
	sqlite3_stmt *s = store_about(store, SQL_SOURCE, profile);

	sqlite3_bind_text(s, 2, source, -1, SQLITE_STATIC);
	return take_number(s, last_at);
}

int store_set_source(struct store *store, const char *profile, const char *source, int64_t now)
{
	sqlite3_stmt *s = store_about(store, SQL_SET_SOURCE, profile);
	int ret;

	sqlite3_bind_text(s, 2, source, -1, SQLITE_STATIC);
	sqlite3_bind_int64(s, 3, now);
	ret = store_run(store, SQL_SET_SOURCE);
	if (ret != 0)
		return ret;
	s = store_about(store, SQL_TRIM_SOURCES, profile);
	sqlite3_bind_int(s, 2, STORE_SOURCES_MAX);
	return store_run(store, SQL_TRIM_SOURCES);
}

/* One code of a set; what cannot be one of ours is no code. */
static void take_code(sqlite3_stmt *s, struct recovery_set *out)
{
	int64_t number = sqlite3_column_int64(s, 0);
	size_t len;

	if (number >= 0 && number < PROTO_RECOVERY_CODES &&
		store_column_blob(s, 1, sizeof out->salt, sizeof out->salt, out->salt, &len) &&
		store_column_blob(
			s, 2, sizeof out->hash[0], sizeof out->hash[0], out->hash[number], &len))
		out->left |= 1u << number;
}

int store_recovery(struct store *store, const char *profile, struct recovery_set *out)
{
	sqlite3_stmt *s = store_about(store, SQL_RECOVERY, profile);
	int ret;

	*out = (struct recovery_set){ .left = 0 };
	while ((ret = store_row(s)) == 0)
		take_code(s, out);
	store_let_go(s);
	return ret == -ENOENT ? 0 : ret;
}

int store_set_recovery(struct store *store, const char *profile, const struct recovery_set *codes)
{
	int ret = store_run_about(store, SQL_FORGET_RECOVERY, profile);

	for (int i = 0; i < PROTO_RECOVERY_CODES && ret == 0; i++) {
		sqlite3_stmt *s = store_about(store, SQL_SET_RECOVERY, profile);

		sqlite3_bind_int(s, 2, i);
		sqlite3_bind_blob(s, 3, codes->salt, sizeof codes->salt, SQLITE_STATIC);
		sqlite3_bind_blob(s, 4, codes->hash[i], sizeof codes->hash[i], SQLITE_STATIC);
		ret = store_run(store, SQL_SET_RECOVERY);
	}
	return ret;
}

int store_burn_recovery(struct store *store, const char *profile, unsigned number)
{
	sqlite3_stmt *s = store_about(store, SQL_BURN_RECOVERY, profile);
	int ret;

	sqlite3_bind_int(s, 2, (int)number);
	ret = store_run(store, SQL_BURN_RECOVERY);
	return ret == 0 && sqlite3_changes(store->db) != 1 ? -EIO : ret;
}
