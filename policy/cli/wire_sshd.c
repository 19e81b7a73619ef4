/* What sshd makes of the files, and of telling it; see wire.h. */
#include "cli/wire.h"

#include "cli/run_program.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Nobody's name: whoever is not excluded. */
#define ANYBODY "adperm-anybody"

/* What `sshd -T` must say of a user whom the policy decides about, and why. */
static const struct {
	const char *line, *otherwise;
} wanted[] = {
	{ "usepam yes", "UsePAM is not yes: PAM, and with it the policy, is never asked" },
	{ "authenticationmethods publickey,keyboard-interactive:pam",
		"AuthenticationMethods is set elsewhere: codes could be skipped" },
	{ "kbdinteractiveauthentication yes", "KbdInteractiveAuthentication is switched off "
					      "elsewhere: nobody could enter a code" },
	{ "authorizedkeysfile none", "AuthorizedKeysFile is set elsewhere: keys left in home "
				     "directories would be taken" },
	{ "permitemptypasswords no", "PermitEmptyPasswords is yes" },
};

/* One line of the output, whole and in any case of letters. */
static bool says(const char *output, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = output; at != NULL; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (strncasecmp(at, line, len) == 0 && (at[len] == '\n' || at[len] == '\0'))
			return true;
	}
	return false;
}

/* The configuration that sshd would use for that user. False: the complaint is printed. */
static bool effective(const struct wire *w, const char *user, struct buf *out)
{
	char connection[160];
	const char *const argv[] = { w->o->sshd, "-T", "-C", connection, NULL };
	int status;

	snprintf(connection, sizeof connection, "user=%s,host=localhost,addr=127.0.0.1", user);
	status = run_program(argv, 0, out);
	if (status == 0 && !out->failed)
		return true;
	complain("wire: %s does not take this configuration: %s", w->o->sshd,
		status < 0 ? strerror(-status) : (const char *)out->at);
	return false;
}

static int check_anybody(const struct wire *w)
{
	struct buf out = { .at = NULL };
	int code = EXIT_OK;

	if (!effective(w, ANYBODY, &out))
		code = EXIT_NO;
	for (size_t i = 0; code != EXIT_NO && i < sizeof wanted / sizeof wanted[0]; i++)
		if (!says((const char *)out.at, wanted[i].line)) {
			complain(
				"wire: sshd would not do as %s says: %s (its configuration ends up "
				"without \"%s\"; see `sshd -T -C user=%s`)",
				w->service->drop_in_target, wanted[i].otherwise, wanted[i].line,
				ANYBODY);
			code = EXIT_NO;
		}
	buf_done(&out);
	return code;
}

/* A file of authorized keys that is there and not empty. */
static bool has_keys(const struct passwd *user, const char *output)
{
	const char *line = strstr(output, "\nauthorizedkeysfile ");
	char files[1024], *rest = files, *file, path[PATH_MAX];
	struct stat state;

	if (line == NULL)
		return false;
	snprintf(files, sizeof files, "%s", line + strlen("\nauthorizedkeysfile "));
	files[strcspn(files, "\n")] = '\0';
	while ((file = strsep(&rest, " ")) != NULL) {
		int len = file[0] == '/' ? snprintf(path, sizeof path, "%s", file)
					 : snprintf(path, sizeof path, "%s/%s", user->pw_dir, file);

		if (len > 0 && (size_t)len < sizeof path && stat(path, &state) == 0 &&
			S_ISREG(state.st_mode) && state.st_size > 0)
			return true;
	}
	return false;
}

static int check_break_glass(const struct wire *w)
{
	const struct passwd *user = getpwnam(w->o->break_glass);
	struct buf out = { .at = NULL };
	const char *why = NULL;

	if (user == NULL || !effective(w, w->o->break_glass, &out))
		why = "sshd's configuration for it cannot be told";
	else if (says((const char *)out.at, "pubkeyauthentication no"))
		why = "sshd takes no keys from it";
	else if (says((const char *)out.at,
			 "authenticationmethods publickey,keyboard-interactive:pam"))
		why = "it is not excluded from what everybody needs";
	else if (!has_keys(user, (const char *)out.at))
		why = "it has no authorized_keys that sshd would read";
	buf_done(&out);
	if (why == NULL)
		return EXIT_OK;
	complain("wire: the break-glass user %s could not log in: %s", w->o->break_glass, why);
	return EXIT_NO;
}

int wire_check_sshd(const struct wire *w)
{
	int anybody = check_anybody(w), break_glass = check_break_glass(w);

	return anybody == EXIT_OK ? break_glass : anybody;
}

static bool is_sshd(pid_t pid)
{
	char path[40], name[16] = "";
	FILE *comm;
	bool found;

	snprintf(path, sizeof path, "/proc/%ld/comm", (long)pid);
	comm = fopen(path, "re");
	found = comm != NULL && fgets(name, sizeof name, comm) != NULL &&
		strcmp(name, "sshd\n") == 0;
	if (comm != NULL)
		fclose(comm);
	return found;
}

bool wire_reload_sshd(const char *pid_file, bool *running)
{
	FILE *file = fopen(pid_file, "re");
	long pid = 0;

	*running = file != NULL && fscanf(file, "%ld", &pid) == 1 && pid > 1 && is_sshd((pid_t)pid);
	if (file != NULL)
		fclose(file);
	return !*running || kill((pid_t)pid, SIGHUP) == 0;
}
