/*
 * The source `ldap` when the directory is not as it should be: entries lost, hidden or changed
 * under its feet, limits, referrals, wrong certificates; killed, stopped, slow, or not a directory
 * at all. The answer is then none, in time, and people whom an earlier source knows get theirs.
 */
#include "../decide/engines.h"
#include "slapd.h"
#include "tap.h"

#include "cli/ldif.h"

#include <pthread.h>
#include <time.h>

#define NOW  INT64_C(1795000000) /* 2026-11-18 */
#define BASE "ou=p," SLAPD_SUFFIX
#define HOST "web1.acme.example"

static struct policy *policy;
static struct diags *diags;

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- asking ---------------------------------------------------------------------------------- */

static const struct asked_row {
	const char *login, *permission, *account, *from;
} table[] = {
	{ "ops", "server.ssh_users", NULL, NULL },
	{ "ops", "overall.billing", NULL, NULL },
	{ "alice", "server.ssh_users", NULL, NULL },
	{ "alice", "account.ssh", "acme", "203.0.113.7" },
	{ "alice", "account.ssh", "acme-shop", "192.0.2.1" },
	{ "bob", "server.ssh_users", NULL, NULL },
	{ "bob", "account.ssh", "acme", NULL },
	{ "carol", "server.ssh_users", NULL, NULL },
	{ "dora", "server.resources", NULL, "192.0.2.9" },
	{ "dora", "account.ssh", "acme", "192.0.2.9" },
	{ "dora", "account.ssh", "acme", "198.51.100.1" },
};

#define QUESTIONS (sizeof table / sizeof table[0])

static enum adperm_verdict ask_row(
	struct adperm *handle, const struct asked_row *row, struct adperm_answer *answer)
{
	const struct adperm_question q = { .who = ADPERM_LOGIN,
		.name = row->login,
		.permission = row->permission,
		.account = row->account,
		.from = row->from,
		.server = HOST,
		.time = NOW };

	return adperm_ask(handle, &q, answer);
}

static enum adperm_reason ask_login(struct adperm *handle, const char *login)
{
	const struct asked_row row = { login, "server.ssh_users", NULL, NULL };
	struct adperm_answer answer;

	ask_row(handle, &row, &answer);
	return answer.reason;
}

static struct adperm *directory(const char *name, const char *line, const char *conf)
{
	struct adperm *handle = NULL;

	if (switch_open(name, line, "ldap", conf, in_slapd("policy.cdb"), &handle) != ADPERM_OK)
		abort();
	return handle;
}

static struct adperm *plain(const char *name)
{
	return directory(name, "ldap", plain_conf(SLAPD_PORT, BASE));
}

static void told(struct adperm *handle, const char *part, const char *what)
{
	char why[ADPERM_WHY_SIZE];

	adperm_trouble(handle, why, sizeof why);
	if (!ok(strstr(why, part) != NULL, "%s", what))
		printf("#   told: %s\n", why);
}

/* A handle that answers nothing, and says why. */
static void none(struct adperm *handle, const char *part, const char *what)
{
	is_str(adperm_reason_word(ask_login(handle, "alice")), "policy_unavail", "%s", what);
	told(handle, part, "and it is told why");
	adperm_close(handle);
}

/* --- what the directory says ------------------------------------------------------------------ */

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

static void write_ldif(void)
{
	FILE *out = fopen(in_slapd("all.ldif"), "we");

	if (out == NULL)
		abort();
	fputs("dn: " SLAPD_SUFFIX
	      "\nobjectClass: organization\nobjectClass: dcObject\no: test\ndc: test\n\n"
	      "dn: " BASE "\nobjectClass: organizationalUnit\nou: p\n\n",
		out);
	ldif_print(policy, BASE, out);
	fclose(out);
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
	unsigned counts[4] = { 0 };
	double end = seconds() + 1.5;
	pid_t pid = fork();

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
		while (seconds() < end && fputs(steps, out) >= 0)
			fflush(out);
		fclose(out);
		close(fd[0]);
		wait(NULL);
		_exit(0);
	}
	while (seconds() < end) {
		struct adperm_answer answer;

		counts[ask_row(handle, &row, &answer)]++;
	}
	waitpid(pid, NULL, 0);
	is_int(counts[ADPERM_ALLOW] + counts[ADPERM_DENY], 0,
		"while it is being changed, the second factor is never forgotten");
	ok(counts[ADPERM_ALLOW_2FA] > 20, "(%u answers, %u times it had to be asked again)",
		counts[ADPERM_ALLOW_2FA], counts[ADPERM_ERROR]);
	is_int(ask_login(handle, "bob"), ADPERM_OK, "afterwards it answers again");
}

