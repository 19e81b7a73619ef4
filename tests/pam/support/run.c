/* The words of scripts that make something happen, and check it; see script.h. */
#include "script.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SERVICE "sshd"

static void begin(void)
{
	if (script.pamh != NULL)
		return;
	world_stack(SERVICE, script.before, script.options);
	world_stack("other", script.before, script.options);
	script.pamh = world_begin(SERVICE, script.user, &script_person);
	if (script.service[0] != '\0')
		script_item(PAM_SERVICE, script.service);
	if (script.rhost != NULL)
		script_item(PAM_RHOST, script.rhost);
	script_authinfo();
}

void run_end(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (script.pamh != NULL)
		pam_end(script.pamh, PAM_SUCCESS);
	script.pamh = NULL;
}

static const struct {
	int code;
	const char *name, *decision, *level;
} codes[] = {
	{ PAM_SUCCESS, "SUCCESS", "allow", "<86>" },
	{ PAM_CRED_UNAVAIL, "IGNORE", "ignore", "<86>" },
	{ PAM_AUTH_ERR, "AUTH_ERR", "deny", "<85>" },
	{ PAM_PERM_DENIED, "PERM_DENIED", "deny", "<85>" },
	{ PAM_SESSION_ERR, "SESSION_ERR", "deny", "<85>" },
	{ PAM_CONV_ERR, "CONV_ERR", "deny", "<85>" },
	{ PAM_SYSTEM_ERR, "SYSTEM_ERR", "deny", "<83>" },
	{ PAM_SERVICE_ERR, "SERVICE_ERR", "deny", "<83>" },
};

enum { CODES = sizeof codes / sizeof codes[0] };

static void expect(const char *what, const char *got, const char *expected)
{
	if (strcmp(got, expected) == 0)
		return;
	complain("%s is \"%s\", not \"%s\"", what, got, expected);
}

static void expect_number(const char *what, unsigned got, const char *expected)
{
	char text[16];

	snprintf(text, sizeof text, "%u", got);
	expect(what, text, expected);
}

static void expect_field(const char *line, const char *name, const char *expected)
{
	char value[WORLD_LINE_SIZE];

	if (!world_field(line, name, value, sizeof value) && expected[0] != '\0')
		complain("the log line has no %s: %s", name, line);
	expect(name, value, expected);
}

/* One line, in printable ASCII, that says what PAM was told and none of the answers. */
static void check_log(const char *phase, int code, const char *reason, char *line)
{
	char another[WORLD_LINE_SIZE];
	size_t i = 0;

	if (!world_log(line)) {
		complain("nothing was logged");
		return;
	}
	while (i < CODES && codes[i].code != code)
		i++;
	if (i == CODES || strncmp(line, codes[i].level, 4) != 0)
		complain("the level does not fit: %s", line);
	expect_field(line, "phase", phase);
	expect_field(line, "dec", i < CODES ? codes[i].decision : "");
	expect_field(line, "reason", reason);
	for (const char *c = line; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			complain("a byte of the log line is not printable: %s", line);
	for (i = 0; i < script.answer_first; i++)
		if (strlen(script.answers[i]) > 3 && strstr(line, script.answers[i]) != NULL)
			complain("the answer %s was logged: %s", script.answers[i], line);
	if (script.password != NULL && strlen(script.password) > 3 &&
		strstr(line, script.password) != NULL)
		complain("the password was logged: %s", line);
	if (world_log(another) && strstr(another, " debug ") == NULL)
		complain("there is another log line: %s", another);
}

static void check_more(const char *line, char *word)
{
	char *value = strchr(word, '=');

	if (value == NULL)
		errx(SCRIPT_FAILED, "%s:%u: %s is no field", script.file, script.line, word);
	*value++ = '\0';
	if (strcmp(word, "prompts") == 0)
		expect_number(word, script.prompts, value);
	else if (strcmp(word, "passwords") == 0)
		expect_number(word, script.passwords, value);
	else if (strcmp(word, "texts") == 0)
		expect_number(word, script.texts, value);
	else if (strcmp(word, "said") == 0)
		expect(word, strstr(script.said, value) != NULL ? value : script.said, value);
	else
		expect_field(line, word, value);
}

static const char *name_of(int code)
{
	for (size_t i = 0; i < CODES; i++)
		if (codes[i].code == code)
			return codes[i].name;
	return "a code that it never gives";
}

void run_phase(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*call)(pam_handle_t *, int);
	} phases[] = { { "auth", pam_authenticate }, { "account", pam_acct_mgmt },
		{ "session", pam_open_session } };
	char line[WORLD_LINE_SIZE];
	bool prompts_told = false;
	size_t i = 0;
	int code;

	if (argc < 3)
		errx(SCRIPT_FAILED, "%s:%u: a phase needs a code and a reason", script.file,
			script.line);
	begin();
	while (strcmp(phases[i].name, argv[0]) != 0)
		i++;
	script.passwords = script.prompts = script.texts = 0;
	code = phases[i].call(script.pamh, script.flags);
	expect("the code", name_of(code), argv[1]);
	check_log(argv[0], code, argv[2], line);
	for (int at = 3; at < argc; at++) {
		prompts_told |= strncmp(argv[at], "prompts=", 8) == 0;
		check_more(line, argv[at]);
	}
	/* Whoever gets in by auth with a code has been asked: the answer was used up. */
	if (!prompts_told && !(i == 0 && code == PAM_SUCCESS))
		expect_number("prompts", script.prompts, i == 0 ? "1" : "0");
}

void run_unlogged_phase(int argc, char **argv)
{
	char line[WORLD_LINE_SIZE];
	int code;

	(void)argc;
	begin();
	code = strcmp(argv[0], "setcred") == 0 ? pam_setcred(script.pamh, PAM_ESTABLISH_CRED)
					       : pam_close_session(script.pamh, 0);
	/* libpam takes the answer of the frozen auth chain; ours is what is asked here. */
	expect("the code", name_of(code), argv[1]);
	if (world_log(line))
		complain("%s was logged: %s", argv[0], line);
}

void run_environment(int argc, char **argv)
{
	const char *value = pam_getenv(script.pamh, argv[1]);

	expect(argv[1], value != NULL ? value : "", argc > 2 ? argv[2] : "");
}

void run_fork(int argc, char **argv)
{
	int status = 0;
	pid_t child;

	(void)argc;
	(void)argv;
	fflush(stdout);
	child = fork();
	if (child == 0)
		return;
	if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
		_exit(SCRIPT_FAILED);
	_exit(WEXITSTATUS(status));
}

void run_later(int argc, char **argv)
{
	(void)argc;
	if (!world_later((int)strtol(argv[1], NULL, 10)))
		_exit(SCRIPT_SKIPPED);
}

void run_clock(int argc, char **argv)
{
	(void)argc;
	if (!world_clock(argv[1]))
		complain("the clock cannot be set to %s", argv[1]);
}
