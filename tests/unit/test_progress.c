/* What takes long says so on a terminal, and only there. */
#include "cli/progress.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Sleeps through every interruption. */
static void work(time_t seconds, long nanoseconds)
{
	struct timespec rest = { seconds, nanoseconds };

	while (nanosleep(&rest, &rest) != 0 && errno == EINTR)
		;
}

/* What has been written to the other side of the terminal. */
static const char *said(int master)
{
	static char text[512];
	ssize_t n = read(master, text, sizeof text - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

int main(void)
{
	/* A second later, on a busy machine, there is more. */
	static const char first[] = "\r\033[Kreading \\x1b[31mx: 2 s";
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK), slave = -1, kept = dup(2);

	if (master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0)
		slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	if (slave < 0) {
		tap_skip("no pseudo-terminal here", "progress");
		return tap_done();
	}
	dup2(slave, 2);
	progress_begin("reading", "\033[31mx");
	work(0, 100000000);
	progress_end();
	is_str(said(master), "", "what is soon done says nothing");

	progress_begin("reading", "\033[31mx");
	work(2, 300000000);
	ok(strncmp(said(master), first, strlen(first)) == 0, "what takes long says so, escaped");
	progress_end();
	is_str(said(master), "\r\033[K", "and takes it away");
	progress_end();
	is_str(said(master), "", "once");

	dup2(kept, 2);
	progress_begin("reading", "quietly");
	dup2(slave, 2);
	work(2, 200000000);
	progress_end();
	is_str(said(master), "", "nothing is begun where standard error is no terminal");
	return tap_done();
}
