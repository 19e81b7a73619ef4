/*
 * Security test 56 through PAM: one right code, many logins with it at the same moment, each a
 * process of its own with the real module in it. Exactly one gets in, in every round; each round
 * has a profile that has never had a code before. A hundred rounds; where time does not matter
 * (ADPERM_LONG=1), a thousand.
 */
#include "../unit/tap.h"
#include "support/crowd.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOGINS 64

static unsigned rounds;

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

/* One login, begun when the gate is closed. */
static int log_in(unsigned person, char *code, int gate)
{
	const struct pam_conv conv = { type_code, code };
	pam_handle_t *pamh = crowd_begin(person, &conv);
	char nothing;
	int result;

	if (read(gate, &nothing, 1) != 0)
		return 125;
	result = pam_authenticate(pamh, 0);
	if (result == PAM_SUCCESS)
		result = pam_acct_mgmt(pamh, 0);
	return result;
}

/* What the log says of a round; read all the time, or the logins would wait for it. */
struct heard {
	unsigned ok, replay, other;
};

static void listen_log(struct heard *heard)
{
	char line[WORLD_LINE_SIZE], reason[64];

	while (world_log(line)) {
		if (strstr(line, "phase=auth") == NULL)
			continue;
		world_field(line, "reason", reason, sizeof reason);
		heard->ok += strcmp(reason, "ok") == 0;
		heard->replay += strcmp(reason, "replay") == 0;
		heard->other += strcmp(reason, "ok") != 0 && strcmp(reason, "replay") != 0;
	}
}

/* How many of the logins get in. */
static unsigned race(unsigned person, struct heard *heard)
{
	char email[CROWD_EMAIL], code[WORLD_CODE_SIZE];
	unsigned in = 0, gone = 0;
	int gate[2];

	crowd_email(person, email);
	world_enroll(email, 6);
	world_code(0, code);
	if (pipe(gate) != 0)
		err(125, "pipe");
	for (unsigned i = 0; i < LOGINS; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			close(gate[1]);
			_exit(log_in(person, code, gate[0]));
		}
		if (pid < 0)
			err(125, "fork");
	}
	close(gate[0]);
	close(gate[1]);
	while (gone < LOGINS) {
		int status;
		pid_t pid = waitpid(-1, &status, WNOHANG);

		listen_log(heard);
		if (pid <= 0) {
			usleep(500);
			continue;
		}
		gone++;
		in += WIFEXITED(status) && WEXITSTATUS(status) == PAM_SUCCESS;
	}
	listen_log(heard);
	return in;
}

int main(int argc, char **argv)
{
	const char *long_wanted = getenv("ADPERM_LONG");
	struct heard heard = { 0 };
	unsigned fair = 0;

	if (argc != 3)
		errx(125, "usage: race BUILD SOURCE");
	rounds = long_wanted != NULL && strcmp(long_wanted, "1") == 0 ? 1000 : 100;
	world_make(argv[1], argv[2]);
	crowd_install(rounds);
	world_stack("sshd", "", "permission=ssh_users " WORLD_OPTIONS);
	world_daemon_start();
	for (unsigned i = 0; i < rounds; i++) {
		unsigned in = race(i, &heard);

		fair += in == 1;
		if (in != 1)
			printf("# round %u: %u got in\n", i, in);
	}
	is_int(fair, rounds, "t56_of_64_logins_with_one_code_one_gets_in_in_each_of_%u_rounds",
		rounds);
	is_int(heard.ok, rounds, "t56_and_the_log_says_so");
	is_int(heard.replay, rounds * (LOGINS - 1), "t56_all_others_came_with_a_spent_code");
	is_int(heard.other, 0, "t56_and_for_no_other_reason_was_anybody_refused");
	world_daemon_stop();
	return tap_done();
}
