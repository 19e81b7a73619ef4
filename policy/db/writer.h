/*
 * Writes a compiled database into an open file, in the public cdb format (format.h). The same
 * records in the same order make the same bytes. Every call returns 0 or a negative errno.
 */
#ifndef ADPERM_DB_WRITER_H
#define ADPERM_DB_WRITER_H

#include "db/format.h"
#include "db/record.h"

/* Where a record is, and what it is found by. */
struct db_place {
	uint32_t hash, pos;
};

/*
 * Records one behind the other, on their way to a file: several threads may make one each. Zero
 * before the first use.
 */
struct db_batch {
	struct buf bytes;
	struct db_place *at; /* `n` of them; positions in `bytes` */
	uint32_t n, cap;
};

struct db_writer {
	int fd; /* the caller's */
	uint8_t salt[SIPHASH_KEY_SIZE];
	uint64_t pos;          /* of what is to be written next */
	uint64_t begun;        /* ... and of what the disk has not begun with */
	struct db_batch batch; /* of db_writer_put() */
	struct db_table {
		struct db_chunk *first, *last; /* of the places of all records so far */
		uint32_t n;                    /* of places */
	} tables[DB_TABLES];
};

/*
 * Begins with the meta record; fills in its format, catalogue and salt. The file must be empty.
 */
int db_writer_start(struct db_writer *w, int fd, struct meta *meta);
/* A record; its payload is taken from `payload`, which is emptied. -EMSGSIZE: too large. */
int db_writer_put(struct db_writer *w, struct slice key, struct buf *payload);
/* The same into a batch, under the salt of the writer. */
int db_batch_put(struct db_batch *b, const uint8_t salt[static SIPHASH_KEY_SIZE], struct slice key,
	struct buf *payload);
/* All records of a batch, which is emptied. -EFBIG: cdb ends at 4 GiB. */
int db_writer_add(struct db_writer *w, struct db_batch *b);
/* Makes the tables, in so many threads beside this one. The file is complete, but not synced. */
int db_writer_finish(struct db_writer *w, unsigned threads);
/* Frees everything; after an error the file is worth nothing. */
void db_writer_done(struct db_writer *w);
void db_batch_done(struct db_batch *b);

#endif
