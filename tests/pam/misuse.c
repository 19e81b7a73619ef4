/*
 * misuse BUILD SOURCE: what a script cannot do to the module: conversations that misbehave, a
 * search of this process's memory for what the person typed, forks between the phases, loading and
 * unloading, and what the host process must find as it was. See support/world.h.
 */
#include "../unit/tap.h"
#include "support/memory.h"
#include "support/world.h"

#include <dirent.h>
#include <dlfcn.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

#define BOB "bob@acme.example"

/* --- conversations -------------------------------------------------------------------------- */

/* What the conversation is to do next. */
static struct act {
	int code;
	bool no_array, no_answer;
	int retcode;
	size_t len; /* of an answer of nines, if text is NULL */
	const char *text;
	unsigned calls;
} act;

static char *made_answer(void)
{
	char *answer;

	if (act.text != NULL)
		return strdup(act.text);
	answer = malloc(act.len + 1);
	if (answer != NULL) {
		memset(answer, '9', act.len);
		answer[act.len] = '\0';
	}
	return answer;
}

static int misbehave(
	int n, const struct pam_message **messages, struct pam_response **answers, void *data)
{
	(void)messages;
	(void)data;
	act.calls++;
	/* What stands there after a failure belongs to nobody; freeing it would end this test. */
	*answers = act.code != PAM_SUCCESS ? (struct pam_response *)(uintptr_t)16 : NULL;
	if (act.code != PAM_SUCCESS || act.no_array)
		return act.code;
	*answers = calloc((size_t)n, sizeof **answers);
	if (*answers == NULL)
		return PAM_BUF_ERR;
	(*answers)->resp = act.no_answer ? NULL : made_answer();
	(*answers)->resp_retcode = act.retcode;
	return PAM_SUCCESS;
}

static void show_key(pam_handle_t *pamh, const char *name)
{
	char env[4096];

	snprintf(env, sizeof env, "SSH_AUTH_INFO_0=publickey %s\n", world_key(name));
	pam_putenv(pamh, env);
}

static pam_handle_t *begin(const char *user, const struct pam_conv *conv)
{
	pam_handle_t *pamh = world_begin("sshd", user, conv);

	show_key(pamh, user[0] == '.' ? "stranger" : user);
	return pamh;
}

/* One auth phase of bob, who has shown his key. */
static int authenticate(const struct pam_conv *conv, char reason[static 64])
{
	pam_handle_t *pamh = begin("bob", conv);
	char line[WORLD_LINE_SIZE];
	int code = pam_authenticate(pamh, 0);

	if (pam_acct_mgmt(pamh, 0) == PAM_SUCCESS && code != PAM_SUCCESS)
		code = -1;
	world_log(line);
	world_field(line, "reason", reason, 64);
	while (world_log(line))
		continue;
	pam_end(pamh, code);
	return code;
}

static void t32_conversation_that_fails(void)
{
	const struct pam_conv hostile = { misbehave, NULL }, none = { NULL, NULL };
	char reason[64];
	unsigned denied = 0;

	is_int(authenticate(&none, reason), PAM_CONV_ERR, "t32_no_conversation_function");
	is_str(reason, "conv", "t32_no_conversation_function_is_logged");
	for (int code = -1; code <= 40; code++) {
		if (code == PAM_SUCCESS)
			continue;
		act = (struct act){ .code = code };
		denied += authenticate(&hostile, reason) == PAM_CONV_ERR &&
			  strcmp(reason, "conv") == 0 && act.calls == 1;
	}
	is_int(denied, 41, "t32_conversation_returns_any_code");
}

