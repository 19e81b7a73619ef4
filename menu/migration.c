/*
 * menu-migration accounts | databases | archive ACCOUNT | archives | fetch NAME | delete NAME: what
 * there is to move off this server, and archives of accounts' homes, one a day each, in a directory
 * that is root's alone.
 */
#include "adperm.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/private_dir.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ARCHIVES       "/var/lib/adperm/migration"
#define ARCHIVE_SUFFIX ".tar.gz"
#define CRONTABS       "/var/spool/cron/crontabs" /* Debian's */
#define MARIADB        "/var/lib/mysql"
#define PSQL           "/usr/bin/psql"
#define POSTGRES       "postgres" /* the user whom PostgreSQL believes to be its administrator */
#define SEND_MAX       (1 << 30)  /* bytes at a time */

enum { OK = 0, REFUSED = 1, FAILED = 2, TAR_CHANGED = 1 };

/* --- what there is */

static int wait_for(pid_t child)
{
	int status = -1;

	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : FAILED;
}

static struct adperm *open_policy(void)
{
	struct adperm *policy;
	enum adperm_reason why = adperm_open(NULL, &policy);

	if (why != ADPERM_OK)
		errx(FAILED, "the policy: %s (%s)", adperm_reason_text(why),
			adperm_reason_word(why));
	return policy;
}

static bool is_account(struct adperm *policy, const char *name)
{
	int second_factor;

	return adperm_account(policy, name, &second_factor) == ADPERM_OK;
}

/* du(1) prints a line as soon as it knows it: large homes take a while. */
static int show_accounts(void)
{
	struct adperm *policy = open_policy();
	const struct passwd *entry;
	unsigned shown = 0;

	setpwent();
	while ((entry = getpwent()) != NULL) {
		pid_t child;

		if (entry->pw_uid == 0 || !is_account(policy, entry->pw_name))
			continue;
		shown++;
		printf("%-32s ", entry->pw_name);
		fflush(stdout);
		child = fork();
		if (child == 0) {
			execl("/usr/bin/du", "du", "-x", "-s", "-h", "--", entry->pw_dir,
				(char *)NULL);
			_exit(FAILED);
		}
		if (wait_for(child) != 0)
			puts("(not all of it could be read)");
	}
	endpwent();
	adperm_close(policy);
	if (shown == 0)
		puts("No account of the policy is a Unix user here.");
	return OK;
}

static void print_size(const char *what, const char *name, double bytes)
{
	printf("%-12s %-40s %10.1f MiB\n", what, name, bytes / (1 << 20));
}

