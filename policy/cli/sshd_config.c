/* What sshd's configuration comes to; see sshd_config.h. */
#include "cli/sshd_config.h"

#include "cli/run_program.h"

#include <limits.h>
#include <stdio.h>
#include <strings.h>
#include <sys/stat.h>

#define FILES  "\nauthorizedkeysfile "
#define FORCED "\nforcecommand "

#define SSHD_METHODS_SELF                                                                          \
	"authenticationmethods publickey,keyboard-interactive:pam keyboard-interactive:pam"

const struct sshd_wanted sshd_wanted[] = {
	{ "usepam yes", "UsePAM is not yes: PAM, and with it the policy, is never asked" },
	{ SSHD_METHODS, "AuthenticationMethods is set elsewhere: codes could be skipped" },
	{ "kbdinteractiveauthentication yes", "KbdInteractiveAuthentication is switched off "
					      "elsewhere: nobody could enter a code" },
	{ "authorizedkeysfile none", "AuthorizedKeysFile is set elsewhere: keys left in home "
				     "directories would be taken" },
	{ "permitemptypasswords no", "PermitEmptyPasswords is yes" },
	{ .line = NULL },
};

const struct sshd_wanted sshd_wanted_self[] = {
	{ SSHD_METHODS_SELF,
		"AuthenticationMethods is set elsewhere: invitations could be skipped, "
		"or nobody could use them" },
	{ "passwordauthentication no", "PasswordAuthentication is set elsewhere" },
	{ "authorizedkeysfile none", "AuthorizedKeysFile is set elsewhere" },
	{ "disableforwarding yes", "DisableForwarding is switched off elsewhere: who is invited "
				   "could reach what only this machine can" },
	{ "permittunnel no", "PermitTunnel is set elsewhere" },
	{ "permituserrc no", "PermitUserRC is set elsewhere" },
	{ .line = NULL },
};

bool sshd_effective(const char *sshd, const char *user, struct buf *out)
{
	char connection[160];
	const char *const argv[] = { sshd, "-T", "-C", connection, NULL };
	int status;

	snprintf(connection, sizeof connection, "user=%s,host=localhost,addr=127.0.0.1", user);
	status = run_program(argv, 0, out);
	if (status < 0)
		buf_bytes(out, strerror(-status), strlen(strerror(-status)) + 1);
	return status == 0 && !out->failed;
}

bool sshd_says(const struct buf *out, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = (const char *)out->at; at != NULL; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (strncasecmp(at, line, len) == 0 && (at[len] == '\n' || at[len] == '\0'))
			return true;
	}
	return false;
}

bool sshd_forces(const struct buf *out, const char *program)
{
	const char *line = strstr((const char *)out->at, FORCED);
	size_t len = line != NULL ? strcspn(line + 1, "\n") + 1 : 0, tail = strlen(program);

	return len > strlen(FORCED) + tail &&
	       memchr(line + strlen(FORCED), ' ', len - strlen(FORCED)) == NULL &&
	       line[len - tail - 1] == '/' && strncmp(line + len - tail, program, tail) == 0;
}

bool sshd_has_keys(const struct buf *out, const char *home)
{
	const char *line = strstr((const char *)out->at, FILES);
	char files[1024], *rest = files, *file, path[PATH_MAX];
	struct stat state;

	if (line == NULL)
		return false;
	snprintf(files, sizeof files, "%s", line + strlen(FILES));
	files[strcspn(files, "\n")] = '\0';
	while ((file = strsep(&rest, " ")) != NULL) {
		int len = file[0] == '/' ? snprintf(path, sizeof path, "%s", file)
					 : snprintf(path, sizeof path, "%s/%s", home, file);

		if (len > 0 && (size_t)len < sizeof path && stat(path, &state) == 0 &&
			S_ISREG(state.st_mode) && state.st_size > 0)
			return true;
	}
	return false;
}