static void t33_answers_that_are_none(void)
{
	static const struct {
		struct act act;
		int code;
		const char *name;
	} rows[] = {
		{ { .no_array = true }, PAM_CONV_ERR, "t33_no_answers" },
		{ { .no_answer = true }, PAM_CONV_ERR, "t33_no_answer" },
		{ { .text = "" }, PAM_AUTH_ERR, "t33_empty_answer" },
		{ { .text = "123456", .retcode = 1 }, PAM_CONV_ERR, "t33_answer_with_a_retcode" },
		{ { .len = 63 }, PAM_AUTH_ERR, "t33_answer_of_63" },
		{ { .len = 64 }, PAM_AUTH_ERR, "t33_answer_of_64" },
		{ { .len = 511 }, PAM_AUTH_ERR, "t33_answer_of_511" },
		{ { .len = 512 }, PAM_CONV_ERR, "t33_answer_of_512" },
		{ { .len = 513 }, PAM_CONV_ERR, "t33_answer_of_513" },
		{ { .len = 1 << 20 }, PAM_CONV_ERR, "t33_answer_of_a_mebibyte" },
		{ { .text = "\b\n\r\177INCORRECT" }, PAM_AUTH_ERR, "t33_junk_of_sshd" },
		{ { .text = "\xd9\xa1\xd9\xa2\xd9\xa3" }, PAM_AUTH_ERR, "t33_digits_of_elsewhere" },
	};
	const struct pam_conv hostile = { misbehave, NULL };
	char reason[64];

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		act = rows[i].act;
		is_int(authenticate(&hostile, reason), rows[i].code, "%s", rows[i].name);
		world_daemon_start(); /* with all guesses again */
		world_enroll(BOB, 6);
	}
}

/* --- what is left of an answer -------------------------------------------------------------- */

/* The mark stands nowhere in the program as it is; each byte is one more than here. */
static const char veiled_mark[] = "rhkkxfqddmstqskd";

static char before_mark; /* blanks make it a recovery code, anything else what is none */

/* An answer that ends in the mark: free() itself overwrites the front of what is freed. */
static char *marked_answer(void)
{
	enum { BEFORE = 32 };
	char *answer = malloc(BEFORE + sizeof veiled_mark);

	if (answer == NULL)
		err(2, "memory");
	memset(answer, before_mark, BEFORE);
	memory_unveil(veiled_mark, answer + BEFORE);
	return answer;
}

static int answer_mark(
	int n, const struct pam_message **messages, struct pam_response **answers, void *data)
{
	(void)messages;
	(void)data;
	*answers = calloc((size_t)n, sizeof **answers);
	(*answers)->resp = marked_answer();
	return PAM_SUCCESS;
}

static void t33_memory_after(char before, const char *expected, const char *name)
{
	const struct pam_conv conv = { answer_mark, NULL };
	char value[64], line[WORLD_LINE_SIZE];
	pam_handle_t *pamh = begin("bob", &conv);

	before_mark = before;
	is_int(pam_authenticate(pamh, 0), PAM_AUTH_ERR, "t33_a_marked_%s_is_wrong", name);
	is_int(memory_holds(veiled_mark), 0, "t33_no_%s_stays_in_memory", name);
	world_log(line);
	world_field(line, "reason", value, sizeof value);
	is_str(value, "bad_code", "t33_a_%s_was_judged", name);
	world_field(line, "hint", value, sizeof value);
	is_str(value, expected, "t33_and_known_for_a_%s", name);
	pam_end(pamh, 0);
}

static void t33_memory_after_an_answer(void)
{
	char *answer;

	before_mark = 'x';
	answer = marked_answer();
	is_int(memory_holds(veiled_mark), 1, "t33_the_search_finds_what_is_there");
	explicit_bzero(answer, strlen(answer));
	free(answer);
	t33_memory_after('x', "combined_prompt", "password");
	t33_memory_after(' ', "", "code");
}

/* --- forks ---------------------------------------------------------------------------------- */

static char next_code[WORLD_CODE_SIZE];

static int answer_code(
	int n, const struct pam_message **messages, struct pam_response **answers, void *data)
{
	(void)messages;
	(void)data;
	*answers = calloc((size_t)n, sizeof **answers);
	(*answers)->resp = strdup(next_code);
	return PAM_SUCCESS;
}

static const struct pam_conv with_code = { answer_code, NULL };

