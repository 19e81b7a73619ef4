/* What the daemon forbids itself; see confine.h. */
#include "adpermd/confine.h"

#include "adpermd/log.h"
#include "base/sandbox.h"
#include <errno.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static int failed(const char *what, int error)
{
	log_line(LOG_ERR, "%s: %s", what, strerror(-error));
	return -1;
}

int confine_files(const char *state)
{
	const struct sandbox_file allowed[] = {
		{ state, LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
				 LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
				 LANDLOCK_ACCESS_FS_REMOVE_FILE | SANDBOX_FS_TRUNCATE },
		/* SQLite begins its random numbers there. */
		{ "/dev/urandom", LANDLOCK_ACCESS_FS_READ_FILE },
	};
	int ret = sandbox_files(allowed, sizeof allowed / sizeof allowed[0]);

	if (ret == -ENOSYS) {
		log_line(LOG_WARNING, "this kernel has no Landlock: files are kept from the daemon "
				      "by their modes only");
		return 0;
	}
	return ret == 0 ? 0 : failed("Landlock", ret);
}

/*
 * What this program, libc, SQLite, libsodium and liboath call. Newer kernels and older C libraries
 * have several names for some; a name that this machine lacks is left out.
 */
static const struct sandbox_call allowed_calls[] = {
	/* connections */
	{ SYS_accept4, 0, 0 },
	{ SYS_getsockopt, 0, 0 },
	{ SYS_recvmsg, 0, 0 },
	{ SYS_sendto, 0, 0 },
	{ SYS_ppoll, 0, 0 },
	/* files */
	{ SYS_openat, 0, 0 },
	{ SYS_close, 0, 0 },
	{ SYS_read, 0, 0 },
	{ SYS_write, 0, 0 },
	{ SYS_pread64, 0, 0 },
	{ SYS_pwrite64, 0, 0 },
	{ SYS_lseek, 0, 0 },
	{ SYS_fsync, 0, 0 },
	{ SYS_fdatasync, 0, 0 },
	{ SYS_ftruncate, 0, 0 },
	{ SYS_fallocate, 0, 0 },
	{ SYS_fcntl, 0, 0 },
	{ SYS_fstat, 0, 0 },
	{ SYS_newfstatat, 0, 0 },
	{ SYS_statx, 0, 0 },
	{ SYS_fchmod, 0, 0 },
	{ SYS_faccessat, 0, 0 },
	{ SYS_readlinkat, 0, 0 },
	{ SYS_unlinkat, 0, 0 },
	{ SYS_getcwd, 0, 0 },
	{ SYS_utimensat, 0, 0 },
	/* memory */
	{ SYS_brk, 0, 0 },
	{ SYS_mmap, 2, PROT_EXEC },
	{ SYS_mprotect, 2, PROT_EXEC },
	{ SYS_mremap, 0, 0 },
	{ SYS_munmap, 0, 0 },
	{ SYS_madvise, 0, 0 },
	{ SYS_mlock, 0, 0 },
	{ SYS_munlock, 0, 0 },
	/* time, chance, and itself */
	{ SYS_clock_gettime, 0, 0 },
	{ SYS_clock_nanosleep, 0, 0 },
	{ SYS_gettimeofday, 0, 0 },
	{ SYS_nanosleep, 0, 0 },
	{ SYS_getrandom, 0, 0 },
	{ SYS_getpid, 0, 0 },
	{ SYS_gettid, 0, 0 },
	{ SYS_geteuid, 0, 0 },
	{ SYS_futex, 0, 0 },
	{ SYS_restart_syscall, 0, 0 },
	{ SYS_rt_sigprocmask, 0, 0 },
	{ SYS_rt_sigreturn, 0, 0 },
	{ SYS_signalfd4, 0, 0 },
	{ SYS_exit, 0, 0 },
	{ SYS_exit_group, 0, 0 },
#ifdef __x86_64__
	{ SYS_access, 0, 0 },
	{ SYS_lstat, 0, 0 },
	{ SYS_open, 0, 0 },
	{ SYS_poll, 0, 0 },
	{ SYS_readlink, 0, 0 },
	{ SYS_stat, 0, 0 },
	{ SYS_time, 0, 0 },
	{ SYS_unlink, 0, 0 },
#endif
};

static void refused(int number)
{
	static int told;

	if (told < 20) {
		told++;
		log_line(LOG_ERR, "system call %d was refused: the daemon never makes it", number);
	}
}

int confine_calls(void)
{
	int ret = sandbox_calls(
		allowed_calls, sizeof allowed_calls / sizeof allowed_calls[0], refused);

	return ret == 0 ? 0 : failed("seccomp", ret);
}
