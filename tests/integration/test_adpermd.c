/* The real daemon, asked through the real client: codes once, budgets apart, peers in their place.
 */
#include "daemon.h"

#include <pthread.h>
#include <sys/mman.h>

static struct world world;

static const char alice[] = "alice@acme.example";

#define RACERS 64
#define ROUNDS 100

/* What the racing processes share. */
struct race {
	pthread_barrier_t start, end;
	char profile[64], code[9];
	int result[RACERS];
};

static struct race *race_make(void)
{
	struct race *race =
		mmap(NULL, sizeof *race, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_barrierattr_t shared;

	if (race == MAP_FAILED)
		bail("no shared memory");
	pthread_barrierattr_init(&shared);
	pthread_barrierattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&race->start, &shared, RACERS + 1);
	pthread_barrier_init(&race->end, &shared, RACERS + 1);
	return race;
}

static void race_along(struct race *race, int racer)
{
	for (int round = 0; round < ROUNDS; round++) {
		pthread_barrier_wait(&race->start);
		race->result[racer] = ask(&world, PROTO_VERIFY, "sshd", race->profile, race->code);
		pthread_barrier_wait(&race->end);
	}
	_exit(0);
}

static void t56_same_code_64_parallel(void)
{
	struct race *race = race_make();
	int fair = 0, spent = 0;

	for (int racer = 0; racer < RACERS; racer++) {
		if (fork() == 0)
			race_along(race, racer);
	}
	for (int round = 0; round < ROUNDS; round++) {
		struct secret secret;
		int yes = 0, replay = 0;

		snprintf(race->profile, sizeof race->profile, "p%d@acme.example", round);
		enroll(&world, race->profile, 6, &secret);
		code_of(&secret, 0, race->code);
		pthread_barrier_wait(&race->start);
		pthread_barrier_wait(&race->end);
		for (int racer = 0; racer < RACERS; racer++) {
			yes += race->result[racer] == PROTO_YES;
			replay += race->result[racer] == PROTO_REPLAY;
		}
		fair += yes == 1;
		spent += yes == 1 && replay == RACERS - 1;
	}
	for (int racer = 0; racer < RACERS; racer++)
		wait(NULL);
	is_int(fair, ROUNDS, "t56 one code, 64 logins at once: exactly one accepted in each round");
	is_int(spent, ROUNDS, "t56 and all others are told that it is spent");
	munmap(race, sizeof *race);
}

static void different_people_all_get_in(void)
{
	enum { PEOPLE = 8, LOGINS = 50 };
	int64_t begin = now_ms();
	int failed = 0, status;

	for (int i = 0; i < PEOPLE; i++) {
		if (fork() == 0) {
			int bad = 0;

			for (int k = 0; k < LOGINS; k++) {
				struct secret secret;
				char profile[64], code[9];

				snprintf(profile, sizeof profile, "q%d-%d@acme.example", i, k);
				enroll(&world, profile, 8, &secret);
				code_of(&secret, 0, code);
				bad += ask(&world, PROTO_VERIFY, "sshd", profile, code) !=
				       PROTO_YES;
			}
			_exit(bad);
		}
	}
	for (int i = 0; i < PEOPLE; i++)
		failed += wait(&status) < 0 || status != 0;
	is_int(failed, 0, "8 processes, different people: every right code is accepted");
	printf("# %d enrolments and as many codes in %lld ms\n", PEOPLE * LOGINS,
		(long long)(now_ms() - begin));
}

