/*
 * What a login with a code costs: whole PAM authentications, right code each time, through our
 * module, through pam_google_authenticator and through pam_oath, less the same stack with
 * pam_permit. Ours twice: with one person enrolled and with many; pam_oath with as many, and the
 * person last in its file. The cases of a round follow each other in random order,
 * and every difference is taken within its round, because other work on the machine slows all of
 * them down.
 *
 * Beside them, what no program can do without. A daemon that keeps codes: a round trip over its
 * socket and one durable write. One that keeps a file for each person, as pam_google_authenticator
 * does: a new file, made durable and renamed.
 *
 * Then one code comes in several processes at once, round by round: how often was it accepted more
 * than once, or not at all? And several processes log in different people, as fast as they can.
 *
 *     code BUILD SOURCE DIRECTORY PEOPLE ROUNDS RACES
 *
 * DIRECTORY is on the disk that the state would be on; everything else is the world of the PAM
 * tests.
 */
#include "../pam/support/world.h"
#include "adpermd/client.h"
#include "base/base64.h"

#include <err.h>
#include <fcntl.h>
#include <liboath/oath.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KEY_SIZE 51 /* an ed25519 key in SSH's wire format */
#define PERSON   "p@acme.example"

enum {
	RACERS = 8,
	CROWD = 250 * RACERS, /* people, of whom each logs in once */
	PAGE = 4096,
	PAGES = 64, /* of the file that the least of daemons writes */
};

enum kind { PERMIT, OURS_ONE, OURS_MANY, GOOGLE, OATH, DAEMON, FILES, KINDS };

static const char *const labels[KINDS] = { "pam_permit", "one person enrolled", "many enrolled",
	"pam_google_authenticator", "pam_oath", "the least of a daemon", "the least of files" };

static const char *const services[] = { "permit", "one", "many", "google", "oath" };

static const char secret[] = "12345678901234567890";
static const char secret_text[] = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

struct place {
	char socket[128], state[128], key[128], config[128], file[128];
};

static struct place places[KINDS];

static void write_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		err(125, "%s", path);
	close(fd);
}

static bool enroll(enum kind kind, const char *profile)
{
	struct proto_request request = { .op = PROTO_ENROLL, .replace = 1 };
	struct proto_reply reply;

	snprintf(request.service, sizeof request.service, "bench");
	snprintf(request.profile, sizeof request.profile, "%s", profile);
	memcpy(request.secret, secret, sizeof secret - 1);
	request.secret_len = sizeof secret - 1;
	return client_ask(places[kind].socket, &request, &reply) == CLIENT_OK &&
	       reply.result == PROTO_YES;
}

static pid_t start_daemon(const char *build, const char *directory, enum kind kind)
{
	struct place *p = &places[kind];
	char program[512];
	pid_t child;

	snprintf(program, sizeof program, "%s/adpermd", build);
	snprintf(p->socket, sizeof p->socket, "%s/%d.sock", directory, kind);
	snprintf(p->state, sizeof p->state, "%s/%d", directory, kind);
	snprintf(p->key, sizeof p->key, "%s/%d.key", directory, kind);
	snprintf(p->config, sizeof p->config, "%s/none", directory);
	child = fork();
	if (child == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		dup2(null, STDERR_FILENO);
		execl(program, program, "--foreground", "--user", "nobody", "--socket", p->socket,
			"--state", p->state, "--key", p->key, "--config", p->config, NULL);
		_exit(127);
	}
	for (int i = 0; i < 500 && !enroll(kind, PERSON); i++)
		usleep(10000);
	if (!enroll(kind, PERSON))
		errx(125, "%s does not start", program);
	return child;
}

static void profile_name(int i, char name[static 64])
{
	snprintf(name, 64, "%c%d@acme.example", 'a' + i % 26, i);
}

static void enroll_many(int people)
{
	enum { HANDS = 8 };
	int status;

	for (int hand = 0; hand < HANDS; hand++) {
		if (fork() != 0)
			continue;
		for (int i = hand; i < people; i += HANDS) {
			char profile[64];

			profile_name(i, profile);
			if (!enroll(OURS_MANY, profile))
				_exit(1);
		}
		_exit(0);
	}
	for (int hand = 0; hand < HANDS; hand++) {
		if (wait(&status) < 0 || status != 0)
			errx(125, "cannot enrol so many");
	}
}

