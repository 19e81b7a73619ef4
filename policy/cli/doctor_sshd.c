/* What sshd would really do, for whom; see doctor.h. */
#include "cli/doctor.h"

#include "base/file.h"
#include "cli/sshd_config.h"
#include "lang/policy.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOGINS_MAX 100 /* sshd is started once for each */

/* sshd runs nothing that others than root could have written, and is not told whether it is there.
 */
static bool look_at_command(struct doctor *d, const struct buf *out)
{
	const char *line = strstr((const char *)out->at, "\nauthorizedkeyscommand ");
	char command[PATH_MAX];
	struct stat state;
	int fd, ret;

	if (line == NULL || sscanf(line, " authorizedkeyscommand %4095s", command) != 1)
		return true;
	ret = file_open(command, TRUST_ROOT, &fd, &state);
	if (ret == 0)
		close(fd);
	if (ret == 0 && (state.st_mode & 0111) != 0)
		return true;
	doctor_say(d, HEALTH_FAIL, "install libpam-adperm again, or look at its owner and modes",
		"%s, which sshd asks for keys: %s", command,
		ret == -EPERM ? "is not root's alone, all directories above it included"
		: ret != 0    ? strerror(-ret)
			      : "is no program");
	return false;
}

static void look_at_anybody(struct doctor *d)
{
	struct buf out = { .at = NULL };
	bool good = true;

	if (!sshd_effective(d->o->sshd, SSHD_ANYBODY, &out)) {
		doctor_say(d, HEALTH_FAIL, "`sshd -t` says more",
			"%s does not take its configuration", d->o->sshd);
		buf_done(&out);
		return;
	}
	for (const struct sshd_wanted *wanted = sshd_wanted; wanted->line != NULL; wanted++)
		if (!sshd_says(&out, wanted->line)) {
			doctor_say(d, HEALTH_FAIL, SSHD_SHOWS, "%s", wanted->otherwise);
			good = false;
		}
	if (strstr((const char *)out.at, "\nauthorizedkeyscommand none") != NULL) {
		doctor_say(d, HEALTH_FAIL, "`adperm wire sshd`",
			"AuthorizedKeysCommand is not set: nobody has a key");
		good = false;
	} else if (!look_at_command(d, &out)) {
		good = false;
	}
	if (strstr((const char *)out.at, "\ntrustedusercakeys none") == NULL)
		doctor_say(d, HEALTH_WARN,
			"know who may sign: a certificate counts as the key that is inside it",
			"TrustedUserCAKeys is set: keys come from there too");
	if (good)
		doctor_say(d, HEALTH_OK, NULL,
			"a key of the policy, then PAM, for everybody not excluded");
	buf_done(&out);
}

/* Nobody of the policy may have a way of their own. */
static void look_at_logins(struct doctor *d)
{
	const struct policy *p = d->rows.policy;
	uint32_t looked = 0, good = 0;

	for (uint32_t i = 0; p != NULL && i < p->profiles.n && looked < LOGINS_MAX; i++) {
		const struct profile *who = &p->profiles.at[i];
		const char *login = who->login != 0 ? policy_text(p, who->login) : NULL;
		struct buf out = { .at = NULL };

		if (login == NULL || getpwnam(login) == NULL)
			continue;
		looked++;
		if (!sshd_effective(d->o->sshd, login, &out))
			doctor_say(d, HEALTH_FAIL, "`sshd -t` says more", "sshd cannot tell of %s",
				login);
		else if (!sshd_says(&out, "authorizedkeysfile none"))
			doctor_say(d, HEALTH_FAIL, "see the Match blocks of sshd_config(5)",
				"%s could log in with keys from its home directory", login);
		else if (!sshd_says(&out, SSHD_METHODS) &&
			 !(who->machine && sshd_says(&out, "authenticationmethods publickey")))
			doctor_say(d, HEALTH_WARN, "`adperm wire sshd` writes the drop-in anew",
				"%s is excluded from what everybody needs: where the policy asks "
				"for a "
				"code, nobody could enter it",
				login);
		else
			good++;
		buf_done(&out);
	}
	if (good > 0 && good == looked)
		doctor_say(d, HEALTH_OK, NULL, "so for each of %u logins of the policy", good);
}

static void look_at_self(struct doctor *d)
{
	const struct passwd *user = getpwnam(SSHD_SELF);
	struct buf out = { .at = NULL };
	bool good = sshd_effective(d->o->sshd, SSHD_SELF, &out) && sshd_forces(&out, "adperm-self");

	for (const struct sshd_wanted *wanted = sshd_wanted_self; good && wanted->line != NULL;
		wanted++)
		good = sshd_says(&out, wanted->line);
	if (user == NULL)
		doctor_say(d, HEALTH_WARN, "`systemd-sysusers` makes it",
			"the user " SSHD_SELF " does not exist: nobody can take up an invitation");
	else if (user->pw_uid == 0)
		doctor_say(d, HEALTH_FAIL, "give it a number of its own",
			"the user " SSHD_SELF " is root");
	else if (!good)
		doctor_say(d, HEALTH_FAIL,
			"`adperm wire sshd` writes the drop-in anew; `sshd -T -C user=" SSHD_SELF
			",host=x,addr=127.0.0.1` shows what is in force",
			"the account " SSHD_SELF " could do more than its dialogue");
	else
		doctor_say(d, HEALTH_OK, NULL,
			"invited people come in as " SSHD_SELF ", to a dialogue and nothing else");
	buf_done(&out);
}

static void look_at_break_glass(struct doctor *d)
{
	const struct passwd *user = getpwnam(d->o->break_glass);
	struct buf out = { .at = NULL };

	if (user == NULL)
		doctor_say(d, HEALTH_FAIL, "make one, or say which it is: --break-glass USER",
			"the break-glass user %s does not exist", d->o->break_glass);
	else if (!sshd_effective(d->o->sshd, d->o->break_glass, &out) ||
		 sshd_says(&out, SSHD_METHODS) || !sshd_has_keys(&out, user->pw_dir))
		doctor_say(d, HEALTH_FAIL,
			"give it an authorized_keys and a Match block of its own, and log in once",
			"the break-glass user %s could not log in by key", d->o->break_glass);
	else
		doctor_say(
			d, HEALTH_OK, NULL, "the break-glass user %s has a key", d->o->break_glass);
	buf_done(&out);
}

void doctor_sshd(struct doctor *d)
{
	if (!d->sshd_wired)
		return;
	look_at_anybody(d);
	look_at_logins(d);
	look_at_self(d);
	look_at_break_glass(d);
}
