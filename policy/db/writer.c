/* The writer of the compiled database; see writer.h. Its bytes are those that libcdb would write.
 */
#include "db/writer.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define BATCH_MAX ((size_t)256 << 10) /* bytes that db_writer_put() collects */
#define CHUNK     255

/* Places of one table. They are never moved: half of a large array would be room for growing. */
struct db_chunk {
	struct db_chunk *next;
	struct db_place at[CHUNK];
};

static int write_all(struct db_writer *w, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(w->fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

static bool place_add(struct db_batch *b, uint32_t hash)
{
	uint32_t cap = b->cap == 0 ? 64 : 2 * b->cap;

	if (b->n == b->cap) {
		struct db_place *at = realloc(b->at, cap * sizeof *at);

		if (at == NULL)
			return false;
		b->at = at;
		b->cap = cap;
	}
	b->at[b->n++] = (struct db_place){ hash, (uint32_t)b->bytes.len };
	return true;
}

/* The value is the payload and its checksum under the salt. */
int db_batch_put(struct db_batch *b, const uint8_t salt[static SIPHASH_KEY_SIZE], struct slice key,
	struct buf *payload)
{
	size_t len = payload->len + DB_CHECKSUM_SIZE;

	if (payload->failed || !place_add(b, record_hash(key)))
		return -ENOMEM;
	if (key.len == 0 || len > DB_RECORD_MAX)
		return -EMSGSIZE;
	buf_u32(&b->bytes, (uint32_t)key.len);
	buf_u32(&b->bytes, (uint32_t)len);
	buf_bytes(&b->bytes, key.at, key.len);
	buf_bytes(&b->bytes, payload->at, payload->len);
	buf_u64(&b->bytes, siphash(salt, key, buf_slice(payload)));
	buf_reset(payload);
	return b->bytes.failed ? -ENOMEM : 0;
}

static bool table_add(struct db_writer *w, struct db_place place)
{
	struct db_table *table = &w->tables[place.hash % DB_TABLES];

	if (table->n % CHUNK == 0) {
		struct db_chunk *chunk = malloc(sizeof *chunk);

		if (chunk == NULL)
			return false;
		chunk->next = NULL;
		*(table->last != NULL ? &table->last->next : &table->first) = chunk;
		table->last = chunk;
	}
	table->last->at[table->n++ % CHUNK] = place;
	return true;
}

int db_writer_add(struct db_writer *w, struct db_batch *b)
{
	int ret = w->pos + b->bytes.len > UINT32_MAX ? -EFBIG : 0;

	for (uint32_t i = 0; ret == 0 && i < b->n; i++)
		if (!table_add(
			    w, (struct db_place){ b->at[i].hash, b->at[i].pos + (uint32_t)w->pos }))
			ret = -ENOMEM;
	if (ret == 0)
		ret = write_all(w, b->bytes.at, b->bytes.len);
	w->pos += b->bytes.len;
	buf_reset(&b->bytes);
	b->n = 0;
	return ret;
}

int db_writer_put(struct db_writer *w, struct slice key, struct buf *payload)
{
	int ret = db_batch_put(&w->batch, w->salt, key, payload);

	return ret == 0 && w->batch.bytes.len >= BATCH_MAX ? db_writer_add(w, &w->batch) : ret;
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
	static const uint8_t head[DB_HEAD_SIZE], meta_salt[SIPHASH_KEY_SIZE];
	struct buf payload = { .at = NULL };
	uint8_t key[RECORD_KEY_MAX];
	int ret;

	*w = (struct db_writer){ .fd = fd, .pos = sizeof head };
	meta->format = DB_FORMAT;
	memcpy(meta->catalogue, catalogue_digest, sizeof meta->catalogue);
	make_salt(meta);
	memcpy(w->salt, meta->salt, sizeof w->salt);
	record_put_meta(&payload, meta);
	ret = write_all(w, head, sizeof head);
	if (ret == 0)
		ret = db_batch_put(&w->batch, meta_salt,
			record_key(key, RECORD_META, slice_of(NULL, 0)), &payload);
	if (ret == 0)
		ret = db_writer_add(w, &w->batch);
	buf_done(&payload);
	return ret;
}

/* A table into memory for its slots, of which there are twice as many as places, all free. */
static void fill_table(const struct db_table *table, uint8_t *slots)
{
	const struct db_chunk *chunk = table->first;
	uint32_t n = 2 * table->n;

	for (uint32_t i = 0; i < table->n; i++) {
		const struct db_place *place = &chunk->at[i % CHUNK];
		uint32_t slot = place->hash / DB_TABLES % n;

		while (le32(slots + DB_SLOT_SIZE * slot + 4) != 0)
			slot = slot + 1 == n ? 0 : slot + 1;
		put_le32(slots + DB_SLOT_SIZE * slot, place->hash);
		put_le32(slots + DB_SLOT_SIZE * slot + 4, place->pos);
		if (i % CHUNK == CHUNK - 1)
			chunk = chunk->next;
	}
}

static int write_table(struct db_writer *w, const struct db_table *table)
{
	size_t size = 2 * (size_t)table->n * DB_SLOT_SIZE;
	uint8_t *slots = calloc(size + 1, 1);
	int ret = -ENOMEM;

	if (slots != NULL && w->pos + size > UINT32_MAX)
		ret = -EFBIG;
	else if (slots != NULL) {
		fill_table(table, slots);
		ret = write_all(w, slots, size);
	}
	w->pos += size;
	free(slots);
	return ret;
}

int db_writer_finish(struct db_writer *w)
{
	uint8_t head[DB_HEAD_SIZE];
	int ret = db_writer_add(w, &w->batch);

	for (unsigned i = 0; ret == 0 && i < DB_TABLES; i++) {
		put_le32(head + DB_TABLE_SIZE * i, (uint32_t)w->pos);
		put_le32(head + DB_TABLE_SIZE * i + 4, 2 * w->tables[i].n);
		ret = write_table(w, &w->tables[i]);
	}
	if (ret == 0 && lseek(w->fd, 0, SEEK_SET) < 0)
		ret = -errno;
	return ret == 0 ? write_all(w, head, sizeof head) : ret;
}

void db_batch_done(struct db_batch *b)
{
	buf_done(&b->bytes);
	free(b->at);
	*b = (struct db_batch){ .at = NULL };
}

void db_writer_done(struct db_writer *w)
{
	for (unsigned i = 0; i < DB_TABLES; i++) {
		while (w->tables[i].first != NULL) {
			struct db_chunk *next = w->tables[i].first->next;

			free(w->tables[i].first);
			w->tables[i].first = next;
		}
	}
	db_batch_done(&w->batch);
}
