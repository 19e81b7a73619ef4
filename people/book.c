/* What people change, written; see book.h. */
#include "people/book.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_GROUP  "adperm-clients"
#define FILE_MODE      0640 /* of what clients read, too */
#define DIRECTORY_MODE 0750
#define LOCK_FILE      "lock"
#define LOCK_TURNS     100
#define LOCK_TURN_NS   20000000

enum wish_result book_failed(struct book *book, int error)
{
	book->error = error;
	return WISH_FAILED;
}

/* --- the directory */

/* Also if it was there: whoever made it may have been killed before it could be read. */
static int make_directory(const char *path)
{
	const struct group *clients = getgrnam(CLIENTS_GROUP);
	struct stat state;

	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return -errno;
	if (lstat(path, &state) != 0)
		return -errno;
	if (!S_ISDIR(state.st_mode))
		return -ENOTDIR;
	if (clients != NULL && state.st_gid != clients->gr_gid &&
		lchown(path, (uid_t)-1, clients->gr_gid) != 0)
		return -errno;
	if ((state.st_mode & 07777) == 0700 && chmod(path, DIRECTORY_MODE) != 0)
		return -errno;
	return 0;
}

/* A file of root's alone: whoever may open what is locked can hold the lock. */
static int open_lock(struct book *book)
{
	struct stat state;
	int dir = open(book->directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int ret = 0;

	if (dir < 0)
		return -errno;
	book->lock = openat(dir, LOCK_FILE, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (book->lock < 0 || fstat(dir, &state) != 0)
		ret = -errno;
	else
		book->readers = state.st_gid;
	close(dir);
	return ret;
}

enum wish_result book_open(struct book *book, const char *directory)
{
	int ret = file_trusted_above(directory);

	*book = (struct book){ .directory = directory, .lock = -1 };
	if (ret == 0)
		ret = make_directory(directory);
	if (ret == 0)
		ret = file_trusted_dir(directory);
	if (ret != 0)
		return book_failed(book, ret);
	ret = open_lock(book);
	return ret == 0 ? WISH_DONE : book_failed(book, ret);
}

enum wish_result book_lock(struct book *book)
{
	static const struct timespec turn = { 0, LOCK_TURN_NS };

	for (unsigned i = 0; i < LOCK_TURNS; i++) {
		if (flock(book->lock, LOCK_EX | LOCK_NB) == 0)
			return WISH_DONE;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return book_failed(book, -errno);
		nanosleep(&turn, NULL);
	}
	return WISH_BUSY;
}

void book_close(struct book *book)
{
	if (book->lock >= 0)
		close(book->lock);
	book->lock = -1;
}

/* --- files */

static bool put_path(const struct book *book, char kind, struct slice of, char out[static PATH_MAX])
{
	struct text path = text_over(out, PATH_MAX);
	uint8_t digest[SHA256_SIZE];
	char name[PEOPLE_NAME_SIZE];

	sha256_of(of, digest);
	people_name(kind, digest, name);
	text_add(&path, book->directory);
	text_add(&path, "/");
	text_add(&path, name);
	return !path.cut;
}

/* Who may read the directory may read the file. */
static int give(const struct book *book, int fd)
{
	return fchown(fd, (uid_t)-1, book->readers) == 0 ? 0 : -errno;
}

enum wish_result book_put(
	struct book *book, char kind, struct slice of, mode_t mode, const struct buf *bytes)
{
	char path[PATH_MAX];
	struct file_new file;
	ssize_t put;
	int ret;

	if (bytes->failed)
		return book_failed(book, -ENOMEM);
	if (!put_path(book, kind, of, path))
		return book_failed(book, -ENAMETOOLONG);
	ret = file_create(&file, path, mode);
	if (ret == 0 && mode == FILE_MODE)
		ret = give(book, file.fd);
	if (ret == 0) {
		put = write(file.fd, bytes->at, bytes->len);
		if (put != (ssize_t)bytes->len)
			ret = put < 0 ? -errno : -ENOSPC;
	}
	if (ret == 0)
		ret = file_commit(&file);
	else
		file_abandon(&file);
	return ret == 0 ? WISH_DONE : book_failed(book, ret);
}

enum wish_result book_take_away(struct book *book, char kind, struct slice of)
{
	char path[PATH_MAX];
	int ret = put_path(book, kind, of, path) ? file_remove(path) : -ENAMETOOLONG;

	return ret == 0 ? WISH_DONE : book_failed(book, ret);
}

/* Absent is nothing: a profile that has changed nothing, or only its keys and back, has no file. */
static enum wish_result write_lists(
	struct book *book, struct slice profile, const struct people_lists *lists)
{
	struct buf bytes = { .at = NULL };
	enum wish_result result;

	if (lists->owner_total == 0 && lists->key_total == 0 && lists->readmitted == 0)
		return book_take_away(book, 'p', profile);
	people_put_profile(&bytes, profile, lists->owners, lists->owner_total, lists->keys,
		lists->key_total, lists->readmitted);
	result = book_put(book, 'p', profile, FILE_MODE, &bytes);
	buf_done(&bytes);
	return result;
}

static enum wish_result write_key(struct book *book, struct slice profile, struct slice blob)
{
	struct buf bytes = { .at = NULL };
	enum wish_result result;

	people_put_key(&bytes, profile, blob);
	result = book_put(book, 'k', blob, FILE_MODE, &bytes);
	buf_done(&bytes);
	return result;
}

enum wish_result book_read(struct book *book, enum people_result result)
{
	switch (result) {
	case PEOPLE_YES:
	case PEOPLE_NO: return WISH_DONE;
	case PEOPLE_CORRUPT: return WISH_DAMAGED;
	case PEOPLE_UNSAFE: return book_failed(book, -EPERM);
	case PEOPLE_UNREADABLE: return book_failed(book, -EIO);
	case PEOPLE_NOMEM: break;
	}
	return book_failed(book, -ENOMEM);
}

static enum wish_result read_lists(
	struct book *book, struct slice profile, struct people_lists *lists)
{
	return book_read(book, people_lists_read(book->directory, TRUST_ROOT, profile, lists));
}

/* Whose the key is: DONE and the address, "" for nobody's. */
static enum wish_result whose(
	struct book *book, struct slice blob, char profile[static WISH_EMAIL_SIZE])
{
	uint8_t digest[SHA256_SIZE];
	enum people_result result;

	sha256_of(blob, digest);
	profile[0] = '\0';
	result = people_key(book->directory, TRUST_ROOT, digest, blob, profile, WISH_EMAIL_SIZE);
	return book_read(book, result);
}

/* --- lists */

static uint32_t find(const struct slice *list, uint32_t total, struct slice wanted)
{
	uint32_t i = 0;

	while (i < total && !slice_equal(list[i], wanted))
		i++;
	return i;
}

static void take_out(struct slice *list, uint32_t *total, uint32_t i)
{
	(*total)--;
	memmove(list + i, list + i + 1, (*total - i) * sizeof *list);
}

static enum wish_result change_owner(
	struct book *book, struct slice profile, struct slice owner, bool renounced)
{
	struct people_lists lists;
	enum wish_result result = read_lists(book, profile, &lists);
	uint32_t i = find(lists.owners, lists.owner_total, owner);

	if (result == WISH_DONE && (i < lists.owner_total) == renounced)
		result = WISH_NOTHING;
	if (result == WISH_DONE && renounced && lists.owner_total == PEOPLE_OWNERS_MAX)
		result = WISH_FULL;
	if (result == WISH_DONE) {
		if (renounced)
			lists.owners[lists.owner_total++] = owner;
		else {
			take_out(lists.owners, &lists.owner_total, i);
			lists.readmitted++;
		}
		result = write_lists(book, profile, &lists);
	}
	people_lists_done(&lists);
	return result;
}

enum wish_result book_renounce(struct book *book, struct slice profile, struct slice owner)
{
	return change_owner(book, profile, owner, true);
}

enum wish_result book_readmit(struct book *book, struct slice profile, struct slice owner)
{
	return change_owner(book, profile, owner, false);
}

/* DONE: it is to be made effective, NOTHING: it is so; and whether it is in the lists. */
static enum wish_result weigh_key(struct book *book, struct slice profile, struct slice blob,
	const struct people_lists *lists, bool *listed)
{
	char holder[WISH_EMAIL_SIZE];
	enum wish_result result = whose(book, blob, holder);

	*listed = find(lists->keys, lists->key_total, blob) < lists->key_total;
	if (result == WISH_DONE && holder[0] != '\0')
		result = slice_equal(slice_str(holder), profile)
				 ? *listed ? WISH_NOTHING : WISH_DONE
				 : WISH_FOREIGN_KEY;
	if (result == WISH_DONE && !*listed && lists->key_total == PEOPLE_KEYS_MAX)
		result = WISH_FULL;
	return result;
}

enum wish_result book_may_add_key(struct book *book, struct slice profile, struct slice blob)
{
	struct people_lists lists;
	enum wish_result result = read_lists(book, profile, &lists);
	bool listed;

	if (result == WISH_DONE)
		result = weigh_key(book, profile, blob, &lists, &listed);
	people_lists_done(&lists);
	return result;
}

/* Listed first and effective last; a list with a key that is not effective yet is completed. */
enum wish_result book_add_key(struct book *book, struct slice profile, struct slice blob)
{
	struct people_lists lists;
	enum wish_result result = read_lists(book, profile, &lists);
	bool listed = false;

	if (result == WISH_DONE)
		result = weigh_key(book, profile, blob, &lists, &listed);
	if (result == WISH_DONE && !listed) {
		lists.keys[lists.key_total++] = blob;
		result = write_lists(book, profile, &lists);
	}
	if (result == WISH_DONE)
		result = write_key(book, profile, blob);
	people_lists_done(&lists);
	return result;
}

/* Makes one ineffective, unless it is another person's. */
static enum wish_result silence_key(struct book *book, struct slice profile, struct slice blob)
{
	char holder[WISH_EMAIL_SIZE];
	enum wish_result result = whose(book, blob, holder);

	if (result == WISH_DONE && slice_equal(slice_str(holder), profile))
		result = book_take_away(book, 'k', blob);
	return result;
}

/* Ineffective first and unlisted last. */
static enum wish_result remove_keys(
	struct book *book, struct slice profile, const struct slice *only)
{
	struct people_lists lists;
	enum wish_result result = read_lists(book, profile, &lists);
	uint32_t before = lists.key_total;

	for (uint32_t i = 0; result == WISH_DONE && i < lists.key_total;) {
		if (only != NULL && !slice_equal(lists.keys[i], *only)) {
			i++;
			continue;
		}
		result = silence_key(book, profile, lists.keys[i]);
		take_out(lists.keys, &lists.key_total, i);
	}
	if (result == WISH_DONE)
		result = lists.key_total == before ? WISH_NOTHING
						   : write_lists(book, profile, &lists);
	people_lists_done(&lists);
	return result;
}

enum wish_result book_remove_key(struct book *book, struct slice profile, struct slice blob)
{
	return remove_keys(book, profile, &blob);
}

enum wish_result book_forget_keys(struct book *book, struct slice profile)
{
	return remove_keys(book, profile, NULL);
}
