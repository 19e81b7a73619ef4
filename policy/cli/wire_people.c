/* Whom the wiring of a service would keep out; see wire.h. */
#include "cli/wire.h"

#include "base/file.h"
#include "lang/policy.h"
#include "local_users.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

/* --- lists of users */

bool users_add(struct users *users, const char *name)
{
	char(*more)[64];

	if (users_have(users, name))
		return true;
	if (strlen(name) >= sizeof more[0]) {
		errno = ENAMETOOLONG;
		return false;
	}
	more = reallocarray(users->at, users->n + 1, sizeof *more);
	if (more == NULL)
		return false;
	users->at = more;
	snprintf(users->at[users->n++], sizeof more[0], "%s", name);
	return true;
}

bool users_have(const struct users *users, const char *name)
{
	for (size_t i = 0; i < users->n; i++)
		if (strcmp(users->at[i], name) == 0)
			return true;
	return false;
}

void users_done(struct users *users)
{
	free(users->at);
	*users = (struct users){ .n = 0 };
}

/* --- who is who */

static int read_local_users(struct wire *w)
{
	char path[PATH_MAX], *text = malloc(LOCAL_USERS_MAX + 1), *rest = text, *line;
	size_t len = 0;
	int ret = text != NULL ? 0 : -ENOMEM;

	snprintf(path, sizeof path, "%s/adperm/local-users", w->o->etc);
	if (ret == 0)
		ret = file_read(path, TRUST_ROOT, text, LOCAL_USERS_MAX, &len);
	if (ret == 0) {
		text[len] = '\0';
		while (ret == 0 && (line = strsep(&rest, "\n")) != NULL) {
			line += strspn(line, " \t\r");
			line[strcspn(line, " \t\r")] = '\0';
			if (line[0] != '\0' && line[0] != '#' && !users_add(&w->local, line))
				ret = -errno;
		}
	}
	free(text);
	if (ret != 0 && ret != -ENOENT)
		return complain("wire: %s: %s", path, strerror(-ret));
	return EXIT_OK;
}

static bool read_machines(struct wire *w)
{
	const struct policy *p = w->policy.policy;

	for (uint32_t i = 0; i < p->profiles.n; i++) {
		const struct profile *who = &p->profiles.at[i];

		if (who->machine && who->login != 0 &&
			!users_add(&w->machines, policy_text(p, who->login)))
			return false;
	}
	return true;
}

/* By name: the login of a person, or an account of a server of this policy. */
static bool is_managed(const struct policy *p, const char *name)
{
	if (policy_find(p, NAME_LOGIN, slice_str(name)) != NO_INDEX)
		return true;
	for (uint32_t i = 0; i < p->accounts.n; i++)
		if (strcmp(policy_text(p, p->accounts.at[i].name), name) == 0)
			return true;
	return false;
}

static bool has_valid_shell(const struct passwd *user)
{
	const char *shell;
	bool found = false;

	if (user->pw_shell == NULL || user->pw_shell[0] == '\0')
		return true; /* /bin/sh, says passwd(5) */
	setusershell();
	while (!found && (shell = getusershell()) != NULL)
		found = strcmp(shell, user->pw_shell) == 0;
	endusershell();
	return found;
}

static bool is_left(const struct wire *w, const char *name)
{
	return strcmp(name, "root") == 0 || strcmp(name, w->o->break_glass) == 0 ||
	       strcmp(name, "adperm") == 0 || users_have(&w->local, name) ||
	       users_have(&w->leave, name);
}

static int find_lost(struct wire *w)
{
	const struct passwd *user;
	bool good = true;

	setpwent();
	while (good && (user = getpwent()) != NULL)
		if (has_valid_shell(user) && !is_left(w, user->pw_name) &&
			!is_managed(w->policy.policy, user->pw_name))
			good = users_add(&w->lost, user->pw_name);
	endpwent();
	return good ? EXIT_OK : complain("out of memory");
}

