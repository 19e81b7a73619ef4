/*
 * What PAM stacks cost, beside each other: whole transactions of an account phase that lets in,
 * from pam_start() to pam_end(). The cases of a round follow each other in random order, and
 * difference and ratio to the first case are taken within the round, because other work on the
 * machine slows all of them down. The first case given twice shows what such figures are worth.
 *
 *     stacks ROUNDS CONFDIR USER CASE...            in one process
 *     stacks --fresh ROUNDS CONFDIR USER CASE...    each in a process of its own, as in sshd
 *     stacks --once CONFDIR USER CASE               one, for who counts instructions
 *
 * A case is NAME=SERVICE. Prints for each: name, ns, ns more, times, KiB that the process grew by
 * (all medians), rounds. A case that does not let in ends the program.
 */
#include <err.h>
#include <fcntl.h>
#include <security/pam_appl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CASES = 32, FAILED = 125, RESULTS = 3 /* the descriptor of a fresh process's figures */ };

struct figures {
	double ns, kib;
};

struct measured {
	const char *name, *service;
	struct figures *round;
};

static struct measured cases[CASES];
static int count;
static const char *confdir, *user;

static int say_nothing(
	int n, const struct pam_message **messages, struct pam_response **answers, void *data)
{
	(void)n;
	(void)messages;
	(void)answers;
	(void)data;
	return PAM_CONV_ERR;
}

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Memory of this process that is in use, in KiB. */
static double resident(void)
{
	char text[64] = "";
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	char *end;

	if (fd < 0 || read(fd, text, sizeof text - 1) <= 0)
		err(FAILED, "/proc/self/statm");
	close(fd);
	strtol(text, &end, 10);
	return (double)strtol(end, NULL, 10) * (double)sysconf(_SC_PAGESIZE) / 1024;
}

static struct figures transaction(const char *service, bool memory)
{
	const struct pam_conv conv = { say_nothing, NULL };
	double before = memory ? resident() : 0, begin = now_ns();
	struct figures f = { 0, 0 };
	pam_handle_t *pamh = NULL;
	int result = pam_start_confdir(service, user, &conv, confdir, &pamh);

	if (result == PAM_SUCCESS) {
		pam_set_item(pamh, PAM_RHOST, "192.0.2.1");
		pam_set_item(pamh, PAM_TTY, "ssh");
		result = pam_acct_mgmt(pamh, 0);
	}
	if (memory)
		f.kib = resident() - before;
	pam_end(pamh, result);
	f.ns = now_ns() - begin;
	if (result != PAM_SUCCESS)
		errx(FAILED, "%s refuses %s: %d", service, user, result);
	return f;
}

/* The same in a process of its own. It is asked twice, once for each figure. */
static struct figures fresh(const char *service, bool memory)
{
	const char *argv[] = { "stacks", memory ? "--memory" : "--time", confdir, user, service,
		NULL };
	posix_spawn_file_actions_t actions;
	struct figures f;
	int ends[2], status = 0;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		err(FAILED, "pipe");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], RESULTS);
	if (posix_spawn(&child, "/proc/self/exe", &actions, NULL, (char *const *)(uintptr_t)argv,
		    NULL) != 0)
		err(FAILED, "/proc/self/exe");
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (read(ends[0], &f, sizeof f) != sizeof f || waitpid(child, &status, 0) != child ||
		status != 0)
		errx(FAILED, "%s: the process of its own failed", service);
	close(ends[0]);
	return f;
}

static void one_round(int round, bool in_own_process)
{
	int order[CASES];

	for (int i = 0; i < count; i++)
		order[i] = i;
	for (int i = count - 1; i > 0; i--) {
		int other = (int)(random() % (i + 1)), kept = order[i];

		order[i] = order[other];
		order[other] = kept;
	}
	for (int i = 0; i < count; i++) {
		struct measured *c = &cases[order[i]];

		if (!in_own_process) {
			c->round[round] = transaction(c->service, false);
			continue;
		}
		c->round[round] = fresh(c->service, false);
		c->round[round].kib = fresh(c->service, true).kib;
	}
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, int n)
{
	qsort(values, (size_t)n, sizeof *values, by_size);
	return values[n / 2];
}

static void print_case(const struct measured *c, int rounds)
{
	double *ns = calloc((size_t)rounds * 4, sizeof *ns), *more = ns + rounds;
	double *times = more + rounds, *kib = times + rounds;

	if (ns == NULL)
		err(FAILED, NULL);
	for (int i = 0; i < rounds; i++) {
		ns[i] = c->round[i].ns;
		more[i] = ns[i] - cases[0].round[i].ns;
		times[i] = ns[i] / cases[0].round[i].ns;
		kib[i] = c->round[i].kib - cases[0].round[i].kib;
	}
	printf("%s\t%.0f\t%.0f\t%.3f\t%.0f\t%d\n", c->name, median(ns, rounds),
		median(more, rounds), median(times, rounds), median(kib, rounds), rounds);
	free(ns);
}

static void add_case(char *word, int rounds)
{
	char *equals = strchr(word, '=');

	if (equals == NULL || count == CASES)
		errx(FAILED, "no case: %s", word);
	*equals = '\0';
	cases[count++] = (struct measured){ word, equals + 1,
		calloc((size_t)rounds, sizeof(struct figures)) };
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 && argv[1][0] == '-' ? argv[1] + 2 : "";
	int first = how[0] != '\0' ? 2 : 1, rounds;
	bool single = how[0] != '\0' && strcmp(how, "fresh") != 0;

	if (argc < first + (single ? 3 : 4))
		errx(FAILED, "usage: stacks [--fresh] ROUNDS CONFDIR USER CASE...");
	rounds = single ? 0 : atoi(argv[first++]);
	confdir = argv[first++];
	user = argv[first++];
	if (single) {
		struct figures f = transaction(argv[first], strcmp(how, "memory") == 0);

		if (strcmp(how, "once") != 0 && write(RESULTS, &f, sizeof f) != sizeof f)
			err(FAILED, "no reader");
		return 0;
	}
	for (int i = first; i < argc; i++)
		add_case(argv[i], rounds > 0 ? rounds : 1);
	for (int i = -2; i < rounds; i++)
		one_round(i < 0 ? 0 : i, how[0] != '\0');
	for (int i = 0; i < count; i++)
		print_case(&cases[i], rounds);
	return 0;
}
