/*
 * The real daemon and many who ask at once: guesses by the thousand, one recovery code in many
 * hands, floods of what is dear to judge or to log, and a daemon that is replaced meanwhile. Where
 * time does not matter (ADPERM_LONG=1) the crowds are larger.
 */
#include "daemon.h"

#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <sys/mman.h>

static struct world world;

static const char alice[] = "alice@acme.example";

enum { NOBODY = 65534 };

static bool long_wanted(void)
{
	const char *wanted = getenv("ADPERM_LONG");

	return wanted != NULL && strcmp(wanted, "1") == 0;
}

/* Numbers that processes share. */
static int *shared_numbers(size_t count)
{
	int *numbers = mmap(NULL, sizeof *numbers * count, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (numbers == MAP_FAILED)
		bail("no shared memory");
	return numbers;
}

/* Waits for so many children; how many did not end with 0. */
static int wait_for(int count)
{
	int failed = 0, status;

	for (int i = 0; i < count; i++)
		failed += wait(&status) < 0 || status != 0;
	return failed;
}

/* --- guesses ---------------------------------------------------------------------------------- */

/* A connection on which a guess has been sent; -1 if that was not possible. */
static int send_guess(const char *wrong, int number)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct proto_request request;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", world.socket);
	request_fill(&request, PROTO_VERIFY, "sshd", alice, wrong);
	snprintf(request.from, sizeof request.from, "203.0.113.%d", number % 250 + 1);
	request.magic = PROTO_MAGIC;
	request.version = 1;
	if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
		send(fd, &request, proto_request_size(1), MSG_NOSIGNAL) > 0)
		return fd;
	close(fd);
	return -1;
}

/* Many connections at a time, a guess on each; how many of them were looked at. */
static int guess_along(const char *wrong, int rounds)
{
	enum { AT_ONCE = 125 };
	int fds[AT_ONCE], looked_at = 0;
	struct proto_reply reply;

	for (int round = 0; round < rounds; round++) {
		for (int i = 0; i < AT_ONCE; i++)
			fds[i] = send_guess(wrong, i);
		for (int i = 0; i < AT_ONCE; i++) {
			if (fds[i] >= 0 && recv(fds[i], &reply, sizeof reply, 0) > 0)
				looked_at += reply.result == PROTO_BAD_CODE;
			close(fds[i]);
		}
	}
	return looked_at;
}

static void t59_guesses_in_parallel(void)
{
	enum { PROCESSES = 8 };
	int rounds = long_wanted() ? 100 : 5;
	int *looked_at = shared_numbers(PROCESSES), all = 0;
	struct secret secret;
	char wrong[9];

	enroll(&world, alice, 6, &secret);
	wrong_code_of(&secret, wrong);
	for (int i = 0; i < PROCESSES; i++) {
		if (fork() == 0) {
			looked_at[i] = guess_along(wrong, rounds);
			_exit(0);
		}
	}
	wait_for(PROCESSES);
	for (int i = 0; i < PROCESSES; i++)
		all += looked_at[i];
	is_int(all, 5, "t59 of %d guesses over 1000 connections at a time five are looked at",
		rounds * 1000);
	munmap(looked_at, sizeof *looked_at * PROCESSES);
}

/* --- recovery codes --------------------------------------------------------------------------- */

static void make_recovery(
	const char *profile, char codes[static PROTO_RECOVERY_CODES][PROTO_RECOVERY_TEXT])
{
	struct proto_request request;
	struct proto_reply reply;

	request_fill(&request, PROTO_RECOVERY, "adperm", profile, "");
	if (client_ask(world.socket, &request, &reply) != CLIENT_OK || reply.result != PROTO_YES)
		bail("no recovery codes");
	memcpy(codes, reply.recovery, sizeof reply.recovery);
}

static void t65_same_recovery_code_64_parallel(void)
{
	enum { RACERS = 64 };
	char codes[PROTO_RECOVERY_CODES][PROTO_RECOVERY_TEXT];
	int *result = shared_numbers(RACERS);
	struct secret secret;

	enroll(&world, alice, 6, &secret);
	make_recovery(alice, codes);
	for (int round = 0; round < PROTO_RECOVERY_CODES; round++) {
		int yes = 0;

		ask(&world, PROTO_UNLOCK, "adperm", alice, "");
		for (int i = 0; i < RACERS; i++) {
			if (fork() == 0) {
				result[i] = ask(&world, PROTO_VERIFY, "sshd", alice, codes[round]);
				_exit(0);
			}
		}
		wait_for(RACERS);
		for (int i = 0; i < RACERS; i++)
			yes += result[i] == PROTO_YES;
		is_int(yes, 1, "t65 recovery code %d in 64 hands lets one in", round + 1);
	}
	munmap(result, sizeof *result * RACERS);
}

