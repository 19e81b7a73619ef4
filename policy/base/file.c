/*
 * Trusted reading and whole-file replacement; see file.h. Directories are judged from the root down
 * with lstat(2): once a directory is known to be root's alone, nobody else can exchange what the
 * next name in it means, so looking at paths one after the other is no race. A file is opened first
 * and judged then: most files that may be absent are.
 */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#define FIRST_OWN_FD 3 /* below are the host's standard streams, even while it has them closed */

static bool roots_alone(const struct stat *state)
{
	return state->st_uid == 0 && (state->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* Judges one directory; `path` is the text up to it. */
static int judge_dir(const char *path)
{
	struct stat state;

	if (lstat(path, &state) != 0)
		return -errno;
	return S_ISDIR(state.st_mode) && roots_alone(&state) ? 0 : -EPERM;
}

/*
 * The root directory itself is what root says it is, or nothing else on this machine counts either.
 */
int file_trusted_above(const char *path)
{
	char part[PATH_MAX];
	size_t len = strlen(path);
	int ret = 0;

	if (path[0] != '/' || len >= sizeof part)
		return path[0] == '/' ? -ENAMETOOLONG : -EPERM;
	memcpy(part, path, len + 1);
	for (size_t i = 1; ret == 0 && i < len; i++) {
		if (part[i] != '/')
			continue;
		part[i] = '\0';
		ret = judge_dir(part);
		part[i] = '/';
	}
	return ret;
}

int file_trusted_dir(const char *path)
{
	int ret = file_trusted_above(path);

	return ret == 0 ? judge_dir(path) : ret;
}

int file_above_standard(int fd)
{
	int high;

	if (fd < 0 || fd >= FIRST_OWN_FD)
		return fd;
	high = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_OWN_FD);
	if (high < 0)
		high = -errno;
	close(fd);
	return high;
}

int file_open(const char *path, enum trust trust, int *out, struct stat *state)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	int ret = 0;

	if (fd < 0)
		return errno == ELOOP ? -EPERM : -errno;
	fd = file_above_standard(fd);
	if (fd < 0)
		return fd;
	if (fstat(fd, state) != 0)
		ret = -errno;
	else if (!S_ISREG(state->st_mode) || (trust == TRUST_ROOT && !roots_alone(state)))
		ret = -EPERM;
	else if (trust == TRUST_ROOT)
		ret = file_trusted_above(path);
	if (ret != 0)
		close(fd);
	else
		*out = fd;
	return ret;
}

int file_read_at(int fd, uint64_t pos, void *into, size_t len)
{
	uint8_t *at = into;

	while (len > 0) {
		ssize_t got = pread(fd, at, len, (off_t)pos);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : -EIO;
		at += got;
		pos += (uint64_t)got;
		len -= (size_t)got;
	}
	return 0;
}

int file_read(const char *path, enum trust trust, void *into, size_t room, size_t *len)
{
	struct stat state = { .st_size = -1 };
	int fd = -1, ret = file_open(path, trust, &fd, &state);

	if (ret != 0)
		return ret;
	if (state.st_size < 0 || (uint64_t)state.st_size > room)
		ret = -EFBIG;
	else
		ret = file_read_at(fd, 0, into, (size_t)state.st_size);
	close(fd);
	if (ret == 0)
		*len = (size_t)state.st_size;
	return ret;
}

/*
 * Removes what a killed writer left: temporary files of this name whose lock nobody holds. A living
 * writer keeps its temporary file locked.
 */
