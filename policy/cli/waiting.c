/* What waits to be confirmed, and for how long; see waiting.h. */
#include "cli/waiting.h"

#include "base/file.h"
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

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

void term_put(const struct term *term, char out[static TERM_TEXT])
{
	snprintf(out, TERM_TEXT,
		"seconds %" PRIu32 "\nboot %s\nticks %" PRIu64 "\nclock %" PRId64 "\n",
		term->seconds, term->since.boot, term->since.ticks, term->since.clock);
}

/* Taken leniently and written again: only a text that comes out as it went in is one. */
bool term_take(const char *text, struct term *term)
{
	char again[TERM_TEXT];

	if (sscanf(text, "seconds %" SCNu32 " boot %36s ticks %" SCNu64 " clock %" SCNd64,
		    &term->seconds, term->since.boot, &term->since.ticks, &term->since.clock) != 4)
		return false;
	term_put(term, again);
	return strcmp(again, text) == 0;
}

bool term_is_over(const struct term *term, const struct moment *now)
{
	uint64_t ticks = term->seconds * ticks_a_second();

	if (strcmp(now->boot, term->since.boot) == 0)
		return now->ticks >= term->since.ticks + ticks;
	return now->ticks >= ticks || now->clock < term->since.clock ||
	       now->clock - term->since.clock >= term->seconds;
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
static void start_watcher(waiting_is_done *is_done, void *context)
{
	pid_t child;

	setsid();
	child = fork();
	if (child != 0)
		_exit(child < 0 ? 1 : 0);
	detach();
	do
		nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL);
	while (!is_done(context));
	_exit(0);
}

int waiting_watch(waiting_is_done *is_done, void *context)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		start_watcher(is_done, context);
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

bool login_is_newer(const struct moment *since)
{
	struct process process = { .parent = getppid() };
	struct moment now;
	bool same_boot;

	if (moment_now(&now) != 0)
		return false;
	same_boot = strcmp(now.boot, since->boot) == 0;
	while (process.parent > 1) {
		if (process_read(process.parent, &process) != 0 ||
			(same_boot && process.start < since->ticks))
			return false;
		if (is_login_program(process.name))
			return true;
	}
	return false;
}