/* What MariaDB keeps of a database: files in one directory. */
static double size_of_files(int above, const char *name)
{
	int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *file;
	struct stat state;
	double bytes = 0;

	while (dir != NULL && (file = readdir(dir)) != NULL)
		if (fstatat(fd, file->d_name, &state, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISREG(state.st_mode))
			bytes += (double)state.st_blocks * 512;
	if (dir != NULL)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	return bytes;
}

static unsigned show_mariadb(void)
{
	static const char *const own[] = { "mysql", "performance_schema", "sys" };
	DIR *dir = opendir(MARIADB);
	const struct dirent *row;
	struct stat state;
	unsigned shown = 0;

	while (dir != NULL && (row = readdir(dir)) != NULL) {
		bool is_own = row->d_name[0] == '.' || row->d_name[0] == '#';

		for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
			is_own |= strcmp(row->d_name, own[i]) == 0;
		if (is_own || fstatat(dirfd(dir), row->d_name, &state, AT_SYMLINK_NOFOLLOW) != 0 ||
			!S_ISDIR(state.st_mode))
			continue;
		print_size("MariaDB", row->d_name, size_of_files(dirfd(dir), row->d_name));
		shown++;
	}
	if (dir != NULL)
		closedir(dir);
	return shown;
}

/* In a child, as PostgreSQL's own user: only the server knows what is whose. */
static void ask_postgresql(const struct passwd *postgres)
{
	static const char query[] =
		"SELECT format('PostgreSQL   %-40s %10s MiB', datname,"
		" round(pg_database_size(datname) / 1048576.0, 1))"
		" FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1";

	if (setgroups(0, NULL) != 0 ||
		setresgid(postgres->pw_gid, postgres->pw_gid, postgres->pw_gid) != 0 ||
		setresuid(postgres->pw_uid, postgres->pw_uid, postgres->pw_uid) != 0)
		err(FAILED, "becoming %s", POSTGRES);
	execl(PSQL, "psql", "-X", "-w", "-A", "-t", "-d", POSTGRES, "-c", query, (char *)NULL);
	err(FAILED, PSQL);
}

static int show_databases(void)
{
	const struct passwd *postgres = getpwnam(POSTGRES);
	bool asks = postgres != NULL && postgres->pw_uid != 0 && access(PSQL, X_OK) == 0;
	unsigned shown = show_mariadb();
	int status = OK;

	fflush(stdout);
	if (asks) {
		pid_t child = fork();

		if (child == 0)
			ask_postgresql(postgres);
		status = wait_for(child);
	}
	if (shown == 0 && !asks)
		puts("There are no databases of MariaDB here, and no PostgreSQL.");
	return status;
}

/* --- archives */

static void open_archives(struct private_dir *dir)
{
	int ret = private_dir_open(dir, ARCHIVES);

	if (ret != 0)
		errx(FAILED, ARCHIVES ": %s",
			ret == -EPERM ? "it, or a directory above it, is not root's alone"
				      : strerror(-ret));
}

static bool is_archive(const char *name)
{
	size_t len = strlen(name), end = strlen(ARCHIVE_SUFFIX);

	return name[0] != '.' && strchr(name, '/') == NULL && len > end &&
	       strcmp(name + len - end, ARCHIVE_SUFFIX) == 0;
}

static void check_archive(const char *name)
{
	if (!is_archive(name))
		errx(REFUSED,
			"%s is no name of an archive; the list of archives has those there are",
			name);
}

/* What root reads below a directory that somebody else may change could be anything. */
static void check_home(const char *home)
{
	struct stat state;

	if (home[0] != '/' || home[1] == '\0' || file_trusted_above(home) != 0 ||
		lstat(home, &state) != 0 || !S_ISDIR(state.st_mode))
		errx(REFUSED, "refused: the home %s is no directory in one that is root's alone",
			home);
}

/* In a child: writes the home and the crontab to `out`; on a terminal says how far it is. */
static void run_tar(int out, const char *account, const char *home)
{
	const char *crontab = NULL;
	char path[PATH_MAX];

	snprintf(path, sizeof path, CRONTABS "/%s", account);
	if (access(path, F_OK) == 0)
		crontab = path + 1;
	if (dup2(out, STDOUT_FILENO) >= 0)
		execl("/usr/bin/tar", "tar", "--create", "--file=-", "--one-file-system",
			"--numeric-owner", "--acls", "--xattrs", "--checkpoint=2048",
			"--checkpoint-action=ttyout=%{read}T%*\r", "--directory=/", "--", home + 1,
			crontab, (char *)NULL);
	err(FAILED, "/usr/bin/tar");
}

/* In a child: what it writes takes at most half of what is free there. */
static void run_gzip(int in, int out)
{
	struct statvfs disk;
	struct rlimit half;

	if (fstatvfs(out, &disk) != 0)
		err(FAILED, ARCHIVES);
	half.rlim_cur = half.rlim_max = disk.f_bavail / 2 * disk.f_frsize;
	if (setrlimit(RLIMIT_FSIZE, &half) == 0 && dup2(in, STDIN_FILENO) >= 0 &&
		dup2(out, STDOUT_FILENO) >= 0)
		execl("/usr/bin/gzip", "gzip", "--stdout", (char *)NULL);
	err(FAILED, "/usr/bin/gzip");
}

/* What tar(1) ended with, or FAILED if it is not all there. */
static int fill_archive(int out, const struct passwd *account)
{
	pid_t tar, gzip;
	int pipes[2], made;

	if (pipe2(pipes, O_CLOEXEC) != 0)
		return FAILED;
	tar = fork();
	if (tar == 0)
		run_tar(pipes[1], account->pw_name, account->pw_dir);
	close(pipes[1]);
	gzip = fork();
	if (gzip == 0)
		run_gzip(pipes[0], out);
	close(pipes[0]);
	made = wait_for(tar);
	return wait_for(gzip) == 0 ? made : FAILED;
}

/* Unlike SIG_IGN, it is not inherited by what a child executes. */
static void ignore(int number)
{
	(void)number;
}

static int archive(const char *account)
{
	const struct passwd *entry = getpwnam(account);
	struct adperm *policy = open_policy();
	const time_t now = time(NULL);
	struct private_dir dir;
	struct file_new file;
	char path[PATH_MAX], day[16];
	int ret;

	if (entry == NULL || entry->pw_uid == 0 || !is_account(policy, account))
		errx(REFUSED, "%s is no account of this server", account);
	adperm_close(policy);
	check_home(entry->pw_dir);
	open_archives(&dir);
	if (strftime(day, sizeof day, "%F", gmtime(&now)) == 0)
		errx(FAILED, "the clock is at no date; set it");
	snprintf(path, sizeof path, ARCHIVES "/%s-%s" ARCHIVE_SUFFIX, day, account);
	ret = file_create(&file, path, 0600);
	if (ret != 0)
		errx(FAILED, "%s: %s", path, strerror(-ret));
	private_dir_close(&dir);
	/* Who interrupts it ends the children; what they leave is taken away here. */
	signal(SIGINT, ignore);
	signal(SIGHUP, ignore);
	ret = fill_archive(file.fd, entry);
	if (ret > TAR_CHANGED) {
		file_abandon(&file);
		errx(FAILED,
			"there is no archive: tar(1) did not come to its end, or it would have "
			"taken more than half of what is free in " ARCHIVES);
	}
	if (ret == TAR_CHANGED)
		puts("Some files changed while they were read.");
	ret = file_commit(&file);
	if (ret != 0)
		errx(FAILED, "%s: %s", path, strerror(-ret));
	printf("Done: %s\n", path + sizeof ARCHIVES);
	return OK;
}

static int list_archives(void)
{
	struct private_dir dir;
	struct dirent **names;
	struct stat state;
	int total, shown = 0;

	open_archives(&dir);
	total = scandir(ARCHIVES, &names, NULL, alphasort);
	for (int i = 0; i < total; i++) {
		if (is_archive(names[i]->d_name) &&
			fstatat(dir.lock, names[i]->d_name, &state, AT_SYMLINK_NOFOLLOW) == 0) {
			printf("%-53s %10.1f MiB\n", names[i]->d_name,
				(double)state.st_size / (1 << 20));
			shown++;
		}
		free(names[i]);
	}
	if (total >= 0)
		free(names);
	private_dir_close(&dir);
	if (shown == 0)
		puts("There are no archives.");
	return total >= 0 ? OK : FAILED;
}

static int fetch(const char *name)
{
	struct private_dir dir;
	ssize_t sent;
	int fd;

	check_archive(name);
	if (isatty(STDOUT_FILENO))
		errx(REFUSED,
			"the archive itself comes out here, and not for a terminal: type\n"
			"    adperm-menu migration-fetch %s >%s",
			name, name);
	open_archives(&dir);
	fd = openat(dir.lock, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		err(FAILED, "%s", name);
	private_dir_close(&dir);
	while ((sent = sendfile(STDOUT_FILENO, fd, NULL, SEND_MAX)) != 0)
		if (sent < 0 && errno != EINTR)
			err(FAILED, "%s", name);
	close(fd);
	return OK;
}

static int delete (const char *name)
{
	struct private_dir dir;

	check_archive(name);
	open_archives(&dir);
	if (unlinkat(dir.lock, name, 0) != 0)
		err(FAILED, "%s", name);
	private_dir_close(&dir);
	printf("Deleted: %s\n", name);
	return OK;
}

static const struct verb {
	const char *word;
	int (*look)(void), (*act)(const char *name);
} verbs[] = {
	{ "accounts", .look = show_accounts },
	{ "databases", .look = show_databases },
	{ "archive", .act = archive },
	{ "archives", .look = list_archives },
	{ "fetch", .act = fetch },
	{ "delete", .act = delete },
};

int main(int argc, char **argv)
{
	int status = -1;

	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
		if (argc < 2 || strcmp(argv[1], verbs[i].word) != 0)
			continue;
		if (argc == 2 && verbs[i].look != NULL)
			status = verbs[i].look();
		else if (argc == 3 && verbs[i].act != NULL)
			status = verbs[i].act(argv[2]);
	}
	if (status < 0)
		errx(FAILED, "usage: menu-migration "
			     "accounts|databases|archives|{archive ACCOUNT}|{fetch|delete NAME}");
	return fflush(stdout) == 0 ? status : FAILED;
}
