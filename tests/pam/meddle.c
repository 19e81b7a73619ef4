/*
 * meddle BUILD SOURCE: what may happen while the person is being asked: the conversation never
 * returns, or returns twice; somebody else logs in meanwhile; the secret is revoked. Each in a
 * child, whose handle is left as it is.
 */
#include "../unit/tap.h"
#include "support/world.h"

#include <err.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define BOB "bob@acme.example"

static char code[WORLD_CODE_SIZE];

static int answer_code(
	int n, const struct pam_message **messages, struct pam_response **answers, void *data)
{
	(void)messages;
	(void)data;
	*answers = calloc((size_t)n, sizeof **answers);
	(*answers)->resp = strdup(code);
	return PAM_SUCCESS;
}

static pam_handle_t *begin(const struct pam_conv *conv)
{
	pam_handle_t *pamh = world_begin("sshd", "bob", conv);
	char env[4096];

	snprintf(env, sizeof env, "SSH_AUTH_INFO_0=publickey %s\n", world_key("bob"));
	pam_putenv(pamh, env);
	return pamh;
}

/* A login of bob with the present code. */
static int log_in(void)
{
	const struct pam_conv conv = { answer_code, NULL };
	pam_handle_t *pamh = begin(&conv);
	int result = pam_authenticate(pamh, 0);

	if (result == PAM_SUCCESS)
		result = pam_acct_mgmt(pamh, 0);
	pam_end(pamh, result);
	return result;
}

static void forget_log(void)
{
	char line[WORLD_LINE_SIZE];

	while (world_log(line))
		continue;
}

/* What the last login was denied for. */
static const char *last_reason(void)
{
	static char reason[64];
	char line[WORLD_LINE_SIZE];

	reason[0] = '\0';
	while (world_log(line))
		if (strstr(line, "phase=auth") != NULL)
			world_field(line, "reason", reason, sizeof reason);
	return reason;
}

static int in_child(int (*run)(void))
{
	int status = 0;
	pid_t child;

	forget_log();
	fflush(stdout);
	child = fork();
	if (child == 0)
		_exit(run());
	if (child < 0 || waitpid(child, &status, 0) != child)
		err(125, "a child");
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void new_code(void)
{
	world_enroll(BOB, 6);
	world_code(0, code);
}

/* --- t35: it does not come back as it went ---------------------------------------------------- */

static jmp_buf away;

static int jump(
	int n, const struct pam_message **messages, struct pam_response **answers, void *data)
{
	(void)n;
	(void)messages;
	(void)answers;
	(void)data;
	longjmp(away, 1);
}

static int jump_out(void)
{
	const struct pam_conv conv = { jump, NULL };

	if (setjmp(away) == 0)
		pam_authenticate(begin(&conv), 0);
	return log_in();
}

static int end_thread(
	int n, const struct pam_message **messages, struct pam_response **answers, void *data)
{
	(void)n;
	(void)messages;
	(void)answers;
	(void)data;
	pthread_exit(NULL);
}

static void *authenticate(void *data)
{
	const struct pam_conv conv = { end_thread, NULL };

	(void)data;
	pam_authenticate(begin(&conv), 0);
	return NULL;
}

static int thread_that_ends(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, authenticate, NULL) != 0)
		return 125;
	pthread_join(thread, NULL);
	return log_in();
}

/* Where the two of them tell how they ended. */
static int results[2];

static int answer_twice(
	int n, const struct pam_message **messages, struct pam_response **answers, void *child)
{
	*(pid_t *)child = fork();
	return answer_code(n, messages, answers, NULL);
}

static int both_answer(void)
{
	pid_t child = -1;
	const struct pam_conv conv = { answer_twice, &child };
	int result = pam_authenticate(begin(&conv), 0), other = 0;

	if (write(results[1], &result, sizeof result) != sizeof result)
		return 125;
	if (child == 0)
		_exit(0);
	return waitpid(child, &other, 0) == child ? other : 125;
}

static void t35_conversations_that_do_not_return(void)
{
	int ended[2] = { -1, -1 };

	new_code();
	is_int(in_child(jump_out), PAM_SUCCESS, "t35_after_a_longjmp_the_next_login_works");
	new_code();
	is_int(in_child(thread_that_ends), PAM_SUCCESS, "t35_and_after_pthread_exit");
	new_code();
	if (pipe(results) != 0)
		err(125, "pipe");
	is_int(in_child(both_answer), 0, "t35_a_fork_that_answers_twice");
	if (read(results[0], ended, sizeof ended) != sizeof ended)
		err(125, "results");
	ok((ended[0] == PAM_SUCCESS) + (ended[1] == PAM_SUCCESS) == 1 &&
			(ended[0] == PAM_AUTH_ERR) + (ended[1] == PAM_AUTH_ERR) == 1,
		"t35_lets_in_once");
	forget_log();
}

/* --- t36, t71: what happens before the answer ------------------------------------------------- */

static int meanwhile; /* what came of another login */

static int another_first(
	int n, const struct pam_message **messages, struct pam_response **answers, void *data)
{
	meanwhile = log_in();
	return answer_code(n, messages, answers, data);
}

static int answer_later(void)
{
	const struct pam_conv conv = { another_first, NULL };
	int result = pam_authenticate(begin(&conv), 0);

	return meanwhile == PAM_SUCCESS ? result : 100 + meanwhile;
}

static int revoke_first(
	int n, const struct pam_message **messages, struct pam_response **answers, void *data)
{
	world_remove(BOB);
	return answer_code(n, messages, answers, data);
}

static int answer_after_revocation(void)
{
	const struct pam_conv conv = { revoke_first, NULL };

	return pam_authenticate(begin(&conv), 0);
}

static int renew_first(
	int n, const struct pam_message **messages, struct pam_response **answers, void *data)
{
	world_enroll(BOB, 6);
	return answer_code(n, messages, answers, data);
}

static int answer_after_renewal(void)
{
	const struct pam_conv conv = { renew_first, NULL };

	return pam_authenticate(begin(&conv), 0);
}

static void what_happens_before_the_answer(void)
{
	new_code();
	is_int(in_child(answer_later), PAM_AUTH_ERR, "t36_an_open_prompt_holds_up_nobody");
	is_str(last_reason(), "replay", "t36_and_its_code_is_judged_when_it_comes");
	new_code();
	is_int(in_child(answer_after_revocation), PAM_AUTH_ERR, "t71_revoked_during_the_prompt");
	is_str(last_reason(), "not_enrolled", "t71_which_is_logged");
	new_code();
	is_int(in_child(answer_after_renewal), PAM_AUTH_ERR, "t71_renewed_during_the_prompt");
	is_str(last_reason(), "bad_code", "t71_the_code_is_of_the_old_secret");
}

int main(int argc, char **argv)
{
	if (argc != 3)
		errx(125, "usage: meddle BUILD SOURCE");
	world_make(argv[1], argv[2]);
	world_install("acme", NULL);
	world_stack("sshd", "", "permission=ssh_users " WORLD_OPTIONS);
	world_daemon_start();
	t35_conversations_that_do_not_return();
	what_happens_before_the_answer();
	world_daemon_stop();
	return tap_done();
}
