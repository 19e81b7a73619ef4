/* The writer of the compiled database; see writer.h. */
#include "db/writer.h"

#include "db/format.h"

#include <errno.h>

/* The value is the payload and its checksum under the salt. */
static int put(struct db_writer *w, const uint8_t salt[static SIPHASH_KEY_SIZE], struct slice key,
	struct buf *payload)
{
	buf_reset(&w->value);
	buf_bytes(&w->value, payload->at, payload->len);
	buf_u64(&w->value, siphash(salt, key, buf_slice(payload)));
	buf_reset(payload);
	if (payload->failed || w->value.failed)
		return -ENOMEM;
	if (key.len == 0 || w->value.len > DB_RECORD_MAX)
		return -EMSGSIZE;
	errno = 0;
	if (cdb_make_add(
		    &w->make, key.at, (unsigned)key.len, w->value.at, (unsigned)w->value.len) != 0)
		return errno != 0 ? -errno : -EIO;
	return 0;
}

/* From all that tells one database from another, so that their records cannot be mixed. */
static void make_salt(struct meta *meta)
{
	uint8_t digest[SHA256_SIZE];
	struct buf bytes = { .at = NULL };

	memset(meta->salt, 0, sizeof meta->salt);
	record_put_meta(&bytes, meta);
	sha256_of(buf_slice(&bytes), digest);
	memcpy(meta->salt, digest, sizeof meta->salt);
	buf_done(&bytes);
}

int db_writer_start(struct db_writer *w, int fd, struct meta *meta)
{
	static const uint8_t meta_salt[SIPHASH_KEY_SIZE];
	struct buf payload = { .at = NULL };
	uint8_t key[RECORD_KEY_MAX];
	int ret;

	*w = (struct db_writer){ .value = { .at = NULL } };
	if (cdb_make_start(&w->make, fd) != 0)
		return -EIO;
	w->open = true;
	meta->format = DB_FORMAT;
	memcpy(meta->catalogue, catalogue_digest, sizeof meta->catalogue);
	make_salt(meta);
	memcpy(w->salt, meta->salt, sizeof w->salt);
	record_put_meta(&payload, meta);
	ret = put(w, meta_salt, record_key(key, RECORD_META, slice_of(NULL, 0)), &payload);
	buf_done(&payload);
	return ret;
}

int db_writer_put(struct db_writer *w, struct slice key, struct buf *payload)
{
	return put(w, w->salt, key, payload);
}

int db_writer_finish(struct db_writer *w)
{
	errno = 0;
	w->open = false;
	if (cdb_make_finish(&w->make) != 0)
		return errno != 0 ? -errno : -EIO;
	return 0;
}

void db_writer_done(struct db_writer *w)
{
	if (w->open)
		cdb_make_finish(&w->make); /* the only way that libcdb gives its memory back */
	w->open = false;
	buf_done(&w->value);
}
