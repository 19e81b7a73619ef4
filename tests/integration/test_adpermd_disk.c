/*
 * t68: the real daemon on real file systems that fill up, are read-only, or die under it. What
 * cannot be burnt is not accepted; the log says why; and when there is room again nobody has to do
 * anything.
 */
#include "daemon.h"

#include <pwd.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

static struct world world;

static const char alice[] = "alice@acme.example";

#define SPACE "size=8m"

/* Another client than root. */
#define PEER     "65534"
#define PEER_UID 65534

/* _IOR('X', 125, uint32_t) of the kernel's fs/ext4/ext4.h: as if the disk had been pulled out. */
#define EXT4_SHUTDOWN         0x8004587dUL
#define EXT4_SHUTDOWN_AT_ONCE 2U

static bool said(const char *words)
{
	static char text[65536];
	int fd = open(world.log, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	lseek(fd, -(off_t)sizeof text + 1, SEEK_END);
	len = read(fd, text, sizeof text - 1);
	text[len > 0 ? len : 0] = '\0';
	close(fd);
	return strstr(text, words) != NULL;
}

static unsigned complaints(void)
{
	FILE *log = fopen(world.log, "re");
	char line[1024];
	unsigned n = 0;

	while (fgets(line, sizeof line, log) != NULL)
		n += strstr(line, "state: ") != NULL;
	fclose(log);
	return n;
}

/* The root of a file system becomes the directory of the state. */
static void give_to_daemon(void)
{
	const struct passwd *nobody = getpwnam("nobody");

	if (chown(world.state, nobody->pw_uid, nobody->pw_gid) != 0 ||
		chmod(world.state, 0700) != 0)
		bail("cannot give the file system away");
}

static void begin_on_tmpfs(void)
{
	world_make(&world);
	if (mkdir(world.state, 0700) != 0 ||
		mount("tmpfs", world.state, "tmpfs", MS_NOSUID | MS_NODEV, SPACE) != 0)
		bail("cannot mount a tmpfs");
	give_to_daemon();
	world_write(world.config, "client " PEER " service=postgresql operations=verify\n", 0644);
	world_start(&world);
}

static void end_of_disk(void)
{
	if (world.daemon != 0)
		world_stop(&world, SIGTERM);
	if (umount2(world.state, MNT_DETACH) != 0)
		bail("cannot unmount");
	world_end(&world);
}

/* Takes all the space that is left; the file that took it. */
static void fill_up(char path[static 96])
{
	static const char block[4096];
	int fd;

	snprintf(path, 96, "%s/filler", world.state);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	while (write(fd, block, sizeof block) == (ssize_t)sizeof block)
		continue;
	if (errno != ENOSPC)
		bail("the disk does not fill up");
	close(fd);
}

static void t68_full_disk(void)
{
	enum { PEOPLE = 40 };
	struct secret secret[PEOPLE];
	char filler[96], code[9], profile[32];
	int yes = 0, answer = PROTO_YES;
	unsigned before, lines;
	int64_t begin;

	begin_on_tmpfs();
	for (int i = 0; i < PEOPLE; i++) {
		snprintf(profile, sizeof profile, "p%d@acme.example", i);
		enroll(&world, profile, 6, &secret[i]);
	}
	fill_up(filler);
	for (int i = 0; i < PEOPLE / 2; i++) {
		snprintf(profile, sizeof profile, "p%d@acme.example", i);
		code_of(&secret[i], 0, code);
		yes += ask(&world, PROTO_VERIFY, "sshd", profile, code) == PROTO_YES;
	}
	is_int(yes, PEOPLE / 2, "t68 the disk is full, but what logins need was reserved");
	for (int i = 0; i < 20000 && answer == PROTO_YES; i++) {
		snprintf(profile, sizeof profile, "more%d@acme.example", i);
		answer = ask(&world, PROTO_ENROLL, "adperm", profile, "");
	}
	is_int(answer, PROTO_STORE_FAILED, "t68 when that is used up, what cannot be kept fails");
	code_of(&secret[PEOPLE - 1], 0, code);
	snprintf(profile, sizeof profile, "p%d@acme.example", PEOPLE - 1);
	is_int(ask(&world, PROTO_VERIFY, "sshd", profile, code), PROTO_STORE_FAILED,
		"t68 a right code too");
	ok(said("state: database or disk is full"), "t68 the log says why");
	before = complaints();
	begin = now_ms();
	wrong_code_of(&secret[PEOPLE - 1], code);
	for (int i = 0; i < 200; i++)
		ask_as(&world, PEER_UID, PROTO_VERIFY, "postgresql", profile, code);
	lines = complaints() - before;
	ok(lines > 0 && lines <= 20 * ((now_ms() - begin) / 1000 + 2),
		"t84 not as often as another client wants: %u times", lines);
	code_of(&secret[PEOPLE - 1], 0, code);
	unlink(filler);
	is_int(ask(&world, PROTO_VERIFY, "sshd", profile, code), PROTO_YES,
		"t68 with room again it is accepted: nobody had to do anything");
	is_int(ask(&world, PROTO_VERIFY, "sshd", profile, code), PROTO_REPLAY, "t68 once");
	end_of_disk();
}

static void t68_read_only(void)
{
	struct secret secret;
	char text[1024], code[9];

	begin_on_tmpfs();
	enroll(&world, alice, 6, &secret);
	world_stop(&world, SIGTERM);
	if (mount(NULL, world.state, NULL, MS_REMOUNT | MS_RDONLY, NULL) != 0)
		bail("cannot make it read-only");
	is_int(world_refusal(&world, FOREGROUND, text, sizeof text), 1,
		"t68 on a read-only file system the daemon does not start");
	ok(strstr(text, "state.db: it can be read only") != NULL, "t68 and says so");
	if (mount(NULL, world.state, NULL, MS_REMOUNT, NULL) != 0)
		bail("cannot make it writable");
	world_start(&world);
	code_of(&secret, 0, code);
	is_int(ask(&world, PROTO_VERIFY, "sshd", alice, code), PROTO_YES,
		"t68 when it can be written again the daemon that is started again goes on");
	end_of_disk();
}

/* Runs a program quietly; whether it ended well. */
static bool run(const char *const *arguments)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execvp(arguments[0], (char *const *)(uintptr_t)arguments);
		_exit(127);
	}
	return waitpid(child, &status, 0) == child && status == 0;
}