static int in_child(pam_handle_t *pamh, int (*run)(pam_handle_t *))
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(run(pamh));
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int auth_and_account(pam_handle_t *pamh)
{
	int code = pam_authenticate(pamh, 0);

	return code != PAM_SUCCESS ? code : pam_acct_mgmt(pamh, 0);
}

static int end_silently(pam_handle_t *pamh)
{
	return pam_end(pamh, PAM_SUCCESS | PAM_DATA_SILENT);
}

static int account(pam_handle_t *pamh)
{
	return pam_acct_mgmt(pamh, 0);
}

static void forget_log(void)
{
	char line[WORLD_LINE_SIZE];

	while (world_log(line))
		continue;
}

static void t45_forks_between_the_phases(void)
{
	pam_handle_t *monitor = begin("bob", &with_code), *other;
	char reason[64];
	char env[4096];

	world_enroll(BOB, 6);
	world_code(0, next_code);
	is_int(in_child(monitor, auth_and_account), PAM_SUCCESS, "t45_auth_in_a_child");
	is_int(pam_setcred(monitor, PAM_ESTABLISH_CRED), PAM_SUCCESS, "t45_setcred_in_the_parent");
	is_int(pam_open_session(monitor, 0), PAM_SESSION_ERR, "t45_the_proof_died_with_the_child");
	is_int(in_child(monitor, auth_and_account), PAM_AUTH_ERR, "t45_the_code_is_burnt");
	snprintf(env, sizeof env, "SSH_AUTH_INFO_0=publickey %s\nkeyboard-interactive/pam\n",
		world_key("bob"));
	pam_putenv(monitor, env);
	is_int(pam_open_session(monitor, 0), PAM_SUCCESS, "t45_sshd_says_that_it_was_asked");
	pam_end(monitor, 0);

	forget_log();
	world_enroll(BOB, 6);
	world_code(0, next_code);
	other = begin("bob", &with_code);
	is_int(pam_authenticate(other, 0), PAM_SUCCESS, "t45_auth_here");
	is_int(in_child(other, end_silently), PAM_SUCCESS, "t45_a_child_drops_the_handle");
	is_int(in_child(other, account), PAM_SUCCESS, "t45_and_another_one_uses_it");
	is_int(pam_acct_mgmt(other, 0), PAM_SUCCESS, "t45_and_so_does_the_parent");
	/* The handle is left as PostgreSQL leaves it: pam_end() is never called. */
	forget_log();
	is_int(authenticate(&with_code, reason), PAM_AUTH_ERR, "t45_no_end_leaves_nothing_open");
	is_str(reason, "replay", "t45_no_end_leaves_the_code_burnt");
	pam_end(other, 0);
	forget_log();
}

/* A conversation that answers, and calls back into PAM before. */
static int answer_and_meddle(
	int n, const struct pam_message **messages, struct pam_response **answers, void *data)
{
	pam_handle_t **pamh = data;

	pam_set_item(*pamh, PAM_USER, "alice");
	pam_set_item(*pamh, PAM_RHOST, "198.51.100.1");
	pam_end(*pamh, PAM_SUCCESS);
	return answer_code(n, messages, answers, NULL);
}

static void t35_conversation_that_calls_back(void)
{
	static pam_handle_t *pamh;
	const struct pam_conv conv = { answer_and_meddle, &pamh };
	char line[WORLD_LINE_SIZE], user[64];

	world_enroll(BOB, 6);
	world_code(0, next_code);
	pamh = begin("bob", &conv);
	forget_log();
	is_int(pam_authenticate(pamh, 0), PAM_SUCCESS, "t35_bob_is_who_began");
	world_log(line);
	world_field(line, "user", user, sizeof user);
	is_str(user, "bob", "t35_and_who_is_logged");
	is_int(pam_acct_mgmt(pamh, 0), PAM_PERM_DENIED, "t35_the_proof_is_not_alice's");
	pam_set_item(pamh, PAM_USER, "bob");
	is_int(pam_acct_mgmt(pamh, 0), PAM_PERM_DENIED, "t35_nor_bob's_any_more");
	pam_end(pamh, 0);
	forget_log();
}