/* Stacks of one line each. */
static void write_stacks(const char *directory)
{
	char line[1024];

	write_file(WORLD "/pam.d/permit", "auth required pam_permit.so\n", 0644);
	for (enum kind kind = OURS_ONE; kind <= OURS_MANY; kind++) {
		snprintf(line, sizeof line,
			"auth required %s permission=ssh_users db=" WORLD
			"/policy.cdb switch=" WORLD "/switch.conf people=" WORLD
			"/people local_users=" WORLD "/local-users socket=%s\n",
			world_module(), places[kind].socket);
		write_file(kind == OURS_ONE ? WORLD "/pam.d/one" : WORLD "/pam.d/many", line, 0644);
	}
	snprintf(places[GOOGLE].file, sizeof places[GOOGLE].file, "%s/google", directory);
	snprintf(line, sizeof line,
		"auth required pam_google_authenticator.so secret=%s user=root\n",
		places[GOOGLE].file);
	write_file(WORLD "/pam.d/google", line, 0644);
	snprintf(places[OATH].file, sizeof places[OATH].file, "%s/oath", directory);
	snprintf(line, sizeof line, "auth required pam_oath.so usersfile=%s window=3 digits=6\n",
		places[OATH].file);
	write_file(WORLD "/pam.d/oath", line, 0644);
}

/* The users' file of pam_oath, ours last. */
static void write_oath(int people)
{
	size_t len = 0, room = ((size_t)people + 1) * 96;
	char *text = malloc(room);

	if (text == NULL)
		err(125, NULL);
	for (int i = 1; i <= people; i++) {
		char name[32] = "root2";

		if (i < people)
			snprintf(name, sizeof name, "u%07d", i);
		len += (size_t)snprintf(text + len, room - len,
			"HOTP/T30/6\t%s\t-\t3132333435363738393031323334353637383930\n", name);
	}
	unlink(places[OATH].file);
	write_file(places[OATH].file, text, 0600);
	free(text);
}

/* The key of one of the crowd, or with -1 of the person that everything else is about. */
static void key_of(int i, char key[static BASE64_LEN(KEY_SIZE) + 1])
{
	uint8_t blob[KEY_SIZE];

	memcpy(blob, "\0\0\0\013ssh-ed25519\0\0\0\040", 19);
	memset(blob + 19, 'k', KEY_SIZE - 19);
	memcpy(blob + 19, &i, sizeof i);
	base64_encode(slice_of(blob, sizeof blob), key);
}

static void install_policy(void)
{
	char profile[64], key[BASE64_LEN(KEY_SIZE) + 1], *text = NULL;
	size_t size;
	FILE *policy = open_memstream(&text, &size);

	key_of(-1, key);
	fprintf(policy,
		"---\nadperm: 1\nprofiles:\n"
		"  " PERSON ": {login: root2, ssh_keys: [\"ssh-ed25519 %s\"]}\n",
		key);
	for (int i = 0; i < CROWD; i++) {
		profile_name(i, profile);
		key_of(i, key);
		fprintf(policy, "  %s: {login: u%d, ssh_keys: [\"ssh-ed25519 %s\"]}\n", profile, i,
			key);
	}
	fprintf(policy,
		"owners:\n  ops@acme.example:\n    servers: {" WORLD_SERVER ": {}}\n    grants:\n");
	for (int i = -1; i < CROWD; i++) {
		profile_name(i, profile);
		fprintf(policy,
			"      - {to: %s, servers: {" WORLD_SERVER
			": [ssh_users]}, require_2fa: true}\n",
			i < 0 ? PERSON : profile);
	}
	fprintf(policy, "...\n");
	fclose(policy);
	world_install_text(text);
	free(text);
}

static int type_code(
	int n, const struct pam_message **asked, struct pam_response **answers, void *code)
{
	(void)asked;
	*answers = calloc((size_t)n, sizeof **answers);
	if (*answers == NULL)
		return PAM_BUF_ERR;
	(*answers)->resp = strdup(code);
	return PAM_SUCCESS;
}

/* The same code is right again: the state is as before the last round. */
static void forget_code(enum kind kind, int people)
{
	char text[256];

	if (kind == GOOGLE) {
		snprintf(text, sizeof text,
			"%s\n\" RATE_LIMIT 3 30\n\" WINDOW_SIZE 3\n\" DISALLOW_REUSE\n\" "
			"TOTP_AUTH\n",
			secret_text);
		unlink(places[GOOGLE].file);
		write_file(places[GOOGLE].file, text, 0600);
	} else if (kind == OATH) {
		write_oath(people);
	} else if ((kind == OURS_ONE || kind == OURS_MANY) && !enroll(kind, PERSON)) {
		errx(125, "cannot enrol again");
	}
}

/* What PAM says to the code of one of the crowd, or of the person. */
static int log_in_as(enum kind kind, const char *user, int who, char *code)
{
	const struct pam_conv conv = { type_code, code };
	char env[200], key[BASE64_LEN(KEY_SIZE) + 1];
	pam_handle_t *pamh = world_begin(services[kind], user, &conv);
	int result;

	key_of(who, key);
	snprintf(env, sizeof env, "SSH_AUTH_INFO_0=publickey ssh-ed25519 %s\n", key);
	pam_putenv(pamh, env);
	result = pam_authenticate(pamh, 0);
	pam_end(pamh, result);
	return result;
}

