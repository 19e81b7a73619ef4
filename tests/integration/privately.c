/*
 * privately PROGRAM [ARGUMENT...]: runs a program in mount, process and network namespaces of its
 * own. What it mounts, starts and listens on is seen by nobody else and is gone when it ends or
 * when this process is killed. Its network is a loopback that also has the addresses below.
 * Works in a chroot too. Ends with the program's exit status, 128 + the signal, or 125.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILED = 125 };

/* Where clients may come from; addresses for documentation, RFC 5737. */
static const char *const places[] = { "127.0.0.1", "192.0.2.10", "203.0.113.7" };

/*
 * From a chroot one cannot name the mount its root lies on. Joining the namespace one is already
 * in moves the root to the namespace's own, from where everything can be named.
 */
static void make_mounts_private(void)
{
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int self = (int)syscall(SYS_pidfd_open, getpid(), 0);

	if (root < 0 || self < 0 || setns(self, CLONE_NEWNS) != 0)
		err(FAILED, "joining the new mount namespace");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		err(FAILED, "making the mounts private");
	if (fchdir(root) != 0 || chroot(".") != 0)
		err(FAILED, "going back to the root directory");
	close(root);
	close(self);
}

static void add_address(int sock, const char *label, const char *address)
{
	struct ifreq request = { .ifr_flags = 0 };
	struct sockaddr_in in = { .sin_family = AF_INET };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", label);
	inet_pton(AF_INET, address, &in.sin_addr);
	memcpy(&request.ifr_addr, &in, sizeof(in));
	if (ioctl(sock, SIOCSIFADDR, &request) != 0)
		err(FAILED, "giving the loopback the address %s", address);
	request.ifr_flags = IFF_UP | IFF_RUNNING;
	if (ioctl(sock, SIOCSIFFLAGS, &request) != 0)
		err(FAILED, "starting the loopback");
}

static void make_loopback(void)
{
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char label[IFNAMSIZ] = "lo";

	if (sock < 0)
		err(FAILED, "socket");
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (i > 0)
			snprintf(label, sizeof(label), "lo:%zu", i);
		add_address(sock, label, places[i]);
	}
	close(sock);
}

/*
 * The log of such a world is read by one process, and dozens write to it at once: the ten lines
 * that may wait by default would be lost lines.
 */
static void make_queues_long(void)
{
	int fd = open("/proc/sys/net/unix/max_dgram_qlen", O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (write(fd, "4096", 4) != 4)
			warn("the log of this world may lose lines");
		close(fd);
	}
}

/* The first process of the namespace: adopts what is left over, and takes all along when it ends.
 */
static int be_init(char **argv)
{
	int status = 0;
	pid_t program, ended;

	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0)
		err(FAILED, "mounting /proc");
	make_queues_long();
	program = fork();
	if (program < 0)
		err(FAILED, "fork");
	if (program == 0) {
		execvp(argv[0], argv);
		err(FAILED, "%s", argv[0]);
	}
	do {
		ended = wait(&status);
	} while (ended != program && (ended > 0 || errno == EINTR));
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	char cwd[4096];
	int started[2], status = 0;
	pid_t init;

	if (argc < 2)
		errx(FAILED, "usage: privately PROGRAM [ARGUMENT...]");
	if (getcwd(cwd, sizeof(cwd)) == NULL || pipe2(started, O_CLOEXEC) != 0)
		err(FAILED, "starting");
	if (unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET) != 0)
		err(FAILED,
			"making namespaces (this needs root, and CAP_SYS_ADMIN in a container)");
	make_mounts_private();
	make_loopback();
	if (chdir(cwd) != 0)
		err(FAILED, "%s", cwd);
	init = fork();
	if (init < 0)
		err(FAILED, "fork");
	if (init == 0) {
		char go;

		/* Whoever was killed before this line never writes the byte. */
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
			err(FAILED, "prctl");
		close(started[1]);
		if (read(started[0], &go, 1) != 1)
			return FAILED;
		return be_init(argv + 1);
	}
	if (write(started[1], "", 1) != 1)
		err(FAILED, "write");
	while (waitpid(init, &status, 0) < 0 && errno == EINTR)
		continue;
	/* Not exit(): LeakSanitizer would want to fork, which nobody can here any more. */
	_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}
