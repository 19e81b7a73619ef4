/*
 * pamdrive BUILD SOURCE SCRIPT...: runs each script through the real libpam and our module, in a
 * world of its own, and checks what PAM, the person and the system log were told. A line of a
 * script is a word of the table below and its arguments; `#` begins a comment. What is set holds
 * for the phases after it; the transaction begins with the first of them. Bytes are \xNN, and A*512
 * is 512 times A. In each phase one line must be logged, that fits the code PAM was given, and no
 * answer of the person may be in it.
 *
 *	auth CODE REASON [FIELD=VALUE ...]
 *
 * expects PAM_CODE and reason=REASON; a field is one of the log line, or `prompts` (questions for a
 * code, default 1 where auth fails, 0 in the other phases), `passwords` (other questions), `texts`
 * (messages), `said` (a part of the last message). IGNORE is what a stack without another module
 * makes of PAM_IGNORE.
 */
#include "../unit/tap.h"
#include "support/script.h"

#include <err.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINE_BYTES = 70000, WORDS = 16 };

struct script script;

void complain(const char *format, ...)
{
	va_list args;

	printf("# %s:%u: ", script.file, script.line);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	script.failed = true;
}

static const struct word {
	const char *name;
	script_word *run;
	int least; /* arguments */
} words[] = {
	{ "install", set_install, 1 },             /* a policy of policies/, until a time */
	{ "install-whole", set_install_whole, 1 }, /* the same, for all servers */
	{ "options", set_options, 1 },             /* of the module, with the world's paths */
	{ "only-options", set_only_options, 0 },   /* without them */
	{ "before", set_before, 1 },               /* a line of the stack before ours */
	{ "service", set_service, 1 },             /* PAM_SERVICE, as others may change it */
	{ "user", set_user, 0 },                   /* PAM_USER; without a name NULL */
	{ "empty-user", set_empty_user, 0 },       /* PAM_USER "" */
	{ "rhost", set_rhost, 0 },                 /* PAM_RHOST; without an address NULL */
	{ "empty-rhost", set_empty_rhost, 0 },     /* PAM_RHOST "" */
	{ "key", set_key, 1 },                     /* sshd has verified that key of `keys` */
	{ "method", set_method, 1 },               /* another line of SSH_AUTH_INFO_0 */
	{ "no-keys", set_no_keys, 0 },             /* SSH_AUTH_INFO_0 is not set */
	{ "flags", set_flags, 1 },                 /* of the phases */
	{ "answer", set_answer, 0 },               /* to the next question for a code */
	{ "enroll", set_enroll, 1 },               /* that profile; how many digits, if not 6 */
	{ "code", set_code, 0 },                   /* a right answer, some steps from now */
	{ "wrong-code", set_wrong_code, 0 },       /* a code that is not right now */
	{ "same-code", set_same_code, 0 },         /* the last `code` again */
	{ "recovery", set_recovery, 0 },           /* a recovery code of the one enrolled last */
	{ "split", set_split, 0 },                 /* a combined stack; options of its first line */
	{ "password", type_password, 0 },          /* the answer to "Password: " */
	{ "password-code", type_code, 1 },         /* the same and a code, some steps from now */
	{ "password-recovery", type_recovery, 1 }, /* the same, a blank and a recovery code */
	{ "daemon", set_daemon, 1 },               /* on, off, impostor */
	{ "file", set_file, 2 },                   /* below the world, and what is in it */
	{ "mode", set_mode, 2 },                   /* of a file there */
	{ "remove", set_remove, 1 },               /* a file there */
	{ "directory", set_directory, 2 },         /* there, and its mode */
	{ "auth", run_phase, 2 },                  /* CODE REASON [FIELD=VALUE ...] */
	{ "account", run_phase, 2 },               /* likewise */
	{ "session", run_phase, 2 },               /* likewise */
	{ "setcred", run_unlogged_phase, 1 },      /* CODE */
	{ "close-session", run_unlogged_phase, 1 }, /* CODE */
	{ "environment", run_environment, 1 },      /* a variable of PAM's has that value */
	{ "end", run_end, 0 },                      /* the next phase begins another transaction */
	{ "fork", run_fork, 0 },                    /* the rest happens in a child */
	{ "later", run_later, 1 },                  /* the rest happens that many seconds later */
	{ "clock", run_clock, 1 },                  /* the wall clock stands still at that time */
};

static int split(char *line, char **argv)
{
	int argc = 0;

	while (argc < WORDS) {
		line += strspn(line, " \t\n");
		if (*line == '\0' || *line == '#')
			break;
		argv[argc++] = line;
		line += strcspn(line, " \t\n");
		if (*line != '\0')
			*line++ = '\0';
	}
	return argc;
}

static void run_line(char *line)
{
	char *argv[WORDS];
	int argc = split(line, argv);
	size_t i = 0;

	if (argc == 0)
		return;
	while (i < sizeof words / sizeof words[0] && strcmp(words[i].name, argv[0]) != 0)
		i++;
	if (i == sizeof words / sizeof words[0] || argc - 1 < words[i].least)
		errx(SCRIPT_FAILED, "%s:%u: \"%s\" is not understood", script.file, script.line,
			argv[0]);
	words[i].run(argc, argv);
}

static int run_script(const char *file)
{
	static char line[LINE_BYTES];
	FILE *lines = fopen(file, "re");

	if (lines == NULL)
		err(SCRIPT_FAILED, "%s", file);
	script.file = strrchr(file, '/') != NULL ? strrchr(file, '/') + 1 : file;
	world_install("acme", NULL);
	world_write("local-users", "# nobody\n");
	while (fgets(line, sizeof line, lines) != NULL) {
		script.line++;
		run_line(line);
	}
	fclose(lines);
	run_end(0, NULL);
	world_daemon_stop();
	if (script.answer_first != script.answer_count)
		complain("an answer was not asked for");
	return script.failed ? SCRIPT_FAILED : SCRIPT_PASSED;
}

static int in_child(const char *file)
{
	int status = SCRIPT_FAILED;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0)
		exit(run_script(file));
	if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status)) {
		printf("# %s: ended by signal %d\n", file, WTERMSIG(status));
		return SCRIPT_FAILED;
	}
	return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	char name[128];

	if (argc < 4)
		errx(2, "usage: pamdrive BUILD SOURCE SCRIPT...");
	world_make(argv[1], argv[2]);
	for (int i = 3; i < argc; i++) {
		const char *base =
			strrchr(argv[i], '/') != NULL ? strrchr(argv[i], '/') + 1 : argv[i];
		int result = in_child(argv[i]);

		snprintf(name, sizeof name, "%.*s", (int)strcspn(base, "."), base);
		if (result == SCRIPT_SKIPPED)
			tap_skip("this kernel has no time namespaces", name);
		else
			ok(result == SCRIPT_PASSED, "%s", name);
	}
	return tap_done();
}
