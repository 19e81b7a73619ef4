/* What the daemon forbids itself; see confine.h. */
#include "adpermd/confine.h"

#include "adpermd/log.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

static int failed(const char *what)
{
	log_line(LOG_ERR, "%s: %s", what, strerror(errno));
	return -1;
}

/* --- files ------------------------------------------------------------------------------------ */

/* Rights that later kernels than the headers know. */
#define FS_REFER    (1ULL << 13) /* ABI 2 */
#define FS_TRUNCATE (1ULL << 14) /* ABI 3 */
#define FS_IOCTL    (1ULL << 15) /* ABI 5 */

#define FS_FIRST ((1ULL << 13) - 1) /* all of ABI 1 */

/* All that can be done with files, by ABI: what is not handled is not forbidden. */
static uint64_t handled_by(long abi)
{
	return FS_FIRST | (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0) |
	       (abi >= 5 ? FS_IOCTL : 0);
}

static const struct {
	const char *path; /* NULL: the directory of the state */
	uint64_t rights;
} allowed_files[] = {
	{ NULL, LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
			LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
			LANDLOCK_ACCESS_FS_REMOVE_FILE | FS_TRUNCATE },
	/* SQLite begins its random numbers there. */
	{ "/dev/urandom", LANDLOCK_ACCESS_FS_READ_FILE },
};

static int allow_file(int ruleset, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = rights };
	int ret;

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return -1;
	ret = (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent_fd);
	return ret;
}

int confine_files(const char *state)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = 0 };
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	int ruleset, ret = 0;

	if (abi < 1) {
		log_line(LOG_WARNING, "this kernel has no Landlock: files are kept from the daemon "
				      "by their modes only");
		return 0;
	}
	attr.handled_access_fs = handled_by(abi);
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
	if (ruleset < 0)
		return failed("Landlock");
	for (size_t i = 0; i < sizeof allowed_files / sizeof allowed_files[0] && ret == 0; i++) {
		const char *path = allowed_files[i].path;

		ret = allow_file(ruleset, path != NULL ? path : state,
			allowed_files[i].rights & attr.handled_access_fs);
	}
	if (ret == 0)
		ret = (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
	if (ret != 0)
		failed("Landlock");
	close(ruleset);
	return ret;
}

/* --- system calls ----------------------------------------------------------------------------- */

#if defined(__x86_64__)
#define ARCHITECTURE               AUDIT_ARCH_X86_64
#define SET_RESULT(context, value) ((context)->uc_mcontext.gregs[REG_RAX] = (value))
#elif defined(__aarch64__)
#define ARCHITECTURE               AUDIT_ARCH_AARCH64
#define SET_RESULT(context, value) ((context)->uc_mcontext.regs[0] = (unsigned long long)(value))
#else
#error "the registers of this machine are not known here: add them to the two above"
#endif

/*
 * What this program, libc, SQLite, libsodium and liboath call. Newer kernels and older C libraries
 * have several names for some; a name that this machine lacks is left out.
 */
static const struct {
	int number;
	int argument;       /* of which ... */
	uint32_t forbidden; /* ... these bits must not be set; 0: any */
} allowed_calls[] = {
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

#define CALLS (sizeof allowed_calls / sizeof allowed_calls[0])

/* Four instructions a call at most, and six around them. */
struct program {
	struct sock_filter at[CALLS * 4 + 6];
	unsigned short len;
};

static void add(struct program *p, struct sock_filter instruction)
{
	p->at[p->len++] = instruction;
}

static void add_load(struct program *p, size_t offset)
{
	add(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

/* Unless it is this one, `skip` instructions are left out. */
static void add_unless(struct program *p, uint32_t value, uint8_t skip)
{
	add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip));
}

static void add_return(struct program *p, uint32_t action)
{
	add(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

static void add_call(struct program *p, size_t i)
{
	size_t argument = offsetof(struct seccomp_data, args) +
			  (size_t)allowed_calls[i].argument * sizeof(uint64_t);

	if (allowed_calls[i].forbidden == 0) {
		add_unless(p, (uint32_t)allowed_calls[i].number, 1);
		add_return(p, SECCOMP_RET_ALLOW);
		return;
	}
	/* The lower half of the argument, in the byte order of both machines known here. */
	add_unless(p, (uint32_t)allowed_calls[i].number, 3);
	add_load(p, argument);
	add(p, (struct sock_filter)BPF_JUMP(
		       BPF_JMP | BPF_JSET | BPF_K, allowed_calls[i].forbidden, 1, 0));
	add_return(p, SECCOMP_RET_ALLOW);
}

/* The call has not happened; its caller shall see an ordinary error. */
static void refuse(int number, siginfo_t *info, void *context)
{
	static int told;

	(void)number;
	if (told < 20) {
		told++;
		log_line(LOG_ERR, "system call %d was refused: the daemon never makes it",
			info->si_syscall);
	}
	SET_RESULT((ucontext_t *)context, -EPERM);
}

int confine_calls(void)
{
	struct sigaction action = { .sa_sigaction = refuse, .sa_flags = SA_SIGINFO | SA_NODEFER };
	struct program p = { .len = 0 };
	struct sock_fprog filter = { .filter = p.at };

	add_load(&p, offsetof(struct seccomp_data, arch));
	add_unless(&p, ARCHITECTURE, 1);
	add(&p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0));
	add_return(&p, SECCOMP_RET_KILL_PROCESS);
	for (size_t i = 0; i < CALLS; i++) {
		add_load(&p, offsetof(struct seccomp_data, nr));
		add_call(&p, i);
	}
	add_return(&p, SECCOMP_RET_TRAP);
	filter.len = p.len;
	if (sigaction(SIGSYS, &action, NULL) != 0 ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) != 0)
		return failed("seccomp");
	return 0;
}
