/*
 * The source `ldap` when the directory is not as it should be: entries lost, hidden or changed
 * under its feet, limits, referrals, bad values, a bad configuration. The answer is then none.
 */
#include "directory.h"

#include <stdatomic.h>
#include <sys/mman.h>

static void agrees(struct adperm *memory, struct adperm *handle, const char *what)
{
	unsigned differ = 0;

	for (size_t i = 0; i < QUESTIONS; i++) {
		struct adperm_answer right, answer;

		ask_row(memory, &table[i], &right);
		ask_row(handle, &table[i], &answer);
		differ += right.verdict != answer.verdict || right.reason != answer.reason ||
			  strcmp(right.source, answer.source) != 0;
	}
	is_int(differ, 0, "%s", what);
}

/* Is it more than the whole directory gives? */
static bool is_more(enum adperm_verdict now, enum adperm_verdict whole)
{
	static const int worth[] = {
		[ADPERM_ERROR] = 0, [ADPERM_DENY] = 0, [ADPERM_ALLOW_2FA] = 1, [ADPERM_ALLOW] = 2
	};

	return worth[now] > worth[whole];
}

/* Each entry is taken away, and put back: nobody gets more for it. */
static void lost_entries(struct adperm *handle)
{
	FILE *in = fopen(in_slapd("all.ldif"), "re");
	enum adperm_verdict whole[QUESTIONS];
	char entry[8192] = "", line[2048], dn[2048] = "";
	struct adperm_answer answer;
	unsigned entries = 0, more = 0, unnoticed = 0;
	bool changed = true;

	for (size_t i = 0; i < QUESTIONS; i++)
		whole[i] = ask_row(handle, &table[i], &answer);
	while (in != NULL && fgets(line, sizeof line, in) != NULL) {
		if (strncmp(line, "dn: ", 4) == 0)
			snprintf(dn, sizeof dn, "%s", line + 4);
		strncat(entry, line, sizeof entry - strlen(entry) - 1);
		if (line[0] != '\n')
			continue;
		if (strncmp(dn, "cn=", 3) == 0) {
			bool grant = strstr(dn, ",ou=grants,") != NULL;

			entries++;
			changed &= slapd_change("ldapdelete", dn);
			for (size_t i = 0; i < QUESTIONS; i++) {
				enum adperm_verdict now = ask_row(handle, &table[i], &answer);

				more += is_more(now, whole[i]);
				unnoticed += grant && now != ADPERM_ERROR;
			}
			changed &= slapd_change("ldapadd", entry);
		}
		entry[0] = '\0';
	}
	fclose(in);
	ok(changed && entries > 10, "each of %u entries is deleted and added again", entries);
	is_int(more, 0, "nobody has more while an entry is lost");
	is_int(unnoticed, 0, "and a lost grant is noticed at every question");
}

