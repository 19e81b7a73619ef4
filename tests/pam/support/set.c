/* The words of scripts that set something; see script.h. */
#include "script.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* \xNN and C*N undone, in memory of its own. */
static char *spelt(const char *word)
{
	size_t len = strlen(word), n = 0, times = 1;
	const char *star = len > 1 && word[1] == '*' ? word + 2 : NULL;
	char *text;

	if (star != NULL && (times = strtoul(star, NULL, 10)) > 0)
		len = 1;
	text = malloc(len * times + 1);
	if (text == NULL)
		err(SCRIPT_FAILED, "memory");
	for (size_t i = 0; i < len * times; i++)
		text[n++] = word[i % len];
	text[n] = '\0';
	for (char *from = text, *to = text; (*to = *from) != '\0'; to++, from++)
		if (from[0] == '\\' && from[1] == 'x' && digit(from[2]) >= 0 &&
			digit(from[3]) >= 0) {
			*to = (char)(digit(from[2]) << 4 | digit(from[3]));
			from += 3;
		}
	return text;
}

static void replace(char **text, const char *word)
{
	free(*text);
	*text = word != NULL ? spelt(word) : NULL;
}

void script_item(int type, const char *value)
{
	if (script.pamh != NULL && pam_set_item(script.pamh, type, value) != PAM_SUCCESS)
		complain("an item cannot be set to %s", value != NULL ? value : "nothing");
}

void script_authinfo(void)
{
	char env[sizeof script.authinfo + 32];

	snprintf(env, sizeof env, "SSH_AUTH_INFO_0=%s", script.authinfo);
	if (script.pamh != NULL && script.authinfo[0] != '\0' &&
		pam_putenv(script.pamh, env) != PAM_SUCCESS)
		complain("SSH_AUTH_INFO_0 cannot be set");
}

static void add_authinfo(const char *method, const char *more)
{
	size_t len = strlen(script.authinfo);

	snprintf(script.authinfo + len, sizeof script.authinfo - len, "%s%s\n", method, more);
	script_authinfo();
}

void set_install(int argc, char **argv)
{
	world_install(argv[1], argc > 2 ? argv[2] : NULL);
}

void set_install_whole(int argc, char **argv)
{
	(void)argc;
	world_install_whole(argv[1]);
}

static void join(char *into, size_t size, int argc, char **argv)
{
	size_t len = 0;

	into[0] = '\0';
	for (int i = 1; i < argc && len < size; i++)
		len += (size_t)snprintf(into + len, size - len, "%s ", argv[i]);
}

/* With the paths of the world. */
void set_options(int argc, char **argv)
{
	size_t len;

	join(script.options, sizeof script.options, argc, argv);
	len = strlen(script.options);
	snprintf(script.options + len, sizeof script.options - len, WORLD_OPTIONS);
}

void set_only_options(int argc, char **argv)
{
	join(script.options, sizeof script.options, argc, argv);
}

void set_before(int argc, char **argv)
{
	size_t len = strlen(script.before);

	join(script.before + len, sizeof script.before - len - 1, argc, argv);
	len = strlen(script.before);
	memcpy(script.before + len, "\n", 2);
}

void set_service(int argc, char **argv)
{
	snprintf(script.service, sizeof script.service, "%s", argc > 1 ? argv[1] : "");
	script_item(PAM_SERVICE, script.service);
}

void set_user(int argc, char **argv)
{
	replace(&script.user, argc > 1 ? argv[1] : NULL);
	script_item(PAM_USER, script.user);
}

void set_empty_user(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	replace(&script.user, "");
	script_item(PAM_USER, script.user);
}

void set_rhost(int argc, char **argv)
{
	replace(&script.rhost, argc > 1 ? argv[1] : NULL);
	script_item(PAM_RHOST, script.rhost);
}

void set_empty_rhost(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	replace(&script.rhost, "");
	script_item(PAM_RHOST, script.rhost);
}

void set_key(int argc, char **argv)
{
	(void)argc;
	add_authinfo("publickey ", world_key(argv[1]));
}

void set_method(int argc, char **argv)
{
	char words[1024];

	join(words, sizeof words, argc, argv);
	words[strlen(words) - 1] = '\0';
	add_authinfo(words, "");
}

