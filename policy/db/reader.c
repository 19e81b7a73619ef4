/* The reader of the compiled database; see reader.h. */
#include "db/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define SLOTS_AT_ONCE 16
/*
 * Tables are written half empty, so a search that sees this many slots without a free one does not
 * stand in a file that we wrote.
 */
#define SLOTS_MAX 4096

static const uint8_t meta_salt[SIPHASH_KEY_SIZE] = { 0 };

/*@
  @ requires \valid_read(db);
  @ assigns \nothing;
  @ ensures \result <==> pos + len <= db->size;
  @*/
static bool inside(const struct db *db, uint64_t pos, uint64_t len)
{
	return pos <= db->size && len <= db->size - pos;
}

static int read_at(const struct db *db, uint64_t pos, void *into, size_t len)
{
	if (db->whole == NULL)
		return file_read_at(db->fd, pos, into, len);
	if (!inside(db, pos, len))
		return -EIO;
	memcpy(into, db->whole + pos, len);
	return 0;
}

/*@
  @ requires \valid_read(db) && table < DB_TABLES;
  @ assigns \nothing;
  @*/
static uint64_t table_end(const struct db *db, size_t table)
{
	const uint8_t *at = db->tables + table * DB_TABLE_SIZE;

	return le32(at) + (uint64_t)le32(at + 4) * DB_SLOT_SIZE;
}

/* Tables are written in order: the last one that has slots ends the file, if it is all there. */
/*@
  @ requires \valid_read(db);
  @ assigns \nothing;
  @*/
static bool ends_right(const struct db *db)
{
	size_t last = DB_TABLES - 1;

	/*@ loop invariant 0 <= last < DB_TABLES;
	  @ loop assigns last;
	  @ loop variant last;
	  @*/
	while (last > 0 && le32(db->tables + last * DB_TABLE_SIZE + 4) == 0)
		last--;
	return table_end(db, last) == db->size;
}

/*
 * Cuts one record, its length fields at the front of `bytes`, into key and payload; the checksum
 * has to be right.
 */
/*@
  @ requires readable(bytes) && \valid_read(salt + (0 .. SIPHASH_KEY_SIZE - 1));
  @ requires \valid(key) && \valid(payload) && \separated(key, payload);
  @ assigns *key, *payload;
  @*/
static bool split_record(const uint8_t salt[static SIPHASH_KEY_SIZE], struct slice bytes,
	struct slice *key, struct slice *payload)
{
	struct cursor c = cursor_of(bytes);
	uint32_t klen = cursor_u32(&c), dlen = cursor_u32(&c);
	struct slice sum;

	*key = cursor_take(&c, klen);
	if (dlen < DB_CHECKSUM_SIZE)
		return false;
	*payload = cursor_take(&c, dlen - DB_CHECKSUM_SIZE);
	sum = cursor_take(&c, DB_CHECKSUM_SIZE);
	return !c.short_of && sum.len == DB_CHECKSUM_SIZE &&
	       le64(sum.at) == siphash(salt, *key, *payload);
}

/* Head and meta record stand together at the front and are read in one go. */
static enum db_result read_front(struct db *db)
{
	uint8_t front[DB_HEAD_SIZE + 1024];
	size_t len = db->size < sizeof front ? db->size : sizeof front;
	struct slice key, payload;

	if (len < DB_HEAD_SIZE || file_read_at(db->fd, 0, front, len) != 0)
		return DB_CORRUPT;
	memcpy(db->tables, front, sizeof db->tables);
	if (!split_record(meta_salt, slice_of(front + DB_HEAD_SIZE, len - DB_HEAD_SIZE), &key,
		    &payload) ||
		!slice_equal(key, slice_of("!", 1)) || !record_get_meta(payload, &db->meta))
		return DB_CORRUPT;
	if (db->meta.format != DB_FORMAT)
		return DB_OTHER_FORMAT;
	memcpy(db->server, db->meta.server.at, db->meta.server.len);
	db->server[db->meta.server.len] = '\0';
	db->meta.server.at = (const uint8_t *)db->server;
	if (memcmp(catalogue_digest, db->meta.catalogue, sizeof catalogue_digest) != 0)
		return DB_OTHER_FORMAT;
	return ends_right(db) ? DB_FOUND : DB_CORRUPT;
}

enum db_result db_open(struct db *db, const char *path, enum trust trust)
{
	struct stat state;
	enum db_result result;
	int ret = file_open(path, trust, &db->fd, &state);

