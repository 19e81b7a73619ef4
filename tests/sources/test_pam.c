/*
 * The module under the real libpam, with a database and a real directory behind it. Without a word
 * of it in switch.conf nothing of sources is in the process; with it, people of the database come
 * in whatever becomes of the directory, and nobody of the directory does without it.
 */
#include "directory.h"

#include "../pam/support/world.h"

static int silent(
	int n, const struct pam_message **messages, struct pam_response **answers, void *data)
{
	(void)n;
	(void)messages;
	(void)answers;
	(void)data;
	return PAM_CONV_ERR;
}

static char line[WORLD_LINE_SIZE];

/* What the account phase says to a login; its log line is in `line`. */
static int account(const char *login)
{
	static const struct pam_conv person = { silent, NULL };
	pam_handle_t *pamh = world_begin("door", login, &person);
	int code;

	while (world_log(line))
		continue;
	code = pam_acct_mgmt(pamh, 0);
	world_log(line);
	pam_end(pamh, code);
	return code;
}

static void expect(const char *login, int code, const char *reason, const char *what)
{
	char word[64];

	is_int(account(login), code, "%s", what);
	world_field(line, "reason", word, sizeof word);
	is_str(word, reason, "and the log says why");
}

/* Is an object of that name mapped into this process? */
static bool is_loaded(const char *name)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char text[512];
	bool found = false;

	while (maps != NULL && fgets(text, sizeof text, maps) != NULL)
		found |= strstr(text, name) != NULL;
	if (maps != NULL)
		fclose(maps);
	return found;
}

static void set_switch(const char *words)
{
	char text[128];

	snprintf(text, sizeof text, "policy: %s\n", words);
	world_write("switch.conf", text);
}

static void database_alone(void)
{
	unlink(WORLD "/switch.conf");
	expect("local", PAM_SUCCESS, "ok", "without a switch.conf: somebody of the database");
	expect("alice", PAM_PERM_DENIED, "unmanaged", "and nobody else");
	set_switch("db");
	expect("local", PAM_SUCCESS, "ok", "policy: db");
	ok(!is_loaded("/sources.so") && !is_loaded("/source_ldap.so"),
		"nothing of sources is in the process");
}

static void database_and_directory(void)
{
	char source[256];

	set_switch("db [notfound=continue] ldap");
	expect("local", PAM_SUCCESS, "ok", "db, then ldap: somebody of the database");
	expect("alice", PAM_SUCCESS, "ok", "somebody of the directory");
	world_field(line, "src", source, sizeof source);
	is_str(source, "directory.yaml:22", "by a line that the directory names");
	expect("bob", PAM_PERM_DENIED, "no_2fa_proof", "somebody who needs a second factor");
	expect("carol", PAM_PERM_DENIED, "suspended", "somebody who is suspended");
	expect("nobody", PAM_PERM_DENIED, "unmanaged", "somebody whom nobody knows");
	ok(is_loaded("/source_ldap.so"), "the source is in the process now");
}

static void stopped(void)
{
	char word[64];
	double begin;

	slapd_suspend();
	begin = seconds();
	expect("local", PAM_SUCCESS, "ok",
		"the directory hangs: somebody of the database comes in");
	ok(seconds() - begin < NO_WAIT, "without waiting");
	begin = seconds();
	is_int(account("alice"), PAM_SYSTEM_ERR, "somebody of the directory does not");
	world_field(line, "reason", word, sizeof word);
	/* Where this machine wakes us late, the switch may be the first to give up. */
	ok(strcmp(word, "policy_unavail") == 0 || strcmp(word, "source_late") == 0,
		"and the log says why: %s", word);
	ok(seconds() - begin < ONE_WAIT, "after three seconds (%.2f s)", seconds() - begin);
	kill(slapd_pid, SIGCONT);
	expect("alice", PAM_SUCCESS, "ok", "it goes on, and so does alice");
}

static void killed(void)
{
	slapd_stop(SIGKILL);
	expect("local", PAM_SUCCESS, "ok", "slapd is killed: somebody of the database comes in");
	expect("alice", PAM_SYSTEM_ERR, "policy_unavail", "somebody of the directory does not");
	ok(strstr(line, " source=\"ldap: ldap://localhost/: cannot connect\"") != NULL,
		"and the log has what the source said");
	set_switch("db ldap [unavail=continue] flat");
	world_write("source_flat.conf",
		"server " HOST " ops@acme.example\nperson alice@acme.example alice\n"
		"grant alice@acme.example " HOST " server.ssh_users\n");
	expect("alice", PAM_SUCCESS, "ok", "unavail=continue: the next source is asked");
}

static void unusable(void)
{
	set_switch("db version");
	expect("local", PAM_SUCCESS, "ok", "a source of another version: the database answers");
	expect("alice", PAM_SYSTEM_ERR, "source_abi", "and the source is not loaded");
	set_switch("version db");
	expect("local", PAM_SYSTEM_ERR, "source_abi", "as the first it stops everybody");
	set_switch("db [nonsense] ldap");
	expect("local", PAM_SYSTEM_ERR, "policy_switch", "a file that cannot be understood, too");
}

int main(int argc, char **argv)
{
	char options[1024];

	if (argc != 3)
		errx(2, "usage: test_pam BUILD SOURCE");
	world_make(argv[1], argv[2]);
	if (!directory_begin())
		return tap_done();
	snprintf(options, sizeof options, "permission=ssh_users sources=%s " WORLD_OPTIONS,
		in_slapd("lib"));
	world_stack("door", "", options);
	world_write("source_ldap.conf", plain_conf(SLAPD_PORT, BASE));
	world_install_text("---\nadperm: 1\nprofiles:\n  local@acme.example: {login: local}\n"
			   "owners:\n  ops@acme.example:\n    servers: {" HOST
			   ": {}}\n    grants: [{to: local@acme.example, servers: {" HOST
			   ": [ssh_users]}}]\n...\n");
	database_alone();
	database_and_directory();
	stopped();
	killed();
	unusable();
	directory_end();
	return tap_done();
}
