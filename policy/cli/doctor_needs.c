/* What a wired service needs besides its stack: the module, files of passwords, sudo; see doctor.h.
 */
#include "cli/doctor.h"

#include "base/file.h"
#include "cli/sudoers.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#define DB_ARGUMENT "db="

void doctor_module(struct doctor *d)
{
	struct stat state;
	int fd, ret = file_open(d->o->module, TRUST_ROOT, &fd, &state);

	if (ret == 0)
		close(fd);
	if (ret == -ENOENT)
		doctor_say(d, HEALTH_FAIL,
			"install libpam-adperm again (pam_adperm in the Fedora family), or "
			"`adperm unwire --all`",
			"%s is missing: nobody is let in but the break-glass user", d->o->module);
	else if (ret != 0)
		doctor_say(d, HEALTH_FAIL, "chown root and chmod go-w, from / down", "%s: %s",
			d->o->module, ret == -EPERM ? "is not root's alone" : strerror(-ret));
	else
		doctor_say(d, HEALTH_OK, NULL, "%s: is there", d->o->module);
}

/* --- passwords */

static void judge_passwords(
	struct doctor *d, const struct service *service, const char *path, const struct stat *state)
{
	const char *reader = service != NULL ? service->reads_passwords : NULL;
	const struct passwd *user = reader != NULL ? getpwnam(reader) : NULL;
	bool by_reader = user != NULL && state->st_gid == user->pw_gid;

	if (!S_ISREG(state->st_mode) || state->st_uid != 0 || (state->st_mode & 027) != 0 ||
		((state->st_mode & 040) != 0 && state->st_gid != 0 && !by_reader))
		doctor_say(d, HEALTH_FAIL,
			"chown root, and chmod 640 with the server's group or else 600; have the "
			"passwords changed that others could read",
			"%s: must be a file of root's that nobody else reads but the server", path);
	else if (service != NULL && service->asks_as != NULL &&
		 !(by_reader && (state->st_mode & 040) != 0))
		doctor_say(d, HEALTH_FAIL, "chgrp to the server's group and chmod 640",
			"%s: the user %s cannot read it: nobody's password is right", path,
			service->asks_as);
	else
		doctor_say(d, HEALTH_OK, NULL, "%s: root's, and for the server to read", path);
}

/* The file that pam_userdb(8) is told of, to whose name it adds ".db". */
static void look_at_passwords(
	struct doctor *d, const struct service *service, const struct stack_line *line)
{
	struct slice rest = line->arguments, argument;
	char path[PATH_MAX];
	struct stat state;

	while (stack_next_argument(&rest, &argument)) {
		size_t skip = strlen(DB_ARGUMENT);

		if (argument.len <= skip || memcmp(argument.at, DB_ARGUMENT, skip) != 0)
			continue;
		snprintf(path, sizeof path, "%.*s.db", (int)(argument.len - skip),
			(const char *)argument.at + skip);
		if (lstat(path, &state) != 0)
			doctor_say(d, HEALTH_FAIL,
				"make it, as DATABASES in pam_adperm(8) says: nobody gets in "
				"without",
				"%s: %s", path, strerror(errno));
		else
			judge_passwords(d, service, path, &state);
	}
}

void doctor_passwords(struct doctor *d, const struct stacks *stacks)
{
	const struct stacks_file *own = &stacks->files[0];
	const struct service *service = service_of_stack(own->name);

	for (size_t i = 0; i < own->stack.n; i++) {
		const struct stack_line *line = &own->stack.lines[i];

		if (stack_is_module(line, "pam_userdb.so"))
			look_at_passwords(d, service, line);
	}
}

/* --- sudo */

void doctor_sudoers(struct doctor *d, const char *file)
{
	struct buf said = { .at = NULL };

	switch (sudoers_judge(d->o->visudo, file, &said)) {
	case SUDOERS_READ: doctor_say(d, HEALTH_OK, NULL, "%s: sudo reads it", file); break;
	case SUDOERS_NOT_READ:
		doctor_say(d, HEALTH_FAIL, "put an @includedir of its directory into sudoers",
			"%s: sudo does not read it", file);
		break;
	case SUDOERS_WRONG:
		doctor_say(d, HEALTH_FAIL, "`visudo -c` says more",
			"%s: sudo does not take its configuration", file);
		break;
	}
	buf_done(&said);
}
