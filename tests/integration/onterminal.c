/*
 * onterminal PROGRAM [ARGUMENT...]: runs a program on a terminal of its own, as a person would who
 * reads before typing. Standard input says what to do, a line each:
 *
 *	expect TEXT     until it is printed, behind what was expected before; a minute at most
 *	send TEXT       types it; \r and \e are Enter and Escape, ^C and ^D those keys
 *	pause           a moment, for who is between its prompt and its reading
 *	size ROWS COLS  changes the size of the terminal, at first 24 80
 *	hangup          takes the terminal away
 *	keep FILE       writes there what was printed so far, for who says what to do next
 *
 * Then waits for the program's end. Prints all that it printed. Ends with its exit status, 128 and
 * the signal, or 125 if what was expected did not come.
 */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FAILED = 125, PATIENCE = 60 };

static struct {
	int terminal;
	char seen[1 << 20]; /* all that was printed */
	size_t len, expected;
	bool ended;
} it;

/* Takes what is there, or waits for it so many milliseconds. */
static void listen_for(int milliseconds)
{
	struct pollfd p = { it.terminal, POLLIN, 0 };
	ssize_t got;

	if (it.ended || poll(&p, 1, milliseconds) <= 0)
		return;
	got = read(it.terminal, it.seen + it.len, sizeof it.seen - 1 - it.len);
	if (got > 0)
		it.len += (size_t)got;
	else
		it.ended = true;
}

static void expect(const char *text)
{
	time_t end = time(NULL) + PATIENCE;
	const char *at;

	while ((at = memmem(it.seen + it.expected, it.len - it.expected, text, strlen(text))) ==
		NULL) {
		if (it.ended || time(NULL) > end) {
			fwrite(it.seen, 1, it.len, stdout);
			fflush(stdout);
			errx(FAILED, "waited in vain for \"%s\"", text);
		}
		listen_for(100);
	}
	it.expected = (size_t)(at - it.seen) + strlen(text);
}

static void type(const char *text)
{
	for (; *text != '\0'; text++) {
		char c = *text;

		if (c == '\\' && text[1] != '\0')
			c = *++text == 'r' ? '\r' : '\033';
		else if (c == '^' && text[1] != '\0')
			c = (char)(*++text - '@');
		if (write(it.terminal, &c, 1) != 1)
			err(FAILED, "typing");
	}
}

static void resize(const char *words)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };

	if (sscanf(words, "%hu %hu", &size.ws_row, &size.ws_col) != 2)
		errx(FAILED, "size: ROWS COLS");
	ioctl(it.terminal, TIOCSWINSZ, &size);
}

/* Whole or not at all: somebody waits for it. */
static void keep(const char *path)
{
	char part[4096];
	FILE *file;

	snprintf(part, sizeof part, "%s.part", path);
	file = fopen(part, "we");
	if (file == NULL || fwrite(it.seen, 1, it.len, file) != it.len || fclose(file) != 0 ||
		rename(part, path) != 0)
		err(FAILED, "%s", path);
}

static void follow(char *line)
{
	char *rest = line, *word;

	line[strcspn(line, "\n")] = '\0';
	word = strsep(&rest, " ");
	if (rest == NULL)
		rest = word + strlen(word);
	if (strcmp(word, "expect") == 0)
		expect(rest);
	else if (strcmp(word, "send") == 0)
		type(rest);
	else if (strcmp(word, "pause") == 0)
		usleep(300000);
	else if (strcmp(word, "size") == 0)
		resize(rest);
	else if (strcmp(word, "keep") == 0)
		keep(rest);
	else if (strcmp(word, "hangup") == 0) {
		close(it.terminal);
		it.ended = true;
	} else
		errx(FAILED, "%s: expect, send, pause, size, keep or hangup", word);
}

int main(int argc, char **argv)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	time_t end;
	char line[4096];
	int status = 0;
	pid_t child, done = 0;

	if (argc < 2)
		errx(FAILED, "usage: onterminal PROGRAM [ARGUMENT...]");
	child = forkpty(&it.terminal, NULL, NULL, &size);
	if (child < 0)
		err(FAILED, "forkpty");
	if (child == 0) {
		execvp(argv[1], argv + 1);
		err(FAILED, "%s", argv[1]);
	}
	while (fgets(line, sizeof line, stdin) != NULL)
		follow(line);
	for (end = time(NULL) + PATIENCE; done == 0 && time(NULL) <= end;) {
		listen_for(20);
		done = it.ended ? waitpid(child, &status, WNOHANG) : 0;
		if (it.ended && done == 0)
			usleep(20000);
	}
	fwrite(it.seen, 1, it.len, stdout);
	fflush(stdout);
	if (done != child)
		errx(FAILED, "%s did not end", argv[1]);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
