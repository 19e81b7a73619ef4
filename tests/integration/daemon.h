/*
 * A real adpermd on a socket of its own, for tests: a world is a fresh directory below /run with
 * socket, state, key, list and log of one daemon, which runs as nobody. Needs root. The program is
 * $BUILD/adpermd, else build/adpermd.
 */
#ifndef ADPERM_TESTS_DAEMON_H
#define ADPERM_TESTS_DAEMON_H

#include "adpermd/client.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <liboath/oath.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct world {
	char dir[32];
	char socket[64], state[64], key[64], config[64], log[64];
	char program[4096];
	int binary;   /* the program, opened where nothing else will be */
	pid_t daemon; /* 0: none runs */
	rlim_t limit; /* the size that none of its files may exceed; 0: any */
};

/* Everything below is used by some of the tests only. */
#define TESTS_OWN __attribute__((unused)) static

TESTS_OWN void bail(const char *why)
{
	printf("Bail out! %s\n", why);
	exit(1);
}

/* ms: who waits for the other side once is back before that on a slow machine, too. */
#define WAITED_TWICE (2 * PROTO_DEADLINE_S * 1000)

TESTS_OWN int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

TESTS_OWN void world_make(struct world *w)
{
	const char *build = getenv("BUILD");

	*w = (struct world){ .dir = "/run/adperm-test.XXXXXX" };
	if (mkdtemp(w->dir) == NULL || chmod(w->dir, 0755) != 0)
		bail("cannot make a directory below /run");
	snprintf(w->socket, sizeof w->socket, "%s/auth.sock", w->dir);
	snprintf(w->state, sizeof w->state, "%s/state", w->dir);
	snprintf(w->key, sizeof w->key, "%s/state.key", w->dir);
	snprintf(w->config, sizeof w->config, "%s/adperm.conf", w->dir);
	snprintf(w->log, sizeof w->log, "%s/log", w->dir);
	snprintf(w->program, sizeof w->program, "%s/adpermd", build != NULL ? build : "build");
	w->binary = fcntl(open(w->program, O_PATH | O_CLOEXEC), F_DUPFD_CLOEXEC, 100);
	if (w->binary < 0)
		bail("there is no adpermd: run make first, or set BUILD");
}

TESTS_OWN void world_write(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) ||
		fchmod(fd, mode) != 0)
		bail("cannot write a file");
	close(fd);
}

/*
 * Becomes the daemon: its world's paths, then the options of `more`, of which the last of a kind
 * counts. What it says goes into the log.
 */
TESTS_OWN void world_exec(const struct world *w, const char *const *more)
{
	const char *const own[] = { w->program, "--socket", w->socket, "--state", w->state, "--key",
		w->key, "--config", w->config, "--user", "nobody" };
	int log = open(w->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	char *arguments[32] = { NULL };
	size_t count = 0;

	for (; count < sizeof own / sizeof own[0]; count++)
		arguments[count] = strdup(own[count]);
	for (; *more != NULL && count < sizeof arguments / sizeof arguments[0] - 1; more++)
		arguments[count++] = strdup(*more);
	dup2(log, STDERR_FILENO);
	if (w->limit != 0)
		setrlimit(RLIMIT_FSIZE, &(struct rlimit){ w->limit, w->limit });
	/* The leak check of a build with sanitizers would trace a process that cannot be traced. */
	setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
	/* Not by its path: a user that has been changed to may not be let into the tree. */
	fexecve(w->binary, arguments, environ);
	_exit(127);
}

/* The same in a child; returns at once. */
TESTS_OWN pid_t world_spawn(const struct world *w, const char *const *more)
{
	pid_t child = fork();

	if (child == 0)
		world_exec(w, more);
	return child;
}

#define FOREGROUND                                                                                 \
	(const char *const[])                                                                      \
	{                                                                                          \
		"--foreground", NULL                                                               \
	}

TESTS_OWN void request_fill(struct proto_request *request, unsigned op, const char *service,
	const char *profile, const char *code)
{
	*request = (struct proto_request){ .op = (uint16_t)op };
	snprintf(request->service, sizeof request->service, "%s", service);
	snprintf(request->profile, sizeof request->profile, "%s", profile);
	snprintf(request->code, sizeof request->code, "%s", code);
}

/* One question; what came of it: a result of the protocol, or minus a client_problem. */
TESTS_OWN int ask(const struct world *w, unsigned op, const char *service, const char *profile,
	const char *code)
{
	struct proto_request request;
	struct proto_reply reply;
	enum client_problem problem;

	request_fill(&request, op, service, profile, code);
	problem = client_ask(w->socket, &request, &reply);
	return problem == CLIENT_OK ? (int)reply.result : -(int)problem;
}

/* The same, asked by another user. */
TESTS_OWN int ask_as(const struct world *w, uid_t uid, unsigned op, const char *service,
	const char *profile, const char *code)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		if (setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0)
			_exit(255);
		_exit(ask(w, op, service, profile, code) + 100);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		bail("a child did not end well");
	return WEXITSTATUS(status) - 100;
}