/* --- the host ------------------------------------------------------------------------------- */

struct host {
	unsigned descriptors, threads, variables, files;
	mode_t umask;
	char cwd[512];
	struct sigaction signals[NSIG];
	sigset_t blocked;
};

static unsigned entries(const char *path)
{
	DIR *dir = opendir(path);
	unsigned n = 0;

	if (dir == NULL)
		err(2, "%s", path);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

static void look_at_host(struct host *h)
{
	memset(h, 0, sizeof *h);
	h->descriptors = entries("/proc/self/fd");
	h->threads = entries("/proc/self/task");
	h->files = entries(WORLD);
	for (char **v = environ; *v != NULL; v++)
		h->variables++;
	h->umask = umask(0);
	umask(h->umask);
	if (getcwd(h->cwd, sizeof h->cwd) == NULL)
		err(2, "getcwd");
	for (int i = 1; i < NSIG; i++)
		sigaction(i, NULL, &h->signals[i]);
	sigprocmask(SIG_BLOCK, NULL, &h->blocked);
}

static int all_phases(const char *user)
{
	pam_handle_t *pamh = begin(user, &with_code);
	int code = pam_authenticate(pamh, 0);

	if (code == PAM_SUCCESS)
		code = pam_acct_mgmt(pamh, 0);
	if (code == PAM_SUCCESS)
		code = pam_setcred(pamh, PAM_ESTABLISH_CRED);
	if (code == PAM_SUCCESS)
		code = pam_open_session(pamh, 0);
	if (code == PAM_SUCCESS)
		code = pam_close_session(pamh, 0);
	pam_end(pamh, code);
	forget_log();
	return code;
}

static void host_is_left_as_found(void)
{
	static struct host before, after;
	unsigned changed = 0;

	/* A first time, for what libpam and the loader keep. */
	all_phases("alice");
	world_enroll(BOB, 6);
	world_code(0, next_code);
	look_at_host(&before);
	is_int(all_phases("bob"), PAM_SUCCESS, "all phases with a code");
	is_int(all_phases("bob"), PAM_AUTH_ERR, "and the same code again");
	is_int(all_phases("erin"), PAM_AUTH_ERR, "and somebody suspended");
	is_int(all_phases("../x"), PAM_AUTH_ERR, "and a name that is a path");
	look_at_host(&after);
	is_int(after.descriptors, before.descriptors, "descriptors are as they were");
	is_int(after.threads, before.threads, "threads are as they were");
	is_int(after.files, before.files, "t29_no file was made");
	is_int(after.variables, before.variables, "the environment is as it was");
	is_int(after.umask, before.umask, "the umask is as it was");
	is_str(after.cwd, before.cwd, "the directory is as it was");
	for (int i = 1; i < NSIG; i++)
		changed += after.signals[i].sa_handler != before.signals[i].sa_handler ||
			   sigismember(&after.blocked, i) != sigismember(&before.blocked, i);
	is_int(changed, 0, "the signals are as they were");
}

static int phases_without_descriptors(pam_handle_t *pamh)
{
	int code;

	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	code = auth_and_account(pamh);
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return 200 + fd;
	return code;
}

static int phases_with_sigchld_ignored(pam_handle_t *pamh)
{
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_DFL);
	return auth_and_account(pamh);
}

static int phases_without_free_descriptors(pam_handle_t *pamh)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_NOFILE, &none);
	return pam_acct_mgmt(pamh, 0);
}

static void host_that_is_odd(void)
{
	pam_handle_t *pamh = begin("bob", &with_code);

	world_enroll(BOB, 6);
	world_code(0, next_code);
	is_int(in_child(pamh, phases_without_descriptors), PAM_SUCCESS,
		"t48_a_host_without_standard_descriptors");
	world_code(1, next_code);
	is_int(in_child(pamh, phases_with_sigchld_ignored), PAM_SUCCESS, "t47_sigchld_ignored");
	pam_end(pamh, 0);
	pamh = begin("alice", &with_code);
	is_int(in_child(pamh, account), PAM_SUCCESS, "an account phase");
	is_int(in_child(pamh, phases_without_free_descriptors), PAM_SYSTEM_ERR,
		"t48_no_descriptor_left");
	pam_end(pamh, 0);
	forget_log();
}

