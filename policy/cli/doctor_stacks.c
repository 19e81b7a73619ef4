/* The files of /etc/pam.d: what is wired, what was lost, and what could be got around; see
 * doctor.h. */
#include "cli/doctor.h"

#include "cli/stack_lint.h"
#include "wiring/block.h"
#include "wiring/change.h"
#include "wiring/record.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

/* There are many of them, which fill the screen with one thing. */
static bool is_menus(const char *stack)
{
	const struct service *service = service_of_stack(stack);

	return service != NULL && service->all != NULL;
}

static void say(void *context, bool grave, const char *advice, const char *finding)
{
	doctor_say(context, grave ? HEALTH_FAIL : HEALTH_WARN, advice, "%s", finding);
}

static void weigh(struct doctor *d, const struct stacks *stacks, const char *service)
{
	bool good = stack_lint(stacks, d->o->etc, d->o->break_glass, say, d);

	if (good && is_menus(service))
		d->menus++;
	else if (good)
		doctor_say(d, HEALTH_OK, NULL, "%s: nobody gets past adperm", service);
}

static void look_at_stack(struct doctor *d, const char *name)
{
	char directory[PATH_MAX];
	struct stacks stacks;
	int ret;

	snprintf(directory, sizeof directory, "%s/pam.d", d->o->etc);
	ret = stacks_read(&stacks, directory, name);
	if (stacks_ask(&stacks)) {
		d->wired = true;
		if (strcmp(name, "sshd") == 0)
			d->sshd_wired = true;
		if (service_is_everybodys(name))
			doctor_say(d, HEALTH_FAIL,
				"take the lines out; `adperm wire` puts them into the file of one "
				"service",
				"%s/%s: asks adperm, and everything includes it, cron too",
				directory, name);
		else if (ret != 0)
			stack_lint_unread(&stacks, ret, say, d);
		else {
			weigh(d, &stacks, name);
			doctor_passwords(d, &stacks);
		}
	}
	stacks_done(&stacks);
}

/* Does this version ship another file than the one of which this is a copy, byte for byte? */
static bool is_outdated(
	const struct doctor *d, const struct service *service, const struct change *now)
{
	const char *name = strrchr(now->path, '/');
	char path[PATH_MAX];
	struct change shipped;
	bool other;

	/* sshd's drop-in has names of this machine in it. */
	if (service_tells_sshd(service))
		return false;
	while (name > now->path && name[-1] != '/')
		name--;
	if ((size_t)snprintf(path, sizeof path, "%s/%s", d->o->share, name) >= sizeof path)
		return false;
	other = change_plan(&shipped, path) == 0 && shipped.was &&
		!slice_equal(buf_slice(&shipped.before), buf_slice(&now->before));
	change_done(&shipped);
	return other;
}

/*
 * Is a file that `adperm wire` wrote still what it wrote? An upgrade may have taken lines away, or
 * brought better ones. What somebody has changed of ours need not be told after each.
 */
static void look_at_file(
	struct doctor *d, const struct record_file *file, const struct service *service)
{
	struct change now;
	uint8_t digest[SHA256_SIZE];
	size_t from, to;
	bool there = change_plan(&now, file->path) == 0 && now.was, changed;

	if (there && file->block)
		there = block_find(buf_slice(&now.before), &from, &to) == BLOCK_THERE;
	sha256_of(buf_slice(&now.before), digest);
	changed = !file->block && memcmp(digest, file->digest, sizeof digest) != 0;
	if (!there)
		doctor_say(d, HEALTH_FAIL, "`adperm wire` puts them back",
			"%s: adperm's lines are lost; was it replaced in an upgrade?", file->path);
	else if (changed && !d->o->wired)
		doctor_say(d, HEALTH_WARN, "`adperm wire` writes it anew; unwire will want --force",
			"%s: was changed since `adperm wire %s` wrote it", file->path,
			service->name);
	else if (!changed && !file->block && is_outdated(d, service, &now))
		doctor_say(d, HEALTH_WARN, "`adperm wire` brings it up to date",
			"%s: this version of adperm has another for %s", file->path, service->name);
	change_done(&now);
}

static void look_for_lost(struct doctor *d, const struct service *service)
{
	struct record record;
	int ret = record_read(d->o->wiring, service->name, &record);

	if (ret != 0 && ret != -ENOENT)
		doctor_say(d, HEALTH_WARN, "`adperm wire` writes it anew",
			"%s/%s: what was done to it cannot be read", d->o->wiring, service->name);
	for (size_t i = 0; ret == 0 && i < record.n; i++)
		look_at_file(d, &record.files[i], service);
}

static void look_at_sudoers(struct doctor *d)
{
	struct record record;

	for (const struct service *s = services; s->name != NULL; s++) {
		char path[PATH_MAX];

		if (!s->sudoers || record_read(d->o->wiring, s->name, &record) != 0)
			continue;
		snprintf(path, sizeof path, "%s/%s", d->o->etc, s->drop_in_target);
		doctor_sudoers(d, path);
	}
}

void doctor_wired(struct doctor *d)
{
	for (const struct service *s = services; s->name != NULL; s++)
		look_for_lost(d, s);
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
	if (d->menus > 0)
		doctor_say(d, HEALTH_OK, NULL, "%u services of the menus: nobody gets past adperm",
			d->menus);
	if (d->wired)
		doctor_module(d);
	look_at_sudoers(d);
	doctor_wired(d);
	if (!d->sshd_wired && before == d->worst)
		doctor_say(d, HEALTH_SKIPPED, "`adperm wire sshd`",
			"sshd does not ask adperm: who may log in by SSH is not the policy's "
			"matter");
}
