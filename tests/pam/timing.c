/*
 * Security test 55: from how long a refusal takes after the answer nobody can tell why it is one.
 * Two samples are compared by the test of Kolmogorov and Smirnov; one in a hundred comparisons of
 * the same thing finds a difference, so it must be found three times. Without libpam's delay, which
 * would hide much.
 */
#include "../unit/sanitized.h"
#include "../unit/tap.h"
#include "support/world.h"

#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#define BOB "bob@acme.example"
/* Seconds: what is done behind the pause takes longer there, and not the same for all. */
#define OF_THE_SANITIZER (SANITIZED ? 50e-6 : 0)

enum { SAMPLES = 100, ROUNDS = 3 };

static const struct reason {
	const char *name, *user, *key;
	const char *word; /* in the log */
} reasons[] = {
	{ "a_wrong_code", "bob", "bob", "bad_code" },
	{ "nobody_enrolled", "shop", "dave", "not_enrolled" },
	{ "somebody_suspended", "erin", "erin", "suspended" },
	{ "no_grant", "hans", "hans", "no_grant" },
	{ "no_key", "bob", NULL, "no_first_factor" },
	{ "a_foreign_key", "bob", "alice", "foreign_key" },
	{ "nobody", "nobody-known", "bob", "unmanaged" },
};

enum { REASONS = sizeof reasons / sizeof reasons[0] };

static double seconds_of[REASONS][SAMPLES];
static char wrong[WORLD_CODE_SIZE];
static struct timespec answered;

static int answer(
	int n, const struct pam_message **messages, struct pam_response **answers, void *data)
{
	(void)messages;
	(void)data;
	*answers = calloc((size_t)n, sizeof **answers);
	(*answers)->resp = strdup(wrong);
	clock_gettime(CLOCK_MONOTONIC, &answered);
	return PAM_SUCCESS;
}

static const struct pam_conv conv = { answer, NULL };

/* One refusal; how long it took. */
static double refuse(const struct reason *r)
{
	pam_handle_t *pamh = world_begin("sshd", r->user, &conv);
	char env[4096], line[WORLD_LINE_SIZE], word[64];
	struct timespec refused;
	int code;

	if (r->key != NULL) {
		snprintf(env, sizeof env, "SSH_AUTH_INFO_0=publickey %s\n", world_key(r->key));
		pam_putenv(pamh, env);
	}
	code = pam_authenticate(pamh, 0);
	clock_gettime(CLOCK_MONOTONIC, &refused);
	pam_end(pamh, code);
	world_log(line);
	world_field(line, "reason", word, sizeof word);
	if (code != PAM_AUTH_ERR || strcmp(word, r->word) != 0)
		errx(125, "%s is denied for %s, not for %s", r->name, word, r->word);
	return (double)(refused.tv_sec - answered.tv_sec) +
	       (double)(refused.tv_nsec - answered.tv_nsec) / 1e9;
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* In turn, so that what else the machine does meets all of them. */
static void take_samples(void)
{
	for (int i = 0; i < SAMPLES; i++) {
		world_unlock(BOB);
		for (int r = 0; r < REASONS; r++)
			seconds_of[r][i] = refuse(&reasons[r]);
	}
	for (int r = 0; r < REASONS; r++)
		qsort(seconds_of[r], SAMPLES, sizeof(double), compare);
}

/* How probable it is that two samples as different as these come from one distribution. */
static double kolmogorov_smirnov(const double *a, const double *b)
{
	double most = 0, root = sqrt(SAMPLES / 2.0), lambda, sum = 0;

	for (int i = 0, j = 0; i < SAMPLES && j < SAMPLES;) {
		double at = a[i] < b[j] ? a[i] : b[j];

		while (i < SAMPLES && a[i] <= at)
			i++;
		while (j < SAMPLES && b[j] <= at)
			j++;
		most = fmax(most, fabs((double)(i - j)) / SAMPLES);
	}
	lambda = (root + 0.12 + 0.11 / root) * most;
	for (int k = 1; k <= 100; k++)
		sum += (k % 2 == 1 ? 2 : -2) * exp(-2.0 * k * k * lambda * lambda);
	return sum > 0 && sum < 1 ? sum : 1;
}

/* Takes samples; which of them differ from the first, as bits. */
static unsigned differences(void)
{
	unsigned different = 0;

	take_samples();
	for (int r = 0; r < REASONS; r++) {
		double p = kolmogorov_smirnov(seconds_of[0], seconds_of[r]);
		double apart = fabs(seconds_of[r][SAMPLES / 2] - seconds_of[0][SAMPLES / 2]);

		different |= (unsigned)(p <= 0.01 && apart > OF_THE_SANITIZER) << r;
		printf("# %s: median %.0f us, p %.3f\n", reasons[r].name,
			seconds_of[r][SAMPLES / 2] * 1e6, p);
	}
	return different;
}

static void t55_refusals_take_as_long(void)
{
	unsigned different = differences();

	for (int round = 1; round < ROUNDS && different != 0; round++)
		different &= differences();
	for (int r = 1; r < REASONS; r++)
		ok((different & 1u << r) == 0, "t55_%s_takes_as_long_as_%s", reasons[r].name,
			reasons[0].name);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		errx(125, "usage: timing BUILD SOURCE");
	world_make(argv[1], argv[2]);
	world_install("acme", NULL);
	world_stack("sshd", "", "permission=ssh_users " WORLD_OPTIONS);
	world_daemon_start();
	world_enroll(BOB, 6);
	world_code(2880, wrong);
	t55_refusals_take_as_long();
	world_daemon_stop();
	return tap_done();
}
