/* Another program; see run_program.h. */
#include "cli/run_program.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#define SAID_MAX (256 * 1024)

static void read_all(int fd, struct buf *said)
{
	char bytes[4096];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof bytes)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		if (said->len < SAID_MAX)
			buf_bytes(said, bytes, (size_t)n);
	}
	buf_u8(said, 0);
	if (!said->failed)
		said->len--;
}

/* in -1: none is given */
static int set_files(posix_spawn_file_actions_t *files, int in, int out, int how)
{
	int ret = posix_spawn_file_actions_adddup2(files, out, STDOUT_FILENO);

	if (ret == 0 && in >= 0)
		ret = posix_spawn_file_actions_adddup2(files, in, STDIN_FILENO);
	else if (ret == 0 && (how & RUN_TERMINAL) == 0)
		ret = posix_spawn_file_actions_addopen(
			files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (ret == 0 && (how & RUN_QUIET) != 0)
		ret = posix_spawn_file_actions_addopen(
			files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	else if (ret == 0 && (how & RUN_TERMINAL) == 0)
		ret = posix_spawn_file_actions_adddup2(files, out, STDERR_FILENO);
	return ret;
}

int run_program(const char *const argv[], int how, struct buf *said)
{
	return run_program_fed(argv, -1, how, said);
}

int run_program_fed(const char *const argv[], int in, int how, struct buf *said)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", locale[] = "LC_ALL=C";
	static char *const environment[] = { path, locale, NULL };
	posix_spawn_file_actions_t files;
	int ends[2], status, ret;
	pid_t child = -1, ended;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -errno;
	ret = posix_spawn_file_actions_init(&files);
	if (ret == 0) {
		ret = set_files(&files, in, ends[1], how);
		if (ret == 0)
			/* posix_spawn(3) does not write to it; its type is older than const. */
			ret = posix_spawn(&child, argv[0], &files, NULL,
				(char *const *)(uintptr_t)argv, environment);
		posix_spawn_file_actions_destroy(&files);
	}
	close(ends[1]);
	if (ret == 0) {
		read_all(ends[0], said);
		do
			ended = waitpid(child, &status, 0);
		while (ended < 0 && errno == EINTR);
		ret = ended < 0 ? errno : 0;
	}
	close(ends[0]);
	if (ret != 0)
		return -ret;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