static int log_in(enum kind kind, char *code)
{
	return log_in_as(kind, kind == GOOGLE ? "root" : "root2", -1, code);
}

static void right_code(char code[static 9])
{
	oath_totp_generate(secret, sizeof secret - 1, time(NULL), 30, 0, 6, code);
}

/* Answers each connection when a page is durable, in a file that neither grows nor moves. */
static void serve_least(int listener, const char *path)
{
	char page[PAGE] = "", request[PAGE];
	int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	for (int i = 0; i < PAGES; i++)
		if (pwrite(file, page, sizeof page, i * PAGE) != PAGE)
			_exit(125);
	fsync(file);
	for (int i = 0;; i = (i + 1) % PAGES) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0 || read(fd, request, sizeof request) < 0 ||
			pwrite(file, request, sizeof request, i * PAGE) < 0 ||
			fdatasync(file) != 0 ||
			send(fd, request, proto_reply_size(1), MSG_NOSIGNAL) < 0)
			_exit(125);
		close(fd);
	}
}

static int connect_or_listen(const char *path, bool listening)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof at.sun_path)
		errx(125, "%s is too long for a socket", path);
	memcpy(at.sun_path, path, strlen(path));
	if ((listening ? bind : connect)(fd, (const struct sockaddr *)&at, sizeof at) != 0 ||
		(listening && listen(fd, RACERS) != 0))
		err(125, "%s", path);
	return fd;
}

static pid_t start_least(const char *directory)
{
	int listener;
	pid_t child;

	snprintf(places[DAEMON].socket, sizeof places[DAEMON].socket, "%s/least", directory);
	snprintf(places[DAEMON].file, sizeof places[DAEMON].file, "%s/pages", directory);
	snprintf(places[FILES].file, sizeof places[FILES].file, "%s/new", directory);
	listener = connect_or_listen(places[DAEMON].socket, true);
	child = fork();
	if (child == 0)
		serve_least(listener, places[DAEMON].file);
	close(listener);
	return child;
}

static int ask_least(void)
{
	char frame[PAGE] = "";
	int fd = connect_or_listen(places[DAEMON].socket, false);
	bool good = send(fd, frame, proto_request_size(1), MSG_NOSIGNAL) > 0 &&
		    recv(fd, frame, sizeof frame, 0) > 0;

	close(fd);
	return good ? PAM_SUCCESS : PAM_SYSTEM_ERR;
}

static int replace_file(void)
{
	char name[sizeof places[FILES].file + 1];
	int fd;
	bool good;

	snprintf(name, sizeof name, "%s~", places[FILES].file);
	fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	good = write(fd, secret_text, sizeof secret_text) > 0 && fsync(fd) == 0 && close(fd) == 0 &&
	       rename(name, places[FILES].file) == 0;
	return good ? PAM_SUCCESS : PAM_SYSTEM_ERR;
}

static void forget_log(void)
{
	char line[WORLD_LINE_SIZE];

	while (world_log(line))
		continue;
}

/* What was written before a transaction must not be waited for in it. */
static void settle_disk(void)
{
	int fd = open(places[OATH].file, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		syncfs(fd);
		close(fd);
	}
}

/* Microseconds of one transaction, which must let in. */
static double transaction(enum kind kind, int people)
{
	char code[9];
	struct timespec begin, end;
	int result;

	forget_code(kind, people);
	settle_disk();
	right_code(code);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	result = kind == DAEMON ? ask_least() : kind == FILES ? replace_file() : log_in(kind, code);
	clock_gettime(CLOCK_MONOTONIC, &end);
	forget_log();
	if (result != PAM_SUCCESS)
		errx(125, "%s: a right code is refused: %d", labels[kind], result);
	return (double)(end.tv_sec - begin.tv_sec) * 1e6 +
	       (double)(end.tv_nsec - begin.tv_nsec) / 1e3;
}

/* The next racer's exit status. Racers stand still when nobody reads the log. */
static int wait_racer(enum kind kind)
{
	int status = -1;
	pid_t child;

	while ((child = waitpid(-1, &status, WNOHANG)) == 0) {
		forget_log();
		usleep(100);
	}
	if (child < 0 || !WIFEXITED(status) || WEXITSTATUS(status) > 1)
		errx(125, "%s: a racer died", labels[kind]);
	return WEXITSTATUS(status);
}

