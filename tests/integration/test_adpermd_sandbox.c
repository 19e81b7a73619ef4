/*
 * What the running daemon cannot do, tried from inside of it: its tracer makes it call. And what is
 * not found in its memory.
 */
#include "daemon.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>

static struct world world;

static const char alice[] = "alice@acme.example";

/* --- system calls that it is made to try ------------------------------------------------------ */

#ifdef __x86_64__

#define SYSCALL_SIZE 2 /* bytes of the instruction that it waits behind */
#define SCRATCH      4096

/*
 * Stops the daemon in its poll() and remembers where it was. When its answer has come it still has
 * its line to log, and is anywhere.
 */
static void stop_daemon(struct user_regs_struct *saved)
{
	int64_t limit = now_ms() + 60000;
	int status;

	for (;;) {
		if (ptrace(PTRACE_SEIZE, world.daemon, NULL, PTRACE_O_TRACESYSGOOD) != 0 ||
			ptrace(PTRACE_INTERRUPT, world.daemon, NULL, NULL) != 0 ||
			waitpid(world.daemon, &status, __WALL) != world.daemon ||
			ptrace(PTRACE_GETREGS, world.daemon, NULL, saved) != 0)
			bail("cannot trace the daemon");
		/* One that was interrupted before is gone on with by a call of its own. */
		if (saved->orig_rax == SYS_poll || saved->orig_rax == SYS_restart_syscall)
			return;
		if (now_ms() > limit)
			bail("the daemon does not wait");
		ptrace(PTRACE_DETACH, world.daemon, NULL, 0);
		usleep(1000);
	}
}

/* To its next stop; the signal that stopped it. */
static int next_stop(enum __ptrace_request how)
{
	int status = 0;

	if (ptrace(how, world.daemon, NULL, 0) != 0 ||
		waitpid(world.daemon, &status, __WALL) != world.daemon || !WIFSTOPPED(status))
		bail("the daemon did not survive what it was made to do");
	return WSTOPSIG(status);
}

/* Writes text where the daemon's stack is not used. */
static unsigned long long lend_text(const struct user_regs_struct *regs, const char *text)
{
	unsigned long long at = (regs->rsp - SCRATCH) & ~15ULL;
	char path[32];
	int fd;

	snprintf(path, sizeof path, "/proc/%d/mem", (int)world.daemon);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (pwrite(fd, text, strlen(text) + 1, (off_t)at) < 0)
		bail("cannot write to the daemon's memory");
	close(fd);
	return at;
}

/* Makes the daemon call, and lets it go on as if nothing had been; what the call has given. */
static long make_it_call(long number, const char *text, const unsigned long long argument[4])
{
	struct user_regs_struct saved, regs;
	unsigned long long lent = 0;
	int signal_number = 0;
	long result;

	stop_daemon(&saved);
	regs = saved;
	if (text != NULL)
		lent = lend_text(&saved, text);
	regs.rip -= SYSCALL_SIZE;
	regs.rax = (unsigned long long)number;
	regs.orig_rax = ~0ULL;
	regs.rdi = argument[0] == ~0ULL ? lent : argument[0];
	regs.rsi = argument[1] == ~0ULL ? lent : argument[1];
	regs.rdx = argument[2];
	regs.r10 = argument[3];
	ptrace(PTRACE_SETREGS, world.daemon, NULL, &regs);
	next_stop(PTRACE_SYSCALL);
	next_stop(PTRACE_SYSCALL);
	ptrace(PTRACE_GETREGS, world.daemon, NULL, &regs);
	result = (long)regs.rax;
	/* A refused call looks as if it had not been made yet, and a signal is on its way. */
	if (result == number) {
		signal_number = next_stop(PTRACE_SYSCALL);
		result = signal_number == SIGSYS ? -EPERM : 0;
		saved.orig_rax = ~0ULL;
		saved.rax = (unsigned long long)-EINTR;
	}
	ptrace(PTRACE_SETREGS, world.daemon, NULL, &saved);
	ptrace(PTRACE_DETACH, world.daemon, NULL, signal_number);
	return result;
}

/* A path among the arguments stands for the text of the row. */
#define TEXT (~0ULL)

