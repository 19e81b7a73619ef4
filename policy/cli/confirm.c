/* An apply that waits to be confirmed; see confirm.h. */
#include "cli/confirm.h"

#include "base/process.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PENDING_NAME "policy.confirm"
#define PENDING_MAX  512
#define BOOT_ID      "/proc/sys/kernel/random/boot_id"
#define NOTHING      "nothing"
#define RETRY        5 /* seconds */

/* Programs that are a process of their own for each login. */
static const char *const login_programs[] = { "sshd", "sshd-session", "login", "cockpit-session",
	"gdm-session-wor" };

static uint64_t ticks_a_second(void)
{
	return (uint64_t)sysconf(_SC_CLK_TCK);
}

int moment_now(struct moment *now)
{
	int fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC), ret;
	struct timespec up;

	if (fd < 0)
		return -errno;
	ret = file_read_at(fd, 0, now->boot, BOOT_SIZE - 1);
	close(fd);
	now->boot[BOOT_SIZE - 1] = '\0';
	if (ret == 0 && clock_gettime(CLOCK_BOOTTIME, &up) != 0)
		ret = -errno;
	if (ret != 0)
		return ret;
	now->ticks = (uint64_t)up.tv_sec * ticks_a_second() +
		     (uint64_t)up.tv_nsec * ticks_a_second() / UINT64_C(1000000000);
	now->clock = time(NULL);
	return 0;
}

static size_t put_pending(const struct pending *pending, char out[static PENDING_MAX])
{
	char before[2 * SHA256_SIZE + 1] = NOTHING;
	struct text hex = text_over(before, sizeof before);
	int len;

	text_add(&hex, pending->is_first ? NOTHING : "");
	if (!pending->is_first)
		text_add_hex(&hex, slice_of(pending->before, sizeof pending->before));
	len = snprintf(out, PENDING_MAX,
		"adperm-confirm 1\ngeneration %" PRIu64 "\nbefore %s\nseconds %" PRIu32
		"\nboot %s\nticks %" PRIu64 "\nclock %" PRId64 "\n",
		pending->generation, before, pending->seconds, pending->since.boot,
		pending->since.ticks, pending->since.clock);
	return len > 0 ? (size_t)len : 0;
}

/* Taken leniently and written again: only a text that comes out as it went in is one. */
static bool take_pending(const char *text, struct pending *pending)
{
	char again[PENDING_MAX], before[2 * SHA256_SIZE + 1];

	*pending = (struct pending){ .is_first = false };
	if (sscanf(text,
		    "adperm-confirm 1 generation %" SCNu64 " before %64s seconds %" SCNu32
		    " boot %36s ticks %" SCNu64 " clock %" SCNd64,
		    &pending->generation, before, &pending->seconds, pending->since.boot,
		    &pending->since.ticks, &pending->since.clock) != 6)
		return false;
	pending->is_first = strcmp(before, NOTHING) == 0;
	if (!pending->is_first && sodium_hex2bin(pending->before, SHA256_SIZE, before,
					  strlen(before), NULL, NULL, NULL) != 0)
		return false;
	put_pending(pending, again);
	return strcmp(again, text) == 0;
}

int pending_read(const struct site *site, struct pending *pending)
{
	char path[PATH_MAX], text[PENDING_MAX];
	size_t len;
	int ret = site_path(site, PENDING_NAME, path);

	if (ret == 0)
		ret = file_read(path, TRUST_CALLER, text, sizeof text - 1, &len);
	if (ret != 0)
		return ret == -EFBIG ? -EBADMSG : ret;
	text[len] = '\0';
	return take_pending(text, pending) ? 0 : -EBADMSG;
}

int pending_write(const struct site *site, const struct pending *pending)
{
	char path[PATH_MAX], text[PENDING_MAX];
	int ret = site_path(site, PENDING_NAME, path);
	size_t len = put_pending(pending, text);

	return ret == 0 ? file_write(path, 0644, slice_of(text, len)) : ret;
}

int pending_remove(const struct site *site)
{
	char path[PATH_MAX];
	int ret = site_path(site, PENDING_NAME, path);

	return ret != 0 ? ret : file_remove(path);
}

bool pending_is_over(const struct pending *pending, const struct moment *now)
{
	uint64_t ticks = pending->seconds * ticks_a_second();

	if (strcmp(now->boot, pending->since.boot) == 0)
		return now->ticks >= pending->since.ticks + ticks;
	return now->ticks >= ticks || now->clock < pending->since.clock ||
	       now->clock - pending->since.clock >= pending->seconds;
}

/* Looks once a second whether it still waits. False: somebody has decided. */
static bool wait_out(const struct site *site, uint64_t generation)
{
	struct pending pending;
	struct moment now;

	do {
		nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL);
		if (pending_read(site, &pending) != 0 || pending.generation != generation)
			return false;
	} while (moment_now(&now) != 0 || !pending_is_over(&pending, &now));
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
	const struct site *site, uint64_t generation, pending_go_back *go_back, void *context)
{
	pid_t child;

	setsid();
	child = fork();
	if (child != 0)
		_exit(child < 0);
	detach();
	while (wait_out(site, generation) && !go_back(context))
		nanosleep(&(struct timespec){ .tv_sec = RETRY }, NULL);
	_exit(0);
}

int pending_watch(
	const struct site *site, uint64_t generation, pending_go_back *go_back, void *context)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		start_watcher(site, generation, go_back, context);
	if (child < 0)
		return -errno;
	return waitpid(child, &status, 0) == child && status == 0 ? 0 : -EAGAIN;
}

static bool is_login_program(const char *name)
{
	for (size_t i = 0; i < sizeof login_programs / sizeof login_programs[0]; i++)
		if (strcmp(name, login_programs[i]) == 0)
			return true;
	return false;
}

bool login_is_newer(const struct pending *pending)
{
	struct process process = { .parent = getppid() };
	struct moment now;
	bool same_boot;

	if (moment_now(&now) != 0)
		return false;
	same_boot = strcmp(now.boot, pending->since.boot) == 0;
	while (process.parent > 1) {
		if (process_read(process.parent, &process) != 0 ||
			(same_boot && process.start < pending->since.ticks))
			return false;
		if (is_login_program(process.name))
			return true;
	}
	return false;
}
