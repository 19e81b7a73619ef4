/* An apply that waits to be confirmed; see confirm.h. */
#include "cli/confirm.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PENDING_NAME "policy.confirm"

/* Programs that are a process of their own for each login. */
static const char *const login_programs[] = { "sshd", "sshd-session", "login", "cockpit-session",
	"gdm-session-wor" };

static struct timespec boot_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now;
}

struct pending pending_from_now(uint64_t generation, uint32_t seconds)
{
	struct timespec now = boot_time();
	uint64_t ticks = (uint64_t)sysconf(_SC_CLK_TCK);

	return (struct pending){
		.generation = generation,
		.since = (uint64_t)now.tv_sec * ticks +
			 (uint64_t)now.tv_nsec * ticks / UINT64_C(1000000000),
		.until = (uint64_t)now.tv_sec + seconds,
	};
}

int pending_read(const struct site *site, struct pending *pending)
{
	char path[PATH_MAX], text[80];
	size_t len;
	int ret = site_path(site, PENDING_NAME, path), end = 0;

	if (ret == 0)
		ret = file_read(path, TRUST_CALLER, text, sizeof text - 1, &len);
	if (ret != 0)
		return ret == -EFBIG ? -EBADMSG : ret;
	text[len] = '\0';
	if (sscanf(text, "%" SCNu64 " %" SCNu64 " %" SCNu64 "\n%n", &pending->generation,
		    &pending->since, &pending->until, &end) != 3 ||
		end != (int)len)
		return -EBADMSG;
	return 0;
}

int pending_write(const struct site *site, const struct pending *pending)
{
	char path[PATH_MAX], text[80];
	int ret = site_path(site, PENDING_NAME, path);

	snprintf(text, sizeof text, "%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", pending->generation,
		pending->since, pending->until);
	return ret == 0 ? file_write(path, 0644, slice_str(text)) : ret;
}

int pending_remove(const struct site *site)
{
	char path[PATH_MAX];
	int ret = site_path(site, PENDING_NAME, path);

	if (ret == 0 && unlink(path) != 0 && errno != ENOENT)
		ret = -errno;
	return ret;
}

bool pending_is_watched(const struct site *site)
{
	char path[PATH_MAX];
	int fd = site_path(site, PENDING_NAME, path) == 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	bool watched = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;

	if (fd >= 0)
		close(fd);
	return watched;
}

/* Looks once a second whether it still waits. False: somebody has decided. */
static bool wait_out(const struct site *site, uint64_t generation)
{
	struct pending now;

	do {
		nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL);
		if (pending_read(site, &now) != 0 || now.generation != generation)
			return false;
	} while ((uint64_t)boot_time().tv_sec < now.until);
	return true;
}

/* Out of the session that started it, and off its terminal. */
static void detach(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; null >= 0 && fd <= 2; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
	if (chdir("/") != 0)
		_exit(1);
}

/* The process between: it ends at once, so that the watcher is nobody's child. */
static void start_watcher(
	const struct site *site, uint64_t generation, void (*go_back)(void *context), void *context)
{
	pid_t child;

	setsid();
	child = fork();
	if (child != 0)
		_exit(child < 0);
	detach();
	if (wait_out(site, generation))
		go_back(context);
	_exit(0);
}

int pending_watch(
	const struct site *site, uint64_t generation, void (*go_back)(void *context), void *context)
{
	char path[PATH_MAX];
	int fd, status, ret = site_path(site, PENDING_NAME, path);
	pid_t child;

	if (ret != 0)
		return ret;
	/* The lock is the watcher's, who inherits the open file, and tells that there is one. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0)
		ret = -errno;
	child = ret == 0 ? fork() : -1;
	if (child == 0)
		start_watcher(site, generation, go_back, context);
	if (ret == 0 && child < 0)
		ret = -errno;
	else if (ret == 0 && (waitpid(child, &status, 0) != child || status != 0))
		ret = -EAGAIN;
	if (fd >= 0)
		close(fd);
	return ret;
}

/* The name, the parent and the start of a process. */
static bool read_process(pid_t pid, char name[static 64], pid_t *parent, uint64_t *start)
{
	char path[40], text[1024], *open_mark, *close_mark;
	int fd, ppid;
	ssize_t len;

	snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
	if (fd >= 0)
		close(fd);
	if (len <= 0)
		return false;
	text[len] = '\0';
	/* The name stands between the first and the last parenthesis, and may hold anything. */
	open_mark = strchr(text, '(');
	close_mark = strrchr(text, ')');
	if (open_mark == NULL || close_mark == NULL || close_mark - open_mark > 63)
		return false;
	*close_mark = '\0';
	snprintf(name, 64, "%s", open_mark + 1);
	if (sscanf(close_mark + 1,
		    " %*c %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
		    "%" SCNu64,
		    &ppid, start) != 2)
		return false;
	*parent = ppid;
	return true;
}

bool login_is_newer(const struct pending *pending)
{
	char name[64];
	uint64_t start;
	pid_t parent;

	for (pid_t pid = getppid(); pid > 1; pid = parent) {
		if (!read_process(pid, name, &parent, &start))
			return false;
		if (start < pending->since)
			return false;
		for (size_t i = 0; i < sizeof login_programs / sizeof login_programs[0]; i++)
			if (strcmp(name, login_programs[i]) == 0)
				return true;
	}
	return false;
}
