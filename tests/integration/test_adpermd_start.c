/* How adpermd starts: what it refuses, what it gives up, what a supervisor hands it. */
#include "adpermd/watermark.h"
#include "daemon.h"

#include <grp.h>
#include <pwd.h>
#include <sys/ptrace.h>
#include <sys/resource.h>

static struct world world;
static char said[4096];

static const char alice[] = "alice@acme.example";

#define MORE(...)                                                                                  \
	(const char *const[])                                                                      \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}

static void refused(const char *const *more, int status, const char *words, const char *what)
{
	int got = world_refusal(&world, more, said, sizeof said);

	ok(got == status && strstr(said, words) != NULL, "%s", what);
	if (got != status || strstr(said, words) == NULL)
		printf("#   exit %d, said: %s\n", got, said);
}

static mode_t mode_of(const char *path)
{
	struct stat state;

	return lstat(path, &state) == 0 ? state.st_mode : 0;
}

static void words_and_usage(void)
{
	refused(MORE("--what"), 2, "usage: adpermd", "an unknown option");
	refused(MORE("operand"), 2, "usage: adpermd", "an operand");
	refused(MORE("--key", world.key), 2, "--foreground", "nobody handed it a socket");
	is_int(mode_of(world.state), 0, "and nothing was made");
}

static void t85_where_the_socket_may_be(void)
{
	char elsewhere[96];

	snprintf(elsewhere, sizeof elsewhere, "%s/none/auth.sock", world.dir);
	refused(MORE("--foreground", "--socket", elsewhere), 1, "mkdir -p -m 755",
		"t85 a directory that is not there is not made");
	refused(MORE("--foreground", "--socket", "/tmp/adperm-test.sock"), 1,
		"must be a directory of root",
		"t85 no socket in a directory that others can write");
	refused(MORE("--foreground", "--socket", "auth.sock"), 1, "absolute path",
		"t85 nor in whatever the present directory is");
	world_write(world.socket, "something", 0644);
	refused(MORE("--foreground"), 1, "it is left alone", "a file in its place stays");
	unlink(world.socket);
}

static void t79_users(void)
{
	refused(MORE("--foreground", "--user", "no-such-user"), 1, "useradd --system",
		"t79 a user that does not exist");
	refused(MORE("--foreground", "--user", "root"), 1, "does not work as root", "t79 root");
}

static void lists(void)
{
	world_write(world.config, "# one\nclient postgres services=a operations=verify\n", 0644);
	refused(MORE("--foreground"), 1, "adperm.conf:2: ", "a wrong line of the list is named");
	world_write(world.config, "", 0664);
	refused(MORE("--foreground"), 1, "must be root's", "a list that others can write");
	unlink(world.config);
}

static void t104_keys(void)
{
	char database[96], kept[96];

	snprintf(database, sizeof database, "%s/state.db", world.state);
	snprintf(kept, sizeof kept, "%s/kept.key", world.dir);
	world_start(&world);
	is_int(mode_of(world.key) & 07777, 0400, "t104 a new key is root's alone");
	is_int(mode_of(world.state) & 07777, 0700, "t104 the state is its user's alone");
	is_int(mode_of(database) & 07777, 0600, "t104 and so is the database");
	world_stop(&world, SIGTERM);

	chmod(world.key, 0440);
	refused(MORE("--foreground"), 1, "mode 0400", "t104 a key that a group can read");
	chmod(world.key, 0400);
	if (rename(world.key, kept) != 0)
		bail("cannot rename");
	refused(MORE("--foreground"), 1, "put its copy back",
		"t104 a missing key beside a database is not made anew");
	is_int(mode_of(world.key), 0, "t104 nor otherwise put there");
	world_write(world.key, "0123456789012345678901234567890", 0400);
	refused(MORE("--foreground"), 1, "this has 31", "t104 a key of 31 bytes");
	unlink(world.key);
	world_write(world.key, "01234567890123456789012345678901", 0400);
	world_start(&world);
	is_int(ask(&world, PROTO_ENROLL, "adperm", alice, ""), PROTO_YES, "another key");
	world_stop(&world, SIGTERM);
	unlink(world.key);
	if (rename(kept, world.key) != 0)
		bail("cannot rename");
	world_start(&world);
	is_int(ask(&world, PROTO_VERIFY, "sshd", alice, "123456"), PROTO_STORE_CORRUPT,
		"t62 what another key sealed is damaged");
	is_int(ask(&world, PROTO_ENROLL, "adperm", "bob@acme.example", ""), PROTO_YES,
		"t67 for that person only");
	is_int(ask(&world, PROTO_VERIFY, "sshd", "bob@acme.example", ""), PROTO_BAD_CODE,
		"t67 others are judged");
	world_stop(&world, SIGTERM);
}

