/*
 * Security tests 50, 51 and 52: a login in a process whose limits are at their lowest, on a machine
 * of which parts are missing, and in a process that is not, or not wholly, the user that it seems.
 * The process that called PAM goes on, whoever may not get in does not, and nothing is made that
 * was not there. Each login is made by a child, which is told first.
 */
#include "../unit/tap.h"
#include "support/world.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <security/pam_modules.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__

int main(void)
{
	tap_skip("AddressSanitizer needs what is taken away", "t50_limits, t51_missing, t52_users");
	return tap_done();
}

#else

#define BOB      "bob@acme.example"
#define SESSIONS WORLD "/sessions"
#define EMPTY    WORLD "/empty"
#define NOBODY   65534

enum { NOT_MADE = 100, LITTERED, KILLED }; /* beside PAM's codes */

static char typed[WORLD_CODE_SIZE];

static int answer(
	int n, const struct pam_message **messages, struct pam_response **answers, void *data)
{
	(void)messages;
	(void)data;
	*answers = calloc((size_t)n, sizeof **answers);
	if (*answers == NULL)
		return PAM_BUF_ERR;
	(*answers)->resp = strdup(typed);
	return PAM_SUCCESS;
}

static const struct pam_conv conv = { answer, NULL };

/* --- what is taken from a child -----------------------------------------------------------------
 */

static bool limit(int which, rlim_t most)
{
	const struct rlimit both = { most, most };

	return setrlimit((__rlimit_resource_t)which, &both) == 0;
}

static bool no_address_space(void)
{
	return limit(RLIMIT_AS, 16 << 20);
}

static bool no_stack(void)
{
	return limit(RLIMIT_STACK, 64 << 10);
}

static bool no_locked_memory(void)
{
	return limit(RLIMIT_MEMLOCK, 0);
}

static bool no_file_size(void)
{
	return limit(RLIMIT_FSIZE, 0);
}

static bool little_time(void)
{
	return limit(RLIMIT_CPU, 1);
}

static bool no_processes(void)
{
	return limit(RLIMIT_NPROC, 0);
}

static bool no_files(void)
{
	return limit(RLIMIT_NOFILE, 0);
}

static bool no_data(void)
{
	return limit(RLIMIT_DATA, 0);
}

static bool hide(const char *directory)
{
	return unshare(CLONE_NEWNS) == 0 && mount(EMPTY, directory, NULL, MS_BIND, NULL) == 0;
}

static bool no_proc(void)
{
	return hide("/proc");
}

static bool no_run(void)
{
	return hide("/run");
}

static bool no_var(void)
{
	return hide("/var");
}

static bool no_etc(void)
{
	return hide("/etc");
}

/* These two are gone for all: who makes the directory anew fails the next login's turn. */
static bool no_sessions(void)
{
	return rename(SESSIONS, SESSIONS ".gone") == 0 || errno == ENOENT;
}

static bool no_urandom(void)
{
	umount("/dev/urandom");
	unlink("/dev/urandom");
	return access("/dev/urandom", F_OK) != 0;
}

static bool no_writing(void)
{
	return unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/dev", NULL, MS_REMOUNT | MS_RDONLY | MS_BIND, NULL) == 0;
}

/* As a set-id program of root's that somebody has started, and who would have it read other files.
 */
static bool set_id(void)
{
	return setenv("ADPERM_DB", "/dev/null", 1) == 0 &&
	       setenv("ADPERM_PROFILE", "alice@acme.example", 1) == 0 &&
	       setresuid(NOBODY, 0, 0) == 0 && getuid() == NOBODY && geteuid() == 0;
}

static bool no_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0, 0, 0 } };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       syscall(SYS_capset, &header, none) == 0;
}

/* Root by the real user alone: nothing that is root's can be opened. */
static bool seems_root(void)
{
	return chmod(WORLD "/policy.cdb", 0600) == 0 && setresuid(0, NOBODY, NOBODY) == 0;
}

