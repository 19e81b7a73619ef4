/*
 * Security test 46: many threads of one process, each with a handle of its own, as MariaDB's older
 * plugin and some web servers have them. CI runs it with ThreadSanitizer.
 */
#include "../unit/tap.h"
#include "support/crowd.h"

#include <err.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 64, CODES = 2 };

static pthread_barrier_t gate;
static unsigned gone; /* threads that have ended */

static struct login {
	unsigned person;
	char code[CODES][WORLD_CODE_SIZE];
	const char *typed;
	int first, again, next; /* what the phases ended with, with which code */
} logins[THREADS];

static int type_code(
	int n, const struct pam_message **asked, struct pam_response **answers, void *data)
{
	const struct login *login = data;

	(void)asked;
	*answers = calloc((size_t)n, sizeof **answers);
	if (*answers == NULL)
		return PAM_BUF_ERR;
	(*answers)->resp = strdup(login->typed);
	return PAM_SUCCESS;
}

static int log_in(struct login *login, const char *code)
{
	const struct pam_conv conv = { type_code, login };
	pam_handle_t *pamh = crowd_begin(login->person, &conv);
	int result;

	login->typed = code;
	result = pam_authenticate(pamh, 0);
	if (result == PAM_SUCCESS)
		result = pam_acct_mgmt(pamh, 0);
	if (result == PAM_SUCCESS)
		result = pam_open_session(pamh, 0);
	pam_end(pamh, result);
	return result;
}

static void *run(void *data)
{
	struct login *login = data;

	pthread_barrier_wait(&gate);
	login->first = log_in(login, login->code[0]);
	login->again = log_in(login, login->code[0]);
	login->next = log_in(login, login->code[1]);
	__atomic_add_fetch(&gone, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void enrol_all(void)
{
	char email[CROWD_EMAIL];

	for (unsigned i = 0; i < THREADS; i++) {
		logins[i].person = i;
		crowd_email(i, email);
		world_enroll(email, 6);
		for (int step = 0; step < CODES; step++)
			world_code(step, logins[i].code[step]);
	}
}

/* Nobody waits for a log that is full. */
static void read_log_until_all_are_gone(void)
{
	char line[WORLD_LINE_SIZE];

	while (__atomic_load_n(&gone, __ATOMIC_SEQ_CST) < THREADS)
		if (!world_log(line))
			usleep(500);
}

static void t46_threads(void)
{
	pthread_t threads[THREADS];
	unsigned first = 0, again = 0, next = 0;

	pthread_barrier_init(&gate, NULL, THREADS);
	for (unsigned i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, run, &logins[i]) != 0)
			errx(125, "no thread");
	read_log_until_all_are_gone();
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		first += logins[i].first == PAM_SUCCESS;
		again += logins[i].again == PAM_AUTH_ERR;
		next += logins[i].next == PAM_SUCCESS;
	}
	pthread_barrier_destroy(&gate);
	is_int(first, THREADS, "t46_64_threads_each_let_in");
	is_int(again, THREADS, "t46_each_code_once");
	is_int(next, THREADS, "t46_and_again_with_the_next_code");
}

int main(int argc, char **argv)
{
	if (argc != 3)
		errx(125, "usage: threads BUILD SOURCE");
	world_make(argv[1], argv[2]);
	crowd_install(THREADS);
	world_stack("sshd", "", "permission=ssh_users " WORLD_OPTIONS);
	world_daemon_start();
	enrol_all();
	t46_threads();
	world_daemon_stop();
	return tap_done();
}
