/*
 * Security test 49: every call that the module makes into libc or libpam fails once, in every way.
 * Nobody gets in by that, nothing falls through to the other modules, nothing stays open. The
 * functions below take the place of libc's in this program, and fail only if it is the module that
 * calls. Each call fails with two kinds of error; where time does not matter (ADPERM_LONG=1), all.
 */
/* Fortified, the C library's headers define some of these calls themselves. */
#undef _FORTIFY_SOURCE

#include "../unit/tap.h"
#include "support/world.h"

#include <dirent.h>
#include <dlfcn.h>
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <security/pam_modules.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__

int main(void)
{
	tap_skip("AddressSanitizer has an allocator of its own", "t49_every_call_fails");
	return tap_done();
}

#else

#define BOB "bob@acme.example"

static const int errors[] = { EINTR, EIO, EMFILE, ENOMEM, EACCES, EAGAIN, ENOSPC, EROFS };
enum { ERRORS = sizeof errors / sizeof errors[0] };

/* Which of the module's calls is to fail, and how. */
static struct {
	unsigned at, seen; /* at 0: none */
	int error;
	bool met;
} fault;

static bool fails(const void *caller)
{
	Dl_info info;

	if (fault.at == 0 || dladdr(caller, &info) == 0 || info.dli_fname == NULL ||
		strstr(info.dli_fname, "pam_adperm.so") == NULL || ++fault.seen != fault.at)
		return false;
	fault.met = true;
	errno = fault.error;
	return true;
}