/* --leave NAME,NAME...; "none" is a list without names. */
static int read_leave(struct wire *w)
{
	char *copy = w->o->leave != NULL ? strdup(w->o->leave) : NULL, *rest = copy, *name;
	int code = EXIT_OK;

	if (w->o->leave == NULL || strcmp(w->o->leave, "none") == 0) {
		free(copy);
		return EXIT_OK;
	}
	if (copy == NULL)
		return complain("out of memory");
	while (code == EXIT_OK && (name = strsep(&rest, ",")) != NULL) {
		if (getpwnam(name) == NULL)
			code = complain("wire: --leave: there is no user %s", name);
		else if (policy_find(w->policy.policy, NAME_LOGIN, slice_str(name)) != NO_INDEX)
			code = complain(
				"wire: --leave: %s is somebody's login in the policy, which "
				"decides about it all the same",
				name);
		else if (!users_have(&w->local, name) && !users_add(&w->leave, name))
			code = complain("out of memory");
	}
	free(copy);
	return code;
}

static bool says_leave(const char *name)
{
	char line[16];

	printf("Leave %s to the other modules, without asking the policy? [y/N] ", name);
	fflush(stdout);
	return fgets(line, sizeof line, stdin) != NULL &&
	       (strcmp(line, "y\n") == 0 || strcmp(line, "yes\n") == 0);
}

/* On a terminal, one by one; else --leave has to say it. */
static int ask_about_lost(struct wire *w)
{
	struct users lost = w->lost;
	int code = EXIT_OK;

	if (lost.n == 0 || w->o->leave != NULL)
		return EXIT_OK;
	puts("These users get in today and are nobody the policy knows:");
	for (size_t i = 0; i < lost.n; i++)
		printf("  %s\n", lost.at[i]);
	if (w->o->dry_run)
		return EXIT_OK;
	if (w->o->yes || !isatty(STDIN_FILENO)) {
		complain("wire: say who of them is left to the other modules of the stack: "
			 "--leave NAME[,NAME...], or --leave none");
		return EXIT_NO;
	}
	w->lost = (struct users){ .n = 0 };
	for (size_t i = 0; code == EXIT_OK && i < lost.n; i++)
		if (!users_add(says_leave(lost.at[i]) ? &w->leave : &w->lost, lost.at[i]))
			code = complain("out of memory");
	users_done(&lost);
	return code;
}

static int look_at_break_glass(const struct wire *w)
{
	const char *name = w->o->break_glass;
	const struct passwd *user = getpwnam(name);
	const char *why = NULL;

	if (strcmp(name, "root") == 0)
		why = "root is left alone anyway: it must be another user";
	else if (user == NULL)
		why = "there is no such user; make it, give it a key, and see that it can log in, "
		      "before anything else";
	else if (!has_valid_shell(user))
		why = "its shell is none of /etc/shells";
	else if (is_managed(w->policy.policy, name))
		why = "the policy manages it: it must be a user of which the policy knows nothing";
	if (why == NULL)
		return EXIT_OK;
	complain("wire: the break-glass user %s: %s", name, why);
	return EXIT_NO;
}

int wire_look_at_people(struct wire *w)
{
	int code;

	if (!open_rows(w->o->db, &w->policy)) {
		complain("wire: without an installed policy everybody would be locked out: "
			 "`adperm apply` first");
		return EXIT_NO;
	}
	if (!w->service->unix_users)
		return wire_look_at_asker(w);
	code = read_local_users(w);
	if (code == EXIT_OK && !read_machines(w))
		code = complain("out of memory");
	if (code == EXIT_OK)
		code = look_at_break_glass(w);
	if (code == EXIT_OK)
		code = read_leave(w);
	if (code == EXIT_OK)
		code = find_lost(w);
	if (code == EXIT_OK)
		code = ask_about_lost(w);
	return code == EXIT_OK ? wire_look_at_self(w) : code;
}