static void t68_dying_disk(void)
{
	const char *const format[] = { "mkfs.ext4", "-q", world.config, "16m", NULL };
	const char *const attach[] = { "mount", "-o", "loop", world.config, world.state, NULL };
	const uint32_t how = EXT4_SHUTDOWN_AT_ONCE;
	struct secret secret;
	char code[9];
	int fd;

	world_make(&world);
	/* The list's path serves as the disk here; there is no list. */
	if (mkdir(world.state, 0700) != 0 || !run(format) || !run(attach)) {
		tap_skip("no loop devices, or no ext4", "t68 a disk that dies");
		end_of_disk();
		return;
	}
	give_to_daemon();
	snprintf(world.config, sizeof world.config, "%s/none", world.dir);
	world_start(&world);
	enroll(&world, alice, 6, &secret);
	fd = open(world.state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ioctl(fd, EXT4_SHUTDOWN, &how) != 0)
		bail("cannot break the file system");
	close(fd);
	code_of(&secret, 0, code);
	is_int(ask(&world, PROTO_VERIFY, "sshd", alice, code), PROTO_STORE_FAILED,
		"t68 what cannot be written to a broken disk is not accepted");
	is_int(ask(&world, PROTO_VERIFY, "sshd", alice, code), PROTO_STORE_FAILED,
		"t68 nor a second time");
	ok(said("state: disk I/O error"), "t68 the log says why");
	world_stop(&world, SIGTERM);
	snprintf(world.config, sizeof world.config, "%s/adperm.conf", world.dir);
	end_of_disk();
}

int main(void)
{
	if (geteuid() != 0) {
		tap_skip("not root", "adpermd");
		return tap_done();
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	oath_init();
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
		tap_skip("no mount namespace can be made", "t68");
		return tap_done();
	}
	t68_full_disk();
	t68_read_only();
	t68_dying_disk();
	return tap_done();
}