/* How many of the racers get in with one code. They wait for the end of a pipe to close. */
static int race(enum kind kind, int people)
{
	int start[2], accepted = 0;
	char code[9], none;

	forget_code(kind, people);
	right_code(code);
	if (pipe(start) != 0)
		err(125, "pipe");
	for (int i = 0; i < RACERS; i++) {
		if (fork() != 0)
			continue;
		close(start[1]);
		if (read(start[0], &none, 1) != 0)
			_exit(125);
		_exit(log_in(kind, code) == PAM_SUCCESS);
	}
	close(start[0]);
	close(start[1]);
	for (int i = 0; i < RACERS; i++)
		accepted += wait_racer(kind);
	forget_log();
	return accepted;
}

static void race_all(int people, int races)
{
	for (enum kind kind = OURS_MANY; kind <= OATH; kind++) {
		int never = 0, twice = 0;

		for (int i = 0; i < races; i++) {
			int accepted = race(kind, people);

			never += accepted == 0;
			twice += accepted > 1;
		}
		printf("race\t%s\t%d\t%d\t%d\n", labels[kind], races, twice, never);
	}
}

/* One racer's part of the crowd; how many of them got in. */
static int log_in_some(int racer)
{
	char user[32], code[9];
	int accepted = 0;

	for (int i = racer; i < CROWD; i += RACERS) {
		snprintf(user, sizeof user, "u%d", i);
		right_code(code);
		accepted += log_in_as(OURS_MANY, user, i, code) == PAM_SUCCESS;
	}
	return accepted;
}

/* Everybody once, in several processes: how many a second, and how many of them got in. */
static void let_in_a_crowd(void)
{
	int start[2], results[2], accepted = 0, some;
	struct timespec begin, end;
	double seconds;
	char none;

	enroll_many(CROWD);
	if (pipe(start) != 0 || pipe(results) != 0)
		err(125, "pipe");
	for (int racer = 0; racer < RACERS; racer++) {
		if (fork() != 0)
			continue;
		close(start[1]);
		if (read(start[0], &none, 1) != 0)
			_exit(125);
		some = log_in_some(racer);
		_exit(write(results[1], &some, sizeof some) == sizeof some ? 0 : 125);
	}
	close(start[0]);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	close(start[1]);
	for (int racer = 0; racer < RACERS; racer++)
		wait_racer(OURS_MANY);
	clock_gettime(CLOCK_MONOTONIC, &end);
	close(results[1]);
	while (read(results[0], &some, sizeof some) == sizeof some)
		accepted += some;
	close(results[0]);
	seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
	printf("crowd\t%s\t%.0f\t%d\t%d\n", labels[OURS_MANY], CROWD / seconds, accepted, CROWD);
}

static void one_round(double times[static KINDS], int people)
{
	enum kind order[KINDS] = { PERMIT, OURS_ONE, OURS_MANY, GOOGLE, OATH, DAEMON, FILES };

	for (size_t i = KINDS - 1; i > 0; i--) {
		size_t other = (size_t)random() % (i + 1);
		enum kind kind = order[i];

		order[i] = order[other];
		order[other] = kind;
	}
	for (size_t i = 0; i < KINDS; i++)
		times[order[i]] = transaction(order[i], people);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of what this costs more than pam_permit in its round, the median; the least is no PAM stack. */
static double own_cost(double (*times)[KINDS], int rounds, enum kind kind)
{
	double *own = calloc((size_t)rounds, sizeof *own), median;

	for (int i = 0; i < rounds; i++)
		own[i] = times[i][kind] - (kind < DAEMON ? times[i][PERMIT] : 0);
	qsort(own, (size_t)rounds, sizeof *own, by_size);
	median = own[rounds / 2];
	free(own);
	return median;
}

int main(int argc, char **argv)
{
	int people = argc == 7 ? atoi(argv[4]) : 0, rounds = argc == 7 ? atoi(argv[5]) : 0;
	double(*times)[KINDS];
	pid_t daemons[3];

	if (people < 1 || rounds < 1)
		errx(125, "usage: code BUILD SOURCE DIRECTORY PEOPLE ROUNDS RACES");
	times = calloc((size_t)rounds, sizeof *times);
	oath_init();
	world_make(argv[1], argv[2]);
	install_policy();
	daemons[0] = start_daemon(argv[1], argv[3], OURS_ONE);
	daemons[1] = start_daemon(argv[1], argv[3], OURS_MANY);
	daemons[2] = start_least(argv[3]);
	enroll_many(people);
	write_stacks(argv[3]);
	for (int i = -2; i < rounds; i++)
		one_round(times[i < 0 ? 0 : i], people);
	for (enum kind kind = OURS_ONE; kind < KINDS; kind++)
		printf("cost\t%s\t%.0f\n", labels[kind], own_cost(times, rounds, kind));
	race_all(people, atoi(argv[6]));
	let_in_a_crowd();
	for (size_t i = 0; i < 3; i++) {
		kill(daemons[i], SIGTERM);
		waitpid(daemons[i], NULL, 0);
	}
	free(times);
	return 0;
}
