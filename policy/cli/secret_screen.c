/* A secret on the screen; see secret_screen.h. */
#include "cli/secret_screen.h"

#include "cli/qr.h"

#include <errno.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static volatile sig_atomic_t ended;

static void note_end(int number)
{
	(void)number;
	ended = 1;
}

bool screen_is_there(void)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

void screen_begin(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction action = { .sa_handler = note_end }; /* no SA_RESTART: read() must end */

	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
		sigaction(signals[i], &action, NULL);
}

bool screen_show(const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t put = write(STDOUT_FILENO, at, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		at += put;
		len -= (size_t)put;
	}
	return true;
}

enum screen_drawn screen_draw(const char *text)
{
	struct winsize size = { .ws_row = 0 };
	struct buf picture = { .at = NULL };
	enum screen_drawn drawn = SCREEN_TOO_SMALL;

	if (!isatty(STDOUT_FILENO) || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		return SCREEN_PLAIN;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
		size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	/* One line is for the question under it. */
	if (qr_draw(text, size.ws_row - 1u, size.ws_col, &picture))
		drawn = screen_show(picture.at, picture.len) ? SCREEN_DRAWN : SCREEN_FAILED;
	if (picture.at != NULL)
		explicit_bzero(picture.at, picture.len);
	buf_done(&picture);
	return drawn;
}

/* One byte; false: none comes any more, or none in time. */
static bool listen_for(char *c, int milliseconds)
{
	struct pollfd wait = { .fd = STDIN_FILENO, .events = POLLIN };

	return !ended && poll(&wait, 1, milliseconds) == 1 && !ended &&
	       read(STDIN_FILENO, c, 1) == 1;
}

bool screen_ask(const char *prompt, char *line, size_t size)
{
	return screen_ask_within(prompt, line, size, -1);
}

bool screen_ask_within(const char *prompt, char *line, size_t size, int seconds)
{
	size_t len = 0;
	char c = '\0';

	if (isatty(STDIN_FILENO))
		fputs(prompt, stderr);
	/* Byte by byte: the next line is the answer to the next question. */
	while (listen_for(&c, seconds < 0 ? -1 : seconds * 1000) && c != '\n')
		if (len < size - 1)
			line[len++] = c;
	line[len] = '\0';
	return c == '\n';
}

void screen_clear(void)
{
	static const char clear[] = "\033[H\033[2J\033[3J";

	if (isatty(STDOUT_FILENO))
		screen_show(clear, sizeof clear - 1);
}
