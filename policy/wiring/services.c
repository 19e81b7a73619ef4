/* The table of services; see services.h. */
#include "wiring/services.h"

#include <fnmatch.h>
#include <stddef.h>
#include <string.h>

const struct service services[] = {
	{ .name = "sshd",
		.summary = "logins by SSH",
		.block = true,
		.unix_users = true,
		.drop_in = "sshd_config.d/50-adperm.conf",
		.drop_in_target = "ssh/sshd_config.d/50-adperm.conf",
		.warning = "Clients with BatchMode=yes stop working for everybody but machines and "
			   "those not asked." },
	{ .name = "postgresql",
		.summary = "roles of PostgreSQL",
		.asks_as = "postgres",
		.reads_passwords = "postgres",
		.needs = "  hostssl all all all pam pamservice=postgresql\n"
			 "      in pg_hba.conf, below the lines for whom the policy does not "
			 "decide\n"
			 "  /etc/adperm/postgresql.db, with the roles' passwords\n"
			 "  client postgres service=postgresql operations=verify\n"
			 "      in /etc/adperm/adperm.conf, for codes\n" },
	{ .name = "mariadb",
		.summary = "users of MariaDB that are identified via pam",
		.reads_passwords = "mysql",
		.needs = "  INSTALL SONAME 'auth_pam';\n"
			 "  CREATE USER alice IDENTIFIED VIA pam USING 'mariadb';\n"
			 "  /etc/adperm/mariadb.db, with the users' passwords\n" },
	{ .name = "sudo",
		.summary = "commands by sudo",
		.block = true,
		.unix_users = true,
		.drop_in = "sudoers.d/adperm-sudo",
		.drop_in_target = "sudoers.d/adperm-sudo",
		.also = "sudo-i",
		.sudoers = true,
		.others_session = true,
		.warning = "sudo remembers nobody any more, and rules with NOPASSWD stop working "
			   "for whoever needs a code." },
	{ .name = "menus",
		.summary = "the admin menus, by sudo",
		.drop_in = "sudoers.d/adperm",
		.drop_in_target = "sudoers.d/adperm",
		.all = "adperm-",
		.sudoers = true,
		.others_session = true },
	{ .name = "ftp",
		.summary = "FTP to hosting accounts, by vsftpd",
		.block = true,
		.needs = "  session_support=YES\n"
			 "  pam_service_name=vsftpd\n"
			 "      in /etc/vsftpd.conf\n",
		.stack = "vsftpd",
		.warning = "Only names like ACCOUNT_LOGIN get in from now on: nobody else does by "
			   "FTP, whoever is in local-users neither." },
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

const struct service *service_of_stack(const char *stack)
{
	for (const struct service *s = services; s->name != NULL; s++)
		if (strcmp(s->stack != NULL ? s->stack : s->name, stack) == 0 ||
			(s->also != NULL && strcmp(s->also, stack) == 0) ||
			(s->all != NULL && strncmp(s->all, stack, strlen(s->all)) == 0))
			return s;
	return NULL;
}

bool service_tells_sshd(const struct service *service)
{
	return service->drop_in != NULL && !service->sudoers;
}

static const struct {
	const char *name, *why;
	bool everybodys;
} never[] = {
	{ "login", "the console stays as it is: it is the way in when all else is broken", false },
	{ "other", "it stands in for every service that has no file of its own", true },
	{ "system-auth", "everything includes it, cron too, where nobody can answer", true },
	{ "password-auth", "everything includes it, cron too, where nobody can answer", true },
	{ "common-*", "everything includes it, cron too, where nobody can answer", true },
	{ "cron", "nobody could answer there", true },
	{ "crond", "nobody could answer there", true },
};

#define NEVER_N (sizeof never / sizeof never[0])

/* The row of that name; NEVER_N: none. */
static size_t find_never(const char *name)
{
	size_t i = 0;

	while (i < NEVER_N && fnmatch(never[i].name, name, 0) != 0)
		i++;
	return i;
}

const char *service_never(const char *name)
{
	size_t i = find_never(name);

	return i < NEVER_N ? never[i].why : NULL;
}

bool service_is_everybodys(const char *name)
{
	size_t i = find_never(name);

	return i < NEVER_N && never[i].everybodys;
}