/*
 * Recovery codes of many people at the same moment, each of which takes milliseconds to judge: how
 * long somebody else waits meanwhile, and how long it takes until all are judged.
 */
static void ask_among_a_crowd(int64_t *took, int64_t *all)
{
	enum { PEOPLE = 150 };
	char codes[PROTO_RECOVERY_CODES][PROTO_RECOVERY_TEXT], code[9], profile[32], nothing;
	struct secret secret;
	int64_t begin;
	int gate[2];

	if (pipe(gate) != 0)
		bail("no pipe");
	for (int i = 0; i < PEOPLE; i++) {
		snprintf(profile, sizeof profile, "dear%d@acme.example", i);
		enroll(&world, profile, 6, &secret);
		make_recovery(profile, codes);
		if (fork() == 0) {
			close(gate[1]);
			if (read(gate[0], &nothing, 1) == 0)
				ask(&world, PROTO_VERIFY, "sshd", profile, "aaaa-bbbb-cccc-dddd");
			_exit(0);
		}
	}
	enroll(&world, alice, 6, &secret);
	code_of(&secret, 0, code);
	begin = now_ms();
	close(gate[0]);
	close(gate[1]);
	usleep(30000);
	*took = now_ms();
	is_int(ask(&world, PROTO_VERIFY, "sshd", alice, code), PROTO_YES,
		"t77 among a crowd with recovery codes others come in");
	*took = now_ms() - *took;
	wait_for(PEOPLE);
	*all = now_ms() - begin;
}

/* Whoever is held up by the crowd is so each time; whom this machine held up is not. */
static void t77_dear_questions_hold_up_nobody(void)
{
	enum { TRIES = 5 };
	int64_t took = 1, all = 0;

	for (int i = 0; i < TRIES && took * 3 >= all; i++)
		ask_among_a_crowd(&took, &all);
	ok(took * 3 < all, "t77 at once: in %lld ms of the crowd's %lld", (long long)took,
		(long long)all);
}

/* --- the log ---------------------------------------------------------------------------------- */

static long size_of_log(void)
{
	struct stat state;

	return stat(world.log, &state) == 0 ? (long)state.st_size : -1;
}

static bool log_has(const char *words, long from)
{
	char *text = calloc(1, (size_t)(size_of_log() - from) + 1);
	int fd = open(world.log, O_RDONLY | O_CLOEXEC);
	bool found = pread(fd, text, (size_t)(size_of_log() - from), from) > 0 &&
		     strstr(text, words) != NULL;

	close(fd);
	free(text);
	return found;
}

/* The line of an answer is written when the answer has been sent. */
static bool log_says(const char *words, long from)
{
	int64_t limit = now_ms() + 20000;

	while (!log_has(words, from) && now_ms() < limit)
		usleep(10000);
	return log_has(words, from);
}

static void t84_log_flood(void)
{
	int bad = long_wanted() ? 100000 : 5000, status;
	long before = size_of_log();
	int64_t begin = now_ms();
	pid_t child = fork();
	long lines;

	if (child == 0) {
		if (setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
			setresuid(NOBODY, NOBODY, NOBODY) != 0)
			_exit(1);
		for (int i = 0; i < bad; i++)
			ask(&world, PROTO_VERIFY, "sshd", "flood@acme.example", "000000");
		_exit(0);
	}
	usleep(20000);
	is_int(ask(&world, PROTO_VERIFY, "sshd", "witness@acme.example", "000000"),
		PROTO_NOT_ENROLLED, "t84 root asks in the middle of a flood");
	waitpid(child, &status, 0);
	lines = (now_ms() - begin) / 1000 + 2;
	ok(size_of_log() - before < lines * 25 * 256,
		"t84 %d bad requests leave %ld bytes in the log", bad, size_of_log() - before);
	ok(log_says("profile=\"witness@acme.example\"", before),
		"t84 and root's line is among them");
	sleep(1);
	ask_as(&world, NOBODY, PROTO_VERIFY, "sshd", "flood@acme.example", "000000");
	ok(log_says(" lines about requests were left out", before),
		"t84 it says how many were not");
}

/* --- a daemon that is replaced ---------------------------------------------------------------- */

