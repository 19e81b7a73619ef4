/* The daemon of the second factor, and the clock that it and everything else go by; see doctor.h.
 */
#include "cli/doctor.h"
#include "cli/totp.h"

#include "adpermd/client.h"
#include "base/clock.h"
#include "lang/policy.h"

#include <errno.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/timex.h>

/* Does anything in the policy ask for a code? */
static bool somebody_needs_it(const struct doctor *d)
{
	const struct policy *p = d->rows.policy;

	for (uint32_t i = 0; p != NULL && i < p->grants.n; i++)
		if (p->grants.at[i].require_2fa)
			return true;
	for (uint32_t i = 0; p != NULL && i < p->owners.n; i++)
		if (p->owners.at[i].require_2fa == FLAG_TRUE)
			return true;
	return p == NULL;
}

static void look_at_socket(struct doctor *d)
{
	enum health health = somebody_needs_it(d) ? HEALTH_FAIL : HEALTH_WARN;

	switch (totp_answers(d->o->socket)) {
	case CLIENT_OK: doctor_say(d, HEALTH_OK, NULL, "%s: answers", d->o->socket); break;
	case CLIENT_UNREACHABLE:
		doctor_say(d, health,
			"systemctl enable --now adpermd.socket; or `adpermd --foreground`",
			"%s: nobody answers%s", d->o->socket,
			health == HEALTH_FAIL ? ": who needs a code is denied" : "");
		break;
	case CLIENT_UNTRUSTED:
		doctor_say(d, HEALTH_FAIL,
			"chown root and chmod go-w what is above it, and have root listen (systemd "
			"does)",
			"%s: is not root's: nobody with a code gets in", d->o->socket);
		break;
	case CLIENT_PROTOCOL:
		doctor_say(d, HEALTH_FAIL, "restart adpermd: it is of another version",
			"%s: the answer is none", d->o->socket);
		break;
	}
}

static void look_at_key(struct doctor *d)
{
	struct stat state;

	if (lstat(d->o->state_key, &state) != 0)
		doctor_say(d, errno == ENOENT ? HEALTH_WARN : HEALTH_FAIL, "`adpermd --init`, once",
			"%s: %s", d->o->state_key, strerror(errno));
	else if (!S_ISREG(state.st_mode) || state.st_uid != 0 || (state.st_mode & 077) != 0)
		doctor_say(d, HEALTH_FAIL,
			"chown root and chmod 400; if others could read it: `adperm totp rekey`",
			"%s: must be a file of root's that nobody else can read", d->o->state_key);
	else
		doctor_say(d, HEALTH_OK, NULL, "%s: root's alone", d->o->state_key);
}

static void look_at_state(struct doctor *d)
{
	const struct passwd *user = getpwnam("adpermd");
	struct stat state;

	if (lstat(d->o->state, &state) != 0)
		doctor_say(d, errno == ENOENT ? HEALTH_WARN : HEALTH_FAIL, "`adpermd --init`, once",
			"%s: %s", d->o->state, strerror(errno));
	else if (!S_ISDIR(state.st_mode) || (state.st_mode & 077) != 0 ||
		 (user != NULL && state.st_uid != user->pw_uid))
		doctor_say(d, HEALTH_FAIL, "chown adpermd and chmod 700",
			"%s: must be a directory of the user adpermd's, and closed to all others",
			d->o->state);
	else
		doctor_say(d, HEALTH_OK, NULL, "%s: adpermd's alone", d->o->state);
}

void doctor_daemon(struct doctor *d)
{
	look_at_socket(d);
	look_at_key(d);
	look_at_state(d);
}

void doctor_clock(struct doctor *d)
{
	struct timex now = { .modes = 0 };

	if (d->now < CLOCK_EPOCH)
		doctor_say(d, HEALTH_FAIL, "set the clock", "it is before 2026: nobody gets in");
	else if (adjtimex(&now) < 0)
		doctor_say(d, HEALTH_SKIPPED, NULL, "whether it is synchronised cannot be told: %s",
			strerror(errno));
	else if ((now.status & STA_UNSYNC) != 0)
		doctor_say(d, HEALTH_WARN,
			"install chrony or enable systemd-timesyncd: codes are good for half a "
			"minute",
			"nothing synchronises it");
	else
		doctor_say(d, HEALTH_OK, NULL, "synchronised");
}