static void t80_forbidden_calls(void)
{
	static const struct {
		const char *name, *text;
		long number;
		unsigned long long argument[4];
	} rows[] = {
		{ "execve", "/bin/true", SYS_execve, { TEXT, 0, 0, 0 } },
		{ "execveat", "/bin/true", SYS_execveat, { 0, TEXT, 0, 0 } },
		{ "fork", NULL, SYS_fork, { 0 } },
		{ "vfork", NULL, SYS_vfork, { 0 } },
		{ "clone", NULL, SYS_clone, { SIGCHLD, 0, 0, 0 } },
		{ "clone3", NULL, SYS_clone3, { 0, 88, 0, 0 } },
		{ "a network socket", NULL, SYS_socket, { AF_INET, SOCK_STREAM, 0, 0 } },
		{ "a socket", NULL, SYS_socket, { AF_UNIX, SOCK_STREAM, 0, 0 } },
		{ "connect", NULL, SYS_connect, { 3, 0, 0, 0 } },
		{ "bind", NULL, SYS_bind, { 3, 0, 0, 0 } },
		{ "ptrace", NULL, SYS_ptrace, { 0 } },
		{ "process_vm_readv", NULL, SYS_process_vm_readv, { 1, 0, 0, 0 } },
		{ "kill", NULL, SYS_kill, { 1, 0, 0, 0 } },
		{ "setresuid", NULL, SYS_setresuid, { 0, 0, 0, 0 } },
		{ "chroot", "/", SYS_chroot, { TEXT, 0, 0, 0 } },
		{ "chdir", "/", SYS_chdir, { TEXT, 0, 0, 0 } },
		{ "mount", "/", SYS_mount, { TEXT, 0, 0, 0 } },
		{ "rename", "/x", SYS_rename, { TEXT, 0, 0, 0 } },
		{ "link", "/x", SYS_link, { TEXT, 0, 0, 0 } },
		{ "symlink", "/x", SYS_symlink, { TEXT, 0, 0, 0 } },
		{ "mkdir", "/x", SYS_mkdir, { TEXT, 0, 0, 0 } },
		{ "chmod", "/x", SYS_chmod, { TEXT, 0, 0, 0 } },
		{ "ioctl", NULL, SYS_ioctl, { 0 } },
		{ "prctl", NULL, SYS_prctl, { 4, 1, 0, 0 } },
		{ "seccomp", NULL, SYS_seccomp, { 0 } },
		{ "unshare", NULL, SYS_unshare, { CLONE_NEWUSER, 0, 0, 0 } },
		{ "bpf", NULL, SYS_bpf, { 0 } },
		{ "io_uring_setup", NULL, SYS_io_uring_setup, { 1, 0, 0, 0 } },
		{ "perf_event_open", NULL, SYS_perf_event_open, { 0 } },
		{ "userfaultfd", NULL, SYS_userfaultfd, { 0 } },
		{ "memfd_create", "x", SYS_memfd_create, { TEXT, 0, 0, 0 } },
		{ "memory that can be executed", NULL, SYS_mmap,
			{ 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS } },
		{ "a call by its 32-bit number", NULL, 0x40000000 + SYS_getpid, { 0 } },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		is_int(make_it_call(rows[i].number, rows[i].text, rows[i].argument), -EPERM,
			"t80 %s is refused", rows[i].name);
		is_int(ask(&world, PROTO_STATUS, "adperm", "x@acme.example", ""),
			PROTO_NOT_ENROLLED, "t80 and the daemon goes on");
	}
	ok(make_it_call(SYS_getpid, NULL, (const unsigned long long[4]){ 0 }) == world.daemon,
		"t80 whereas what it needs is let through");
}

static void t80_forbidden_files(void)
{
	static const int reading = O_RDONLY | O_CLOEXEC, making = O_RDWR | O_CREAT | O_CLOEXEC;
	char open_to_all[64], inside[96];

	snprintf(open_to_all, sizeof open_to_all, "%s/all", world.dir);
	snprintf(inside, sizeof inside, "%s/more", world.state);
	world_write(open_to_all, "", 0666);
#define OPEN(path, how)                                                                            \
	make_it_call(SYS_openat, path,                                                             \
		(const unsigned long long[4]){ (unsigned)AT_FDCWD, TEXT, (unsigned)(how), 0600 })
	is_int(OPEN("/etc/passwd", reading), -EACCES, "t80 it cannot read what all can");
	is_int(OPEN(open_to_all, reading), -EACCES, "t80 nor beside its state");
	is_int(OPEN(open_to_all, O_WRONLY), -EACCES, "t80 nor write there");
	is_int(OPEN("/tmp/adperm-test-none", making), -EACCES, "t80 nor make a file in /tmp");
	is_int(OPEN("/dev/null", O_WRONLY), -EACCES, "t80 nor open a device");
	ok(OPEN(inside, making) >= 0, "t80 but in its state it can");
	is_int(make_it_call(SYS_unlinkat, inside,
		       (const unsigned long long[4]){ (unsigned)AT_FDCWD, TEXT, 0, 0 }),
		0, "t80 and remove there");
#undef OPEN
	unlink(open_to_all);
}

static bool has_landlock(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) >= 1;
}

static void t80_sandbox(void)
{
	char said[65536] = "";
	int fd;

	t80_forbidden_calls();
	if (has_landlock())
		t80_forbidden_files();
	else
		tap_skip("this kernel has no Landlock", "t80 files");
	fd = open(world.log, O_RDONLY | O_CLOEXEC);
	lseek(fd, -(off_t)sizeof said + 1, SEEK_END);
	if (read(fd, said, sizeof said - 1) < 0)
		bail("no log");
	close(fd);
	ok(strstr(said, "system call 59 was refused") != NULL,
		"t80 what was refused is in the log");
}