static void t57_replay_after_restart_and_kill9(void)
{
	static const int ways[] = { SIGTERM, SIGINT, SIGKILL };
	struct secret secret;
	char code[9], before[9];

	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		enroll(&world, alice, 6, &secret);
		code_of(&secret, -1, before);
		code_of(&secret, 0, code);
		is_int(ask(&world, PROTO_VERIFY, "sshd", alice, code), PROTO_YES,
			"t57 a code is accepted");
		is_int(ask(&world, PROTO_VERIFY, "sshd", alice, code), PROTO_REPLAY, "t57 once");
		is_int(ask(&world, PROTO_VERIFY, "sshd", alice, before), PROTO_REPLAY,
			"t57 and an older one of the window not at all");
		is_int(world_stop(&world, ways[i]), ways[i] == SIGKILL ? -SIGKILL : 0,
			"t57 the daemon ends");
		is_int(ask(&world, PROTO_VERIFY, "sshd", alice, code), -CLIENT_UNREACHABLE,
			"t78 nobody answers then");
		world_start(&world);
		is_int(ask(&world, PROTO_VERIFY, "sshd", alice, code), PROTO_REPLAY,
			"t57 after %s and a new start it is still spent", strsignal(ways[i]));
	}
	is_int(ask(&world, PROTO_STATUS, "adperm", "p0@acme.example", ""), PROTO_YES,
		"t57 and who was enrolled is");
}

/* Copies the files of the state into a directory, or back. */
static void copy_state(const char *from, const char *to)
{
	static const char *const names[] = { "state.db", "state.db-wal" };
	static char bytes[1 << 20];
	struct stat owner;
	char path[128];

	if (stat(world.state, &owner) != 0)
		bail("no state");
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		ssize_t len;
		int in, out;

		snprintf(path, sizeof path, "%s/%s", from, names[i]);
		in = open(path, O_RDONLY | O_CLOEXEC);
		snprintf(path, sizeof path, "%s/%s", to, names[i]);
		unlink(path);
		if (in < 0)
			continue;
		out = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		while ((len = read(in, bytes, sizeof bytes)) > 0) {
			if (write(out, bytes, (size_t)len) != len)
				bail("cannot copy the state");
		}
		if (fchown(out, owner.st_uid, owner.st_gid) != 0)
			bail("cannot give the copy away");
		close(in);
		close(out);
	}
}

static void t57_a_copy_is_put_back(void)
{
	struct secret secret;
	char copy[64], said[2048], code[9];

	snprintf(copy, sizeof copy, "%s/copy", world.dir);
	if (mkdir(copy, 0700) != 0)
		bail("no directory");
	enroll(&world, alice, 6, &secret);
	world_stop(&world, SIGTERM);
	copy_state(world.state, copy);
	world_start(&world);
	code_of(&secret, 0, code);
	is_int(ask(&world, PROTO_VERIFY, "sshd", alice, code), PROTO_YES, "t57 a code is accepted");
	world_stop(&world, SIGKILL);
	copy_state(copy, world.state);
	world_start(&world);
	is_int(ask(&world, PROTO_VERIFY, "sshd", alice, code), PROTO_STORE_ROLLBACK,
		"t57 and not again, from a copy that does not know of it");
	is_int(ask(&world, PROTO_STATUS, "adperm", alice, ""), PROTO_YES,
		"t57 it can be looked at");
	world_stop(&world, SIGTERM);
	is_int(world_refusal(
		       &world, (const char *const[]){ "--accept-state", NULL }, said, sizeof said),
		0, "t57 root accepts the copy");
	world_start(&world);
	is_int(ask(&world, PROTO_VERIFY, "sshd", alice, code), PROTO_REPLAY,
		"t57 the code stays spent for its time");
	sleep(1);
	enroll(&world, "copy@acme.example", 6, &secret);
	code_of(&secret, 0, code);
	is_int(ask(&world, PROTO_VERIFY, "sshd", "copy@acme.example", code), PROTO_YES,
		"t57 and whoever is enrolled from then on comes in at once");
	copy_state("/nowhere", copy);
	rmdir(copy);
}

