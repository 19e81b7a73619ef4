/* Key and directory; see prepare.h. */
#include "adpermd/prepare.h"

#include "adpermd/log.h"
#include "adpermd/store.h"
#include "adpermd/watermark.h"
#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#define CREDENTIAL "state.key"

bool prepare_is_safe(const char *path)
{
	const char *slash = strrchr(path, '/');
	int len = slash == NULL || slash == path ? 1 : (int)(slash - path);
	int err = file_trusted_above(path);

	if (path[0] != '/')
		log_line(LOG_ERR, "%s: an absolute path is needed", path);
	else if (err == -ENOENT)
		log_line(LOG_ERR, "%.*s: there is no such directory; make it: mkdir -p -m 755 %.*s",
			len, path, len, path);
	else if (err == -EPERM)
		log_line(LOG_ERR,
			"%.*s: it, and every directory above it, must be a directory of root that "
			"nobody else can write",
			len, path);
	else if (err != 0)
		log_line(LOG_ERR, "%.*s: %s", len, path, strerror(-err));
	return err == 0;
}

/* Judges the directory that is at fd, once it is there; a new one is empty and root's. */
static int settle_directory(int fd, const char *dir, uid_t uid, gid_t gid, bool made)
{
	struct stat state;

	if (made && (fchown(fd, uid, gid) != 0 || fchmod(fd, 0700) != 0)) {
		log_line(LOG_ERR, "%s: %s", dir, strerror(errno));
		return -1;
	}
	if (fstat(fd, &state) != 0 || state.st_uid != uid || (state.st_mode & 077) != 0) {
		log_line(LOG_ERR,
			"%s: it holds secrets and must be the daemon's alone: chown -R %u:%u %s; "
			"chmod "
			"700 %s",
			dir, (unsigned)uid, (unsigned)gid, dir, dir);
		return -1;
	}
	return 0;
}

int prepare_state(const char *dir, uid_t uid, gid_t gid)
{
	bool made;
	int fd, ret;

	if (!prepare_is_safe(dir))
		return -1;
	made = mkdir(dir, 0700) == 0;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		log_line(LOG_ERR, "%s: %s", dir, strerror(errno));
		return -1;
	}
	ret = settle_directory(fd, dir, uid, gid, made);
	close(fd);
	return ret;
}

static bool mark_name(const char *dir, char path[static PATH_MAX])
{
	return snprintf(path, PATH_MAX, "%s" WATERMARK_SUFFIX, dir) < PATH_MAX;
}

/* The file itself is the daemon's, in a directory that is not: it can be written, not replaced. */
int prepare_mark(const char *dir, uid_t uid, gid_t gid)
{
	char path[PATH_MAX];
	struct stat state;
	int fd, ret = -1;

	if (!mark_name(dir, path))
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
	if (fd < 0 || fstat(fd, &state) != 0)
		log_line(LOG_ERR, "%s: %s", path, strerror(errno));
	else if (!S_ISREG(state.st_mode) || (state.st_uid != 0 && state.st_uid != uid))
		log_line(LOG_ERR, "%s: it must be a file of the daemon's: remove it", path);
	else if (fchown(fd, uid, gid) != 0 || fchmod(fd, 0600) != 0)
		log_line(LOG_ERR, "%s: %s", path, strerror(errno));
	else
		ret = 0;
	if (fd >= 0)
		close(fd);
	return ret;
}

int prepare_accept(const char *dir)
{
	char path[PATH_MAX];
	int fd;

	if (!mark_name(dir, path))
		return -1;
	fd = open(path, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		log_line(LOG_ERR, "%s: %s", path, strerror(errno));
		return -1;
	}
	close(fd);
	log_line(LOG_NOTICE, "%s: taken as it is when adpermd is started again", dir);
	return 0;
}

