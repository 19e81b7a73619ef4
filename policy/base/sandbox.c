/* What a process forbids itself; see sandbox.h. */
#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

/* --- files ------------------------------------------------------------------------------------ */

#define FS_IOCTL (1ULL << 15)       /* ABI 5 */
#define FS_FIRST ((1ULL << 13) - 1) /* all of ABI 1 */

/* All that can be done with files, by ABI: what is not handled is not forbidden. */
static uint64_t handled_by(long abi)
{
	return FS_FIRST | (abi >= 2 ? SANDBOX_FS_REFER : 0) | (abi >= 3 ? SANDBOX_FS_TRUNCATE : 0) |
	       (abi >= 5 ? FS_IOCTL : 0);
}

static int allow_file(int ruleset, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = rights };
	int ret = 0;

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return -errno;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
		ret = -errno;
	close(rule.parent_fd);
	return ret;
}

int sandbox_files(const struct sandbox_file *files, size_t n)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = 0 };
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	int ruleset, ret = 0;

	if (abi < 1)
		return -ENOSYS;
	attr.handled_access_fs = handled_by(abi);
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
	if (ruleset < 0)
		return -errno;
	for (size_t i = 0; i < n && ret == 0; i++)
		ret = allow_file(ruleset, files[i].path, files[i].rights & attr.handled_access_fs);
	if (ret == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		ret = -errno;
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

/* Five instructions a call at most, and six around them. */
struct program {
	struct sock_filter at[SANDBOX_CALLS_MAX * 5 + 6];
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

static void add_call(struct program *p, const struct sandbox_call *call)
{
	size_t argument =
		offsetof(struct seccomp_data, args) + (size_t)call->argument * sizeof(uint64_t);

	add_load(p, offsetof(struct seccomp_data, nr));
	if (call->forbidden == 0) {
		add_unless(p, (uint32_t)call->number, 1);
		add_return(p, SECCOMP_RET_ALLOW);
		return;
	}
	/* The lower half of the argument, in the byte order of both machines known here. */
	add_unless(p, (uint32_t)call->number, 3);
	add_load(p, argument);
	add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, call->forbidden, 1, 0));
	add_return(p, SECCOMP_RET_ALLOW);
}

static void (*tell)(int number);

/* The call has not happened; its caller shall see an ordinary error. */
static void refuse(int number, siginfo_t *info, void *context)
{
	(void)number;
	tell(info->si_syscall);
	SET_RESULT((ucontext_t *)context, -EPERM);
}

int sandbox_calls(const struct sandbox_call *calls, size_t n, void (*refused)(int number))
{
	struct sigaction action = { .sa_sigaction = refuse, .sa_flags = SA_SIGINFO | SA_NODEFER };
	struct program p = { .len = 0 };
	struct sock_fprog filter = { .filter = p.at };

	if (n > SANDBOX_CALLS_MAX)
		return -E2BIG;
	tell = refused;
	add_load(&p, offsetof(struct seccomp_data, arch));
	add_unless(&p, ARCHITECTURE, 1);
	add(&p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0));
	add_return(&p, SECCOMP_RET_KILL_PROCESS);
	for (size_t i = 0; i < n; i++)
		add_call(&p, &calls[i]);
	add_return(&p, SECCOMP_RET_TRAP);
	filter.len = p.len;
	if (sigaction(SIGSYS, &action, NULL) != 0 ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) != 0)
		return -errno;
	return 0;
}