static void t61_code_lengths(void)
{
	struct secret six, eight;
	char code[9], typed[16];

	enroll(&world, alice, 6, &six);
	code_of(&six, 0, code);
	snprintf(typed, sizeof typed, "%.5s", code);
	is_int(ask(&world, PROTO_VERIFY, "sshd", alice, typed), PROTO_BAD_CODE, "t61 five digits");
	snprintf(typed, sizeof typed, "0%s", code);
	is_int(ask(&world, PROTO_VERIFY, "sshd", alice, typed), PROTO_BAD_CODE, "t61 seven digits");
	snprintf(typed, sizeof typed, "00%s", code);
	is_int(ask(&world, PROTO_VERIFY, "sshd", alice, typed), PROTO_BAD_CODE,
		"t61 eight where six belong");
	snprintf(typed, sizeof typed, "+%.5s", code + 1);
	is_int(ask(&world, PROTO_VERIFY, "sshd", alice, typed), PROTO_BAD_CODE, "t61 a sign");
	is_int(ask(&world, PROTO_VERIFY, "sshd", alice, ""), PROTO_BAD_CODE, "t61 nothing");
	is_int(ask(&world, PROTO_VERIFY, "sshd", alice, "\b\n\r\177INCORRECT"), PROTO_BAD_CODE,
		"t61 what sshd feeds for strangers");
	is_int(ask(&world, PROTO_VERIFY, "sshd", alice, "\xd9\xa1\xd9\xa2\xd9\xa3"), PROTO_BAD_CODE,
		"t61 Arabic digits");
	snprintf(typed, sizeof typed, "%.3s %s", code, code + 3);
	is_int(ask(&world, PROTO_VERIFY, "sshd", alice, typed), PROTO_YES,
		"t61 none of them cost a guess: the right one with its space is accepted");

	enroll(&world, alice, 8, &eight);
	code_of(&eight, 0, code);
	is_int(ask(&world, PROTO_VERIFY, "sshd", alice, code + 2), PROTO_BAD_CODE,
		"t61 the last six of eight digits");
	snprintf(typed, sizeof typed, "%.4s %s", code, code + 4);
	is_int(ask(&world, PROTO_VERIFY, "sshd", alice, typed), PROTO_YES, "t61 all eight");
}

static void t60_guesses_run_out(void)
{
	struct proto_request request;
	struct proto_reply reply;
	struct secret secret;
	char right[9], wrong[9];

	enroll(&world, alice, 6, &secret);
	wrong_code_of(&secret, wrong);
	for (int i = 0; i < 5; i++)
		is_int(ask(&world, PROTO_VERIFY, "sshd", alice, wrong), PROTO_BAD_CODE,
			"t60 wrong guess %d", i + 1);
	code_of(&secret, 0, right);
	request_fill(&request, PROTO_VERIFY, "sshd", alice, right);
	ok(client_ask(world.socket, &request, &reply) == CLIENT_OK &&
			reply.result == PROTO_LOCKED && reply.retry_after > 5300 &&
			reply.retry_after <= 5400,
		"t60 then even the right code has to wait, at a place where she is known");
	world_stop(&world, SIGKILL);
	world_start(&world);
	is_int(ask(&world, PROTO_VERIFY, "sshd", alice, right), PROTO_LOCKED,
		"t60 also after a restart");
	enroll(&world, alice, 6, &secret);
	code_of(&secret, 0, right);
	is_int(ask(&world, PROTO_VERIFY, "sshd", alice, right), PROTO_YES,
		"t60 a new secret begins with new guesses");
}

/* A state that cannot grow: what cannot be burnt is not accepted, and nothing else is disturbed. */
static void t68_full_disk(void)
{
	struct secret secret;
	char code[9], profile[64];
	int answer = PROTO_YES, yes = 0, spent = 0;

	enroll(&world, alice, 6, &secret);
	world_stop(&world, SIGTERM);
	world.limit = 80 * 1024;
	world_start(&world);
	for (int i = 0; i < 1000 && answer == PROTO_YES; i++) {
		snprintf(profile, sizeof profile, "full%d@acme.example", i);
		answer = ask(&world, PROTO_ENROLL, "adperm", profile, "");
	}
	is_int(answer, PROTO_STORE_FAILED, "t68 the disk is full: nobody else is enrolled");
	is_int(ask(&world, PROTO_STATUS, "adperm", profile, ""), PROTO_NOT_ENROLLED,
		"t68 nor half enrolled");
	/* What a guess writes is smaller; fill the last of the space with guesses. */
	for (int i = 0; i < 1000 && answer != PROTO_NOT_ENROLLED; i++) {
		snprintf(profile, sizeof profile, "full%d@acme.example", i / 5);
		answer = ask(&world, PROTO_VERIFY, "sshd", profile, "000000");
	}
	for (int i = 0; i < 20; i++) {
		code_of(&secret, 0, code);
		answer = ask(&world, PROTO_VERIFY, "sshd", alice, code);
		yes += answer == PROTO_YES;
		spent += answer == PROTO_STORE_FAILED;
	}
	ok(yes == 0 && spent == 20, "t68 a right code is not accepted: %d, %d", yes, spent);
	world_stop(&world, SIGTERM);
	world.limit = 0;
	world_start(&world);
	code_of(&secret, 0, code);
	is_int(ask(&world, PROTO_VERIFY, "sshd", alice, code), PROTO_YES,
		"t68 with room again it is, for it was not spent");
}