int prepare_open_mark(const char *dir)
{
	char path[PATH_MAX];
	int fd;

	if (!mark_name(dir, path))
		return -1;
	fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		log_line(LOG_WARNING,
			"%s: %s: an old copy of the state would not be noticed; "
			"make it: adpermd --init",
			path, strerror(errno));
	return fd;
}

static int write_new_key(const char *path)
{
	struct file_new file;
	uint8_t key[SEAL_KEY_SIZE];
	int err = file_create(&file, path, 0400);

	if (err != 0)
		goto out;
	if (getrandom(key, sizeof key, 0) != (ssize_t)sizeof key ||
		write(file.fd, key, sizeof key) != (ssize_t)sizeof key)
		err = -EIO;
	else
		err = file_commit(&file);
	file_abandon(&file);
out:
	explicit_bzero(key, sizeof key);
	if (err != 0) {
		log_line(LOG_ERR, "%s: cannot make the key: %s", path, strerror(-err));
		return -1;
	}
	log_line(LOG_NOTICE,
		"%s: made a new key; keep a copy of it where no copy of the state is kept", path);
	return 0;
}

int prepare_key(const char *path, const char *dir)
{
	char database[PATH_MAX];
	struct stat state;

	if (lstat(path, &state) == 0)
		return 0;
	if (errno != ENOENT) {
		log_line(LOG_ERR, "%s: %s", path, strerror(errno));
		return -1;
	}
	if (snprintf(database, sizeof database, "%s/" STORE_FILE, dir) >= (int)sizeof database)
		return -1;
	if (lstat(database, &state) == 0 || errno != ENOENT) {
		log_line(LOG_ERR,
			"%s: the key is missing, and only it opens %s: put its copy back (root, "
			"mode "
			"0400); if it is lost, move %s away and enroll everybody again",
			path, database, database);
		return -1;
	}
	return write_new_key(path);
}

/* Reads one key or two from an open file, and nothing else. */
static int read_keys_at(int fd, const struct stat *state, const char *path, struct keys *keys)
{
	int err;

	keys->count = (size_t)state->st_size / SEAL_KEY_SIZE;
	if (state->st_size != SEAL_KEY_SIZE && state->st_size != 2 * SEAL_KEY_SIZE) {
		log_line(LOG_ERR,
			"%s: a key has %d bytes, and with the one before it %d; this has "
			"%lld",
			path, SEAL_KEY_SIZE, 2 * SEAL_KEY_SIZE, (long long)state->st_size);
		return -1;
	}
	err = file_read_at(fd, 0, keys->bytes, (size_t)state->st_size);
	if (err != 0)
		log_line(LOG_ERR, "%s: %s", path, strerror(-err));
	return err == 0 ? 0 : -1;
}

int prepare_read_key(const char *path, struct keys *keys)
{
	struct stat state;
	int fd, ret = -1, err = file_open(path, TRUST_ROOT, &fd, &state);

	if (err == -EPERM || (err == 0 && (state.st_mode & 077) != 0))
		log_line(LOG_ERR,
			"%s: the key must be a file of root's with mode 0400, below directories "
			"that "
			"only root can write",
			path);
	else if (err != 0)
		log_line(LOG_ERR, "%s: %s", path, strerror(-err));
	else
		ret = read_keys_at(fd, &state, path, keys);
	if (err == 0)
		close(fd);
	return ret;
}

int prepare_read_credential(const char *dir, struct keys *keys)
{
	char path[PATH_MAX];
	struct stat state;
	int fd, ret, err;

	if (snprintf(path, sizeof path, "%s/" CREDENTIAL, dir) >= (int)sizeof path)
		return -1;
	err = file_open(path, TRUST_CALLER, &fd, &state);
	if (err != 0) {
		log_line(LOG_ERR, "%s: %s; the unit needs LoadCredential=" CREDENTIAL ":FILE", path,
			strerror(-err));
		return -1;
	}
	ret = read_keys_at(fd, &state, path, keys);
	close(fd);
	return ret;
}
