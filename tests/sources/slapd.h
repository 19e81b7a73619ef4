/*
 * A directory of one's own: a real slapd on the loopback, below a directory in /run that only root
 * can write, where also the sources are installed. For programs that tests/integration/privately
 * runs: in a network of their own the ports are theirs.
 */
#ifndef ADPERM_TESTS_SLAPD_H
#define ADPERM_TESTS_SLAPD_H

#include "adperm.h"
#include "adperm_source.h"

#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Seconds, on a slow machine: less than waiting twice takes, less than waiting at all. */
#define ONE_WAIT (2.0 * ADPERM_SOURCE_SECONDS)
#define NO_WAIT  (0.8 * ADPERM_SOURCE_SECONDS)

#define SLAPD_PORT   3890
#define SLAPD_SUFFIX "dc=test"

static char slapd_dir[] = "/run/adperm-test.XXXXXX";
static pid_t slapd_pid;

/* A name below the directory, in one of a few rotating arrays. */
static inline const char *in_slapd(const char *name)
{
	static char paths[8][256];
	static unsigned turn;
	char *path = paths[turn++ % 8];

	snprintf(path, sizeof paths[0], "%s/%s", slapd_dir, name);
	return path;
}

static inline void write_text(const char *path, const char *text)
{
	FILE *out = fopen(path, "we");

	if (out == NULL || fputs(text, out) < 0 || fclose(out) != 0)
		err(125, "%s", path);
}

/* Runs a program to its end; true if it ended well. What it says goes to DIRECTORY/said. */
static inline bool run(const char *const argv[])
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		int out = open(in_slapd("said"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

		dup2(out, STDOUT_FILENO);
		dup2(out, STDERR_FILENO);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

#define RUN(...) run((const char *const[]){ __VA_ARGS__, NULL })

/* The directory, with the sources that have been built. */
static inline void slapd_make(const char *build)
{
	static const char *const objects[] = { "sources.so", "source_flat.so", "source_ldap.so",
		"tests/sources/source_hostile.so", "tests/sources/source_version.so",
		"tests/sources/source_smaller.so" };
	char from[512];

	umask(022);
	if (mkdtemp(slapd_dir) == NULL || chmod(slapd_dir, 0755) != 0 ||
		mkdir(in_slapd("lib"), 0755) != 0 || mkdir(in_slapd("db"), 0700) != 0)
		err(125, "%s", slapd_dir);
	for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++) {
		snprintf(from, sizeof from, "%s/%s", build, objects[i]);
		RUN("install", "-m", "644", from, in_slapd("lib"));
	}
}

/* What slapd is told besides the usual: of itself, and of the database. */
static inline void slapd_configure(const char *global, const char *database)
{
	char source[256], conf[4096];

	if (getcwd(source, sizeof source) == NULL)
		err(125, "getcwd");
	snprintf(conf, sizeof conf,
		"include /etc/ldap/schema/core.schema\n"
		"include %s/conf/ldap/adperm.schema\n"
		"modulepath /usr/lib/ldap\nmoduleload back_mdb\n"
		"pidfile %s/slapd.pid\nloglevel 0\n%s"
		"database mdb\ndbnosync\nmaxsize 1073741824\nsuffix " SLAPD_SUFFIX
		"\ndirectory %s/db\n"
		"rootdn cn=admin," SLAPD_SUFFIX "\nrootpw secret\n"
		"index objectClass,adpermEmail,adpermLogin,adpermFingerprint,adpermHost eq\n"
		"index adpermOwnedBy,adpermGroupName eq\n%s",
		source, slapd_dir, global, slapd_dir, database);
	write_text(in_slapd("slapd.conf"), conf);
}

/* Loads entries while slapd does not run. */
static inline bool slapd_load(const char *ldif)
{
	return RUN("slapadd", "-q", "-f", in_slapd("slapd.conf"), "-l", ldif);
}

static inline bool slapd_answers(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool good;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	good = connect(sock, (struct sockaddr *)&address, sizeof address) == 0;
	close(sock);
	return good;
}

/* Starts it, and waits until it answers. */
static inline bool slapd_start(void)
{
	char urls[128];

	snprintf(urls, sizeof urls, "ldap://127.0.0.1:%d ldaps://127.0.0.1:%d", SLAPD_PORT,
		SLAPD_PORT + 1);
	slapd_pid = fork();
	if (slapd_pid == 0) {
		int out = open(in_slapd("said"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(out, STDOUT_FILENO);
		dup2(out, STDERR_FILENO);
		execlp("slapd", "slapd", "-f", in_slapd("slapd.conf"), "-h", urls, "-d", "0", "-s",
			"0", (char *)NULL);
		_exit(127);
	}
	for (unsigned i = 0; i < 3000; i++) {
		if (slapd_answers(SLAPD_PORT))
			return true;
		if (waitpid(slapd_pid, NULL, WNOHANG) != 0)
			return false;
		usleep(20000);
	}
	return false;
}

/* Its threads stop one by one, and one that goes on would answer. */
static inline void slapd_suspend(void)
{
	kill(slapd_pid, SIGSTOP);
	waitpid(slapd_pid, NULL, WUNTRACED);
}

static inline void slapd_stop(int number)
{
	if (slapd_pid > 0) {
		kill(slapd_pid, number);
		waitpid(slapd_pid, NULL, 0);
	}
	slapd_pid = 0;
}

/* Changes entries of the running slapd: `program` is ldapadd, ldapmodify or ldapdelete. */
static inline bool slapd_change(const char *program, const char *words)
{
	char url[64];

	write_text(in_slapd("change"), words);
	snprintf(url, sizeof url, "ldap://127.0.0.1:%d", SLAPD_PORT);
	return RUN(program, "-x", "-H", url, "-D", "cn=admin," SLAPD_SUFFIX, "-w", "secret", "-f",
		in_slapd("change"));
}

/*
 * A handle that asks by a switch.conf with that line. `name` makes the directory of the two files;
 * `conf`, unless it is NULL, is what source_SOURCE.conf there says.
 */
static inline enum adperm_reason switch_open(const char *name, const char *line, const char *source,
	const char *conf, const char *db, struct adperm **handle)
{
	char dir[256], path[300], text[300];
	const struct adperm_options options = { .db = db != NULL ? db : in_slapd("nosuch.cdb"),
		.switch_conf = path,
		.people = in_slapd("people"),
		.sources = in_slapd("lib") };

	snprintf(dir, sizeof dir, "%s/%s", slapd_dir, name);
	mkdir(dir, 0755);
	if (conf != NULL) {
		snprintf(path, sizeof path, "%s/source_%s.conf", dir, source);
		write_text(path, conf);
	}
	snprintf(path, sizeof path, "%s/switch.conf", dir);
	snprintf(text, sizeof text, "policy: %s\n", line);
	write_text(path, text);
	return adperm_open(&options, handle);
}

/* What source_ldap.conf says of the plain connection. */
static inline const char *plain_conf(int port, const char *base)
{
	static char text[512];

	snprintf(text, sizeof text,
		"# of a test\nserver 127.0.0.1:%d localhost\ntls none\nbase %s\n", port, base);
	return text;
}

static inline void slapd_clean_up(void)
{
	slapd_stop(SIGKILL);
	RUN("rm", "-rf", slapd_dir);
}

#endif