/* The peers of the tests, and what adperm.conf gives them. */
enum { POSTGRES = 30101, MYSQL = 30102, NOBODY = 65534, ADPERM = 30103, RANDOM = 54321 };

static const char list[] = "# numbers: these users need not exist\n"
			   "client 30101 service=postgresql operations=verify\n"
			   "client 30102 service=mariadb,mysql operations=verify\n";

/* Every operation, some numbers that are none, and what root is answered. */
static const struct {
	unsigned op;
	const char *profile, *code;
	int answer;
} questions[] = {
	{ 0, alice, "", PROTO_REFUSED },
	{ PROTO_VERIFY, alice, "none", PROTO_BAD_CODE },
	{ PROTO_ENROLL, alice, "", PROTO_EXISTS },
	{ PROTO_STATUS, alice, "", PROTO_YES },
	{ PROTO_REMOVE, "not@acme.example", "", PROTO_NOT_ENROLLED },
	{ PROTO_DIGITS, alice, "", PROTO_YES },
	{ PROTO_CONFIRM, alice, "123456", PROTO_NOT_ENROLLED },
	{ PROTO_RECOVERY, "not@acme.example", "", PROTO_NOT_ENROLLED },
	{ PROTO_UNLOCK, "not@acme.example", "", PROTO_NOT_ENROLLED },
	{ PROTO_LIST, "", "", PROTO_YES },
	{ PROTO_REKEY, "", "", PROTO_MALFORMED },
	{ PROTO_GRACE, alice, "", PROTO_NO_GRACE },
	{ PROTO_GRACES, "", "", PROTO_YES },
	{ PROTO_REVOKE, "not@acme.example", "", PROTO_YES },
	{ 31, alice, "", PROTO_REFUSED },
	{ 32, alice, "", PROTO_REFUSED },
	{ 33, alice, "", PROTO_REFUSED },
	{ 255, alice, "", PROTO_REFUSED },
	{ 256, alice, "", PROTO_REFUSED },
	{ 257, alice, "", PROTO_REFUSED },
	{ 65535, alice, "", PROTO_REFUSED },
};

#define T72_ROW(number, since, symbol, name, does)                                                 \
	_Static_assert((number) + 7 < sizeof questions / sizeof questions[0], "t72 asks it");
PROTO_OPS(T72_ROW)
#undef T72_ROW

static void t72_peer_operation_matrix(void)
{
	static const uid_t peers[] = { 0, POSTGRES, MYSQL, NOBODY, ADPERM, RANDOM };
	static const char *const services[] = { "sshd", "postgresql", "mariadb", "mysql",
		"adperm" };

	for (size_t p = 0; p < sizeof peers / sizeof peers[0]; p++) {
		for (size_t s = 0; s < sizeof services / sizeof services[0]; s++) {
			bool listed = (peers[p] == POSTGRES && s == 1) ||
				      (peers[p] == MYSQL && (s == 2 || s == 3));

			for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
				unsigned op = questions[i].op;
				bool may = peers[p] == 0 ||
					   (listed && (op == PROTO_VERIFY || op == PROTO_DIGITS));

				is_int(ask_as(&world, peers[p], op, services[s],
					       questions[i].profile, questions[i].code),
					may ? questions[i].answer : PROTO_REFUSED,
					"t72 uid %u asks %u for %s: %s", (unsigned)peers[p], op,
					services[s], may ? "answered" : "refused");
			}
		}
	}
}

