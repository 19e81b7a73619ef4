/* Who is enrolled; see store.h. */
#include "adpermd/store_sql.h"

#include <errno.h>

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

/* The columns of STORE_ENROLMENT. */
static bool read_enrolment(sqlite3_stmt *s, struct enrolment *e)
{
	struct sealed *sealed = &e->sealed;
	size_t len;

	return column_u8(s, 0, &e->kind.digits) && column_u8(s, 1, &e->kind.algorithm) &&
	       column_u8(s, 2, &e->kind.period) &&
	       store_column_blob(
		       s, 3, sizeof sealed->key_id, sizeof sealed->key_id, sealed->key_id, &len) &&
	       store_column_blob(
		       s, 4, sizeof sealed->nonce, sizeof sealed->nonce, sealed->nonce, &len) &&
	       store_column_blob(
		       s, 5, SEAL_TAG_SIZE, sizeof sealed->box, sealed->box, &sealed->len) &&
	       column_time(s, 6, &e->mark) && column_time(s, 7, &e->enrolled_at) &&
	       column_time(s, 8, &e->last_used_at);
}

/* The current row's name, of at least one byte. */
static bool column_profile(sqlite3_stmt *s, int column, char profile[static PROTO_PROFILE_SIZE])
{
	const unsigned char *text = sqlite3_column_text(s, column);
	size_t len = (size_t)sqlite3_column_bytes(s, column);

	if (text == NULL || len == 0 || len >= PROTO_PROFILE_SIZE)
		return false;
	memset(profile, 0, PROTO_PROFILE_SIZE);
	memcpy(profile, text, len);
	return true;
}

/* What one row says, if the statement gives one. */
static int take_enrolment(sqlite3_stmt *s, struct enrolment *out)
{
	int ret = store_row(s);

	*out = (struct enrolment){ .mark = 0 };
	if (ret == 0 && !read_enrolment(s, out))
		ret = -EBADMSG;
	return ret;
}

int store_find(
	struct store *store, const char *profile, enum standing standing, struct enrolment *out)
{
	sqlite3_stmt *s = store_about(store, SQL_FIND, profile);
	int ret;

	sqlite3_bind_int(s, 2, (int)standing);
	ret = take_enrolment(s, out);
	store_let_go(s);
	return ret;
}

int store_next(struct store *store, const char *after, char profile[static PROTO_PROFILE_SIZE],
	struct enrolment *out)
{
	sqlite3_stmt *s = store_about(store, SQL_NEXT, after);
	int ret = take_enrolment(s, out);

	if ((ret == 0 || ret == -EBADMSG) && !column_profile(s, 9, profile))
		ret = -EIO;
	store_let_go(s);
	return ret;
}

/* The three columns of a sealed secret, from this parameter on. */
static void bind_sealed(sqlite3_stmt *s, int first, const struct sealed *sealed)
{
	sqlite3_bind_blob(s, first, sealed->key_id, sizeof sealed->key_id, SQLITE_STATIC);
	sqlite3_bind_blob(s, first + 1, sealed->nonce, sizeof sealed->nonce, SQLITE_STATIC);
	sqlite3_bind_blob(s, first + 2, sealed->box, (int)sealed->len, SQLITE_STATIC);
}

int store_enroll(
	struct store *store, const char *profile, enum standing standing, const struct enrolment *e)
{
	static const enum statement others[] = { SQL_FORGET_GUESSES, SQL_FORGET_RECOVERY,
		SQL_END_GRACES };
	sqlite3_stmt *s = store_about(store, SQL_ENROLL, profile);
	int ret;

	sqlite3_bind_int(s, 2, (int)standing);
	sqlite3_bind_int(s, 3, e->kind.digits);
	sqlite3_bind_int(s, 4, e->kind.algorithm);
	sqlite3_bind_int(s, 5, e->kind.period);
	bind_sealed(s, 6, &e->sealed);
	sqlite3_bind_int64(s, 9, e->mark);
	sqlite3_bind_int64(s, 10, e->enrolled_at);
	sqlite3_bind_int64(s, 11, e->last_used_at);
	ret = store_run(store, SQL_ENROLL);
	for (size_t i = 0; i < sizeof others / sizeof others[0] && ret == 0; i++)
		ret = standing == IN_FORCE ? store_run_about(store, others[i], profile) : 0;
	return ret;
}

/* For a statement that must find its one record. */
static int run_on_one(struct store *store, enum statement which, int otherwise)
{
	int ret = store_run(store, which);

	return ret == 0 && sqlite3_changes(store->db) == 0 ? otherwise : ret;
}

int store_burn(struct store *store, const char *profile, int64_t mark, int64_t now)
{
	sqlite3_stmt *s = store_about(store, SQL_BURN, profile);

	sqlite3_bind_int64(s, 2, mark);
	sqlite3_bind_int64(s, 3, now);
	return run_on_one(store, SQL_BURN, -EIO);
}

int store_remove(struct store *store, const char *profile)
{
	static const enum statement others[] = { SQL_FORGET_GUESSES, SQL_FORGET_SOURCES,
		SQL_FORGET_RECOVERY, SQL_END_GRACES };
	int ret;

	store_about(store, SQL_REMOVE, profile);
	ret = run_on_one(store, SQL_REMOVE, -ENOENT);
	for (size_t i = 0; i < sizeof others / sizeof others[0] && ret == 0; i++)
		ret = store_run_about(store, others[i], profile);
	return ret;
}

int store_remove_pending(struct store *store, const char *profile)
{
	store_about(store, SQL_REMOVE_PENDING, profile);
	return run_on_one(store, SQL_REMOVE_PENDING, -ENOENT);
}

int store_sealed_by(struct store *store, const uint8_t key_id[static SEAL_KEY_ID_SIZE],
	char profile[static PROTO_PROFILE_SIZE], enum standing *standing, struct enrolment *out)
{
	sqlite3_stmt *s = store->prepared[SQL_SEALED_BY];
	int ret;

	sqlite3_bind_blob(s, 1, key_id, SEAL_KEY_ID_SIZE, SQLITE_STATIC);
	ret = take_enrolment(s, out);
	if (ret == 0 || ret == -EBADMSG) {
		*standing = sqlite3_column_int(s, 10) == PENDING ? PENDING : IN_FORCE;
		if (!column_profile(s, 9, profile))
			ret = -EIO;
	}
	store_let_go(s);
	return ret;
}

int store_count_sealed_by(
	struct store *store, const uint8_t key_id[static SEAL_KEY_ID_SIZE], uint32_t *count)
{
	sqlite3_stmt *s = store->prepared[SQL_COUNT_SEALED_BY];
	int ret;

	sqlite3_bind_blob(s, 1, key_id, SEAL_KEY_ID_SIZE, SQLITE_STATIC);
	ret = store_row(s);
	*count = ret == 0 ? (uint32_t)sqlite3_column_int64(s, 0) : 0;
	store_let_go(s);
	return ret;
}

int store_reseal(struct store *store, const char *profile, enum standing standing,
	const struct sealed *sealed)
{
	sqlite3_stmt *s = store_about(store, SQL_RESEAL, profile);

	sqlite3_bind_int(s, 2, (int)standing);
	bind_sealed(s, 3, sealed);
	return run_on_one(store, SQL_RESEAL, -EIO);
}

int store_lose(struct store *store, const char *profile, enum standing standing)
{
	sqlite3_stmt *s = store_about(store, SQL_LOSE, profile);

	sqlite3_bind_int(s, 2, (int)standing);
	return run_on_one(store, SQL_LOSE, -EIO);
}
