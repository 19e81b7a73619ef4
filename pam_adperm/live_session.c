/* The records of open sessions; see live_session.h. */
#include "live_session.h"

#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/resource.h>
#include <unistd.h>

#define FIRST_LINE "adperm-session 1\nstart "
#define FILE_MAX   2560

static const struct row {
	const char *name;
	size_t at;
} rows[] = {
	{ "service ", offsetof(struct live_session, service) },
	{ "user ", offsetof(struct live_session, user) },
	{ "profile ", offsetof(struct live_session, profile) },
	{ "permission ", offsetof(struct live_session, permission) },
	{ "account ", offsetof(struct live_session, account) },
	{ "rhost ", offsetof(struct live_session, rhost) },
	{ "key ", offsetof(struct live_session, key) },
	{ "proved ", offsetof(struct live_session, proved) },
};

#define ROWS     (sizeof rows / sizeof rows[0])
#define ROWS_OLD (ROWS - 1) /* of a record without the last */

static bool put_path(
	char out[static PATH_MAX], const char *directory, pid_t pid, const char *suffix)
{
	struct text path = text_over(out, PATH_MAX);

	text_add(&path, directory);
	text_add(&path, "/");
	text_add_u64(&path, (uint64_t)pid);
	text_add(&path, suffix);
	return !path.cut;
}

static void put_record(struct text *t, const struct live_session *session)
{
	text_add(t, FIRST_LINE);
	text_add_u64(t, session->start);
	text_add(t, "\n");
	for (size_t i = 0; i < ROWS; i++) {
		const char *value = (const char *)session + rows[i].at;

		text_add(t, rows[i].name);
		text_add_escaped(t, slice_str(value), LIVE_SESSION_TEXT - 1);
		text_add(t, "\n");
	}
}

/* To write more than it may would kill this process, which is not ours (SIGXFSZ, setrlimit(2)). */
static bool may_write(size_t len)
{
	struct rlimit most;

	return getrlimit(RLIMIT_FSIZE, &most) == 0 && most.rlim_cur >= len;
}

/* One write, so that whoever reads it sees it all or nothing. */
static int write_record(const char *path, struct text text)
{
	int fd, ret = 0;

	if (!may_write(text.len))
		return -EFBIG;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	fd = file_above_standard(fd);
	if (fd < 0)
		ret = fd;
	else if (write(fd, text.at, text.len) != (ssize_t)text.len)
		ret = -EIO;
	if (fd >= 0)
		close(fd);
	if (ret != 0)
		unlink(path);
	return ret;
}

static int leave(const char *directory, pid_t pid, const char *suffix, struct live_session *session)
{
	char path[PATH_MAX], room[FILE_MAX];
	struct text text = text_over(room, sizeof room);
	struct process process;
	int ret = geteuid() == 0 ? file_trusted_dir(directory) : -EPERM;

	if (ret == 0)
		ret = process_read(pid, &process);
	if (ret != 0)
		return ret;
	session->pid = process.pid;
	session->start = process.start;
	put_record(&text, session);
	return put_path(path, directory, pid, suffix) ? write_record(path, text) : -ENAMETOOLONG;
}

int live_session_leave(const char *directory, struct live_session *session)
{
	return leave(directory, getpid(), "", session);
}

int live_session_hand_over(const char *directory, pid_t pid, struct live_session *session)
{
	return leave(directory, pid, LIVE_SESSION_HANDED, session);
}

static void take_away(const char *directory, pid_t pid, const char *suffix)
{
	char path[PATH_MAX];

	if (put_path(path, directory, pid, suffix))
		unlink(path);
}

void live_session_remove(const char *directory, pid_t pid)
{
	take_away(directory, pid, "");
}

void live_session_take_back(const char *directory, pid_t pid)
{
	take_away(directory, pid, LIVE_SESSION_HANDED);
}

/* What stands between `name` and the end of its line, at the front of the text. */
static struct slice take_value(struct cursor *c, const char *name)
{
	struct slice value = { NULL, 0 };
	const uint8_t *end;

	if (!slice_equal(cursor_take(c, strlen(name)), slice_str(name)))
		c->short_of = true;
	end = c->rest.len > 0 ? memchr(c->rest.at, '\n', c->rest.len) : NULL;
	if (end == NULL)
		c->short_of = true;
	else
		value = cursor_take(c, (size_t)(end - c->rest.at));
	cursor_take(c, 1);
	return value;
}

static bool take_number(struct slice text, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9' || *out > UINT64_MAX / 10 - 1)
			return false;
		*out = *out * 10 + (uint64_t)(text.at[i] - '0');
	}
	return text.len > 0;
}

static bool take_record(struct slice text, struct live_session *out)
{
	struct cursor c = cursor_of(text);
	bool good = take_number(take_value(&c, FIRST_LINE), &out->start);

	for (size_t i = 0; i < ROWS && !(i == ROWS_OLD && cursor_done(&c)); i++) {
		struct slice value = take_value(&c, rows[i].name);
		struct text into = text_over((char *)out + rows[i].at, LIVE_SESSION_TEXT);

		text_add_slice(&into, value);
		good &= !into.cut;
	}
	return good && cursor_done(&c);
}

static int read_record(
	const char *directory, pid_t pid, const char *suffix, struct live_session *out)
{
	char path[PATH_MAX], room[FILE_MAX];
	struct process process;
	size_t len;
	int ret = put_path(path, directory, pid, suffix) ? 0 : -ENAMETOOLONG;

	*out = (struct live_session){ .pid = pid };
	if (ret == 0)
		ret = file_read(path, TRUST_ROOT, room, sizeof room, &len);
	if (ret != 0)
		return ret;
	if (!take_record(slice_of(room, len), out))
		return -EBADMSG;
	ret = process_read(pid, &process);
	if (ret == -ENOENT || (ret == 0 && process.start != out->start))
		return -ESRCH;
	return ret;
}

int live_session_read(const char *directory, pid_t pid, struct live_session *out)
{
	return read_record(directory, pid, "", out);
}

int live_session_handed(const char *directory, pid_t pid, struct live_session *out)
{
	return read_record(directory, pid, LIVE_SESSION_HANDED, out);
}
