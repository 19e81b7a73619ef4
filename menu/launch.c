/* Starting sudo, for a menu and for the question what is held; see launch.h and held.h. */
#include "launch.h"

#include "base/text.h"
#include "held.h"
#include "paths.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILED = 2 };

static char sudo[] = "/usr/bin/sudo";

int launch_become(
	const struct menus *menus, const struct menu *menu, char *const *given, unsigned n)
{
	char door[256], options_end[] = "--", *argv[MENU_ARGUMENTS + 6];
	bool root = getuid() == 0;
	char name[64];
	unsigned at = 0;

	snprintf(door, sizeof door, "%s%s", MENU_DOORS, perm_info((unsigned)menu->permission)->id);
	snprintf(name, sizeof name, "%s", menu_text(menus, menu->name));
	if (!root) {
		argv[at++] = sudo;
		argv[at++] = options_end;
	}
	argv[at++] = door;
	argv[at++] = name;
	for (unsigned i = 0; i < n && i < MENU_ARGUMENTS; i++)
		argv[at++] = given[i];
	argv[at] = NULL;
	execv(argv[0], argv);
	warn("%s", argv[0]);
	return FAILED;
}

static int wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return FAILED;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int launch_run(const struct menus *menus, const struct menu *menu, char *const *given, unsigned n)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, interrupt, quit;
	pid_t child;
	int status;

	/* Keys that interrupt are for what runs, as in a shell. */
	sigaction(SIGINT, &ignore, &interrupt);
	sigaction(SIGQUIT, &ignore, &quit);
	child = fork();
	if (child == 0) {
		sigaction(SIGINT, &interrupt, NULL);
		sigaction(SIGQUIT, &quit, NULL);
		_exit(launch_become(menus, menu, given, n));
	}
	if (child < 0)
		warn("fork");
	status = child < 0 ? FAILED : wait_for(child);
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	return status;
}

/* Runs menu-held; its output can be read from what is returned, NULL: it could not be started. */
static FILE *start_held(pid_t *child)
{
	static char quiet[] = "-n", as[] = "-u", user[] = MENU_HELD_USER, end[] = "--",
		    held[] = MENU_HELD;
	char *const argv[] = { sudo, quiet, as, user, end, held, NULL };
	int pipes[2];

	if (pipe2(pipes, O_CLOEXEC) != 0)
		return NULL;
	*child = fork();
	if (*child == 0) {
		dup2(pipes[1], STDOUT_FILENO);
		execv(argv[0], argv);
		warn("%s", argv[0]);
		_exit(FAILED);
	}
	close(pipes[1]);
	if (*child > 0)
		return fdopen(pipes[0], "r");
	close(pipes[0]);
	return NULL;
}

static void copy(char *out, size_t room, const char *value)
{
	struct text t = text_over(out, room);

	text_add(&t, value);
}

/* One line of what it printed; words that are not known are passed over. */
static void take_line(struct holds *holds, const char *word, const char *value)
{
	bool ambiguous;
	enum perm perm = perm_parse(slice_str(value), &ambiguous);
	uint64_t bit = perm != PERM_NONE ? PERM_BIT(perm) : 0;

	if (strcmp(word, "person") == 0)
		copy(holds->person, sizeof holds->person, value);
	else if (strcmp(word, "name") == 0)
		copy(holds->name, sizeof holds->name, value);
	else if (strcmp(word, "server") == 0)
		copy(holds->server, sizeof holds->server, value);
	else if (strcmp(word, "allow") == 0 || strcmp(word, "allow_2fa") == 0)
		holds->menus |= bit;
	if (strcmp(word, "allow_2fa") == 0)
		holds->coded |= bit;
}

bool holds_ask(struct holds *holds)
{
	char word[16], value[256];
	pid_t child;
	FILE *out;
	int status;

	*holds = (struct holds){ .everything = getuid() == 0 };
	if (holds->everything)
		return true;
	out = start_held(&child);
	if (out == NULL) {
		warn("cannot start %s", sudo);
		return false;
	}
	while (fscanf(out, "%15s %255[^\n]\n", word, value) == 2)
		take_line(holds, word, value);
	fclose(out);
	status = wait_for(child);
	if (status != 0)
		warnx("cannot find out which menus you may use: sudo ended with %d. Menus work "
		      "once "
		      "/etc/sudoers.d/adperm and the files of /etc/pam.d that go with it are "
		      "installed, and a policy",
			status);
	return status == 0;
}
