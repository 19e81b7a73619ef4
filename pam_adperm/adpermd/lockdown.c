/* What the daemon gives up; see lockdown.h. All functions: 0, or -1 with the reason in the log. */
#include "adpermd/lockdown.h"

#include "adpermd/log.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define DESCRIPTORS 512 /* the server's connections, its state, and some to spare */

static int failed(const char *what)
{
	log_line(LOG_ERR, "%s: %s", what, strerror(errno));
	return -1;
}

static int settle_descriptors(int last_fd)
{
	for (;;) {
		int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

		if (fd < 0)
			return -1;
		if (fd > STDERR_FILENO) {
			close(fd);
			break;
		}
	}
	return close_range((unsigned)last_fd + 1, ~0U, 0);
}

static int settle_signals(void)
{
	sigset_t none;

	for (int number = 1; number < SIGRTMIN; number++) {
		/* SIGKILL, SIGSTOP and the C library's own refuse, rightly. */
		if (signal(number, SIG_DFL) == SIG_ERR && errno != EINVAL)
			return -1;
	}
	/* A log that nobody reads, or a full quota, is an error of write(2), not the end. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL);
}

static int raise_limit(int which, rlim_t wanted)
{
	struct rlimit limit;

	if (getrlimit((__rlimit_resource_t)which, &limit) != 0)
		return -1;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	return setrlimit((__rlimit_resource_t)which, &limit);
}

static int settle_limits(void)
{
	const struct rlimit no_core = { 0, 0 };

	return raise_limit(RLIMIT_FSIZE, RLIM_INFINITY) != 0 ||
			       raise_limit(RLIMIT_NOFILE, DESCRIPTORS) != 0
		       ? -1
		       : setrlimit(RLIMIT_CORE, &no_core);
}

int lockdown_inheritance(int last_fd)
{
	umask(077);
	if (settle_descriptors(last_fd) != 0)
		return failed("descriptors");
	if (settle_signals() != 0)
		return failed("signals");
	return settle_limits() == 0 ? 0 : failed("limits");
}

int lockdown_become(uid_t uid, gid_t gid)
{
	uid_t real, effective, saved;

	if (uid == 0 || gid == 0) {
		log_line(LOG_ERR, "the daemon does not work as root; give it a user of its own");
		return -1;
	}
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 ||
		setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 ||
		setresuid(uid, uid, uid) != 0)
		return failed("giving up root");
	if (setresuid(-1u, 0, -1u) == 0 || setresgid(-1u, 0, -1u) == 0 ||
		getresuid(&real, &effective, &saved) != 0 || real != uid || effective != uid ||
		saved != uid) {
		log_line(LOG_ERR, "root was given up, but could be had back");
		return -1;
	}
	return 0;
}

int lockdown_seal(void)
{
	if (clearenv() != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return failed("closing the process");
	return 0;
}