/* --- hidden and limited ----------------------------------------------------------------------- */

static bool restart(const char *global, const char *database)
{
	slapd_stop(SIGTERM);
	slapd_configure(global, database);
	return slapd_start();
}

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

/* --- TLS -------------------------------------------------------------------------------------- */

static bool make_certificate(const char *name, const char *host)
{
	char subject[64], alternative[64], key[256], crt[256];

	snprintf(subject, sizeof subject, "/CN=%s", host);
	snprintf(alternative, sizeof alternative, "subjectAltName=DNS:%s", host);
	snprintf(key, sizeof key, "%s/%s.key", slapd_dir, name);
	snprintf(crt, sizeof crt, "%s/%s.crt", slapd_dir, name);
	return RUN("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
		"ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", subject, "-addext",
		alternative, "-keyout", key, "-out", crt);
}

static const char *tls_conf(int port, const char *name, const char *tls, const char *ca)
{
	static char text[1024];

	snprintf(text, sizeof text, "server 127.0.0.1:%d %s\ntls %s\nca %s\nbase " BASE "\n", port,
		name, tls, in_slapd(ca));
	return text;
}

static void certificates(void)
{
	char global[1024];
	struct adperm *handle;

	ok(make_certificate("ours", "ldap.acme.example") &&
			make_certificate("theirs", "ldap.acme.example"),
		"two certificates are made");
	snprintf(global, sizeof global, "TLSCertificateFile %s\nTLSCertificateKeyFile %s\n",
		in_slapd("ours.crt"), in_slapd("ours.key"));
	if (!restart(global, ""))
		abort();
	/* What users of su and sudo could say to libldap must not be heard. */
	setenv("LDAPTLS_REQCERT", "never", 1);
	setenv("LDAPSIZELIMIT", "1", 1);
	setenv("LDAPURI", "ldap://127.0.0.1:1", 1);
	handle = directory(
		"tls", "ldap", tls_conf(SLAPD_PORT, "ldap.acme.example", "starttls", "ours.crt"));
	is_int(ask_login(handle, "alice"), ADPERM_OK, "StartTLS");
	adperm_close(handle);
	handle = directory(
		"tls", "ldap", tls_conf(SLAPD_PORT + 1, "ldap.acme.example", "ldaps", "ours.crt"));
	is_int(ask_login(handle, "alice"), ADPERM_OK, "ldaps");
	adperm_close(handle);
	none(directory("tls", "ldap",
		     tls_conf(SLAPD_PORT, "ldap.acme.example", "starttls", "theirs.crt")),
		"TLS", "a certificate of another authority");
	none(directory("tls", "ldap",
		     tls_conf(SLAPD_PORT + 1, "ldap.acme.example", "ldaps", "theirs.crt")),
		"TLS", "with ldaps");
	none(directory("tls", "ldap",
		     tls_conf(SLAPD_PORT, "ldap.evil.example", "starttls", "ours.crt")),
		"TLS", "a certificate of another name");
	none(directory("tls", "ldap",
		     tls_conf(SLAPD_PORT + 1, "ldap.evil.example", "ldaps", "ours.crt")),
		"TLS", "with ldaps");
	none(directory("tls", "ldap",
		     tls_conf(SLAPD_PORT, "ldap.acme.example", "starttls", "nosuch.crt")),
		"nosuch.crt", "no authority at all");
	unsetenv("LDAPTLS_REQCERT");
	unsetenv("LDAPSIZELIMIT");
	unsetenv("LDAPURI");
}

/* --- killed, stopped, slow, and no directory at all ------------------------------------------- */

