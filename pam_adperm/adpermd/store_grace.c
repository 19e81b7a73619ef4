/* Where an accepted code counts for longer; see store.h. */
#include "adpermd/store_sql.h"

#include <errno.h>

/* The first four parameters: which it is. */
static sqlite3_stmt *about(
	struct store *store, enum statement which, const struct proto_grace *grace)
{
	sqlite3_stmt *s = store_about(store, which, grace->profile);

	sqlite3_bind_text(s, 2, grace->service, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 3, grace->from, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 4, grace->key, -1, SQLITE_STATIC);
	return s;
}

int store_begin_grace(struct store *store, const struct proto_grace *grace,
	const uint8_t terms[static PROTO_TERMS_SIZE])
{
	sqlite3_stmt *s = about(store, SQL_BEGIN_GRACE, grace);
	int ret;

	sqlite3_bind_blob(s, 5, terms, PROTO_TERMS_SIZE, SQLITE_STATIC);
	sqlite3_bind_int64(s, 6, grace->at);
	sqlite3_bind_int64(s, 7, grace->until);
	ret = store_run(store, SQL_BEGIN_GRACE);
	if (ret == 0) {
		s = store_about(store, SQL_TRIM_GRACES, grace->profile);
		sqlite3_bind_int(s, 2, STORE_GRACES_MAX);
		ret = store_run(store, SQL_TRIM_GRACES);
	}
	if (ret == 0) {
		sqlite3_bind_int64(store->prepared[SQL_PURGE_GRACES], 1, grace->at);
		ret = store_run(store, SQL_PURGE_GRACES);
	}
	return ret;
}

static bool column_name(sqlite3_stmt *s, int column, char *out, size_t size)
{
	const unsigned char *text = sqlite3_column_text(s, column);
	size_t len = (size_t)sqlite3_column_bytes(s, column);

	if (text == NULL || len >= size)
		return false;
	memset(out, 0, size);
	memcpy(out, text, len);
	return true;
}

/* What one row says, of the columns of STORE_GRACE; what cannot be one of ours is a failure. */
static int take_grace(sqlite3_stmt *s, struct proto_grace *out)
{
	int ret = store_row(s);

	if (ret == 0 && (!column_name(s, 0, out->profile, sizeof out->profile) ||
				!column_name(s, 1, out->service, sizeof out->service) ||
				!column_name(s, 2, out->from, sizeof out->from) ||
				!column_name(s, 3, out->key, sizeof out->key)))
		ret = -EIO;
	if (ret == 0) {
		out->number = sqlite3_column_int64(s, 4);
		out->at = sqlite3_column_int64(s, 5);
		out->until = sqlite3_column_int64(s, 6);
	}
	store_let_go(s);
	return ret;
}

int store_grace(struct store *store, struct proto_grace *grace,
	const uint8_t terms[static PROTO_TERMS_SIZE])
{
	struct proto_grace which = *grace;
	sqlite3_stmt *s = about(store, SQL_GRACE, &which);

	sqlite3_bind_blob(s, 5, terms, PROTO_TERMS_SIZE, SQLITE_STATIC);
	return take_grace(s, grace);
}

int store_next_grace(
	struct store *store, const char *profile, int64_t after, struct proto_grace *out)
{
	sqlite3_stmt *s = store_about(store, SQL_NEXT_GRACE, profile);

	sqlite3_bind_int64(s, 2, after);
	return take_grace(s, out);
}

int store_end_graces(struct store *store, const char *profile)
{
	return store_run_about(store, SQL_END_GRACES, profile);
}
