/*
 * Saying that something takes long; see progress.h. A timer interrupts the work every second: what
 * is done in between need not know of it, and what runs in its handler is one write(2).
 */
#include "cli/progress.h"

#include "base/terminal.h"
#include "base/text.h"

#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#define FIRST       2 /* seconds */
#define WHAT_MAX    48
#define CLEAR_LINE  "\r\033[K"
#define MESSAGE_MAX 96

static struct {
	volatile sig_atomic_t running, shown, seconds;
	char what[WHAT_MAX + 1];
	struct sigaction before;
} progress;

static void write_all(struct text message)
{
	/* A terminal that does not take it has nothing to show. */
	if (write(STDERR_FILENO, message.at, message.len) < 0)
		return;
}

static void tick(int number)
{
	char room[MESSAGE_MAX];
	struct text message = text_over(room, sizeof room);
	int saved = errno;

	(void)number;
	text_add(&message, CLEAR_LINE);
	text_add(&message, progress.what);
	text_add(&message, ": ");
	text_add_u64(&message, (uint64_t)progress.seconds++);
	text_add(&message, " s");
	write_all(message);
	progress.shown = 1;
	errno = saved;
}

void progress_begin(const char *doing, const char *what)
{
	const struct itimerval every = { .it_value.tv_sec = FIRST, .it_interval.tv_sec = 1 };
	struct sigaction action = { .sa_handler = tick, .sa_flags = SA_RESTART };
	struct text text = text_over(progress.what, sizeof progress.what);

	if (progress.running != 0 || !terminal_is(stderr))
		return;
	text_add(&text, doing);
	text_add(&text, " ");
	text_add_escaped(&text, slice_str(what), WHAT_MAX);
	progress.seconds = FIRST;
	progress.shown = 0;
	sigemptyset(&action.sa_mask);
	if (sigaction(SIGALRM, &action, &progress.before) != 0)
		return;
	progress.running = 1;
	setitimer(ITIMER_REAL, &every, NULL);
}

void progress_end(void)
{
	const struct itimerval never = { .it_value.tv_sec = 0 };
	char room[sizeof CLEAR_LINE];
	struct text clear = text_over(room, sizeof room);

	if (progress.running == 0)
		return;
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &progress.before, NULL);
	progress.running = 0;
	text_add(&clear, CLEAR_LINE);
	if (progress.shown != 0)
		write_all(clear);
}
