/* In whose name a service asks that lets no Unix users in; see wire.h. */
#include "cli/wire.h"

#include "adpermd/proto.h"

#include <grp.h>
#include <pwd.h>

#define GROUPS_MAX 64 /* of one user that are looked at */

static bool may_read_policy(const struct passwd *user)
{
	const struct group *clients = getgrnam(PROTO_GROUP);
	gid_t groups[GROUPS_MAX];
	int n = GROUPS_MAX;

	if (getgrouplist(user->pw_name, user->pw_gid, groups, &n) < 0)
		n = GROUPS_MAX;
	for (int i = 0; clients != NULL && i < n; i++)
		if (groups[i] == clients->gr_gid)
			return true;
	return false;
}

int wire_look_at_asker(const struct wire *w)
{
	const char *name = w->service->asks_as;
	const struct passwd *user = name != NULL ? getpwnam(name) : NULL;

	if (w->o->leave != NULL)
		return complain("wire: %s lets no Unix users in: there is nobody to --leave",
			w->service->name);
	if (name == NULL || (user != NULL && may_read_policy(user)))
		return EXIT_OK;
	if (user == NULL)
		complain("wire: there is no user %s: is the service installed?", name);
	else
		complain("wire: %s may not read the policy: `usermod -aG " PROTO_GROUP
			 " %s`, and restart the service",
			name, name);
	return EXIT_NO;
}
