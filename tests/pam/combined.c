/*
 * combined BUILD SOURCE: a combined stack, as far as a script cannot look: what stays in memory of
 * the one answer, which is a password and a recovery code, and what the modules between are given.
 */
#include "../unit/tap.h"
#include "support/crowd.h"
#include "support/memory.h"
#include "support/world.h"

#include <err.h>
#include <stdlib.h>

/* Veiled: see memory.h. The code has the form of a recovery code, and is none. */
static const char password[] = "qnrdatc-rkdcfd", code[] = "bcde,fghi,jklm,nopq";

enum { BEFORE = 32 };

/* A long front, which free() may overwrite; the two parts; a blank between. */
static int answer_both(
	int n, const struct pam_message **messages, struct pam_response **answers, void *data)
{
	char *answer = malloc(BEFORE + sizeof password + sizeof code);

	(void)messages;
	(void)data;
	*answers = calloc((size_t)n, sizeof **answers);
	if (answer == NULL || *answers == NULL)
		return PAM_BUF_ERR;
	memset(answer, 'x', BEFORE);
	memory_unveil(password, answer + BEFORE);
	answer[BEFORE + sizeof password - 1] = ' ';
	memory_unveil(code, answer + BEFORE + sizeof password);
	(*answers)->resp = answer;
	return PAM_SUCCESS;
}

static const struct pam_conv conv = { answer_both, NULL };

/* The lines of a service: ours, with another one between. */
static void make_stack(const char *service, const char *between)
{
	char lines[2048];

	snprintf(lines, sizeof lines,
		"auth requisite %s split permission=ssh_users " WORLD_OPTIONS "\n%s\n",
		world_module(), between);
	world_stack(service, lines,
		"permission=ssh_users first_factor=stack prompt=combined " WORLD_OPTIONS);
}

static const char *last_reason(void)
{
	static char reason[64];
	char line[WORLD_LINE_SIZE];

	reason[0] = '\0';
	while (world_log(line))
		world_field(line, "reason", reason, sizeof reason);
	return reason;
}

/* The code is wrong: the last line has looked at it. */
static void t33_after_a_wrong_code(void)
{
	pam_handle_t *pamh;

	make_stack("wrong", "auth requisite pam_exec.so quiet /bin/true");
	pamh = world_begin("wrong", "bob", &conv);
	is_int(pam_authenticate(pamh, 0), PAM_AUTH_ERR, "t33_combined_a_wrong_code");
	is_str(last_reason(), "bad_code", "t33_combined_adpermd_was_asked");
	is_int(memory_holds(password), 0, "t33_combined_no_password_stays_in_memory");
	is_int(memory_holds(code), 0, "t33_combined_nor_a_code");
	pam_end(pamh, 0);
}

/* The password is wrong: the last line is never asked, and the code waits for it. */
static void t33_after_a_wrong_password(void)
{
	pam_handle_t *pamh;

	make_stack("denied", "auth requisite pam_exec.so quiet /bin/false");
	pamh = world_begin("denied", "bob", &conv);
	ok(pam_authenticate(pamh, 0) != PAM_SUCCESS, "t33_combined_a_wrong_password");
	is_str(last_reason(), "", "t33_combined_is_not_ours_to_log");
	is_int(memory_holds(password), 0, "t33_combined_no_password_stays_in_memory");
	is_int(memory_holds(code), 1, "t33_combined_the_code_is_in_the_handle");
	pam_end(pamh, 0);
	is_int(memory_holds(code), 0, "t33_combined_and_goes_with_it");
}

/* By itself it is no consent; see world_stack() for what a module that decides nothing ends with.
 */
static void split_alone(void)
{
	pam_handle_t *pamh;

	world_stack("alone", "", "permission=ssh_users split " WORLD_OPTIONS);
	pamh = world_begin("alone", "bob", &conv);
	is_int(pam_authenticate(pamh, 0), PAM_CRED_UNAVAIL, "a line that splits lets nobody in");
	pam_end(pamh, 0);
}

static pam_handle_t *switched;

/* A right code of r1, and the application, asked about r0, says that it is r1 who asks. */
static int answer_and_switch(
	int n, const struct pam_message **messages, struct pam_response **answers, void *right)
{
	char text[64];

	(void)messages;
	snprintf(text, sizeof text, "password%s", (const char *)right);
	*answers = calloc((size_t)n, sizeof **answers);
	(*answers)->resp = strdup(text);
	pam_set_item(switched, PAM_USER, "r1");
	return PAM_SUCCESS;
}

static void t41_the_code_is_bound(void)
{
	char right[WORLD_CODE_SIZE], line[WORLD_LINE_SIZE], hint[64];
	const struct pam_conv switching = { answer_and_switch, right };

	crowd_install(2);
	world_enroll("r1@acme.example", 6);
	world_code(0, right);
	make_stack("switched", "auth requisite pam_exec.so quiet /bin/true");
	switched = world_begin("switched", "r0", &switching);
	is_int(pam_authenticate(switched, 0), PAM_AUTH_ERR, "t41_combined_user_switched");
	world_log(line);
	world_field(line, "hint", hint, sizeof hint);
	is_str(hint, "code_is_of_another_login", "t41_combined_which_is_logged");
	pam_end(switched, 0);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		errx(125, "usage: combined BUILD SOURCE");
	world_make(argv[1], argv[2]);
	world_install("acme", NULL);
	world_daemon_start();
	world_enroll("bob@acme.example", 6);
	t33_after_a_wrong_code();
	t33_after_a_wrong_password();
	split_alone();
	t41_the_code_is_bound();
	world_daemon_stop();
	return tap_done();
}
