/* The installed database, the people in it, and who is invited; see doctor.h. */
#include "cli/doctor.h"

#include "cli/apply.h"
#include "cli/confirm.h"
#include "cli/describe.h"
#include "cli/entry.h"
#include "cli/invitations.h"
#include "lang/policy.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOON        (7 * 86400) /* seconds */
#define NAMES_SHOWN 5

static void say_unreadable(struct doctor *d, enum db_result result)
{
	static const struct {
		enum db_result result;
		const char *text, *advice;
	} rows[] = {
		{ DB_MISSING, "there is no database", "`adperm apply` installs one" },
		{ DB_UNSAFE, "it or a directory above it is not root's alone: nobody gets in",
			"chown root and chmod go-w, from /var down" },
		{ DB_UNREADABLE, "it cannot be read", "look at its owner and mode" },
		{ DB_CORRUPT, "it is damaged: nobody gets in",
			"`adperm apply` makes it anew from the policy files" },
		{ DB_OTHER_FORMAT, "it was made by another version: nobody gets in",
			"`adperm apply` makes it anew with this one" },
		{ DB_NOMEM, "out of memory", "try again" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].result == result)
			doctor_say(
				d, HEALTH_FAIL, rows[i].advice, "%s: %s", d->o->db, rows[i].text);
}

static void look_at_signature(struct doctor *d)
{
	struct trusted_keys keys;
	struct signature signature;
	char wrong[512], text[SIGNATURE_TEXT_MAX];
	size_t len;
	enum signature_result result;

	if (trusted_keys_read(d->o->trusted_keys, TRUST_ROOT, &keys, wrong) != 0) {
		doctor_say(d, HEALTH_FAIL, "put it in order, or nothing more can be installed",
			"%s: no trusted key that can be read", wrong);
		return;
	}
	if (keys.n == 0)
		return;
	result = signature_read(d->o->db, TRUST_ROOT, text, &len);
	if (result == SIGNATURE_GOOD)
		result = signature_check(slice_of(text, len), d->db.fd, d->db.meta.generation,
			d->db.server, &keys, &signature);
	if (result == SIGNATURE_GOOD)
		doctor_say(d, HEALTH_OK, NULL, "signed with the trusted key %s", signature.key_id);
	else
		doctor_say(d, HEALTH_FAIL, "install one that is signed: `adperm apply DATABASE`",
			"its signature: %s", signature_text(result));
}

static void look_at_age(struct doctor *d)
{
	int64_t until = d->db.meta.not_after;
	uint64_t highest = 0;
	char state[PATH_MAX];
	struct site site;
	int ret;

	if (until != WHEN_NEVER && until <= d->now)
		doctor_say(d, HEALTH_FAIL, "install a newer one",
			"it is past its not-after: nobody gets in");
	else if (until != WHEN_NEVER && until - d->now < SOON)
		doctor_say(d, HEALTH_WARN, "install a newer one",
			"its not-after comes in %" PRId64 " hours", (until - d->now) / 3600);
	if (site_at(&site, d->o->db, NULL) != 0)
		return;
	snprintf(state, sizeof state, "%s", site.state);
	ret = installed_generation(state, &highest);
	if (ret != 0 && ret != -ENOENT)
		doctor_say(d, HEALTH_WARN, "`adperm apply` writes it anew",
			"%s/policy.generation cannot be read", state);
	else if (highest > d->db.meta.generation)
		doctor_say(d, HEALTH_FAIL,
			"somebody has put an older policy in its place: `adperm apply` installs "
			"the "
			"right one",
			"generation %" PRIu64 " is installed, but %" PRIu64 " was before",
			d->db.meta.generation, highest);
}

static int64_t days_there(const struct doctor *d)
{
	struct stat state;

	return fstat(d->db.fd, &state) == 0 ? (d->now - state.st_mtime) / 86400 : 0;
}

void doctor_database(struct doctor *d)
{
	enum db_result result = db_open(&d->db, d->o->db, TRUST_ROOT);

	if (result != DB_FOUND) {
		d->db.fd = -1;
		say_unreadable(d, result);
		return;
	}
	if (d->db.server[0] == '\0')
		doctor_say(d, HEALTH_WARN,
			"`adperm apply` installs the slice of this server; or say server= in every "
			"stack",
			"%s: generation %" PRIu64 ", of all servers", d->o->db,
			d->db.meta.generation);
	else
		doctor_say(d, HEALTH_OK, NULL,
			"%s: generation %" PRIu64 " of %s, installed %" PRId64 " days ago",
			d->o->db, d->db.meta.generation, d->db.server, days_there(d));
	look_at_age(d);
	look_at_signature(d);
	if (!open_rows(d->o->db, &d->rows))
		doctor_say(d, HEALTH_FAIL, "`adperm apply` makes it anew from the policy files",
			"%s: not every record of it can be read", d->o->db);
}

/* --- people */

