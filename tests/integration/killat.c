/*
 * killat NUMBER PROGRAM [ARGUMENT...]: kills a program as it is about to make its NUMBERth system
 * call. Ends with 137 if it came to that, else with the program's exit status.
 */
#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILED = 125, KILLED = 137 };

int main(int argc, char **argv)
{
	long left = argc > 2 ? atol(argv[1]) : 0;
	int status, entering = 1;
	pid_t child;

	if (left < 1)
		errx(FAILED, "usage: killat NUMBER PROGRAM [ARGUMENT...]");
	child = fork();
	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
			execv(argv[2], argv + 2);
		err(FAILED, "%s", argv[2]);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
		errx(FAILED, "%s does not start", argv[2]);
	for (;;) {
		if (ptrace(PTRACE_SYSCALL, child, NULL, NULL) != 0 ||
			waitpid(child, &status, 0) != child)
			err(FAILED, "ptrace");
		if (WIFEXITED(status))
			return WEXITSTATUS(status);
		if (WIFSIGNALED(status))
			return 128 + WTERMSIG(status);
		if (WSTOPSIG(status) != SIGTRAP)
			continue;
		if (entering && --left == 0) {
			kill(child, SIGKILL);
			waitpid(child, &status, 0);
			return KILLED;
		}
		entering = !entering;
	}
}