static const struct loss {
	const char *name;
	bool (*take)(void);
	bool decides; /* who is allowed gets in all the same */
} losses[] = {
	{ "t50_no_address_space", no_address_space, false },
	{ "t50_no_stack", no_stack, true },
	{ "t50_no_locked_memory", no_locked_memory, true },
	{ "t50_no_file_size", no_file_size, true },
	{ "t50_little_time", little_time, true },
	{ "t50_no_processes", no_processes, true },
	{ "t50_no_files", no_files, false },
	{ "t50_no_data", no_data, false },
	{ "t51_no_proc", no_proc, true },
	{ "t51_no_run", no_run, true },
	{ "t51_no_var", no_var, true },
	{ "t51_no_etc", no_etc, true },
	{ "t51_nothing_can_be_written", no_writing, true },
	{ "t51_no_sessions", no_sessions, true },
	{ "t51_no_urandom", no_urandom, true },
	{ "t52_set_id", set_id, true },
	{ "t52_no_capabilities", no_capabilities, true },
	{ "t52_seems_root", seems_root, false },
};

/* --- logins -------------------------------------------------------------------------------------
 */

static const struct login {
	const char *user;
	bool code, allowed;
} logins[] = {
	{ "alice", false, true },
	{ "bob", true, true },
	{ "bob", false, false },
	{ "erin", false, false },
};

static bool is_empty(const char *path)
{
	DIR *dir = opendir(path);
	unsigned n = 0;

	if (dir == NULL)
		return true;
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n == 2;
}

/* In the child. The handle is made before, as sshd makes it. */
static int log_in(const struct loss *loss, const struct login *login)
{
	pam_handle_t *pamh = world_begin("sshd", login->user, &conv);
	char env[4096];
	int result;

	snprintf(env, sizeof env, "SSH_AUTH_INFO_0=publickey %s\n", world_key(login->user));
	pam_putenv(pamh, env);
	if (!loss->take())
		return NOT_MADE;
	result = pam_authenticate(pamh, PAM_SILENT);
	if (result == PAM_SUCCESS)
		result = pam_acct_mgmt(pamh, PAM_SILENT);
	if (result == PAM_SUCCESS)
		result = pam_open_session(pamh, PAM_SILENT);
	pam_end(pamh, result);
	return result;
}

static int outcome(const struct loss *loss, const struct login *login)
{
	int status = 0;
	pid_t child;

	memcpy(typed, "wrong", sizeof "wrong");
	if (login->code) {
		world_enroll(BOB, 6);
		world_code(0, typed);
	}
	fflush(stdout);
	child = fork();
	if (child == 0)
		_exit(log_in(loss, login));
	if (child < 0 || waitpid(child, &status, 0) != child)
		err(125, "fork");
	if (!is_empty(EMPTY))
		return LITTERED;
	return WIFEXITED(status) ? WEXITSTATUS(status) : KILLED;
}

static bool may_be(const struct loss *loss, const struct login *login, int result)
{
	switch (result) {
	case PAM_SUCCESS: return login->allowed;
	case NOT_MADE:
	case LITTERED:
	case KILLED:
	case PAM_IGNORE: return false;
	default: return !login->allowed || !loss->decides;
	}
}

static void lose(const struct loss *loss)
{
	char line[WORLD_LINE_SIZE];
	unsigned wrong = 0;

	for (size_t i = 0; i < sizeof logins / sizeof logins[0]; i++) {
		int result = outcome(loss, &logins[i]);

		while (world_log(line))
			continue;
		wrong += !may_be(loss, &logins[i], result);
		if (!may_be(loss, &logins[i], result))
			printf("# %s%s: %d\n", logins[i].user, logins[i].code ? ", a code" : "",
				result);
	}
	is_int(wrong, 0, "%s: %s", loss->name,
		loss->decides ? "who may gets in, nobody else" : "nobody gets in who may not");
}

int main(int argc, char **argv)
{
	if (argc != 3)
		errx(125, "usage: limits BUILD SOURCE");
	world_make(argv[1], argv[2]);
	world_install("acme", NULL);
	world_stack("sshd", "", "permission=ssh_users sessions=" SESSIONS " " WORLD_OPTIONS);
	if (mkdir(SESSIONS, 0700) != 0 || mkdir(EMPTY, 0755) != 0)
		err(125, WORLD);
	world_daemon_start();
	for (size_t i = 0; i < sizeof losses / sizeof losses[0]; i++)
		lose(&losses[i]);
	world_daemon_stop();
	return tap_done();
}

#endif