/* As systemd starts it: with a listening socket that stays when it ends. */
static pid_t start_on(int listener)
{
	const struct passwd *nobody = getpwnam("nobody");
	char number[16];
	pid_t child = fork();

	if (child != 0)
		return child;
	dup2(listener, 3);
	if (setgroups(0, NULL) != 0 ||
		setresgid(nobody->pw_gid, nobody->pw_gid, nobody->pw_gid) != 0 ||
		setresuid(nobody->pw_uid, nobody->pw_uid, nobody->pw_uid) != 0)
		_exit(1);
	snprintf(number, sizeof number, "%d", (int)getpid());
	setenv("LISTEN_PID", number, 1);
	setenv("LISTEN_FDS", "1", 1);
	setenv("CREDENTIALS_DIRECTORY", world.config, 1);
	world_exec(&world, (const char *const[]){ "--config", "/etc/adperm-test-none", NULL });
	return -1;
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	unlink(path);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 1024) != 0)
		bail("no socket");
	return fd;
}

/* Until it does: then it knows what SIGTERM is. */
static void answers(const struct world *w)
{
	int64_t limit = now_ms() + 60000;

	while (ask(w, PROTO_STATUS, "adperm", alice, "") != PROTO_YES)
		if (now_ms() > limit)
			bail("adpermd does not start");
}

/* Asks until told to stop; ends with 0 if every question was answered. */
static pid_t ask_all_the_time(const int *stop)
{
	pid_t child = fork();
	int unanswered = 0;

	if (child != 0)
		return child;
	while (!__atomic_load_n(stop, __ATOMIC_RELAXED))
		unanswered += ask(&world, PROTO_STATUS, "adperm", alice, "") != PROTO_YES;
	_exit(unanswered == 0 ? 0 : 1);
}

/* Who has connected before the daemon is told to end is answered, however late the question. */
static void t106_last_questions(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct proto_request request;
	struct proto_reply reply;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", world.socket);
	request_fill(&request, PROTO_STATUS, "adperm", alice, "");
	request.magic = PROTO_MAGIC;
	request.version = 1;
	if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
		bail("no connection");
	ask(&world, PROTO_STATUS, "adperm", alice, "");
	kill(world.daemon, SIGTERM);
	usleep(50000);
	ok(send(fd, &request, proto_request_size(1), MSG_NOSIGNAL) > 0 &&
			recv(fd, &reply, sizeof reply, 0) == (ssize_t)proto_reply_size(1) &&
			reply.result == PROTO_YES,
		"t106 who was connected is answered by a daemon that ends");
	close(fd);
	is_int(world_stop(&world, SIGTERM), 0, "t106 and then it has ended");
}

static void t106_upgrade_under_load(void)
{
	enum { CLIENTS = 16, UPGRADES = 5 };
	const struct passwd *nobody = getpwnam("nobody");
	int *stop = shared_numbers(1), listener, ended = 0;
	char credential[96];

	t106_last_questions();
	/* The list's path serves as the credentials directory from here on. */
	snprintf(credential, sizeof credential, "%s/state.key", world.config);
	if (mkdir(world.config, 0755) != 0 || rename(world.key, credential) != 0 ||
		chown(credential, nobody->pw_uid, nobody->pw_gid) != 0 ||
		chmod(world.log, 0666) != 0)
		bail("cannot make a credential");
	listener = listen_at(world.socket);
	world.daemon = start_on(listener);
	for (int i = 0; i < CLIENTS; i++)
		ask_all_the_time(stop);
	for (int i = 0; i < UPGRADES; i++) {
		answers(&world);
		usleep(100000);
		ended += world_stop(&world, SIGTERM) == 0;
		usleep(20000);
		world.daemon = start_on(listener);
	}
	answers(&world);
	__atomic_store_n(stop, 1, __ATOMIC_RELAXED);
	is_int(wait_for(CLIENTS), 0,
		"t106 while the daemon is replaced %d times every question of %d is answered",
		UPGRADES, CLIENTS);
	is_int(ended, UPGRADES, "t106 and each of them ends as it should");
	world_stop(&world, SIGTERM);
	close(listener);
	unlink(credential);
	rmdir(world.config);
	munmap(stop, sizeof *stop);
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
	t59_guesses_in_parallel();
	t65_same_recovery_code_64_parallel();
	t77_dear_questions_hold_up_nobody();
	t84_log_flood();
	t106_upgrade_under_load();
	world_end(&world);
	return tap_done();
}