/* Values that slapd takes and we do not. */
static void bad_values(struct adperm *handle)
{
	static const struct {
		const char *entry, *attribute, *value, *good;
	} rows[] = {
		{ "cn=00000001,ou=grants", "adpermExpires", "soon", "never" },
		{ "cn=00000001,ou=grants", "adpermAllowFrom", "nowhere", "any" },
		{ "cn=00000001,ou=grants", "adpermWritten", "4711", "directory.yaml:22" },
		{ "cn=00000001,ou=grants", "adpermGrace", "8h", NULL },
		{ "cn=00000001,ou=grants", "adpermOnServer", HOST " ssh", HOST " ssh_users" },
		{ "cn=00000001,ou=grants", "adpermOnServer", HOST, HOST " ssh_users" },
		{ "cn=00000001,ou=grants", "adpermTo", "group:nosuch", "alice@acme.example" },
		{ "cn=alice@acme.example,ou=profiles", "adpermLogin", "bob", "alice" },
		{ "cn=alice@acme.example,ou=profiles", "adpermAllowFrom", "1.2.3", "any" },
		{ "cn=ops@acme.example,ou=profiles", "adpermGrantTotal", "7", "6" },
		{ "cn=web1.acme.example,ou=servers", "adpermOwnedBy", "nobody@x.example",
			"ops@acme.example" },
	};
	char change[512];

	is_int(ask_login(handle, "alice"), ADPERM_OK, "alice may");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *login = strcmp(rows[i].value, "bob") == 0 ? "bob" : "alice";
		enum adperm_reason why;

		snprintf(change, sizeof change,
			"dn: %s," BASE "\nchangetype: modify\nreplace: %s\n%s: %s\n", rows[i].entry,
			rows[i].attribute, rows[i].attribute, rows[i].value);
		if (!slapd_change("ldapmodify", change))
			abort();
		why = ask_login(handle, login);
		ok(why == ADPERM_POLICY_UNAVAIL || why == ADPERM_POLICY_SOURCE_RECORD,
			"%s: %s answers nothing (%s)", rows[i].attribute, rows[i].value,
			adperm_reason_word(why));
		snprintf(change, sizeof change,
			"dn: %s," BASE "\nchangetype: modify\nreplace: %s\n%s%s%s\n", rows[i].entry,
			rows[i].attribute, rows[i].good != NULL ? rows[i].attribute : "",
			rows[i].good != NULL ? ": " : "", rows[i].good != NULL ? rows[i].good : "");
		if (!slapd_change("ldapmodify", change))
			abort();
	}
	is_int(ask_login(handle, "alice"), ADPERM_OK, "alice may again");
}

/* Who writes entries by hand need not say where they are written: then they are cited themselves.
 */
static void cited(struct adperm *handle)
{
	struct adperm_answer answer;
	const char *change =
		"dn: cn=00000001,ou=grants," BASE "\nchangetype: modify\ndelete: adpermWritten\n";

	if (!slapd_change("ldapmodify", change))
		abort();
	ask_row(handle, &table[2], &answer);
	is_str(answer.source, "cn=00000001,ou=grants," BASE,
		"an entry without a file and line is cited itself");
	change = "dn: cn=00000001,ou=grants," BASE
		 "\nchangetype: modify\nadd: adpermWritten\nadpermWritten: directory.yaml:22\n";
	if (!slapd_change("ldapmodify", change))
		abort();
}

/* A part of the tree that lies elsewhere, and whose entries we do not see. */
static void referral(struct adperm *handle)
{
	if (!slapd_change("ldapadd",
		    "dn: ou=more," BASE "\nobjectClass: referral\nobjectClass: extensibleObject\n"
		    "ou: more\nref: ldap://127.0.0.1:1/ou=more\n"))
		abort();
	is_int(ask_login(handle, "alice"), ADPERM_POLICY_UNAVAIL,
		"what a referral stands for is missing");
	told(handle, "Referral", "and it is told why");
	RUN("ldapdelete", "-x", "-M", "-H", "ldap://127.0.0.1:3890", "-D", "cn=admin," SLAPD_SUFFIX,
		"-w", "secret", "ou=more," BASE);
	is_int(ask_login(handle, "alice"), ADPERM_OK, "without it there is an answer");
}

/* The child of a fork asks on the same handle, and the parent's connection stays whole. */
static void forked(struct adperm *handle)
{
	int status = -1;
	pid_t pid;

	ask_login(handle, "alice");
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		bool good = ask_login(handle, "bob") == ADPERM_OK;

		adperm_close(handle);
		_exit(good ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "a child gets an answer of its own");
	is_int(ask_login(handle, "alice"), ADPERM_OK, "and the parent goes on");
}

/*
 * Somebody changes the policy step by step, so that bob's second factor is asked for now by one
 * grant and now by another; in no state is it not asked for. To see half of each would be a yes
 * without it.
 */