/* What listens instead of slapd, a child for all of them. */
static const struct impostor {
	const char *name;
	const char *bytes; /* sent at once, or one by one */
	size_t len;
	bool slowly, closes;
} impostors[] = {
	{ "closes at once", "", 0, false, true },
	{ "sends garbage", "HTTP/1.1 400 Bad Request\r\n\r\n", 28, false, false },
	{ "sends a message without end", "\x30\x84\x7f\xff\xff\xff\x02\x01\x02\x64", 10, false,
		false },
	{ "sends a negative length", "\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff", 10, false, false },
	/* SearchResultEntry 1 whose DN is longer than the message. */
	{ "sends an entry that overflows",
		"\x30\x0c\x02\x01\x01\x64\x07\x04\x7f"
		"abcde",
		14, false, false },
	/* SearchResultDone 1 with success, but cut: then silence. */
	{ "stops in the middle", "\x30\x0c\x02\x01\x01\x65\x07\x0a\x01", 9, false, false },
	/* SearchResultDone 4711, to a question never asked. */
	{ "answers another question",
		"\x30\x0d\x02\x02\x12\x67\x65\x07\x0a\x01\x00\x04\x00\x04\x00", 15, false, false },
	{ "says nothing", "", 0, false, false },
	{ "sends a byte now and then",
		"\x30\x60\x02\x01\x01\x64\x5b\x04\x40"
		"cn=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		45, true, false },
};

#define IMPOSTORS     (sizeof impostors / sizeof impostors[0])
#define IMPOSTOR_PORT 3900

static void serve(int sock, const struct impostor *who)
{
	for (;;) {
		int fd = accept4(sock, NULL, NULL, SOCK_CLOEXEC);
		char request[512];

		if (fd < 0)
			continue;
		if (who->len > 0 && recv(fd, request, sizeof request, 0) < 0)
			continue;
		for (size_t i = 0; i < who->len; i += who->slowly ? 1 : who->len) {
			send(fd, who->bytes + i, who->slowly ? 1 : who->len, MSG_NOSIGNAL);
			if (who->slowly)
				usleep(150000);
		}
		if (who->closes)
			close(fd); /* the others stay open until the test ends */
	}
}

static pid_t start_impostor(size_t i)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)(IMPOSTOR_PORT + i)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	if (bind(sock, (struct sockaddr *)&address, sizeof address) != 0 || listen(sock, 8) != 0)
		abort();
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(sock, &impostors[i]);
	}
	close(sock);
	return pid;
}

/* One question, on its own thread, and how long it took. */
struct timed {
	struct adperm *handle;
	enum adperm_reason why, again;
	double took, then_took;
};

static void *ask_timed(void *timed)
{
	struct timed *t = timed;
	double begin = seconds();

	t->why = ask_login(t->handle, "alice");
	t->took = seconds() - begin;
	begin = seconds();
	t->again = ask_login(t->handle, "alice");
	t->then_took = seconds() - begin;
	return NULL;
}

/* All that hang are waited for at once: the wait is the same. */
static void no_directory(void)
{
	enum { TLS_SILENT = IMPOSTORS, LDAPS_SILENT, STOPPED, ALL };
	static const char *const others[] = { "says nothing to StartTLS", "nor to ldaps",
		"is stopped (SIGSTOP)" };
	struct timed timed[ALL] = { { .handle = NULL } };
	pthread_t thread[ALL];
	pid_t pid[IMPOSTORS];
	int silent = IMPOSTOR_PORT;
	char name[16];

	for (size_t i = 0; i < IMPOSTORS; i++) {
		pid[i] = start_impostor(i);
		snprintf(name, sizeof name, "impostor%zu", i);
		timed[i].handle = directory(name, "ldap", plain_conf(IMPOSTOR_PORT + (int)i, BASE));
		if (strcmp(impostors[i].name, "says nothing") == 0)
			silent += (int)i;
	}
	timed[TLS_SILENT].handle = directory("silent-starttls", "ldap",
		tls_conf(silent, "ldap.acme.example", "starttls", "ours.crt"));
	timed[LDAPS_SILENT].handle = directory(
		"silent-ldaps", "ldap", tls_conf(silent, "ldap.acme.example", "ldaps", "ours.crt"));
	timed[STOPPED].handle = plain("stopped");
	is_int(ask_login(timed[STOPPED].handle, "alice"), ADPERM_OK, "slapd answers");
	kill(slapd_pid, SIGSTOP);
	for (size_t i = 0; i < ALL; i++)
		pthread_create(&thread[i], NULL, ask_timed, &timed[i]);
	for (size_t i = 0; i < ALL; i++) {
		const char *who = i < IMPOSTORS ? impostors[i].name : others[i - IMPOSTORS];

		pthread_join(thread[i], NULL);
		is_str(adperm_reason_word(timed[i].why), "policy_unavail",
			"a directory that %s: no answer", who);
		ok(timed[i].took < 3.4, "in time (%.2f s)", timed[i].took);
		ok(timed[i].again == ADPERM_POLICY_UNAVAIL &&
				(timed[i].took < 1 || timed[i].then_took < 0.3),
			"and the next does not wait again (%.2f s)", timed[i].then_took);
		adperm_close(timed[i].handle);
	}
	kill(slapd_pid, SIGCONT);
	for (size_t i = 0; i < IMPOSTORS; i++) {
		kill(pid[i], SIGKILL);
		waitpid(pid[i], NULL, 0);
	}
}

