/*
 * The real daemon, killed as it is about to make each of the system calls between a question and
 * its answer, and started again: what was said stays true, and nobody is locked out. The same where
 * each of the calls fails, with one of the errors; where time does not matter (ADPERM_LONG=1), all.
 */
#include "daemon.h"
#include "strike.h"

static struct world world;

static const char alice[] = "alice@acme.example";

/* A client in a process of its own; its exit status is the result. */
static pid_t ask_apart(struct proto_request *request)
{
	struct proto_reply reply;
	pid_t child = fork();

	if (child == 0)
		_exit(client_ask(world.socket, request, &reply) == CLIENT_OK ? (int)reply.result
									     : PROTO_NONE);
	return child;
}

static bool is_entering(pid_t daemon)
{
	struct __ptrace_syscall_info info;

	return ptrace(PTRACE_GET_SYSCALL_INFO, daemon, sizeof info, &info) > 0 &&
	       info.op == PTRACE_SYSCALL_INFO_ENTRY;
}

/* Lets the daemon go on to its next stop, which is not waited for. */
static void go_on(int status)
{
	bool call = WSTOPSIG(status) == (SIGTRAP | 0x80) || status >> 16 != 0;

	if (ptrace(PTRACE_SYSCALL, world.daemon, NULL, call ? 0 : WSTOPSIG(status)) != 0)
		bail("cannot trace the daemon");
}

static void let_go(void)
{
	int status = 0;

	if (ptrace(PTRACE_INTERRUPT, world.daemon, NULL, NULL) != 0 ||
		waitpid(world.daemon, &status, __WALL) != world.daemon ||
		ptrace(PTRACE_DETACH, world.daemon, NULL, NULL) != 0)
		bail("cannot let go of the daemon");
}

/*
 * Asks while the daemon is traced, and kills it at its NUMBERth system call. False if the answer
 * came before that; *result is what the client has got, PROTO_NONE for nothing.
 */
static bool ask_and_kill(struct proto_request *request, int number, int *result)
{
	int status = 0;
	pid_t client, ended;

	if (ptrace(PTRACE_SEIZE, world.daemon, NULL, PTRACE_O_TRACESYSGOOD) != 0 ||
		ptrace(PTRACE_INTERRUPT, world.daemon, NULL, NULL) != 0 ||
		waitpid(world.daemon, &status, __WALL) != world.daemon)
		bail("cannot trace the daemon");
	client = ask_apart(request);
	go_on(status);
	while ((ended = waitpid(-1, &status, __WALL)) != client) {
		if (ended != world.daemon || !WIFSTOPPED(status))
			bail("the daemon ended by itself");
		if (is_entering(world.daemon) && number-- == 0) {
			world_stop(&world, SIGKILL);
			waitpid(client, &status, 0);
			*result = WEXITSTATUS(status);
			return true;
		}
		go_on(status);
	}
	*result = WEXITSTATUS(status);
	let_go();
	return false;
}

static void t58_kill_at_every_syscall(void)
{
	struct proto_request request;
	struct secret secret;
	bool killed = true;
	int number, yes = 0, unanswered = 0, spent = 0;

	for (number = 0; killed && number < 500; number++) {
		char code[9], next[9];
		int said, again;

		enroll(&world, alice, 6, &secret);
		code_of(&secret, 0, code);
		code_of(&secret, 1, next);
		request_fill(&request, PROTO_VERIFY, "sshd", alice, code);
		killed = ask_and_kill(&request, number, &said);
		if (killed)
			world_start(&world);
		again = ask(&world, PROTO_VERIFY, "sshd", alice, code);
		yes += said == PROTO_YES;
		unanswered += said == PROTO_NONE;
		spent += again == PROTO_REPLAY;
		ok(said == PROTO_YES ? again == PROTO_REPLAY
				     : said == PROTO_NONE &&
					       (again == PROTO_YES || again == PROTO_REPLAY),
			"t58 killed at system call %d: said %d, then %d", number, said, again);
		is_int(ask(&world, PROTO_VERIFY, "sshd", alice, next), PROTO_YES,
			"t58 and the next code is accepted");
	}
	ok(!killed && yes > 0 && unanswered > 5 && spent > yes,
		"t58 of %d places to die, %d are before the answer and %d behind the commit",
		number, unanswered, spent);
}

/*
 * Asks while the daemon is traced, and has its NUMBERth system call fail. False if the answer came
 * before that.
 */
static bool ask_and_fail(struct proto_request *request, int number, int error, int *result)
{
	bool struck = false, now = false;
	int status = 0;
	pid_t client, ended;

	if (ptrace(PTRACE_SEIZE, world.daemon, NULL, PTRACE_O_TRACESYSGOOD) != 0 ||
		ptrace(PTRACE_INTERRUPT, world.daemon, NULL, NULL) != 0 ||
		waitpid(world.daemon, &status, __WALL) != world.daemon)
		bail("cannot trace the daemon");
	client = ask_apart(request);
	go_on(status);
	while ((ended = waitpid(-1, &status, __WALL)) != client) {
		if (ended != world.daemon || !WIFSTOPPED(status))
			bail("the daemon ended by itself");
		if (now)
			set_result(world.daemon, error);
		now = false;
		if (is_entering(world.daemon) && number-- == 0)
			struck = now = drop_call(world.daemon) != 0;
		go_on(status);
	}
	*result = WEXITSTATUS(status);
	let_go();
	return struck || number < 0;
}