static void changing(struct adperm *handle)
{
	static const char steps[] = "dn: cn=00000002,ou=grants," BASE "\nchangetype: modify\n"
				    "replace: adpermRequire2fa\nadpermRequire2fa: TRUE\n\n"
				    "dn: cn=flagged,ou=groups," BASE "\nchangetype: modify\n"
				    "delete: adpermMember\nadpermMember: bob@agency.example\n\n"
				    "dn: cn=flagged,ou=groups," BASE "\nchangetype: modify\n"
				    "add: adpermMember\nadpermMember: bob@agency.example\n\n"
				    "dn: cn=00000002,ou=grants," BASE "\nchangetype: modify\n"
				    "replace: adpermRequire2fa\nadpermRequire2fa: FALSE\n\n";
	const struct asked_row row = { "bob", "server.ssh_users", NULL, NULL };
	_Atomic bool *over =
		mmap(NULL, sizeof *over, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	double least = seconds() + 1.5, most = seconds() + 30;
	unsigned counts[4] = { 0 };
	pid_t pid;

	if (over == MAP_FAILED)
		abort();
	pid = fork();
	if (pid == 0) {
		FILE *out;
		int fd[2];

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (pipe2(fd, O_CLOEXEC) != 0 || fcntl(fd[1], F_SETPIPE_SZ, 4096) < 0)
			_exit(1);
		if (fork() == 0) {
			dup2(fd[0], STDIN_FILENO);
			dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
			execlp("ldapmodify", "ldapmodify", "-x", "-H", "ldap://127.0.0.1:3890",
				"-D", "cn=admin," SLAPD_SUFFIX, "-w", "secret", (char *)NULL);
			_exit(127);
		}
		out = fdopen(fd[1], "we");
		/* More and more slowly: sooner or later it can be read between two changes. */
		for (useconds_t rest = 15000; !atomic_load(over) && fputs(steps, out) >= 0;
			rest += 100) {
			fflush(out);
			usleep(rest);
		}
		fclose(out);
		close(fd[0]);
		wait(NULL);
		_exit(0);
	}
	while (seconds() < least || (counts[ADPERM_ALLOW_2FA] <= 5 && seconds() < most)) {
		struct adperm_answer answer;

		counts[ask_row(handle, &row, &answer)]++;
	}
	atomic_store(over, true);
	waitpid(pid, NULL, 0);
	munmap(over, sizeof *over);
	is_int(counts[ADPERM_ALLOW] + counts[ADPERM_DENY], 0,
		"while it is being changed, the second factor is never forgotten");
	ok(counts[ADPERM_ALLOW_2FA] > 5, "(%u answers, %u times it had to be asked again)",
		counts[ADPERM_ALLOW_2FA], counts[ADPERM_ERROR]);
	is_int(ask_login(handle, "bob"), ADPERM_OK, "afterwards it answers again");
}

/* --- hidden and limited ----------------------------------------------------------------------- */

static void hidden(void)
{
	static const struct {
		const char *database, *part, *what;
	} rows[] = {
		{ "limits anonymous size=3\n", "Size limit", "a limit of the directory" },
		{ "access to dn.one=ou=grants," BASE " filter=(adpermRequire2fa=TRUE) by * none\n"
		  "access to * by * read\n",
			"adpermGrantTotal", "grants hidden by an access rule" },
		{ "access to attrs=adpermRequire2fa by * none\naccess to * by * read\n",
			"adpermRequire2fa is not there", "an attribute hidden by an access rule" },
		{ "access to attrs=adpermExpires by * none\naccess to * by * read\n",
			"adpermExpires is not there", "another" },
		{ "access to attrs=adpermAllowFrom by * none\naccess to * by * read\n",
			"adpermAllowFrom is not there", "and another" },
		{ "access to attrs=adpermMember by * none\naccess to * by * read\n",
			"without members", "the members of a group" },
		{ "access to * by users read by anonymous auth by * none\n",
			"search: ", "everything" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (!restart("", rows[i].database))
			abort();
		none(plain("hidden"), rows[i].part, rows[i].what);
	}
}

/* Who we are to the directory: an entry with a password, kept in a file. */
static void bound(void)
{
	char conf[1024];
	struct adperm *handle;

	/* The directory is the one that shows itself to users only. */
	slapd_change("ldapadd",
		"dn: cn=web1," SLAPD_SUFFIX "\nobjectClass: organizationalRole\n"
		"objectClass: simpleSecurityObject\ncn: web1\nuserPassword: geheim\n");
	write_text(in_slapd("secret"), "geheim\n");
	chmod(in_slapd("secret"), 0640);
	snprintf(conf, sizeof conf, "%sbind_dn cn=web1," SLAPD_SUFFIX "\nbind_secret %s\n",
		plain_conf(SLAPD_PORT, BASE), in_slapd("secret"));
	handle = directory("bound", "ldap", conf);
	is_int(ask_login(handle, "alice"), ADPERM_OK, "with a name and a secret it is seen");
	adperm_close(handle);
	write_text(in_slapd("secret"), "falsch\n");
	none(directory("bound", "ldap", conf), "bind: Invalid credentials", "a wrong secret");
	chmod(in_slapd("secret"), 0644);
	none(directory("bound", "ldap", conf),
		"source_ldap.conf:6: the file is everybody's to read",
		"a secret for everybody to read");
}

static void bad_configurations(void)
{
	static const struct {
		const char *text, *part;
	} rows[] = {
		{ "", "source_ldap.conf: no line says which server" },
		{ "server 127.0.0.1:3890 localhost\n",
			"source_ldap.conf: no line says which base" },
		{ "server localhost localhost\n", "source_ldap.conf:1: a server begins with" },
		{ "# x\nserver 127.0.0.1\n", "source_ldap.conf:2: behind the address" },
		{ "server 127.0.0.1:0 x\n", "source_ldap.conf:1: a server begins with" },
		{ "server [::1 x\n", "source_ldap.conf:1: a server begins with" },
		{ "server 192.0.2.1 x\nbase dc=test\ntls none\n", "tls none is for the loopback" },
		{ "server 127.0.0.1 x\nbase dc=test\n", "no line says ca" },
		{ "tls perhaps\n", "source_ldap.conf:1: tls is starttls, ldaps or none" },
		{ "tls none\ntls none\n", "source_ldap.conf:2: this word stands here a second" },
		{ "base\n", "source_ldap.conf:1: a value is missing" },
		{ "uri ldap://x\n", "source_ldap.conf:1: the words are" },
		{ "ca here\n", "source_ldap.conf:1: not an absolute path" },
		{ "bind_secret /nosuch\n", "source_ldap.conf:1: the file cannot be read" },
		{ "server ::1 x\ntls none\nbase dc=x\nbind_dn cn=x\n",
			"bind_dn and bind_secret go" },
	};
	struct adperm *handle;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		none(directory("conf", "ldap", rows[i].text), rows[i].part, rows[i].part);
	chmod(in_slapd("conf/source_ldap.conf"), 0666);
	handle = directory("conf", "ldap", NULL);
	none(handle, "not root's alone", "a configuration that everybody may write");
	unlink(in_slapd("conf/source_ldap.conf"));
	none(directory("conf", "ldap", NULL), "there is no such file", "no configuration");
}

int main(void)
{
	struct adperm *memory, *handle;

	if (!directory_begin())
		return tap_done();
	memory = engine_memory(policy);
	handle = plain("plain");
	agrees(memory, handle, "it answers as the policy in memory does");
	lost_entries(handle);
	bad_values(handle);
	cited(handle);
	referral(handle);
	forked(handle);
	changing(handle);
	agrees(memory, handle, "after all this it answers as before");
	adperm_close(handle);
	bad_configurations();
	hidden();
	bound();
	adperm_close(memory);
	directory_end();
	return tap_done();
}
