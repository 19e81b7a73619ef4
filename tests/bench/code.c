/*
 * What a login with a code costs: whole PAM authentications, right code each time, through our
 * module, through pam_google_authenticator and through pam_oath, less the same stack with
 * pam_permit. Ours twice: with one person enrolled and with many; pam_oath with as many, and the
 * person last in its file. The cases of a round follow each other in random order,
 * and every difference is taken within its round, because other work on the machine slows all of
 * them down.
 *
 * Then one code comes in several processes at once, round by round: how often was it accepted more
 * than once, or not at all?
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
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KEY_SIZE 51 /* an ed25519 key in SSH's wire format */
#define PERSON   "p@acme.example"

enum { RACERS = 8 };

enum kind { PERMIT, OURS_ONE, OURS_MANY, GOOGLE, OATH, KINDS };

static const char *const labels[KINDS] = { "pam_permit", "one person enrolled", "many enrolled",
	"pam_google_authenticator", "pam_oath" };

static const char *const services[KINDS] = { "permit", "one", "many", "google", "oath" };

static const char secret[] = "12345678901234567890";
static const char secret_text[] = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

struct place {
	char socket[128], state[128], key[128], config[128], file[128];
};

static struct place places[KINDS];
static char key_text[BASE64_LEN(KEY_SIZE) + 1];

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

static void enroll_many(int people)
{
	enum { HANDS = 8 };
	int status;

	for (int hand = 0; hand < HANDS; hand++) {
		if (fork() != 0)
			continue;
		for (int i = hand; i < people; i += HANDS) {
			char profile[64];

			snprintf(profile, sizeof profile, "%c%d@acme.example", 'a' + i % 26, i);
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

static void install_policy(void)
{
	uint8_t blob[KEY_SIZE];
	char text[1024];

	memcpy(blob, "\0\0\0\013ssh-ed25519\0\0\0\040", 19);
	memset(blob + 19, 'k', KEY_SIZE - 19);
	base64_encode(slice_of(blob, sizeof blob), key_text);
	snprintf(text, sizeof text,
		"---\nadperm: 1\nprofiles:\n"
		"  " PERSON ": {login: root2, ssh_keys: [\"ssh-ed25519 %s\"]}\n"
		"owners:\n  ops@acme.example:\n    servers: {" WORLD_SERVER ": {}}\n    grants:\n"
		"      - {to: " PERSON ", servers: {" WORLD_SERVER
		": [ssh_users]}, require_2fa: true}\n...\n",
		key_text);
	world_install_text(text);
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
	} else if (kind != PERMIT && !enroll(kind, PERSON)) {
		errx(125, "cannot enrol again");
	}
}

/* What PAM says to the code. */
static int log_in(enum kind kind, char *code)
{
	const struct pam_conv conv = { type_code, code };
	char env[200];
	pam_handle_t *pamh = world_begin(services[kind], kind == GOOGLE ? "root" : "root2", &conv);
	int result;

	snprintf(env, sizeof env, "SSH_AUTH_INFO_0=publickey ssh-ed25519 %s\n", key_text);
	pam_putenv(pamh, env);
	result = pam_authenticate(pamh, 0);
	pam_end(pamh, result);
	return result;
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
	oath_totp_generate(secret, sizeof secret - 1, time(NULL), 30, 0, 6, code);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	result = log_in(kind, code);
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
	oath_totp_generate(secret, sizeof secret - 1, time(NULL), 30, 0, 6, code);
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
	for (enum kind kind = OURS_MANY; kind < KINDS; kind++) {
		int never = 0, twice = 0;

		for (int i = 0; i < races; i++) {
			int accepted = race(kind, people);

			never += accepted == 0;
			twice += accepted > 1;
		}
		printf("race\t%s\t%d\t%d\t%d\n", labels[kind], races, twice, never);
	}
}

static void one_round(double times[static KINDS], int people)
{
	enum kind order[KINDS] = { PERMIT, OURS_ONE, OURS_MANY, GOOGLE, OATH };

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

/* Of what this costs more than pam_permit in its round, the median. */
static double own_cost(double (*times)[KINDS], int rounds, enum kind kind)
{
	double *own = calloc((size_t)rounds, sizeof *own), median;

	for (int i = 0; i < rounds; i++)
		own[i] = times[i][kind] - times[i][PERMIT];
	qsort(own, (size_t)rounds, sizeof *own, by_size);
	median = own[rounds / 2];
	free(own);
	return median;
}

int main(int argc, char **argv)
{
	int people = argc == 7 ? atoi(argv[4]) : 0, rounds = argc == 7 ? atoi(argv[5]) : 0;
	double(*times)[KINDS];
	pid_t daemons[2];

	if (people < 1 || rounds < 1)
		errx(125, "usage: code BUILD SOURCE DIRECTORY PEOPLE ROUNDS RACES");
	times = calloc((size_t)rounds, sizeof *times);
	oath_init();
	world_make(argv[1], argv[2]);
	install_policy();
	daemons[0] = start_daemon(argv[1], argv[3], OURS_ONE);
	daemons[1] = start_daemon(argv[1], argv[3], OURS_MANY);
	enroll_many(people);
	write_stacks(argv[3]);
	for (int i = -2; i < rounds; i++)
		one_round(times[i < 0 ? 0 : i], people);
	for (enum kind kind = OURS_ONE; kind < KINDS; kind++)
		printf("cost\t%s\t%.0f\n", labels[kind], own_cost(times, rounds, kind));
	race_all(people, atoi(argv[6]));
	for (size_t i = 0; i < 2; i++) {
		kill(daemons[i], SIGTERM);
		waitpid(daemons[i], NULL, 0);
	}
	free(times);
	return 0;
}