static void state_of_somebody_else(void)
{
	const struct passwd *nobody = getpwnam("nobody");

	if (chown(world.state, 12345, 12345) != 0)
		bail("cannot chown");
	refused(MORE("--foreground"), 1, "must be the daemon's alone", "another user's state");
	if (chown(world.state, nobody->pw_uid, nobody->pw_gid) != 0)
		bail("cannot chown");
	chmod(world.state, 0750);
	refused(MORE("--foreground"), 1, "must be the daemon's alone", "a state that others see");
	chmod(world.state, 0700);
}

/* The mark beside the state, by which an old copy of it is noticed: nobody else's, and a file. */
static void a_mark_of_somebody_else(void)
{
	char mark[96];

	snprintf(mark, sizeof mark, "%s" WATERMARK_SUFFIX, world.state);
	unlink(mark);
	world_write(mark, "", 0600);
	if (chown(mark, 12345, 12345) != 0)
		bail("cannot chown");
	refused(MORE("--foreground"), 1, "must be a file of the daemon's", "another user's mark");
	unlink(mark);
	if (symlink("elsewhere", mark) != 0)
		bail("cannot link");
	refused(MORE("--foreground"), 1, "symbolic links", "a mark that is a link");
	unlink(mark);
	if (mkfifo(mark, 0600) != 0)
		bail("cannot make a FIFO");
	refused(MORE("--foreground"), 1, "must be a file of the daemon's", "a mark that is a FIFO");
	unlink(mark);
}

/* A state that cannot be one. */
static void state_that_is_none(void)
{
	char kept[96];

	snprintf(kept, sizeof kept, "%s/kept", world.dir);
	if (rename(world.state, kept) != 0)
		bail("cannot rename");
	world_write(world.state, "", 0600);
	refused(MORE("--foreground"), 1, "Not a directory", "a file in the place of the state");
	unlink(world.state);
	if (symlink(kept, world.state) != 0)
		bail("cannot link");
	refused(MORE("--foreground"), 1, "Not a directory", "a link in the place of the state");
	unlink(world.state);
	if (rename(kept, world.state) != 0)
		bail("cannot rename");
}

static void only_one(void)
{
	char other[96];
	struct stat before, after;

	snprintf(other, sizeof other, "%s/other.sock", world.dir);
	world_start(&world);
	lstat(world.socket, &before);
	refused(MORE("--foreground"), 1, "another daemon listens", "a living daemon's socket");
	lstat(world.socket, &after);
	ok(before.st_ino == after.st_ino, "which is left alone");
	refused(MORE("--foreground", "--socket", other), 1, "another adpermd has it open",
		"a living daemon's state");
	unlink(other);
	world_stop(&world, SIGKILL);
	world_start(&world);
	ok(true, "a dead daemon's socket is replaced");
}

/* What follows a name in a file of /proc/PID/ of the running daemon, to the end of its line. */
static const char *proc_line(const char *file, const char *name)
{
	static char text[4096];
	char path[64], *line;
	ssize_t len;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/%s", (int)world.daemon, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = read(fd, text, sizeof text - 1);
	close(fd);
	text[len > 0 ? len : 0] = '\0';
	line = strstr(text, name);
	if (line == NULL)
		return "";
	line += strlen(name);
	line[strcspn(line, "\n")] = '\0';
	return line;
}