	if (ret == -ENOENT || ret == -ENOTDIR)
		return DB_MISSING;
	if (ret == -EPERM)
		return DB_UNSAFE;
	if (ret != 0)
		return ret == -ENOMEM ? DB_NOMEM : DB_UNREADABLE;
	db->whole = NULL;
	db->size = (uint32_t)state.st_size;
	result = state.st_size <= UINT32_MAX ? read_front(db) : DB_CORRUPT;
	if (result != DB_FOUND)
		db_close(db);
	return result;
}

void db_close(struct db *db)
{
	if (db->fd >= 0)
		close(db->fd);
	db->fd = -1;
	free(db->whole);
	db->whole = NULL;
}

void db_keep(struct db *db, size_t most)
{
	if (db->size > most || db->whole != NULL)
		return;
	db->whole = malloc(db->size);
	if (db->whole != NULL && file_read_at(db->fd, 0, db->whole, db->size) != 0) {
		free(db->whole);
		db->whole = NULL;
	}
}

/* Reads the record at pos; most fit into the near array, and come with one pread. */
static enum db_result read_record(
	const struct db *db, uint32_t pos, struct db_value *value, struct slice *bytes)
{
	uint32_t rest = db->size - pos;
	size_t first = rest < sizeof value->near ? rest : sizeof value->near;
	uint64_t whole;

	if (first < DB_RECORD_HEAD || read_at(db, pos, value->near, first) != 0)
		return DB_CORRUPT;
	whole = DB_RECORD_HEAD + (uint64_t)le32(value->near) + le32(value->near + 4);
	if (le32(value->near) > RECORD_KEY_MAX || le32(value->near + 4) > DB_RECORD_MAX ||
		!inside(db, pos, whole))
		return DB_CORRUPT;
	*bytes = slice_of(value->near, (size_t)whole);
	if (whole <= first)
		return DB_FOUND;
	db_value_done(value);
	value->heap = malloc((size_t)whole);
	if (value->heap == NULL)
		return DB_NOMEM;
	*bytes = slice_of(value->heap, (size_t)whole);
	return read_at(db, pos, value->heap, (size_t)whole) == 0 ? DB_FOUND : DB_CORRUPT;
}

/* A slot with the right hash: is it this key's record? DB_ABSENT if it is another's. */
static enum db_result try_record(
	const struct db *db, uint32_t pos, struct slice key, struct db_value *value)
{
	struct slice bytes, found;
	enum db_result result;

	if (pos < DB_HEAD_SIZE || pos >= db->size)
		return DB_CORRUPT;
	result = read_record(db, pos, value, &bytes);
	if (result != DB_FOUND)
		return result;
	if (!split_record(db->meta.salt, bytes, &found, &value->payload))
		return DB_CORRUPT;
	return slice_equal(found, key) ? DB_FOUND : DB_ABSENT;
}

enum db_result db_find(const struct db *db, struct slice key, struct db_value *value)
{
	uint32_t hash = record_hash(key);
	const uint8_t *table = db->tables + (size_t)(hash % DB_TABLES) * DB_TABLE_SIZE;
	uint32_t pos = le32(table), slots = le32(table + 4);
	uint32_t slot = slots > 0 ? (hash >> 8) % slots : 0;
	uint8_t some[SLOTS_AT_ONCE * DB_SLOT_SIZE];

	value->heap = NULL;
	value->payload = slice_of(NULL, 0);
	if (!inside(db, pos, (uint64_t)slots * DB_SLOT_SIZE))
		return DB_CORRUPT;
	for (uint32_t seen = 0; seen < slots && seen < SLOTS_MAX;) {
		uint32_t n = slots - slot < SLOTS_AT_ONCE ? slots - slot : SLOTS_AT_ONCE;

		if (read_at(db, pos + (uint64_t)slot * DB_SLOT_SIZE, some,
			    (size_t)n * DB_SLOT_SIZE) != 0)
			return DB_CORRUPT;
		for (uint32_t i = 0; i < n && seen < slots; i++, seen++) {
			const uint8_t *at = some + (size_t)i * DB_SLOT_SIZE;
			enum db_result result = DB_ABSENT;

			if (le32(at + 4) == 0)
				return DB_ABSENT;
			if (le32(at) == hash)
				result = try_record(db, le32(at + 4), key, value);
			if (result != DB_ABSENT)
				return result;
		}
		slot = (slot + n) % slots;
	}
	return slots <= SLOTS_MAX ? DB_ABSENT : DB_CORRUPT;
}

void db_value_done(struct db_value *value)
{
	free(value->heap);
	value->heap = NULL;
}

