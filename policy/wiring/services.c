/* The table of services; see services.h. */
#include "wiring/services.h"

#include <stddef.h>
#include <string.h>

const struct service services[] = {
	{ .name = "sshd",
		.summary = "logins by SSH",
		.block = true,
		.unix_users = true,
		.drop_in = "sshd_config.d/50-adperm.conf",
		.drop_in_target = "ssh/sshd_config.d/50-adperm.conf" },
	{ .name = "postgresql",
		.summary = "roles of PostgreSQL",
		.asks_as = "postgres",
		.needs = "  hostssl all all all pam pamservice=postgresql\n"
			 "      in pg_hba.conf, below the lines for whom the policy does not "
			 "decide\n"
			 "  /etc/adperm/postgresql.db, with the roles' passwords\n"
			 "  client postgres service=postgresql operations=verify\n"
			 "      in /etc/adperm/adperm.conf, for codes\n" },
	{ .name = "mariadb",
		.summary = "users of MariaDB that are identified via pam",
		.needs = "  INSTALL SONAME 'auth_pam';\n"
			 "  CREATE USER alice IDENTIFIED VIA pam USING 'mariadb';\n"
			 "  /etc/adperm/mariadb.db, with the users' passwords\n" },
	{ .name = "su", .summary = "su to hosting accounts", .block = true, .unix_users = true },
	{ .name = "cockpit", .summary = "logins by Cockpit", .block = true, .unix_users = true },
	{ .name = NULL },
};

const struct service *service_find(const char *name)
{
	for (const struct service *s = services; s->name != NULL; s++)
		if (strcmp(s->name, name) == 0)
			return s;
	return NULL;
}
