/*
 * oneach SOCKET PROGRAM [ARGUMENT...]: listens there for anybody, and starts the program for each
 * connection, which is its standard input, as systemd does for a socket with Accept=yes.
 */
#include <err.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (argc < 3 || strlen(argv[1]) >= sizeof address.sun_path)
		errx(2, "usage: oneach SOCKET PROGRAM [ARGUMENT...]");
	memcpy(address.sun_path, argv[1], strlen(argv[1]));
	if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
		chmod(argv[1], 0666) != 0 || listen(listener, 16) != 0)
		err(2, "%s", argv[1]);
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd >= 0 && fork() == 0) {
			dup2(fd, STDIN_FILENO);
			execv(argv[2], argv + 2);
			err(2, "%s", argv[2]);
		}
		close(fd);
	}
}