static void become(const struct passwd *user)
{
	if (setgroups(0, NULL) != 0 || setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0 ||
		setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0)
		_exit(1);
}

static void cannot_be_traced(void)
{
	int status = 1;
	pid_t child = fork();

	if (child == 0) {
		become(getpwnam("nobody"));
		_exit(ptrace(PTRACE_ATTACH, world.daemon, NULL, NULL) == -1 && errno == EPERM ? 0
											      : 2);
	}
	waitpid(child, &status, 0);
	is_int(status, 0, "t70 its own user cannot trace it");
}

static void t70_what_it_gave_up(void)
{
	const struct passwd *nobody = getpwnam("nobody");
	const char *words;
	char ids[64];

	snprintf(ids, sizeof ids, "\nUid:\t%u\t%u\t%u\t%u", nobody->pw_uid, nobody->pw_uid,
		nobody->pw_uid, nobody->pw_uid);
	is_str(proc_line("status", "\nUid:"), ids + 5, "t79 it is its user, in every respect");
	snprintf(ids, sizeof ids, "\t%u\t%u\t%u\t%u", nobody->pw_gid, nobody->pw_gid,
		nobody->pw_gid, nobody->pw_gid);
	is_str(proc_line("status", "\nGid:"), ids, "t79 and its group");
	is_str(proc_line("status", "\nCapPrm:"), "\t0000000000000000", "t79 no capabilities");
	is_str(proc_line("status", "\nCapEff:"), "\t0000000000000000", "t79 none at all");
	is_str(proc_line("status", "\nNoNewPrivs:"), "\t1", "t79 no new privileges");
	is_str(proc_line("status", "\nUmask:"), "\t0077", "t79 umask");
	words = proc_line("limits", "Max core file size");
	words += strspn(words, " ");
	ok(strncmp(words, "0 ", 2) == 0 && strtol(words + 1, NULL, 10) == 0, "t70 no core");
	cannot_be_traced();
	world_stop(&world, SIGTERM);
}

/* A parent that left it a mess. */
static void t79_inheritance(void)
{
	const char *words;
	char path[64];
	int64_t limit = now_ms() + 60000;
	ssize_t len;

	unlink(world.log);
	world.daemon = fork();
	if (world.daemon == 0) {
		sigset_t all;

		sigfillset(&all);
		sigprocmask(SIG_SETMASK, &all, NULL);
		signal(SIGCHLD, SIG_IGN);
		umask(0);
		if (setgroups(1, &(gid_t){ 12345 }) != 0)
			_exit(1);
		setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){ 0, 0 });
		setenv("LISTEN_PID", "1", 1);
		setenv("LISTEN_FDS", "7", 1);
		setenv("SQLITE_TMPDIR", "/tmp", 1);
		setenv("CREDENTIALS_DIRECTORY", "/tmp", 1);
		for (int extra = 10; extra < 20; extra++)
			dup2(STDOUT_FILENO, extra);
		close(0);
		close(1);
		world_exec(&world, FOREGROUND);
	}
	while (ask(&world, PROTO_STATUS, "adperm", alice, "") < 0 && now_ms() < limit)
		usleep(5000);
	is_int(ask(&world, PROTO_STATUS, "adperm", "x@acme.example", ""), PROTO_NOT_ENROLLED,
		"t79 it starts from a parent that left it a mess");
	is_str(proc_line("status", "\nUmask:"), "\t0077", "t79 with a umask of its own");
	words = proc_line("status", "\nGroups:");
	is_int(strspn(words, "\t "), strlen(words), "t79 in no group of its parent's");
	snprintf(path, sizeof path, "/proc/%d/fd/10", (int)world.daemon);
	len = readlink(path, said, sizeof said - 1);
	said[len > 0 ? len : 0] = '\0';
	ok(strstr(said, "pipe") == NULL && strstr(said, "/dev/pts") == NULL,
		"t79 without its parent's descriptors");
	is_int(world_stop(&world, SIGTERM), 0, "t79 and it can be ended");
}