static void t49_every_call_of_the_daemon_fails(void)
{
	static const int errors[] = { EINTR, EIO, ENOSPC, EMFILE, ENOMEM, EROFS, EAGAIN };
	enum { ERRORS = sizeof errors / sizeof errors[0] };
	const char *wanted = getenv("ADPERM_LONG");
	int each = wanted != NULL && strcmp(wanted, "1") == 0 ? ERRORS : 1;
	int calls = 0, twice = 0, locked = 0, yes = 0;
	struct proto_request request;
	struct secret secret;

	for (int kind = 0; kind < each; kind++) {
		bool struck = true;

		for (int number = 0; struck && number < 500; number++) {
			char code[9], next[9];
			int said, again;

			enroll(&world, alice, 6, &secret);
			code_of(&secret, 0, code);
			code_of(&secret, 1, next);
			request_fill(&request, PROTO_VERIFY, "sshd", alice, code);
			struck = ask_and_fail(
				&request, number, errors[(number + kind) % ERRORS], &said);
			again = ask(&world, PROTO_VERIFY, "sshd", alice, code);
			calls += struck;
			yes += said == PROTO_YES;
			twice += said == PROTO_YES && again != PROTO_REPLAY;
			locked += ask(&world, PROTO_VERIFY, "sshd", alice, next) != PROTO_YES;
		}
	}
	is_int(twice, 0, "t49_every_call_of_the_daemon_fails: no code is accepted twice");
	is_int(locked, 0, "t49 and the next one is accepted");
	ok(calls > 5 * each && yes > 0, "t49 %d calls failed, %d answers were yes", calls, yes);
}

static void write_keys(const uint8_t *now, const uint8_t *before)
{
	int fd;

	unlink(world.key);
	fd = open(world.key, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
	if (write(fd, now, PROTO_KEY_SIZE) != PROTO_KEY_SIZE ||
		(before != NULL && write(fd, before, PROTO_KEY_SIZE) != PROTO_KEY_SIZE))
		bail("cannot write a key");
	close(fd);
}

static void rekey_fill(struct proto_request *request, const uint8_t *key)
{
	request_fill(request, PROTO_REKEY, "adperm", "", "");
	memcpy(request->secret, key, PROTO_KEY_SIZE);
	request->secret_len = PROTO_KEY_SIZE;
}

static int reseal_all(const uint8_t *key)
{
	struct proto_request request;
	struct proto_reply reply;

	do {
		rekey_fill(&request, key);
		if (client_ask(world.socket, &request, &reply) != CLIENT_OK)
			return -1;
	} while (reply.result == PROTO_YES && reply.left > 0);
	return (int)reply.result;
}

/* The key file holds both keys from before the first secret is sealed anew until after the last. */
static void t104_rekey_killed_at_every_syscall(void)
{
	enum { PEOPLE = 3 };
	struct secret secret[PEOPLE];
	uint8_t before[PROTO_KEY_SIZE] = { 0 }, now[PROTO_KEY_SIZE];
	bool killed = true;
	int number;

	write_keys(before, NULL);
	world_stop(&world, SIGTERM);
	world_start(&world);
	for (number = 0; killed && number < 500; number++) {
		struct proto_request request;
		int said, right = 0;
		char code[9], profile[32];

		memset(now, number + 1, sizeof now);
		for (int i = 0; i < PEOPLE; i++) {
			snprintf(profile, sizeof profile, "p%d@acme.example", i);
			enroll(&world, profile, 6, &secret[i]);
		}
		write_keys(now, before);
		rekey_fill(&request, now);
		killed = ask_and_kill(&request, number, &said);
		if (killed)
			world_start(&world);
		for (int i = 0; i < PEOPLE; i++) {
			snprintf(profile, sizeof profile, "p%d@acme.example", i);
			code_of(&secret[i], 0, code);
			right += ask(&world, PROTO_VERIFY, "sshd", profile, code) == PROTO_YES;
		}
		is_int(right, PEOPLE, "t104 killed at system call %d: all can come in", number);
		is_int(reseal_all(now), PROTO_YES, "t104 and it can be ended");
		write_keys(now, NULL);
		world_stop(&world, SIGTERM);
		world_start(&world);
		right = 0;
		for (int i = 0; i < PEOPLE; i++) {
			snprintf(profile, sizeof profile, "p%d@acme.example", i);
			code_of(&secret[i], 1, code);
			right += ask(&world, PROTO_VERIFY, "sshd", profile, code) == PROTO_YES;
		}
		is_int(right, PEOPLE, "t104 then the new key alone opens all");
		memcpy(before, now, sizeof before);
	}
	ok(!killed && number > 5, "t104 that were %d places to die", number);
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
	t58_kill_at_every_syscall();
	t49_every_call_of_the_daemon_fails();
	t104_rekey_killed_at_every_syscall();
	world_end(&world);
	return tap_done();
}