/* The first byte behind the records: the lowest of the tables. */
/*@
  @ requires \valid_read(db);
  @ assigns \nothing;
  @*/
static uint32_t records_end(const struct db *db)
{
	uint32_t end = db->size;

	/*@ loop invariant 0 <= table <= DB_TABLES;
	  @ loop assigns table, end;
	  @ loop variant DB_TABLES - table;
	  @*/
	for (size_t table = 0; table < DB_TABLES; table++) {
		const uint8_t *at = db->tables + table * DB_TABLE_SIZE;

		if (le32(at + 4) > 0 && le32(at) < end)
			end = le32(at);
	}
	return end;
}

enum db_result db_next(
	const struct db *db, uint32_t *pos, struct slice *key, struct db_value *value)
{
	const uint8_t *salt = *pos == DB_HEAD_SIZE ? meta_salt : db->meta.salt;
	uint32_t end = records_end(db);
	enum db_result result;
	struct slice bytes;

	value->heap = NULL;
	value->payload = slice_of(NULL, 0);
	if (*pos == end)
		return DB_ABSENT;
	if (*pos > end)
		return DB_CORRUPT;
	result = read_record(db, *pos, value, &bytes);
	if (result != DB_FOUND)
		return result;
	if (!split_record(salt, bytes, key, &value->payload))
		return DB_CORRUPT;
	*pos += (uint32_t)bytes.len;
	return DB_FOUND;
}

struct slot_count {
	uint64_t used;
	bool meta; /* one of them is the meta record's, which no look-up asks for */
};

/* The slots of one table: a free one is all zero. Counts the others. */
static bool slots_good(const struct db *db, uint32_t pos, uint32_t slots, struct slot_count *count)
{
	uint8_t some[SLOTS_AT_ONCE * DB_SLOT_SIZE];

	for (uint32_t slot = 0; slot < slots;) {
		uint32_t n = slots - slot < SLOTS_AT_ONCE ? slots - slot : SLOTS_AT_ONCE;

		if (read_at(db, pos + (uint64_t)slot * DB_SLOT_SIZE, some,
			    (size_t)n * DB_SLOT_SIZE) != 0)
			return false;
		for (uint32_t i = 0; i < n; i++) {
			const uint8_t *at = some + (size_t)i * DB_SLOT_SIZE;

			if (le32(at + 4) == 0 && le32(at) != 0)
				return false;
			count->used += le32(at + 4) != 0;
			if (le32(at + 4) == DB_HEAD_SIZE)
				count->meta = le32(at) == record_hash(slice_of("!", 1));
		}
		slot += n;
	}
	return true;
}

/* The tables lie one behind the other, from the last record to the end of the file. */
static bool tables_good(const struct db *db, struct slot_count *count)
{
	uint64_t pos = records_end(db);

	for (size_t table = 0; table < DB_TABLES; table++) {
		const uint8_t *at = db->tables + table * DB_TABLE_SIZE;
		uint32_t slots = le32(at + 4);

		if (le32(at) != pos || !inside(db, pos, (uint64_t)slots * DB_SLOT_SIZE) ||
			!slots_good(db, (uint32_t)pos, slots, count))
			return false;
		pos += (uint64_t)slots * DB_SLOT_SIZE;
	}
	return pos == db->size && count->meta;
}

/* The next record, and whether a look-up of its key gives the same one. */
static enum db_result check_next(const struct db *db, uint32_t *pos)
{
	struct db_value value, found = { .heap = NULL };
	bool meta = *pos == DB_HEAD_SIZE;
	struct slice key;
	enum db_result result = db_next(db, pos, &key, &value);

	/* The meta record is found by its place; its key is under another salt. */
	if (result == DB_FOUND && !meta) {
		result = db_find(db, key, &found);
		if (result == DB_ABSENT ||
			(result == DB_FOUND && !slice_equal(found.payload, value.payload)))
			result = DB_CORRUPT;
	}
	db_value_done(&found);
	db_value_done(&value);
	return result;
}

enum db_result db_check(const struct db *db)
{
	uint32_t pos = DB_HEAD_SIZE;
	uint64_t records = 0;
	struct slot_count count = { .used = 0 };
	enum db_result result = tables_good(db, &count) ? DB_FOUND : DB_CORRUPT;

	while (result == DB_FOUND) {
		result = check_next(db, &pos);
		records += result == DB_FOUND;
	}
	if (result == DB_ABSENT)
		result = records == count.used ? DB_FOUND : DB_CORRUPT;
	return result;
}