void set_no_keys(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	script.authinfo[0] = '\0';
	if (script.pamh != NULL)
		pam_putenv(script.pamh, "SSH_AUTH_INFO_0");
}

void set_flags(int argc, char **argv)
{
	(void)argc;
	script.flags = (int)strtoul(argv[1], NULL, 0);
}

static void queue(const char *answer)
{
	if (script.answer_count == ANSWERS)
		errx(SCRIPT_FAILED, "%s: too many answers", script.file);
	script.answers[script.answer_count++] = strdup(answer);
}

void set_answer(int argc, char **argv)
{
	char *text = spelt(argc > 1 ? argv[1] : "");

	queue(text);
	free(text);
}

void set_enroll(int argc, char **argv)
{
	world_enroll(argv[1], argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 6);
}

void set_code(int argc, char **argv)
{
	world_code(argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0, script.code);
	queue(script.code);
}

void set_wrong_code(int argc, char **argv)
{
	char near[3][WORLD_CODE_SIZE];
	const char *wrong[] = { "000000", "111111", "222222", "333333" };

	(void)argc;
	(void)argv;
	for (int i = 0; i < 3; i++)
		world_code(i - 1, near[i]);
	for (size_t i = 0; i < 4; i++)
		if (strcmp(wrong[i], near[0]) != 0 && strcmp(wrong[i], near[1]) != 0 &&
			strcmp(wrong[i], near[2]) != 0) {
			queue(wrong[i]);
			return;
		}
}

void set_same_code(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	queue(script.code);
}

/* The split line of a stack, and a module that knows the password "correct horse". */
void set_split(int argc, char **argv)
{
	char options[1024], *before = script.before;
	size_t len = strlen(before);

	join(options, sizeof options, argc, argv);
	snprintf(before + len, sizeof script.before - len,
		"auth requisite %s split %s" WORLD_OPTIONS "\n"
		"auth requisite pam_exec.so expose_authtok quiet " WORLD "/check-password\n",
		world_module(), options);
	world_write("check-password", "#!/bin/sh\n[ \"$(tr -d '\\0')\" = 'correct horse' ]\n");
	world_mode("check-password", 0755);
}

/* A password, as it is typed, with something behind it. */
static void compose(const char *word, const char *between, const char *behind)
{
	char *first = spelt(word);

	free(script.password);
	if (asprintf(&script.password, "%s%s%s", first, between, behind) < 0)
		err(SCRIPT_FAILED, "memory");
	free(first);
}

void type_password(int argc, char **argv)
{
	compose(argc > 1 ? argv[1] : "", "", "");
}

void type_code(int argc, char **argv)
{
	world_code(argc > 2 ? (int)strtol(argv[2], NULL, 10) : 0, script.code);
	compose(argv[1], "", script.code);
}

void type_recovery(int argc, char **argv)
{
	(void)argc;
	compose(argv[1], " ", world_recovery());
}

void set_recovery(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	queue(world_recovery());
}

void set_daemon(int argc, char **argv)
{
	(void)argc;
	if (strcmp(argv[1], "on") == 0)
		world_daemon_start();
	else if (strcmp(argv[1], "impostor") == 0)
		world_impostor_start();
	else
		world_daemon_stop();
}

void set_file(int argc, char **argv)
{
	static char text[65536];
	size_t len = 0;

	text[0] = '\0';
	for (int i = 2; i < argc && len < sizeof text; i++) {
		char *word = spelt(argv[i]);

		len += (size_t)snprintf(text + len, sizeof text - len, "%s", word);
		free(word);
	}
	world_write(argv[1], text);
}

void set_mode(int argc, char **argv)
{
	(void)argc;
	world_mode(argv[1], (mode_t)strtoul(argv[2], NULL, 8));
}

void set_remove(int argc, char **argv)
{
	char path[512];

	(void)argc;
	snprintf(path, sizeof path, WORLD "/%s", argv[1]);
	if (unlink(path) != 0)
		complain("%s: %s", path, strerror(errno));
}

void set_directory(int argc, char **argv)
{
	char path[512];

	(void)argc;
	snprintf(path, sizeof path, WORLD "/%s", argv[1]);
	if (mkdir(path, 0755) != 0 || chmod(path, (mode_t)strtoul(argv[2], NULL, 8)) != 0)
		complain("%s: %s", path, strerror(errno));
}