static void t73_database_cannot_lock_ssh(void)
{
	enum { GUESSES = 100000, PROCESSES = 4 };
	struct secret secret;
	char right[9], wrong[9];
	int *bad = mmap(NULL, sizeof *bad * PROCESSES, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int evaluated = 0;

	if (bad == MAP_FAILED)
		bail("no shared memory");
	enroll(&world, alice, 6, &secret);
	wrong_code_of(&secret, wrong);
	is_int(ask_as(&world, POSTGRES, PROTO_VERIFY, "sshd", alice, wrong), PROTO_REFUSED,
		"t73 a database that names another service is refused");
	for (int i = 0; i < PROCESSES; i++) {
		if (fork() == 0) {
			if (setresuid(POSTGRES, POSTGRES, POSTGRES) != 0)
				_exit(1);
			for (int k = 0; k < GUESSES / PROCESSES; k++)
				bad[i] += ask(&world, PROTO_VERIFY, "postgresql", alice, wrong) ==
					  PROTO_BAD_CODE;
			_exit(0);
		}
	}
	for (int i = 0; i < PROCESSES; i++)
		wait(NULL);
	for (int i = 0; i < PROCESSES; i++)
		evaluated += bad[i];
	is_int(evaluated, 5, "t73 of 100,000 wrong guesses of a database five are looked at");
	code_of(&secret, 0, right);
	is_int(ask_as(&world, POSTGRES, PROTO_VERIFY, "postgresql", alice, right), PROTO_LOCKED,
		"t73 its own door is closed for a while");
	is_int(ask_as(&world, MYSQL, PROTO_VERIFY, "mariadb", alice, wrong), PROTO_BAD_CODE,
		"t73 another database's is not");
	is_int(ask(&world, PROTO_VERIFY, "sshd", alice, right), PROTO_YES, "t73 nor is SSH's");
	munmap(bad, sizeof *bad * PROCESSES);
}

static void t73_address_is_ignored(void)
{
	struct proto_request request;
	struct proto_reply reply;
	struct secret secret;
	char wrong[9], said[65536] = "";
	int status, fd;
	pid_t child;
	ssize_t len;

	enroll(&world, alice, 6, &secret);
	wrong_code_of(&secret, wrong);
	sleep(2); /* so that the lines are not left out after the flood */
	child = fork();
	if (child == 0) {
		bool same = setresuid(POSTGRES, POSTGRES, POSTGRES) == 0;

		for (int i = 0; i < 6; i++) {
			request_fill(&request, PROTO_VERIFY, "postgresql", alice, wrong);
			snprintf(request.from, sizeof request.from, "198.51.100.%d", 70 + i);
			same = same && client_ask(world.socket, &request, &reply) == CLIENT_OK &&
			       reply.result == (i < 5 ? PROTO_BAD_CODE : PROTO_LOCKED);
		}
		_exit(same ? 0 : 1);
	}
	waitpid(child, &status, 0);
	is_int(status, 0, "t73 what a database says of addresses buys it no guesses");
	fd = open(world.log, O_RDONLY | O_CLOEXEC);
	lseek(fd, -(off_t)sizeof said + 1, SEEK_END);
	len = read(fd, said, sizeof said - 1);
	close(fd);
	ok(len > 0 && strstr(said, "result=bad_code peer=30101 svc=\"postgresql\"") != NULL &&
			strstr(said, "198.51.100.7") == NULL,
		"t73 and is not in the log");
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
	world_write(world.config, list, 0644);
	world_start(&world);
	t56_same_code_64_parallel();
	different_people_all_get_in();
	t57_replay_after_restart_and_kill9();
	t61_code_lengths();
	t60_guesses_run_out();
	t68_full_disk();
	t72_peer_operation_matrix();
	t73_database_cannot_lock_ssh();
	t73_address_is_ignored();
	t57_a_copy_is_put_back();
	world_end(&world);
	return tap_done();
}
