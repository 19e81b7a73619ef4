/* What the writer writes is, byte for byte, what libcdb makes of the same records. */
#include "db/writer.h"
#include "tap.h"

#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Some tables are empty, some have as many places as a chunk and more. */
static const uint32_t counts[] = { 0, 1, 2, 254, 255, 256, 100000 };

static int empty_file(void)
{
	return memfd_create("db", MFD_CLOEXEC);
}

static void put_number(struct buf *payload, uint32_t number)
{
	for (uint32_t i = 0; i <= number % 50; i++)
		buf_u32(payload, number + i);
}

static struct slice key_of(uint8_t key[static 8], uint32_t number)
{
	key[0] = 'h';
	put_le32(key + 1, number);
	return slice_of(key, number % 1000 == 0 ? 1 : 5);
}

static bool write_own(int fd, uint32_t n, bool batches)
{
	struct meta meta = { .generation = n };
	struct db_batch batch = { .n = 0 };
	struct buf payload = { .at = NULL };
	struct db_writer writer;
	uint8_t key[8];
	int ret = db_writer_start(&writer, fd, &meta);

	for (uint32_t i = 0; ret == 0 && i < n; i++) {
		put_number(&payload, i);
		if (!batches) {
			ret = db_writer_put(&writer, key_of(key, i), &payload);
			continue;
		}
		ret = db_batch_put(&batch, writer.salt, key_of(key, i), &payload);
		if (ret == 0 && i % 1000 == 7)
			ret = db_writer_add(&writer, &batch);
	}
	if (ret == 0)
		ret = db_writer_add(&writer, &batch);
	if (ret == 0)
		ret = db_writer_finish(&writer, 0);
	db_writer_done(&writer);
	db_batch_done(&batch);
	buf_done(&payload);
	return ret == 0;
}

/* libcdb over the records of a database that is there. */
static bool write_again(const uint8_t *bytes, size_t len, int fd)
{
	struct cdb_make make;
	size_t end = len, pos = DB_HEAD_SIZE;
	bool good = len > DB_HEAD_SIZE && cdb_make_start(&make, fd) == 0;

	for (size_t i = 0; good && i < DB_TABLES; i++)
		if (le32(bytes + DB_TABLE_SIZE * i) < end)
			end = le32(bytes + DB_TABLE_SIZE * i);
	while (good && pos < end) {
		uint32_t key = le32(bytes + pos), value = le32(bytes + pos + 4);

		pos += DB_RECORD_HEAD;
		good = cdb_make_add(&make, bytes + pos, key, bytes + pos + key, value) == 0;
		pos += key + value;
	}
	return good && cdb_make_finish(&make) == 0;
}

static uint8_t *bytes_of(int fd, size_t *len)
{
	uint8_t *bytes;

	*len = (size_t)lseek(fd, 0, SEEK_END);
	bytes = malloc(*len + 1);
	if (bytes == NULL || pread(fd, bytes, *len, 0) != (ssize_t)*len)
		perror("pread");
	return bytes;
}

static void compare(uint32_t n, bool batches)
{
	int own = empty_file(), again = empty_file();
	size_t own_len = 0, again_len = 0;
	uint8_t *own_bytes = NULL, *again_bytes = NULL;
	bool good = write_own(own, n, batches);

	own_bytes = bytes_of(own, &own_len);
	good = good && write_again(own_bytes, own_len, again);
	again_bytes = bytes_of(again, &again_len);
	ok(good && own_len == again_len && memcmp(own_bytes, again_bytes, own_len) == 0,
		"%u records%s: libcdb writes the same %zu bytes", n, batches ? " in batches" : "",
		own_len);
	free(own_bytes);
	free(again_bytes);
	close(own);
	close(again);
}

static void limits(void)
{
	struct db_batch batch = { .n = 0 };
	struct buf payload = { .at = NULL };
	struct meta meta = { .generation = 1 };
	struct db_writer writer;
	uint8_t key[8];
	int fd = empty_file(), full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	ok(db_writer_start(&writer, fd, &meta) == 0, "a database begins");
	buf_u32(&payload, 1);
	ok(db_writer_put(&writer, slice_of(key, 0), &payload) == -EMSGSIZE, "a key has a byte");
	writer.pos = UINT32_MAX - 100;
	for (uint32_t i = 0; i < 10; i++) {
		put_number(&payload, 49);
		db_batch_put(&batch, writer.salt, key_of(key, i), &payload);
	}
	ok(db_writer_add(&writer, &batch) == -EFBIG, "beyond 4 GiB nothing is written");
	db_writer_done(&writer);
	ok(db_writer_start(&writer, full, &meta) == -ENOSPC, "a full disk is an error");
	db_writer_done(&writer);
	db_batch_done(&batch);
	buf_done(&payload);
	close(full);
	close(fd);
}

int main(void)
{
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		compare(counts[i], false);
		compare(counts[i], true);
	}
	limits();
	return tap_done();
}
