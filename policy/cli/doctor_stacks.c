/* The files of /etc/pam.d: what is wired, what was lost, and what could be got around; see
 * doctor.h. */
#include "cli/doctor.h"

#include "wiring/block.h"
#include "wiring/change.h"
#include "wiring/record.h"
#include "wiring/services.h"
#include "wiring/weigh.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#define CANNOT_BE "put it in order by hand; a login by it cannot be vouched for"

static const char *const phases[] = { [STACK_AUTH] = "auth",
	[STACK_ACCOUNT] = "account",
	[STACK_PASSWORD] = NULL,
	[STACK_SESSION] = "session" };

#define PHASES_N (sizeof phases / sizeof phases[0])

/* In the file itself, not in what it includes. */
static bool has_ours(const struct stacks *stacks)
{
	for (size_t i = 0; i < stacks->files[0].stack.n; i++)
		if (stack_is_module(&stacks->files[0].stack.lines[i], WEIGH_MODULE))
			return true;
	return false;
}

static void weigh(struct doctor *d, const struct stacks *stacks, const char *service)
{
	struct weighed weighed;
	unsigned asked = 0;
	bool good = true;

	for (size_t i = 0; i < PHASES_N; i++) {
		if (phases[i] == NULL)
			continue;
		if (!stacks_weigh(stacks, (enum stack_type)i, d->o->break_glass, &weighed)) {
			doctor_say(d, HEALTH_FAIL, CANNOT_BE, "%s: the stack is too long", service);
			return;
		}
		asked |= weighed.asked > 0 ? 1u << i : 0;
		if (weighed.asked > 0 && weighed.escapes) {
			doctor_say(d, HEALTH_FAIL,
				"take it away or put it behind adperm's line; adperm's must be "
				"required or requisite",
				"%s/pam.d/%s:%u: lets in, in the %s phase of %s, somebody whom "
				"adperm "
				"refuses",
				d->o->etc, weighed.file, weighed.line, phases[i], service);
			good = false;
		}
	}
	if (stacks_lack_first_factor(stacks, &weighed)) {
		doctor_say(d, HEALTH_FAIL,
			"put the module that asks for the password before it, as `requisite`",
			"%s/pam.d/%s:%u: first_factor=stack, and no module before it ends the "
			"stack when it "
			"refuses: a code alone lets in",
			d->o->etc, weighed.file, weighed.line);
		good = false;
	}
	/* Without its account phase a login by key alone is never asked about. */
	if ((asked & 1u << STACK_ACCOUNT) == 0) {
		doctor_say(d, HEALTH_FAIL, "add `account required pam_adperm.so permission=...`",
			"%s: asks adperm, but not in the account phase", service);
		good = false;
	}
	if (good)
		doctor_say(d, HEALTH_OK, NULL, "%s: nobody gets past adperm", service);
}

/* What everything includes, cron too: nobody could answer there. */
static bool is_common(const char *name)
{
	static const char *const names[] = { "other", "system-auth", "password-auth", "cron",
		"crond" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return strncmp(name, "common-", strlen("common-")) == 0;
}

static void look_at_stack(struct doctor *d, const char *name)
{
	char directory[PATH_MAX];
	struct stacks stacks;
	int ret;

	snprintf(directory, sizeof directory, "%s/pam.d", d->o->etc);
	ret = stacks_read(&stacks, directory, name);
	if (stacks.n > 0 && has_ours(&stacks)) {
		if (strcmp(name, "sshd") == 0)
			d->sshd_wired = true;
		if (is_common(name))
			doctor_say(d, HEALTH_FAIL,
				"take the lines out; `adperm wire` puts them into the file of one "
				"service",
				"%s/%s: asks adperm, and everything includes it, cron too",
				directory, name);
		else if (ret == -EBADMSG)
			doctor_say(d, HEALTH_FAIL, CANNOT_BE, "%s/%s:%u: %s", directory,
				stacks.bad_file, stacks.bad_line, stacks.why);
		else if (ret != 0)
			doctor_say(d, HEALTH_FAIL, CANNOT_BE, "%s/%s: %s", directory,
				stacks.bad_file,
				ret == -EPERM ? "is not root's alone" : strerror(-ret));
		else
			weigh(d, &stacks, name);
	}
	stacks_done(&stacks);
}

/* A record that says a file has our block, and a file that has none: an upgrade took it away. */
static void look_for_lost(struct doctor *d, const char *service)
{
	struct record record;
	int ret = record_read(d->o->wiring, service, &record);

	if (ret != 0 && ret != -ENOENT)
		doctor_say(d, HEALTH_WARN, "`adperm wire` writes it anew",
			"%s/%s: what was done to it cannot be read", d->o->wiring, service);
	for (size_t i = 0; ret == 0 && i < record.n; i++) {
		struct change change;
		size_t from, to;
		bool there = change_plan(&change, record.files[i].path) == 0 && change.was;

		if (there && record.files[i].block)
			there = block_find(buf_slice(&change.before), &from, &to) == BLOCK_THERE;
		change_done(&change);
		if (!there)
			doctor_say(d, HEALTH_FAIL, "`adperm wire` puts them back",
				"%s: adperm's lines are lost; was it replaced in an upgrade?",
				record.files[i].path);
	}
}

void doctor_wired(struct doctor *d)
{
	for (const struct service *s = services; s->name != NULL; s++)
		look_for_lost(d, s->name);
}

void doctor_stacks(struct doctor *d)
{
	char path[PATH_MAX];
	const struct dirent *entry;
	enum health before = d->worst;
	DIR *dir;

	snprintf(path, sizeof path, "%s/pam.d", d->o->etc);
	dir = opendir(path);
	if (dir == NULL) {
		doctor_say(d, HEALTH_FAIL, NULL, "%s: %s", path, strerror(errno));
		return;
	}
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.' && strchr(entry->d_name, '~') == NULL)
			look_at_stack(d, entry->d_name);
	closedir(dir);
	doctor_wired(d);
	if (!d->sshd_wired && before == d->worst)
		doctor_say(d, HEALTH_SKIPPED, "`adperm wire sshd`",
			"sshd does not ask adperm: who may log in by SSH is not the policy's "
			"matter");
}
