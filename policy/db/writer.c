/* The writer of the compiled database; see writer.h. Its bytes are those that libcdb would write.
 */
#include "db/writer.h"

#include "base/ordered.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define BATCH_MAX ((size_t)256 << 10) /* bytes that db_writer_put() collects */
#define BEHIND    ((size_t)16 << 20)  /* bytes that the disk waits for */
#define CHUNK     255

/* Places of one table. They are never moved: half of a large array would be room for growing. */
struct db_chunk {
	struct db_chunk *next;
	struct db_place at[CHUNK];
};

static int write_all(struct db_writer *w, struct slice bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(w->fd, bytes.at, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes = slice_of(bytes.at + n, bytes.len - (size_t)n);
	}
	return 0;
}

/*
 * The next bytes of the file. The disk begins with them soon, so that who syncs the file waits for
 * the last ones alone; where that is not possible, for all.
 */
static int write_behind(struct db_writer *w, struct slice bytes)
{
	int ret = write_all(w, bytes);

	w->pos += bytes.len;
	if (w->pos - w->begun >= BEHIND) {
		sync_file_range(
			w->fd, (off_t)w->begun, (off_t)(w->pos - w->begun), SYNC_FILE_RANGE_WRITE);
		w->begun = w->pos;
	}
	return ret;
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
	size_t len = payload->len + DB_CHECKSUM_SIZE, begin;

	if (payload->failed || !place_add(b, record_hash(key)))
		return -ENOMEM;
	if (key.len == 0 || len > DB_RECORD_MAX)
		return -EMSGSIZE;
	buf_u32(&b->bytes, (uint32_t)key.len);
	buf_u32(&b->bytes, (uint32_t)len);
	begin = b->bytes.len;
	buf_bytes(&b->bytes, key.at, key.len);
	buf_bytes(&b->bytes, payload->at, payload->len);
	if (b->bytes.failed)
		return -ENOMEM;
	/* Here key and payload stand in one piece. */
	buf_u64(&b->bytes, siphash(salt, slice_of(b->bytes.at + begin, b->bytes.len - begin),
				   slice_of(NULL, 0)));
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
		ret = write_behind(w, buf_slice(&b->bytes));
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
	ret = write_all(w, slice_of(head, sizeof head));
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

/* The tables on their way to the file. */
struct tables {
	struct db_writer *w;
	struct buf slots[ORDERED_SLOTS]; /* of a table */
	uint8_t head[DB_HEAD_SIZE];
};

static int make_table(void *data, uint32_t step, unsigned slot, unsigned thread)
{
	struct tables *all = data;
	const struct db_table *table = &all->w->tables[step];
	struct buf *slots = &all->slots[slot];
	size_t size = 2 * (size_t)table->n * DB_SLOT_SIZE;

	(void)thread;
	buf_reset(slots);
	if (size == 0)
		return 0;
	if (!buf_room(slots, size))
		return -ENOMEM;
	memset(slots->at, 0, size);
	slots->len = size;
	fill_table(table, slots->at);
	return 0;
}

static int take_table(void *data, uint32_t step, unsigned slot)
{
	struct tables *all = data;
	struct db_writer *w = all->w;
	const struct buf *slots = &all->slots[slot];

	if (w->pos + slots->len > UINT32_MAX)
		return -EFBIG;
	put_le32(all->head + DB_TABLE_SIZE * step, (uint32_t)w->pos);
	put_le32(all->head + DB_TABLE_SIZE * step + 4, 2 * w->tables[step].n);
	return write_behind(w, buf_slice(slots));
}

int db_writer_finish(struct db_writer *w, unsigned threads)
{
	struct tables all = { .w = w };
	const struct ordered work = { .data = &all,
		.steps = DB_TABLES,
		.threads = threads,
		.make = make_table,
		.take = take_table };
	int ret = db_writer_add(w, &w->batch);

	if (ret == 0)
		ret = ordered_run(&work);
	for (size_t i = 0; i < ORDERED_SLOTS; i++)
		buf_done(&all.slots[i]);
	if (ret == 0 && lseek(w->fd, 0, SEEK_SET) < 0)
		ret = -errno;
	return ret == 0 ? write_all(w, slice_of(all.head, sizeof all.head)) : ret;
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
