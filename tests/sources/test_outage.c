/*
 * The source `ldap` when the directory is somebody else, killed, stopped, slow, or no directory at
 * all. The answer is then none, in time, and people whom an earlier source knows get theirs.
 */
#include "directory.h"

#include <pthread.h>

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

/* Where this machine wakes us late, the switch may be the first to give up. */
static bool is_none(enum adperm_reason why)
{
	return why == ADPERM_POLICY_UNAVAIL || why == ADPERM_POLICY_SOURCE_LATE;
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
	slapd_suspend();
	for (size_t i = 0; i < ALL; i++)
		pthread_create(&thread[i], NULL, ask_timed, &timed[i]);
	for (size_t i = 0; i < ALL; i++) {
		const char *who = i < IMPOSTORS ? impostors[i].name : others[i - IMPOSTORS];

		pthread_join(thread[i], NULL);
		ok(is_none(timed[i].why), "a directory that %s: no answer (%s)", who,
			adperm_reason_word(timed[i].why));
		ok(timed[i].took < ONE_WAIT, "in time (%.2f s)", timed[i].took);
		ok(is_none(timed[i].again) && timed[i].then_took < NO_WAIT,
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
	ok(seconds() - begin < NO_WAIT, "nobody waits for it");
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
	if (!directory_begin())
		return tap_done();
	make_database();
	certificates();
	no_directory();
	killed();
	directory_end();
	return tap_done();
}
