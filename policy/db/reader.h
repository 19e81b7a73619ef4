/*
 * Reads the compiled database with pread(2) and bounds checks: nothing is mapped, so that a file
 * cut short under a login is an error and not a signal; no library is loaded. What one look-up
 * reads does not depend on the size of the file. Never writes; one open database serves many
 * threads.
 */
#ifndef ADPERM_DB_READER_H
#define ADPERM_DB_READER_H

#include "base/file.h"
#include "db/format.h"
#include "db/record.h"

enum db_result {
	DB_FOUND = 1,
	DB_ABSENT,
	DB_CORRUPT,
	DB_NOMEM,
	/* db_open() only: */
	DB_MISSING,
	DB_UNSAFE,
	DB_UNREADABLE,
	DB_OTHER_FORMAT, /* another format version, or another catalogue of permissions */
};

struct db {
	int fd;
	uint32_t size;
	struct meta meta; /* its server points into `server` */
	char server[HOST_MAX + 1];
	uint8_t tables[DB_HEAD_SIZE];
	uint8_t *whole; /* all of it, after db_keep(), or NULL */
};

/* The value of one record: short ones in place, long ones in memory of their own. */
struct db_value {
	struct slice payload;
	uint8_t *heap;
	uint8_t near[1536];
};

/* DB_FOUND and an open database to close, or why not. */
enum db_result db_open(struct db *db, const char *path, enum trust trust);
void db_close(struct db *db);

/*
 * For who asks often: has all of a database of at most so many bytes in memory, so that look-ups
 * need no system call. If that cannot be, they go on as before. What they say is the same.
 */
void db_keep(struct db *db, size_t most);

/*
 * Looks up a record by its whole key. DB_FOUND: the payload is there and its checksum right; call
 * db_value_done() in every case.
 */
enum db_result db_find(const struct db *db, struct slice key, struct db_value *value);
void db_value_done(struct db_value *value);

/*
 * The records one after the other, for who wants all of them: begin with *pos == DB_HEAD_SIZE.
 * DB_FOUND: key and value, which points into it, are there, and *pos stands behind the record; call
 * db_value_done() in every case. DB_ABSENT: that was the last one. The meta record is the first.
 */
enum db_result db_next(
	const struct db *db, uint32_t *pos, struct slice *key, struct db_value *value);

/*
 * Looks at every byte: all checksums are right, the records lie without a gap before the tables,
 * and a look-up finds each of them. DB_FOUND if so; takes as long as reading the whole file.
 */
enum db_result db_check(const struct db *db);

#endif
