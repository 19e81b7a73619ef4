/*
 * killat [-e ERRNO] NUMBER PROGRAM [ARGUMENT...]: kills a program as it is about to make its
 * NUMBERth system call, or with -e has that call fail with that error, and every later one work
 * again; then calls are counted from where the loader is done with the libraries. Ends with 137 if
 * the program was killed, with 126 if it ended before the call, else with the program's exit
 * status, 128 and more for a signal.
 */
#include "strike.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_REACHED = 126, KILLED = 137 };

static pid_t start(char **program)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
			execv(program[0], program);
		err(STRIKE_FAILED, "%s", program[0]);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFSTOPPED(status) ||
		ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)PTRACE_O_EXITKILL) != 0)
		errx(STRIKE_FAILED, "%s does not start", program[0]);
	return child;
}

/* Every libc makes this call, once, before the program's own. */
static int is_loaded(pid_t child)
{
	struct user_regs_struct regs;

	registers(child, PTRACE_GETREGSET, &regs);
	return regs.NUMBER == SYS_set_tid_address;
}

/* At the call that counts. Is its result to be replaced? */
static int strike(pid_t child, int error)
{
	int status;

	if (error != 0)
		return drop_call(child);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	exit(KILLED);
}

int main(int argc, char **argv)
{
	int status, signal_number = 0, entering = 1, error = 0, first = 1, struck = 0, counting;
	long left;
	pid_t child;

	if (argc > 2 && strcmp(argv[1], "-e") == 0) {
		error = atoi(argv[2]);
		first = 3;
	}
	left = argc > first + 1 ? atol(argv[first]) : 0;
	if (left < 1 || (first == 3 && error < 1))
		errx(STRIKE_FAILED, "usage: killat [-e ERRNO] NUMBER PROGRAM [ARGUMENT...]");
	counting = error == 0;
	for (child = start(argv + first + 1);; signal_number = 0) {
		if (ptrace(PTRACE_SYSCALL, child, NULL, (void *)(intptr_t)signal_number) != 0 ||
			waitpid(child, &status, 0) != child)
			err(STRIKE_FAILED, "ptrace");
		if (WIFEXITED(status))
			return left > 0 && error != 0 ? NOT_REACHED : WEXITSTATUS(status);
		if (WIFSIGNALED(status))
			return 128 + WTERMSIG(status);
		if (WSTOPSIG(status) != SIGTRAP) {
			signal_number = WSTOPSIG(status);
			continue;
		}
		if (entering && counting && --left == 0) {
			struck = strike(child, error);
		} else if (!entering && struck) {
			set_result(child, error);
			struck = 0;
		}
		if (entering && !counting)
			counting = is_loaded(child);
		entering = !entering;
	}
}