static void say_enrolment(struct doctor *d, const struct entry *entries, bool silent)
{
	const struct policy *p = d->rows.policy;
	uint32_t missing = 0;

	for (uint32_t i = 0; !silent && i < p->profiles.n; i++)
		if (entries[i].flagged && !entries[i].enrolled && missing++ < NAMES_SHOWN)
			doctor_say(d, HEALTH_WARN, "`adperm totp enroll` with that address",
				"%s holds something with 2FA and is not enrolled: denied until "
				"then",
				policy_text(p, p->profiles.at[i].email));
	if (missing > NAMES_SHOWN)
		doctor_say(d, HEALTH_WARN, "`adperm apply --dry-run` names them",
			"%" PRIu32 " more are not enrolled", missing - NAMES_SHOWN);
}

static void say_expiries(struct doctor *d)
{
	const struct policy *p = d->rows.policy;
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->grants.n; i++) {
		const int64_t until = grant_terms(p, &p->grants.at[i])->until;

		n += until > d->now && until - d->now < SOON;
	}
	if (n > 0)
		doctor_say(d, HEALTH_WARN, "`adperm show EMAIL` tells when",
			"%" PRIu32 " grant%s within a week", n, n == 1 ? " expires" : "s expire");
}

static void say_who_gets_in(struct doctor *d, const struct entry *entries)
{
	uint32_t open = 0;

	for (uint32_t i = 0; i < d->rows.policy->profiles.n; i++)
		open += entries[i].obstacle == OBSTACLE_NONE;
	if (open == 0)
		doctor_say(d, HEALTH_FAIL,
			"`adperm who --permission ssh_users` and "
			"`adperm apply --dry-run` tell why",
			"nobody of the policy can log in with ssh_users");
	else if (open == 1)
		doctor_say(d, HEALTH_WARN, "give ssh_users to a second person",
			"only one person can log in with ssh_users");
	else
		doctor_say(
			d, HEALTH_OK, NULL, "%" PRIu32 " people can log in with ssh_users", open);
}

void doctor_people(struct doctor *d)
{
	struct entry_judge judge = {
		.p = d->rows.policy, .now = d->now, .people = d->o->people, .socket = d->o->socket
	};
	struct entry *entries;
	bool good = true;

	if (judge.p == NULL || d->db.server[0] == '\0') {
		doctor_say(d, HEALTH_SKIPPED, NULL,
			"without the slice of this server nobody can be "
			"judged");
		return;
	}
	judge.server = policy_find(judge.p, NAME_SERVER, slice_str(d->db.server));
	entries = calloc((size_t)judge.p->profiles.n + 1, sizeof entries[0]);
	good = entries != NULL && judge.server != NO_INDEX;
	for (uint32_t i = 0; good && i < judge.p->profiles.n; i++)
		good = entry_judge(&judge, i, &entries[i]);
	if (good) {
		say_who_gets_in(d, entries);
		say_enrolment(d, entries, judge.enrolled.silent);
		say_expiries(d);
	} else {
		doctor_say(d, HEALTH_FAIL, "`adperm apply` makes it anew from the policy files",
			"nobody can be judged by this database");
	}
	entry_judge_done(&judge);
	free(entries);
}

/* --- invitations */

static const struct {
	enum health health;
	const char *advice;
} of_invitation[INVITATION_STATES] = {
	[INVITATION_NOT_MAILED] = { HEALTH_WARN, "`adperm invite --pending` tries again" },
	[INVITATION_MAILED] = { HEALTH_OK, NULL },
	[INVITATION_IN_USE] = { HEALTH_OK, NULL },
	[INVITATION_RUN_OUT] = { HEALTH_WARN,
		"`adperm invite` with that address makes another, `adperm invite --revoke` clears "
		"it" },
	[INVITATION_DAMAGED] = { HEALTH_WARN, "remove that file, and invite its person again" },
};

static void say_invitation(struct doctor *d, const struct invited *row)
{
	const char *advice = of_invitation[row->state].advice;
	enum health health = of_invitation[row->state].health;
	char until[SPELL_SIZE];

	spell_time(row->expires_at, until);
	if (row->state == INVITATION_DAMAGED)
		doctor_say(d, health, advice, "%s/%s: damaged", d->o->people, row->file);
	else
		doctor_say(d, health, advice, "%s: %s, until %s", row->profile,
			invitation_words[row->state], until);
}

static void say_invitations(
	struct doctor *d, const struct invitations *all, enum invitation_state state)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < all->rows.n; i++)
		if (all->rows.at[i].state == state && n++ < NAMES_SHOWN)
			say_invitation(d, &all->rows.at[i]);
	if (n > NAMES_SHOWN)
		doctor_say(d, of_invitation[state].health,
			of_invitation[state].advice != NULL ? "`adperm status --json` names them"
							    : NULL,
			"%" PRIu32 " more: %s", n - NAMES_SHOWN, invitation_words[state]);
}

void doctor_invited(struct doctor *d)
{
	struct invitations all;
	int ret = invitations_find(d->o->people, d->now, &all);

	if (ret != 0)
		doctor_say(d, HEALTH_WARN,
			"have it, and all above it, be root's and writable by nobody else",
			"%s: who is invited cannot be read: %s", d->o->people, strerror(-ret));
	else if (all.rows.n == 0)
		doctor_say(d, HEALTH_OK, NULL, "nobody");
	for (unsigned state = 0; ret == 0 && state < INVITATION_STATES; state++)
		say_invitations(d, &all, (enum invitation_state)state);
	invitations_done(&all);
}