/* The function `name`, which fails by giving `failed`; else it is the next one of that name. */
#define FAILING(type, failed, name, parameters, arguments)                                         \
	type name parameters;                                                                      \
	__attribute__((visibility("default"))) type name parameters                                \
	{                                                                                          \
		static type(*next) parameters;                                                     \
                                                                                                   \
		if (next == NULL)                                                                  \
			*(void **)&next = dlsym(RTLD_NEXT, #name);                                 \
		return fails(__builtin_return_address(0)) ? (failed) : next arguments;             \
	}

FAILING(int, -1, fstat, (int fd, struct stat *s), (fd, s))
FAILING(int, -1, lstat, (const char *path, struct stat *s), (path, s))
FAILING(ssize_t, -1, pread, (int fd, void *at, size_t n, off_t pos), (fd, at, n, pos))
FAILING(ssize_t, -1, read, (int fd, void *at, size_t n), (fd, at, n))
FAILING(ssize_t, -1, write, (int fd, const void *at, size_t n), (fd, at, n))
FAILING(int, -1, unlink, (const char *path), (path))
FAILING(int, -1, socket, (int domain, int type, int protocol), (domain, type, protocol))
FAILING(int, -1, connect, (int fd, const struct sockaddr *a, socklen_t n), (fd, a, n))
FAILING(ssize_t, -1, send, (int fd, const void *at, size_t n, int flags), (fd, at, n, flags))
FAILING(ssize_t, -1, recv, (int fd, void *at, size_t n, int flags), (fd, at, n, flags))
FAILING(int, -1, poll, (struct pollfd * fds, nfds_t n, int timeout), (fds, n, timeout))
FAILING(int, -1, getsockopt, (int fd, int l, int o, void *at, socklen_t *n), (fd, l, o, at, n))
FAILING(int, -1, setsockopt, (int fd, int l, int o, const void *at, socklen_t n), (fd, l, o, at, n))
FAILING(int, -1, clock_gettime, (clockid_t clock, struct timespec *t), (clock, t))
FAILING(ssize_t, -1, getrandom, (void *at, size_t n, unsigned flags), (at, n, flags))
FAILING(void *, NULL, malloc, (size_t n), (n))
FAILING(void *, NULL, realloc, (void *at, size_t n), (at, n))
FAILING(int, PAM_BUF_ERR, pam_set_data,
	(pam_handle_t * h, const char *name, void *data, void (*end)(pam_handle_t *, void *, int)),
	(h, name, data, end))
FAILING(int, PAM_BUF_ERR, pam_set_item, (pam_handle_t * h, int type, const void *item),
	(h, type, item))
FAILING(int, PAM_BUF_ERR, pam_putenv, (pam_handle_t * h, const char *words), (h, words))

/* How long a refusal takes is looked at elsewhere. */
__attribute__((visibility("default"))) int nanosleep(
	const struct timespec *wanted, struct timespec *left)
{
	(void)wanted;
	(void)left;
	return 0;
}

/* dlsym() itself needs this one. */
void *__libc_calloc(size_t n, size_t size);
__attribute__((visibility("default"))) void *calloc(size_t n, size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

int open(const char *path, int flags, ...);
__attribute__((visibility("default"))) int open(const char *path, int flags, ...)
{
	static int (*next)(const char *, int, ...);
	va_list more;
	mode_t mode;

	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "open");
	va_start(more, flags);
	mode = va_arg(more, mode_t);
	va_end(more);
	return fails(__builtin_return_address(0)) ? -1 : next(path, flags, mode);
}

/* --- logins -------------------------------------------------------------------------------------
 */

static char typed[64];

static int answer(
	int n, const struct pam_message **messages, struct pam_response **answers, void *data)
{
	(void)messages;
	(void)data;
	*answers = calloc((size_t)n, sizeof **answers);
	(*answers)->resp = strdup(typed);
	return PAM_SUCCESS;
}

static const struct pam_conv conv = { answer, NULL };

static void type_wrong(void)
{
	memcpy(typed, "not a code", sizeof "not a code");
}

static void type_code(void)
{
	char code[WORLD_CODE_SIZE];

	world_enroll(BOB, 6);
	world_code(0, code);
	memcpy(typed, code, sizeof code);
}

/* The password of a combined stack is right, the code of the other secret is not. */
static void type_wrong_behind(void)
{
	type_code();
	world_enroll(BOB, 6);
}

static const struct login {
	const char *name, *service, *user, *key;
	void (*type)(void);
	bool allowed;
} logins[] = {
	{ "somebody_suspended", "sshd", "erin", "erin", type_wrong, false },
	{ "no_code", "sshd", "bob", "bob", type_wrong, false },
	{ "a_wrong_code", "sshd", "bob", "bob", type_wrong_behind, false },
	{ "a_wrong_code_behind_a_password", "ftp", "bob", "bob", type_wrong_behind, false },
	{ "plain", "sshd", "alice", "alice", type_wrong, true },
	{ "a_code", "sshd", "bob", "bob", type_code, true },
	{ "suspended_at_the_account_adperm", "self", "adperm", "erin", type_wrong, false },
	{ "a_wrong_code_there", "self", "adperm", "bob", type_wrong_behind, false },
	{ "plain_there", "self", "adperm", "alice", type_wrong, true },
	{ "a_code_there", "self", "adperm", "bob", type_code, true },
};

static int log_in(const struct login *login)
{
	pam_handle_t *pamh = world_begin(login->service, login->user, &conv);
	char env[4096];
	int result;

	snprintf(env, sizeof env, "SSH_AUTH_INFO_0=publickey %s\n", world_key(login->key));
	pam_putenv(pamh, env);
	result = pam_authenticate(pamh, 0);
	if (result == PAM_SUCCESS)
		result = pam_acct_mgmt(pamh, 0);
	if (result == PAM_SUCCESS)
		result = pam_open_session(pamh, 0);
	fault.at = 0;
	pam_end(pamh, result);
	return result;
}

static unsigned open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

static void forget_log(void)
{
	char line[WORLD_LINE_SIZE];

	while (world_log(line))
		continue;
}

static bool may_be(const struct login *login, int result)
{
	switch (result) {
	case PAM_SUCCESS: return login->allowed;
	case PAM_AUTH_ERR:
	case PAM_PERM_DENIED:
	case PAM_SESSION_ERR:
	case PAM_SYSTEM_ERR:
	case PAM_CONV_ERR:
	case PAM_BUF_ERR: return true;
	default: return false;
	}
}

/* Fails one call after the other, until there is none any more. */
static void t49_every_call_fails(const struct login *login, int kinds)
{
	unsigned wrong = 0, left = 0, calls = 0;

	for (int kind = 0; kind < kinds; kind++) {
		fault.met = true;
		for (unsigned at = 1; fault.met; at++) {
			unsigned before = open_files();
			int result;

			login->type();
			fault.seen = 0;
			fault.met = false;
			fault.error = errors[(at + (unsigned)kind) % ERRORS];
			fault.at = at;
			result = log_in(login);
			forget_log();
			wrong += !may_be(login, result);
			left += open_files() != before;
			calls += fault.met;
			if (!may_be(login, result))
				printf("# call %u, %s: %d\n", at, strerror(fault.error), result);
		}
	}
	ok(wrong == 0 && calls > 20, "t49_%s: %u failures, and none is a way in", login->name,
		calls);
	is_int(left, 0, "t49_%s: nothing stays open", login->name);
}

int main(int argc, char **argv)
{
	char split[1024];
	const char *long_wanted = getenv("ADPERM_LONG");
	int kinds = long_wanted != NULL && strcmp(long_wanted, "1") == 0 ? ERRORS : 2;

	if (argc != 3)
		errx(125, "usage: faults BUILD SOURCE");
	world_make(argv[1], argv[2]);
	world_install("acme", NULL);
	world_stack("sshd", "", "permission=ssh_users " WORLD_OPTIONS);
	snprintf(split, sizeof split,
		"auth requisite %s split permission=ssh_users " WORLD_OPTIONS "\n", world_module());
	world_stack("ftp", split,
		"permission=ssh_users first_factor=sshkey prompt=combined " WORLD_OPTIONS);
	world_stack("self", "",
		"permission=ssh_users self=adperm sessions=" WORLD " people_socket=" WORLD
		"/none " WORLD_OPTIONS);
	world_daemon_start();
	/* A first time, for what libpam and the loader keep. */
	type_wrong();
	log_in(&logins[0]);
	for (size_t i = 0; i < sizeof logins / sizeof logins[0]; i++)
		t49_every_call_fails(&logins[i], kinds);
	world_daemon_stop();
	return tap_done();
}

#endif
