/* adperm, the tool: finds the subcommand. */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define TRIM_THRESHOLD (1 << 20) /* bytes */

static void help(FILE *out)
{
	fputs("usage: adperm COMMAND [OPTION...] [ARGUMENT...]\n\n"
	      "Who may use which permission on this server, from one YAML policy.\n\n",
		out);
	for (size_t i = 0; commands[i] != NULL; i++)
		fprintf(out, "  %-9s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\n`adperm COMMAND --help` explains one. See adperm(1).\n", out);
}

static int run(int argc, char **argv)
{
	if (argc < 2) {
		help(stderr);
		return EXIT_ERROR;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		help(stdout);
		return EXIT_OK;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("adperm " ADPERM_VERSION);
		return EXIT_OK;
	}
	for (size_t i = 0; commands[i] != NULL; i++)
		if (strcmp(argv[1], commands[i]->name) == 0)
			return commands[i]->run(argc - 1, argv + 1);
	return complain("there is no command \"%s\"; `adperm --help` lists them", argv[1]);
}

/*
 * Whoever starts us with a standard stream closed would have what we say written into the next file
 * that we open, be it a database. What is there instead can only be read: that nobody hears an
 * answer is still noticed.
 */
static bool have_streams(void)
{
	int opened = STDIN_FILENO;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && opened >= 0; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			opened = open("/dev/null", O_RDONLY);
	return opened >= 0;
}

int main(int argc, char **argv)
{
	int code;

	if (!have_streams())
		return complain("/dev/null: %s", strerror(errno));
	/* Else, if who has called us wants to know of no child's end, nor would we of ours. */
	signal(SIGCHLD, SIG_DFL);
	/* What a thread gives back and takes again is not to be cleared by the system each time. */
	mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD);
	setlocale(LC_CTYPE, "");
	code = run(argc, argv);
	/* An answer that did not reach the reader is no answer. */
	if (fflush(stdout) != 0 || ferror(stdout))
		return complain("cannot write to standard output");
	return code;
}
