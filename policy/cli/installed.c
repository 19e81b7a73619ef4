/* The installed database and what lies beside it; see installed.h. */
#include "cli/installed.h"

#include "cli/cli.h"
#include "db/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#define GENERATION_NAME "policy.generation"
#define LOCK_NAME       "policy.lock"
#define COPY_SIZE       (64 * 1024)

static int join(char out[static PATH_MAX], const char *first, const char *second)
{
	int n = snprintf(out, PATH_MAX, "%s%s", first, second);

	return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

int site_at(struct site *site, const char *db, const char *state)
{
	const char *slash = strrchr(db, '/');
	int ret = join(site->db, db, "");

	site->lock = -1;
	if (ret == 0 && state != NULL)
		return join(site->state, state, "");
	if (ret == 0 && slash == NULL)
		return join(site->state, ".", "");
	if (ret == 0) {
		size_t len = slash == db ? 1 : (size_t)(slash - db);

		memcpy(site->state, db, len);
		site->state[len] = '\0';
	}
	return ret;
}

int site_path(const struct site *site, const char *name, char out[static PATH_MAX])
{
	int n = snprintf(out, PATH_MAX, "%s/%s", site->state, name);

	return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

int site_lock(struct site *site)
{
	char path[PATH_MAX];
	int ret = site_path(site, LOCK_NAME, path);

	if (ret != 0)
		return ret;
	site->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (site->lock < 0)
		return -errno;
	if (flock(site->lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	ret = -errno;
	site_unlock(site);
	return ret;
}

void site_unlock(struct site *site)
{
	if (site->lock >= 0)
		close(site->lock);
	site->lock = -1;
}

int installed_generation(const char *state, uint64_t *highest)
{
	char path[PATH_MAX], text[32];
	size_t len;
	int n = snprintf(path, sizeof path, "%s/" GENERATION_NAME, state);
	int ret = n < 0 || n >= PATH_MAX
			  ? -ENAMETOOLONG
			  : file_read(path, TRUST_CALLER, text, sizeof text - 1, &len);
	char *end;

	*highest = 0;
	if (ret != 0)
		return ret == -EFBIG ? -EBADMSG : ret;
	text[len] = '\0';
	errno = 0;
	*highest = strtoull(text, &end, 10);
	return len > 0 && text[0] >= '0' && text[0] <= '9' && errno == 0 && strcmp(end, "\n") == 0
		       ? 0
		       : -EBADMSG;
}

int installed_record(const struct site *site, uint64_t generation)
{
	char path[PATH_MAX], text[32];
	int ret = site_path(site, GENERATION_NAME, path);

	snprintf(text, sizeof text, "%" PRIu64 "\n", generation);
	return ret != 0 ? ret : file_write(path, 0644, slice_str(text));
}

static int note_generation(const struct site *site, uint64_t generation)
{
	uint64_t highest;
	int ret = installed_generation(site->state, &highest);

	if (ret == 0 && highest >= generation)
		return 0;
	return ret == 0 || ret == -ENOENT ? installed_record(site, generation) : ret;
}

static int copy_bytes(int from, int to)
{
	uint8_t some[COPY_SIZE];
	off_t pos = 0;
	ssize_t got;

	while ((got = pread(from, some, sizeof some, pos)) != 0) {
		if (got < 0 && errno != EINTR)
			return -errno;
		for (ssize_t done = 0; done < got;) {
			ssize_t put = pwrite(to, some + done, (size_t)(got - done), pos + done);

			if (put < 0 && errno != EINTR)
				return -errno;
			done += put > 0 ? put : 0;
		}
		pos += got > 0 ? got : 0;
	}
	return 0;
}

int staged_create(struct staged *staged, const struct site *site)
{
	const char *slash = strrchr(site->db, '/');
	int n, ret = file_create(&staged->file, site->db, DB_MODE);

	staged->signature_len = 0;
	if (ret != 0)
		return ret;
	give_to_clients(staged->file.fd);
	n = snprintf(staged->path, sizeof staged->path, "%.*s%s",
		slash != NULL ? (int)(slash + 1 - site->db) : 0, site->db, staged->file.temp);
	if (n < 0 || n >= PATH_MAX) {
		file_abandon(&staged->file);
		return -ENAMETOOLONG;
	}
	return 0;
}

int staged_reset(struct staged *staged)
{
	if (ftruncate(staged->file.fd, 0) != 0 || lseek(staged->file.fd, 0, SEEK_SET) != 0)
		return -errno;
	return 0;
}

int staged_copy(struct staged *staged, int from)
{
	return copy_bytes(from, staged->file.fd);
}

int staged_restamp(struct staged *staged, const struct db *from, uint64_t generation)
{
	struct meta meta = from->meta;
	struct db_writer writer;
	struct buf payload = { .at = NULL };
	uint32_t pos = DB_HEAD_SIZE;
	enum db_result result = DB_FOUND;
	int ret;

	meta.generation = generation;
	ret = db_writer_start(&writer, staged->file.fd, &meta);
	while (ret == 0 && result == DB_FOUND) {
		bool first = pos == DB_HEAD_SIZE;
		struct db_value value;
		struct slice key;

		result = db_next(from, &pos, &key, &value);
		if (result == DB_FOUND && !first) {
			buf_bytes(&payload, value.payload.at, value.payload.len);
			ret = db_writer_put(&writer, key, &payload);
		}
		db_value_done(&value);
	}
	if (ret == 0 && result != DB_ABSENT)
		ret = result == DB_NOMEM ? -ENOMEM : -EBADMSG;
	if (ret == 0)
		ret = db_writer_finish(&writer, 0);
	db_writer_done(&writer);
	buf_done(&payload);
	return ret;
}

bool staged_is_installed(const struct staged *staged, const struct site *site)
{
	uint8_t ours[COPY_SIZE], theirs[COPY_SIZE];
	int fd = open(site->db, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	bool same = fd >= 0;
	ssize_t got = 1;

	for (off_t pos = 0; same && got > 0; pos += got) {
		got = pread(staged->file.fd, ours, sizeof ours, pos);
		same = got >= 0 && pread(fd, theirs, sizeof theirs, pos) == got &&
		       memcmp(ours, theirs, (size_t)got) == 0;
	}
	if (fd >= 0)
		close(fd);
	return same;
}

/* A copy of one file under another name; without the one, the other goes. */
static int keep_copy(const char *from, const char *to, bool database)
{
	struct file_new file;
	int ret, fd = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0 && errno == ENOENT)
		return file_remove(to);
	if (fd < 0)
		return -errno;
	ret = file_create(&file, to, DB_MODE);
	if (ret == 0) {
		if (database)
			give_to_clients(file.fd);
		ret = copy_bytes(fd, file.fd);
		if (ret == 0)
			ret = file_commit(&file);
		else
			file_abandon(&file);
	}
	close(fd);
	return ret;
}

static int keep_previous(const struct site *site)
{
	char signature[PATH_MAX], previous[PATH_MAX], previous_signature[PATH_MAX];
	int ret = join(signature, site->db, SIGNATURE_SUFFIX);

	if (ret == 0)
		ret = join(previous, site->db, PREVIOUS_SUFFIX);
	if (ret == 0)
		ret = join(previous_signature, previous, SIGNATURE_SUFFIX);
	if (ret == 0)
		ret = keep_copy(site->db, previous, true);
	return ret != 0 ? ret : keep_copy(signature, previous_signature, false);
}

int staged_restore(struct staged *staged, const struct site *site, uint64_t generation)
{
	char signature[PATH_MAX];
	int ret = join(signature, site->db, SIGNATURE_SUFFIX);

	if (ret == 0)
		ret = note_generation(site, generation);
	if (ret == 0 && staged->signature_len > 0)
		ret = file_write(
			signature, 0644, slice_of(staged->signature, staged->signature_len));
	else if (ret == 0)
		ret = file_remove(signature);
	if (ret == 0)
		return file_commit(&staged->file);
	staged_abandon(staged);
	return ret;
}

int staged_commit(struct staged *staged, const struct site *site, uint64_t generation)
{
	int ret = keep_previous(site);

	if (ret == 0)
		return staged_restore(staged, site, generation);
	staged_abandon(staged);
	return ret;
}

int installed_remove(const struct site *site)
{
	char signature[PATH_MAX];
	int ret = join(signature, site->db, SIGNATURE_SUFFIX);

	if (ret == 0)
		ret = file_remove(site->db);
	return ret != 0 ? ret : file_remove(signature);
}

void staged_abandon(struct staged *staged)
{
	file_abandon(&staged->file);
}