static void sweep(int dir, const char *name)
{
	size_t len = strlen(name);
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (list == NULL) {
		if (copy >= 0)
			close(copy);
		return;
	}
	while ((entry = readdir(list)) != NULL) {
		const char *other = entry->d_name;
		int fd;

		if (other[0] != '.' || strncmp(other + 1, name, len) != 0 ||
			strncmp(other + 1 + len, ".new-", 5) != 0)
			continue;
		fd = openat(dir, other, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			unlinkat(dir, other, 0);
		close(fd);
	}
	closedir(list);
}

/* Splits a path into its directory, opened, and its last name. */
static int open_parent(const char *path, char name[static 256], int *dir)
{
	const char *slash = strrchr(path, '/');
	const char *last = slash != NULL ? slash + 1 : path;
	char parent[PATH_MAX];
	size_t len = slash != NULL ? (size_t)(slash - path) : 0;

	if (last[0] == '\0' || strcmp(last, ".") == 0 || strcmp(last, "..") == 0)
		return -EISDIR;
	if (strlen(last) > 200 || len >= sizeof parent)
		return -ENAMETOOLONG;
	memcpy(parent, path, len);
	parent[len] = '\0';
	if (slash == path)
		memcpy(parent, "/", 2);
	else if (slash == NULL)
		memcpy(parent, ".", 2);
	memcpy(name, last, strlen(last) + 1);
	*dir = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *dir < 0 ? -errno : 0;
}

int file_create(struct file_new *f, const char *path, mode_t mode)
{
	struct stat state;
	int ret;

	*f = (struct file_new){ .fd = -1, .dir = -1 };
	ret = open_parent(path, f->name, &f->dir);
	if (ret == 0 && fstatat(f->dir, f->name, &state, AT_SYMLINK_NOFOLLOW) == 0 &&
		!S_ISREG(state.st_mode))
		ret = -EEXIST; /* never put a file in the place of /dev/null or of a link */
	if (ret != 0) {
		file_abandon(f);
		return ret;
	}
	sweep(f->dir, f->name);
	for (unsigned n = 0; n < 1000; n++) {
		snprintf(f->temp, sizeof f->temp, ".%.200s.new-%ld-%u", f->name, (long)getpid(), n);
		f->fd = openat(f->dir, f->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (f->fd >= 0 || errno != EEXIST)
			break;
	}
	if (f->fd < 0 || flock(f->fd, LOCK_EX | LOCK_NB) != 0 || fchmod(f->fd, mode) != 0) {
		ret = -errno;
		file_abandon(f);
		return ret;
	}
	return 0;
}

int file_commit(struct file_new *f)
{
	bool in_place;
	int ret = 0;

	if (fsync(f->fd) != 0 || renameat(f->dir, f->temp, f->dir, f->name) != 0)
		ret = -errno;
	else
		f->temp[0] = '\0';
	if (ret == 0 && fsync(f->dir) != 0)
		ret = -errno;
	in_place = f->temp[0] == '\0';
	file_abandon(f);
	f->in_place = in_place;
	return ret;
}

void file_abandon(struct file_new *f)
{
	if (f->dir >= 0 && f->temp[0] != '\0')
		unlinkat(f->dir, f->temp, 0);
	if (f->fd >= 0)
		close(f->fd);
	if (f->dir >= 0)
		close(f->dir);
	*f = (struct file_new){ .fd = -1, .dir = -1 };
}

int file_remove(const char *path)
{
	char name[256];
	int dir, ret = open_parent(path, name, &dir);

	if (ret != 0)
		return ret;
	if (unlinkat(dir, name, 0) != 0)
		ret = errno == ENOENT ? 0 : -errno;
	else if (fsync(dir) != 0)
		ret = -errno;
	close(dir);
	return ret;
}

int file_write(const char *path, mode_t mode, struct slice bytes)
{
	struct file_new file;
	int ret = file_create(&file, path, mode);

	for (size_t done = 0; ret == 0 && done < bytes.len;) {
		ssize_t put = write(file.fd, bytes.at + done, bytes.len - done);

		if (put < 0 && errno != EINTR)
			ret = -errno;
		done += put > 0 ? (size_t)put : 0;
	}
	if (ret == 0)
		return file_commit(&file);
	file_abandon(&file);
	return ret;
}
