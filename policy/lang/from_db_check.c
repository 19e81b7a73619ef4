/* Whether a database decides what its rows say; see from_db.h. */
#include "lang/emit.h"
#include "lang/from_db.h"

#include <sys/mman.h>
#include <unistd.h>

/* Compares two open files to their ends. */
static enum db_result compare(int one, int other)
{
	struct stat a, b;
	uint8_t left[16384], right[sizeof left];

	if (fstat(one, &a) != 0 || fstat(other, &b) != 0)
		return DB_UNREADABLE;
	if (a.st_size != b.st_size)
		return DB_CORRUPT;
	for (uint64_t pos = 0, end = (uint64_t)a.st_size; pos < end;) {
		size_t n = end - pos < sizeof left ? (size_t)(end - pos) : sizeof left;

		if (file_read_at(one, pos, left, n) != 0 || file_read_at(other, pos, right, n) != 0)
			return DB_UNREADABLE;
		if (memcmp(left, right, n) != 0)
			return DB_CORRUPT;
		pos += n;
	}
	return DB_FOUND;
}

enum db_result policy_db_check(const char *path, enum trust trust)
{
	struct emit_options options = { .server = NO_INDEX };
	struct diags *diags = diags_new();
	struct db db = { .fd = -1 };
	struct policy *p = NULL;
	struct meta meta;
	enum db_result result = DB_NOMEM;
	int again = memfd_create("adperm", MFD_CLOEXEC);

	if (diags != NULL && again >= 0)
		result = db_open(&db, path, trust);
	if (result == DB_FOUND)
		result = policy_from_db(path, trust, diags, &meta, &p);
	if (result != DB_FOUND)
		goto out;
	options.generation = meta.generation;
	options.not_after = meta.not_after;
	if (meta.server.len > 0)
		options.server = policy_find(p, NAME_SERVER, meta.server);
	result = policy_emit(p, &options, again) == 0 ? compare(db.fd, again) : DB_NOMEM;
out:
	policy_free(p);
	diags_free(diags);
	db_close(&db);
	if (again >= 0)
		close(again);
	return result;
}
