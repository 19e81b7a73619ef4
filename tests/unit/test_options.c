/* Module options: what a line means, and what makes it unusable. */
#include "adpermd/proto.h"
#include "local_users.h"
#include "options.h"

#include "tap.h"

#include <stdlib.h>

static const char *bad;

static bool parse(struct options *options, const char *one, const char *two, const char *three)
{
	const char *argv[] = { one, two, three };
	int argc = 0;

	while (argc < 3 && argv[argc] != NULL)
		argc++;
	bad = NULL;
	return options_parse(options, argc, argv, &bad);
}

static void refused(const char *option)
{
	struct options options;

	ok(!parse(&options, "permission=ssh_users", option, NULL) && bad == option,
		"t53_refused: %.40s", option);
}

static void defaults(void)
{
	struct options o;

	ok(parse(&o, "permission=ssh_users", NULL, NULL), "the permission alone will do");
	is_str(o.full, "server.ssh_users", "it is known in full");
	is_str(o.counterpart, "account.ssh", "and its counterpart on an account");
	is_int(o.unmanaged, UNMANAGED_DENY, "unmanaged=deny");
	is_int(o.first_factor, FIRST_SSHKEY, "first_factor=sshkey");
	is_int(o.prompt, PROMPT_SEPARATE, "prompt=separate");
	is_int(o.late, LATE_DENY, "late=deny");
	ok(!o.debug, "no debug");
	ok(o.self == NULL, "nobody's own door");
	is_str(o.socket, PROTO_SOCKET, "the usual socket");
	is_str(o.local_users, LOCAL_USERS, "the usual local-users");
	ok(o.db == NULL && o.server == NULL && o.people == NULL && o.switch_conf == NULL,
		"the library knows its own files");
	ok(!parse(&o, NULL, NULL, NULL), "t53_without a permission");
	is_str(bad, "permission=", "t53_which is told");
}

static void values(void)
{
	struct options o;

	ok(parse(&o, "permission=account.ftp", "unmanaged=ignore", "first_factor=caller"),
		"choices");
	is_str(o.counterpart, "", "no counterpart");
	is_int(o.unmanaged, UNMANAGED_IGNORE, "unmanaged=ignore");
	is_int(o.first_factor, FIRST_CALLER, "first_factor=caller");
	ok(parse(&o, "first_factor=stack", "prompt=combined", "permission=database_users"),
		"in any order");
	is_int(o.first_factor, FIRST_STACK, "first_factor=stack");
	is_int(o.prompt, PROMPT_COMBINED, "prompt=combined");
	ok(parse(&o, "permission=ssh_users", "late=session", "debug"), "a word without value");
	is_int(o.late, LATE_SESSION, "late=session");
	ok(o.debug, "debug");
	ok(parse(&o, "split", "permission=database_users", NULL), "the first of two lines");
	ok(o.split && !o.debug, "split");
	ok(!o.rehearsal, "no rehearsal");
	ok(parse(&o, "rehearsal", "permission=ssh_users", NULL) && o.rehearsal, "a rehearsal");
	ok(parse(&o, "permission=ssh_users", "db=/a", "switch=/b"), "paths");
	is_str(o.db, "/a", "db=");
	is_str(o.switch_conf, "/b", "switch=");
	ok(parse(&o, "permission=ssh_users", "people=/c", "socket=/d"), "paths");
	is_str(o.people, "/c", "people=");
	is_str(o.socket, "/d", "socket=");
	ok(parse(&o, "permission=ssh_users", "local_users=/e", "server=web1.acme.example"),
		"paths");
	is_str(o.local_users, "/e", "local_users=");
	is_str(o.server, "web1.acme.example", "server=");
	ok(parse(&o, "permission=ssh_users", "self=adperm", "people_socket=/f"), "the own door");
	is_str(o.self, "adperm", "self=");
	is_str(o.people_socket, "/f", "people_socket=");
}

static void malformed(void)
{
	static const char *const options[] = { "", "=", "=x", "permision=ssh_users",
		"split=", "permission=ssh_users", "permission", "unmanaged",
		"unmanaged=", "unmanaged=Deny", "unmanaged=denyx", "unmanaged=den",
		"first_factor=password", "prompt=", "late=auth", "server=", "server", "self",
		"self=", "people_socket=people.sock", "db=", "db=policy.cdb", "db", "socket=.",
		"debug=", "debug=1", "Debug", "debug ", "deb", "rehearsal=", "rehearsal=no" };
	const size_t kib4 = 4096;
	char *path = malloc(kib4 + 8), *host = malloc(kib4 + 8);

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		refused(options[i]);
	memset(path, 'a', kib4);
	memcpy(path, "db=/", 4);
	path[kib4 + 4] = '\0';
	memset(path + kib4, 'a', 4);
	refused(path);
	memset(host, 'a', kib4);
	memcpy(host, "server=", 7);
	host[kib4] = '\0';
	refused(host);
	free(path);
	free(host);
}

static void permissions(void)
{
	static const char *const none[] = { "permission=", "permission=login",
		"permission=account.ssh_users", "permission=resources", "permission=server.",
		"permission=SSH_USERS" };
	struct options o;

	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		ok(!parse(&o, none[i], NULL, NULL), "t53_refused: %s", none[i]);
	ok(parse(&o, "permission=server.resources", NULL, NULL), "in full it is clear");
	is_str(o.counterpart, "account.resources", "which has a counterpart");
}

int main(void)
{
	defaults();
	values();
	malformed();
	permissions();
	return tap_done();
}
