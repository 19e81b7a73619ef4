/* What a stream is; see terminal.h. */
#include "base/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_UNKNOWN 80
#define WIDTH_LEAST   40 /* narrower than that nothing can be laid out */

bool terminal_is(FILE *out)
{
	int fd = fileno(out);

	return fd >= 0 && isatty(fd) == 1;
}

bool terminal_colours(FILE *out)
{
	const char *unwanted = getenv("NO_COLOR"), *name = getenv("TERM");

	return terminal_is(out) && (unwanted == NULL || unwanted[0] == '\0') &&
	       (name == NULL || strcmp(name, "dumb") != 0);
}

unsigned terminal_width(FILE *out)
{
	struct winsize size = { .ws_col = 0 };
	int fd = fileno(out);

	if (fd < 0 || ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col < WIDTH_LEAST)
		return WIDTH_UNKNOWN;
	return size.ws_col;
}