/* What systemd does: a socket at 3, made by root; a user; a credential; a place to report to. */
static void becomes_a_unit(const char *notify)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char number[16];
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", world.socket);
	unlink(world.socket);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 64) != 0 ||
		dup2(fd, 3) != 3)
		_exit(1);
	become(getpwnam("nobody"));
	snprintf(number, sizeof number, "%d", (int)getpid());
	setenv("LISTEN_PID", number, 1);
	setenv("LISTEN_FDS", "1", 1);
	setenv("CREDENTIALS_DIRECTORY", world.config, 1);
	setenv("NOTIFY_SOCKET", notify, 1);
	setenv("WATCHDOG_USEC", "200000", 1);
	world_exec(&world, MORE("--config", "/etc/adperm-test-none"));
}

static void handed_over_by_systemd(void)
{
	const struct passwd *nobody = getpwnam("nobody");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char credential[96], text[64] = "";
	int notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ssize_t len;

	/* The list's path serves as the credentials directory here; there is no list. */
	snprintf(credential, sizeof credential, "%s/state.key", world.config);
	if (mkdir(world.config, 0755) != 0 || rename(world.key, credential) != 0 ||
		chown(credential, nobody->pw_uid, nobody->pw_gid) != 0)
		bail("cannot make a credential");
	snprintf(address.sun_path, sizeof address.sun_path, "%s/notify", world.dir);
	if (bind(notify, (struct sockaddr *)&address, sizeof address) != 0)
		bail("no socket to notify");
	chmod(address.sun_path, 0666);
	setsockopt(notify, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){ 60, 0 },
		sizeof(struct timeval));
	chmod(world.log, 0666);
	world.daemon = fork();
	if (world.daemon == 0)
		becomes_a_unit(address.sun_path);
	len = recv(notify, text, sizeof text - 1, 0);
	ok(len > 0 && strcmp(text, "READY=1") == 0, "it tells systemd when it is ready");
	is_int(ask(&world, PROTO_STATUS, "adperm", "bob@acme.example", ""), PROTO_YES,
		"it serves the socket that it was handed, with the key of its credential");
	cannot_be_traced();
	memset(text, 0, sizeof text);
	len = recv(notify, text, sizeof text - 1, 0);
	ok(len > 0 && strcmp(text, "WATCHDOG=1") == 0, "it tells that it lives");
	is_int(world_stop(&world, SIGTERM), 0, "and ends when told");
	close(notify);
	unlink(address.sun_path);
	unlink(credential);
	rmdir(world.config);
}

static void init_only(void)
{
	char database[96];

	snprintf(database, sizeof database, "%s/state.db", world.state);
	unlink(database);
	rmdir(world.state);
	unlink(world.key);
	is_int(world_refusal(&world, MORE("--init"), said, sizeof said), 0, "--init ends well");
	is_int(mode_of(world.state), S_IFDIR | 0700, "with a state directory");
	is_int(mode_of(world.key), S_IFREG | 0400, "and a key");
	is_int(world_refusal(&world, MORE("--init"), said, sizeof said), 0, "and a second time");
	is_str(said, "", "without a word");
}

int main(void)
{
	if (geteuid() != 0) {
		tap_skip("not root", "adpermd");
		return tap_done();
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	world_make(&world);
	words_and_usage();
	t85_where_the_socket_may_be();
	t79_users();
	lists();
	t104_keys();
	state_of_somebody_else();
	a_mark_of_somebody_else();
	state_that_is_none();
	only_one();
	t70_what_it_gave_up();
	t79_inheritance();
	handed_over_by_systemd();
	init_only();
	world_end(&world);
	return tap_done();
}
