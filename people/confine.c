/* What adperm-people forbids itself; see confine.h. It stays root: the files are root's. */
#include "people/confine.h"

#include "base/sandbox.h"

#include <err.h>
#include <errno.h>
#include <linux/landlock.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

/* What is left: the answer, the files, the lock, adpermd's socket and the log's. */
static const struct sandbox_call allowed_calls[] = {
	{ SYS_recvfrom, 0, 0 },
	{ SYS_sendto, 0, 0 },
	{ SYS_socket, 0, ~(uint32_t)AF_UNIX },
	{ SYS_connect, 0, 0 },
	{ SYS_getsockopt, 0, 0 },
	{ SYS_setsockopt, 0, 0 },
	{ SYS_ppoll, 0, 0 },
	{ SYS_openat, 0, 0 },
	{ SYS_close, 0, 0 },
	{ SYS_read, 0, 0 },
	{ SYS_write, 0, 0 },
	{ SYS_pread64, 0, 0 },
	{ SYS_lseek, 0, 0 },
	{ SYS_fsync, 0, 0 },
	{ SYS_fcntl, 0, 0 },
	{ SYS_flock, 0, 0 },
	{ SYS_fstat, 0, 0 },
	{ SYS_newfstatat, 0, 0 },
	{ SYS_statx, 0, 0 },
	{ SYS_getdents64, 0, 0 },
	{ SYS_fchmod, 0, 0 },
	{ SYS_fchown, 0, 0 },
	{ SYS_renameat, 0, 0 },
	{ SYS_renameat2, 0, 0 },
	{ SYS_unlinkat, 0, 0 },
	{ SYS_brk, 0, 0 },
	{ SYS_mmap, 2, PROT_EXEC },
	{ SYS_mremap, 0, 0 },
	{ SYS_munmap, 0, 0 },
	{ SYS_madvise, 0, 0 },
	{ SYS_clock_gettime, 0, 0 },
	{ SYS_clock_nanosleep, 0, 0 },
	{ SYS_getrandom, 0, 0 },
	{ SYS_getpid, 0, 0 },
	{ SYS_futex, 0, 0 },
	{ SYS_restart_syscall, 0, 0 },
	{ SYS_rt_sigreturn, 0, 0 },
	{ SYS_exit_group, 0, 0 },
#ifdef __x86_64__
	{ SYS_lstat, 0, 0 },
	{ SYS_open, 0, 0 },
	{ SYS_poll, 0, 0 },
	{ SYS_stat, 0, 0 },
#endif
};

static void refused(int number)
{
	warnx("system call %d was refused: it is never made here", number);
}

static bool failed(const char *what, int error)
{
	warnx("%s: %s", what, strerror(error));
	return false;
}

bool confine(const char *people)
{
	const struct sandbox_file files[] = {
		{ people, LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
				  LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
				  LANDLOCK_ACCESS_FS_REMOVE_FILE | SANDBOX_FS_TRUNCATE },
	};
	int ret;

	if (clearenv() != 0 || prctl(PR_SET_DUMPABLE, 0) != 0 ||
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return failed("closing the process", errno);
	ret = sandbox_files(files, sizeof files / sizeof files[0]);
	/* A kernel without Landlock: files are kept from it by the other half alone. */
	if (ret != 0 && ret != -ENOSYS)
		return failed("Landlock", -ret);
	ret = sandbox_calls(allowed_calls, sizeof allowed_calls / sizeof allowed_calls[0], refused);
	return ret == 0 || failed("seccomp", -ret);
}