/* Starts the daemon and waits until it answers. Everybody may connect: the list is what is tested.
 */
TESTS_OWN void world_start(struct world *w)
{
	int64_t limit = now_ms() + 60000;

	w->daemon = world_spawn(w, FOREGROUND);
	while (ask(w, PROTO_STATUS, "adperm", "nobody@acme.example", "") != PROTO_NOT_ENROLLED) {
		if (now_ms() > limit || waitpid(w->daemon, NULL, WNOHANG) != 0)
			bail("adpermd does not start");
		usleep(5000);
	}
	chmod(w->socket, 0666);
}

/* Ends it; its exit status, or minus the signal it died of. */
TESTS_OWN int world_stop(struct world *w, int number)
{
	int status = 0;

	kill(w->daemon, number);
	if (waitpid(w->daemon, &status, 0) != w->daemon)
		bail("no daemon to stop");
	w->daemon = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* Runs it where it must refuse to start; its exit status. What it said is in *said. */
TESTS_OWN int world_refusal(const struct world *w, const char *const *more, char *said, size_t room)
{
	int status = 0, fd;
	ssize_t len;
	pid_t child;

	unlink(w->log);
	child = fork();
	if (child == 0) {
		alarm(60); /* one that starts after all does not stay */
		world_exec(w, more);
	}
	waitpid(child, &status, 0);
	fd = open(w->log, O_RDONLY | O_CLOEXEC);
	len = read(fd, said, room - 1);
	said[len > 0 ? len : 0] = '\0';
	close(fd);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TESTS_OWN void world_end(struct world *w)
{
	static const char *const names[] = { "state/state.db", "state/state.db-wal", "state",
		"state.mark", "auth.sock", "state.key", "adperm.conf", "log" };
	char path[128];

	if (w->daemon != 0)
		world_stop(w, SIGTERM);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", w->dir, names[i]);
		remove(path);
	}
	ok(rmdir(w->dir) == 0, "nothing else is left in %s", w->dir);
}

struct secret {
	char bytes[PROTO_SECRET_MAX];
	size_t len;
	unsigned digits;
};

/* Enrols somebody new. */
TESTS_OWN void enroll(
	const struct world *w, const char *profile, unsigned digits, struct secret *secret)
{
	struct proto_request request;
	struct proto_reply reply;
	char *bytes = NULL;

	request_fill(&request, PROTO_ENROLL, "adperm", profile, "");
	request.digits = (uint8_t)digits;
	request.replace = 1;
	if (client_ask(w->socket, &request, &reply) != CLIENT_OK || reply.result != PROTO_YES ||
		oath_base32_decode(reply.secret, strlen(reply.secret), &bytes, &secret->len) !=
			OATH_OK)
		bail("cannot enrol");
	memcpy(secret->bytes, bytes, secret->len);
	secret->digits = reply.digits;
	free(bytes);
}

static inline void totp_at(const struct secret *secret, time_t when, char code[static 9])
{
	oath_totp_generate(secret->bytes, secret->len, when, 30, 0, secret->digits, code);
}

/*
 * The code of the present step, or of one so many away. One of before is good until this step ends:
 * if that is soon, it is waited for.
 */
TESTS_OWN void code_of(const struct secret *secret, int steps, char code[static 9])
{
	while (steps < 0 && time(NULL) % 30 >= 25)
		usleep(100000);
	totp_at(secret, time(NULL) + steps * 30, code);
}

/* A code that is surely none of the window's. */
TESTS_OWN void wrong_code_of(const struct secret *secret, char code[static 9])
{
	time_t now = time(NULL);
	char near[9];
	bool right = true;

	for (unsigned number = 0; right; number++) {
		snprintf(code, 9, "%0*u", (int)secret->digits, number);
		right = false;
		for (int step = -2; step <= 2; step++) {
			totp_at(secret, now + step * 30, near);
			right = right || strcmp(near, code) == 0;
		}
	}
}

#endif