#else

static void t80_sandbox(void)
{
	tap_skip("the registers of this machine are not known to the test", "t80");
}

#endif

/* --- what its memory keeps -------------------------------------------------------------------- */

enum { PEOPLE = 334, CODES = 3 };

/* How many of these are in the memory. */
static int found_in(const uint8_t *bytes, size_t len, const struct secret *secrets, size_t count)
{
	int found = 0;

	for (size_t i = 0; i < count; i++)
		found += memmem(bytes, len, secrets[i].bytes, secrets[i].len) != NULL;
	return found;
}

/* Looks for them in every piece of memory that the daemon has written. */
static int search_memory(const struct secret *secrets, size_t count)
{
	char path[32], line[256], permissions[8];
	unsigned long long from, to;
	FILE *maps;
	int mem, found = 0;

	snprintf(path, sizeof path, "/proc/%d/maps", (int)world.daemon);
	maps = fopen(path, "re");
	snprintf(path, sizeof path, "/proc/%d/mem", (int)world.daemon);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
		uint8_t *bytes;
		ssize_t len;

		/* The key is where not even the daemon can write any more. */
		if (sscanf(line, "%llx-%llx %7s", &from, &to, permissions) != 3 ||
			permissions[2] == 'x' || to - from > 64 << 20)
			continue;
		bytes = malloc(to - from);
		len = pread(mem, bytes, to - from, (off_t)from);
		if (len > 0)
			found += found_in(bytes, (size_t)len, secrets, count);
		free(bytes);
	}
	if (maps != NULL)
		fclose(maps);
	close(mem);
	return found;
}

static void t83_memory(void)
{
	static struct secret secrets[PEOPLE], key = { .len = PROTO_KEY_SIZE };
	int yes = 0, fd = open(world.key, O_RDONLY | O_CLOEXEC);
	char code[9], profile[32];

	for (int i = 0; i < PEOPLE; i++) {
		snprintf(profile, sizeof profile, "m%d@acme.example", i);
		enroll(&world, profile, 6, &secrets[i]);
		for (int step = -1; step <= CODES - 2; step++) {
			code_of(&secrets[i], step, code);
			yes += ask(&world, PROTO_VERIFY, "sshd", profile, code) == PROTO_YES;
		}
	}
	is_int(yes, PEOPLE * CODES, "t83 a thousand codes are accepted");
	is_int(search_memory(secrets, PEOPLE), 0,
		"t83 none of the secrets is in the daemon's memory then");
	if (read(fd, key.bytes, key.len) != (ssize_t)key.len)
		bail("no key");
	close(fd);
	is_int(search_memory(&key, 1), 1, "t83 the key is, once");
}

/* --- who is not root, however it looks to itself ---------------------------------------------- */

static void write_map(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		_exit(100);
	close(fd);
}

/* Asks without judging the listener, who looks like nobody from in there. */
static int ask_in_namespace(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct proto_request request;
	struct proto_reply reply;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", world.socket);
	request_fill(&request, PROTO_STATUS, "adperm", alice, "");
	request.magic = PROTO_MAGIC;
	request.version = 1;
	if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
		send(fd, &request, proto_request_size(1), 0) < 0 ||
		recv(fd, &reply, sizeof reply, 0) < 0)
		return 101;
	return (int)reply.result;
}

static void t81_root_of_another_namespace(void)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		if (setresgid(54321, 54321, 54321) != 0 || setresuid(54321, 54321, 54321) != 0 ||
			prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0 || unshare(CLONE_NEWUSER) != 0)
			_exit(102);
		write_map("/proc/self/setgroups", "deny");
		write_map("/proc/self/uid_map", "0 54321 1");
		write_map("/proc/self/gid_map", "0 54321 1");
		if (setresuid(0, 0, 0) != 0 || getuid() != 0)
			_exit(103);
		_exit(ask_in_namespace());
	}
	waitpid(child, &status, 0);
	if (WEXITSTATUS(status) == 102)
		tap_skip("no user namespaces for users here", "t81");
	else
		is_int(WEXITSTATUS(status), PROTO_REFUSED,
			"t81 the root of a user namespace is who made it, not root");
}

int main(void)
{
	if (geteuid() != 0) {
		tap_skip("not root", "adpermd");
		return tap_done();
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	oath_init();
	world_make(&world);
	world_start(&world);
	t81_root_of_another_namespace();
	t83_memory();
	t80_sandbox();
	is_int(world_stop(&world, SIGTERM), 0, "t80 and it ends as always");
	world_end(&world);
	return tap_done();
}