/* A system log that nobody reads any more. */
static void log_that_is_stuck(void)
{
	const struct sockaddr_un log = { AF_UNIX, "/dev/log" };
	int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	pam_handle_t *pamh = begin("alice", &with_code);
	struct timespec from, to;
	double seconds;

	while (sendto(sock, "full", 4, MSG_DONTWAIT, (const struct sockaddr *)&log, sizeof log) ==
		4)
		continue;
	clock_gettime(CLOCK_MONOTONIC, &from);
	is_int(pam_acct_mgmt(pamh, 0), PAM_SUCCESS, "an account phase with a log that is stuck");
	clock_gettime(CLOCK_MONOTONIC, &to);
	seconds = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
	ok(seconds < 1.0, "does not hang: %.2f s", seconds);
	pam_end(pamh, 0);
	close(sock);
	forget_log();
}

/* --- loading -------------------------------------------------------------------------------- */

static unsigned lines_of(const char *path)
{
	FILE *file = fopen(path, "re");
	unsigned n = 0;
	int c;

	if (file == NULL)
		err(2, "%s", path);
	while ((c = getc(file)) != EOF)
		n += c == '\n';
	fclose(file);
	return n;
}

static bool load_once(void)
{
	void *module = dlopen(world_module(), RTLD_NOW | RTLD_LOCAL);

	return module != NULL && dlclose(module) == 0;
}

static void t54_loading(void)
{
	static const char *const entry[] = { "pam_sm_authenticate", "pam_sm_setcred",
		"pam_sm_acct_mgmt", "pam_sm_open_session", "pam_sm_close_session" };
	static const char *const hidden[] = { "pam_sm_chauthtok", "adperm_open", "client_ask",
		"sha256_init", "auth_phase" };
	unsigned found = 0, loaded = 0, maps, descriptors;
	void *module = dlopen(world_module(), RTLD_NOW | RTLD_LOCAL);

	if (!ok(module != NULL, "t54_it_loads_by_itself")) {
		printf("# %s\n", dlerror());
		return;
	}
	for (size_t i = 0; i < sizeof entry / sizeof entry[0]; i++)
		found += dlsym(module, entry[i]) != NULL;
	is_int(found, sizeof entry / sizeof entry[0], "t54_the_entry_points_are_there");
	found = 0;
	for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
		found += dlsym(module, hidden[i]) != NULL;
	is_int(found, 0, "t54_and_nothing_else");
	dlclose(module);
	load_once();
	maps = lines_of("/proc/self/maps");
	descriptors = entries("/proc/self/fd");
	for (int i = 0; i < 1000; i++)
		loaded += load_once();
	is_int(loaded, 1000, "t54_a_thousand_times");
	ok(lines_of("/proc/self/maps") < maps + 100, "t54_nothing_stays_mapped");
	is_int(entries("/proc/self/fd"), descriptors, "t54_nothing_stays_open");
	is_int(entries("/proc/self/task"), 3, "t54_no_thread"); /* ".", ".." and this one */
}

int main(int argc, char **argv)
{
	if (argc != 3)
		errx(2, "usage: misuse BUILD SOURCE");
	world_make(argv[1], argv[2]);
	world_install("acme", NULL);
	world_stack("sshd", "", "permission=ssh_users " WORLD_OPTIONS);
	t54_loading();
	world_daemon_start();
	world_enroll(BOB, 6);
	t32_conversation_that_fails();
	t33_answers_that_are_none();
	t33_memory_after_an_answer();
	t45_forks_between_the_phases();
	t35_conversation_that_calls_back();
	host_is_left_as_found();
	host_that_is_odd();
	log_that_is_stuck();
	world_daemon_stop();
	return tap_done();
}