/* People of the database go on; the others are refused until the directory is back. */
static void killed(void)
{
	struct adperm *handle =
		directory("killed", "db [notfound=continue] ldap", plain_conf(SLAPD_PORT, BASE));
	struct adperm *second = directory(
		"killed-second", "ldap [unavail=continue] db", plain_conf(SLAPD_PORT, BASE));
	struct adperm *first;
	char conf[1024];
	double begin;

	is_int(ask_login(handle, "local"), ADPERM_OK, "db, then ldap: somebody of the database");
	is_int(ask_login(handle, "alice"), ADPERM_OK, "and somebody of the directory");
	is_int(ask_login(second, "local"), ADPERM_OK, "ldap, then db: somebody of the database");
	slapd_stop(SIGKILL);
	begin = seconds();
	is_int(ask_login(handle, "local"), ADPERM_OK,
		"slapd is killed: somebody of the database comes in");
	is_int(ask_login(handle, "alice"), ADPERM_POLICY_UNAVAIL,
		"somebody of the directory does not");
	is_int(ask_login(handle, "nobody"), ADPERM_POLICY_UNAVAIL,
		"of whom nobody knows, nothing can be said");
	is_int(ask_login(second, "local"), ADPERM_OK, "unavail=continue: the database is asked");
	is_int(ask_login(second, "alice"), ADPERM_UNKNOWN_PERSON, "which does not know alice");
	ok(seconds() - begin < 1, "nobody waits for it");
	if (!slapd_start())
		abort();
	is_int(ask_login(handle, "alice"), ADPERM_OK, "slapd is back, and so is alice");
	snprintf(conf, sizeof conf, "server 127.0.0.1:1 localhost\n%s",
		plain_conf(SLAPD_PORT, BASE));
	first = directory("killed-first", "ldap", conf);
	is_int(ask_login(first, "alice"), ADPERM_OK, "of two servers one is enough");
	adperm_close(first);
	adperm_close(handle);
	adperm_close(second);
}

/* The same people and servers, but only `local`, who is in no directory. */
static void make_database(void)
{
	const char *path = in_slapd("local.yaml");
	const struct emit_options options = {
		.server = NO_INDEX, .generation = 7, .not_after = WHEN_NEVER
	};
	struct policy *local;
	int fd = open(in_slapd("policy.cdb"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);

	write_text(path, "---\nadperm: 1\nprofiles:\n  local@acme.example: {login: local}\n"
			 "owners:\n  ops@acme.example:\n    servers: {" HOST
			 ": {}}\n    grants: [{to: local@acme.example, servers: {" HOST
			 ": [ssh_users]}}]\n...\n");
	local = policy_load(&path, 1, diags);
	if (local == NULL || policy_emit(local, &options, fd) != 0)
		abort();
	close(fd);
	policy_free(local);
}

int main(void)
{
	const char *const path = "tests/sources/directory.yaml";
	const char *build = getenv("BUILD");
	struct adperm *memory, *handle;

	slapd_make(build != NULL ? build : "build");
	slapd_configure("", "");
	diags = diags_new();
	policy = policy_load(&path, 1, diags);
	diags_print(diags, stdout);
	if (policy == NULL)
		abort();
	make_database();
	write_ldif();
	if (!ok(slapd_load(in_slapd("all.ldif")) && slapd_start(), "slapd has the policy"))
		return tap_done();
	memory = engine_memory(policy);
	handle = plain("plain");
	agrees(memory, handle, "it answers as the policy in memory does");
	lost_entries(handle);
	bad_values(handle);
	referral(handle);
	forked(handle);
	changing(handle);
	agrees(memory, handle, "after all this it answers as before");
	adperm_close(handle);
	bad_configurations();
	hidden();
	bound();
	certificates();
	no_directory();
	killed();
	slapd_clean_up();
	adperm_close(memory);
	policy_free(policy);
	diags_free(diags);
	return tap_done();
}
