/*
 * adperm-self: the dialogue in which people look after themselves. It is what `ssh adperm@SERVER`
 * opens, as the shell of that account and as the command that sshd forces on it, and what `adperm
 * self` runs. It starts nothing, reads no file, and takes nothing from its environment but whether
 * the terminal knows UTF-8.
 */
#include "self/dialogue.h"

#include "cli/secret_screen.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { EXIT_WELL = 0, EXIT_BROKE_OFF = 1, EXIT_BAD_USAGE = 2 };

static const char usage[] =
	"usage: adperm-self [--idle SECONDS] [--socket PATH]\n"
	"       adperm-self --help | --version\n"
	"\n"
	"A dialogue about yourself: your keys, your second factor, what you hold. Your login\n"
	"proves who you are. See adperm-self(1).\n"
	"\n"
	"  --idle SECONDS  to answer a question in, at most 300 (300)\n"
	"  --socket PATH   of adperm-people (" PEOPLE_SOCKET ")\n";

/* Only less than usual: what proves who is there does not last longer. */
static bool take_idle(const char *text, int *seconds)
{
	char *end;
	long given = strtol(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || given < 1 || given > DIALOGUE_IDLE_S)
		return false;
	*seconds = (int)given;
	return true;
}

static bool take_option(const char *word, const char *value, struct dialogue *d)
{
	if (strcmp(word, "--idle") == 0)
		return take_idle(value, &d->idle);
	if (strcmp(word, "--socket") != 0)
		return false;
	d->socket = value;
	return true;
}

/*
 * As a shell it is called with "-c" and whatever somebody wanted to run, which is not run. -1: go
 * on; else what to end with.
 */
static int take_arguments(int argc, char **argv, struct dialogue *d)
{
	const char *word = argc > 1 ? argv[1] : "";
	bool good = argc % 2 == 1;

	if (argc == 3 && strcmp(word, "-c") == 0)
		return -1;
	if (argc == 2 && strcmp(word, "--help") == 0) {
		fputs(usage, stdout);
		return EXIT_WELL;
	}
	if (argc == 2 && strcmp(word, "--version") == 0) {
		puts("adperm-self " ADPERM_VERSION);
		return EXIT_WELL;
	}
	for (int i = 1; good && i < argc; i += 2)
		good = take_option(argv[i], argv[i + 1], d);
	if (good)
		return -1;
	fputs(usage, stderr);
	return EXIT_BAD_USAGE;
}

/* As setlocale(3) would choose, but no file of a locale that a client names is read. */
static bool knows_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *value = NULL;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (value == NULL || value[0] == '\0')
			value = getenv(names[i]);
	/* Who sends nothing has what everybody has. */
	return value == NULL || value[0] == '\0' || strcasestr(value, "utf-8") != NULL ||
	       strcasestr(value, "utf8") != NULL;
}

/* Secrets pass through here: nobody may look into it, and it leaves nothing behind. */
static void settle(void)
{
	const struct rlimit none = { 0, 0 };
	bool utf8 = knows_utf8();
	sigset_t all;

	sigemptyset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTSTP, SIG_IGN);
	if (prctl(PR_SET_DUMPABLE, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		clearenv() != 0 || setrlimit(RLIMIT_CORE, &none) != 0 ||
		setrlimit(RLIMIT_FSIZE, &none) != 0 || setrlimit(RLIMIT_NPROC, &none) != 0 ||
		close_range(STDERR_FILENO + 1, ~0U, 0) != 0 || chdir("/") != 0)
		err(EXIT_BROKE_OFF, "cannot begin");
	setlocale(LC_CTYPE, utf8 ? "C.UTF-8" : "C");
	screen_begin();
}

int main(int argc, char **argv)
{
	struct dialogue d = { .socket = PEOPLE_SOCKET, .idle = DIALOGUE_IDLE_S };
	int code = argc < 1 ? EXIT_BAD_USAGE : take_arguments(argc, argv, &d);
	enum dialogue_end end;

	if (code >= 0)
		return code;
	settle();
	if (!screen_is_there()) {
		fputs("This opens a dialogue and runs no command; it needs a terminal: type `ssh "
		      "adperm@SERVER`.\n",
			stderr);
		return EXIT_BROKE_OFF;
	}
	if (!holdings_find(&d))
		return EXIT_BROKE_OFF;
	end = d.invited ? invited_run(&d) : menu_run(&d);
	puts(end == DIALOGUE_DONE ? "\nGoodbye." : "\nBroken off.");
	return end == DIALOGUE_DONE ? EXIT_WELL : EXIT_BROKE_OFF;
}
