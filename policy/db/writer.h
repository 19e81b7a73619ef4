/*
 * Writes a compiled database into an open file, in the public cdb format, by way of libcdb. The
 * same records in the same order make the same bytes. Every call returns 0 or a negative errno.
 */
#ifndef ADPERM_DB_WRITER_H
#define ADPERM_DB_WRITER_H

#include "db/record.h"

#include <cdb.h>

struct db_writer {
	struct cdb_make make;
	uint8_t salt[SIPHASH_KEY_SIZE];
	struct buf value;
	bool open;
};

/*
 * Begins with the meta record; fills in its format, catalogue and salt. The file must be empty and
 * open for reading and writing.
 */
int db_writer_start(struct db_writer *w, int fd, struct meta *meta);
/* A record; its payload is taken from `payload`, which is emptied. -EMSGSIZE: too large. */
int db_writer_put(struct db_writer *w, struct slice key, struct buf *payload);
/* Writes the tables. The file is complete, but not synced. */
int db_writer_finish(struct db_writer *w);
/* Frees everything; after an error the file is worth nothing. */
void db_writer_done(struct db_writer *w);

#endif
