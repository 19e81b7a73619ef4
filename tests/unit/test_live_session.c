/* Records of open sessions: what is left is what is read, and none is taken for another's. */
#include "live_session.h"

#include "base/file.h"
#include "tap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define RECORD                                                                                     \
	"adperm-session 1\nstart 5\nservice a\nuser b\nprofile c\npermission d\naccount \nrhost "  \
	"\n"                                                                                       \
	"key \nproved no\n"

static char directory[] = "/run/adperm-test.XXXXXX";

static void put(pid_t pid, const char *text)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%ld", directory, (long)pid);
	file_write(path, 0600, slice_str(text));
}

static void test_whole(void)
{
	struct live_session left = { .service = "sshd",
		.user = "acme-shop",
		.profile = "alice@acme.example",
		.permission = "account.ssh",
		.account = "acme-shop",
		.rhost = "a\nkey SHA256:forged",
		.proved = "yes" },
			    found;

	ok(live_session_leave(directory, &left) == 0, "a record is left");
	ok(left.pid == getpid() && left.start > 0, "of this process");
	ok(live_session_read(directory, getpid(), &found) == 0, "and read");
	ok(found.pid == left.pid && found.start == left.start, "of the same");
	is_str(found.profile, "alice@acme.example", "the person");
	is_str(found.account, "acme-shop", "the account");
	is_str(found.rhost, "a\\x0akey SHA256:forged", "t96: a line feed makes no line");
	is_str(found.key, "", "what is not known is empty");
	is_str(found.proved, "yes", "and the last line");
	live_session_remove(directory, getpid());
	ok(live_session_read(directory, getpid(), &found) == -ENOENT, "and taken away");
}

static void test_others(void)
{
	struct live_session found;
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	put(getpid(), RECORD);
	ok(live_session_read(directory, getpid(), &found) == -ESRCH,
		"a process of that number that began at another time");
	waitpid(child, NULL, 0);
	put(child, RECORD);
	ok(live_session_read(directory, child, &found) == -ESRCH, "one that has ended");
	put(getpid(), "adperm-session 1\nstart 5\nservice a\nuser b\n");
	ok(live_session_read(directory, getpid(), &found) == -EBADMSG, "half a record");
	put(getpid(), "");
	ok(live_session_read(directory, getpid(), &found) == -EBADMSG, "an empty one");
	put(getpid(), RECORD "more\n");
	ok(live_session_read(directory, getpid(), &found) == -EBADMSG, "a line too many");
	live_session_remove(directory, getpid());
	live_session_remove(directory, child);
}

/* What the auth phase leaves is no session, and only its own process finds it. */
static void test_handed(void)
{
	struct live_session left = { .service = "sshd",
		.user = "adperm",
		.profile = "new@acme.example",
		.permission = LIVE_SESSION_INVITED,
		.rhost = "203.0.113.7",
		.proved = "no" },
			    found;

	ok(live_session_hand_over(directory, getppid(), &left) == 0, "what auth knows is left");
	ok(live_session_read(directory, getppid(), &found) == -ENOENT, "which is no session");
	ok(live_session_handed(directory, getpid(), &found) == -ENOENT, "nor another process's");
	ok(live_session_handed(directory, getppid(), &found) == 0 && found.pid == getppid(),
		"but that one's");
	is_str(found.profile, "new@acme.example", "with the person");
	is_str(found.proved, "no", "who has proved nothing else");
	live_session_take_back(directory, getppid());
	ok(live_session_handed(directory, getppid(), &found) == -ENOENT, "once");
}

static void test_proved(void)
{
	struct live_session left = { .user = "alice", .proved = "yes" }, found;

	live_session_leave(directory, &left);
	live_session_read(directory, getpid(), &found);
	is_str(found.proved, "yes", "proved is proved");
	put(getpid(), RECORD "proved yes\n");
	ok(live_session_read(directory, getpid(), &found) == -EBADMSG, "not by a second line");
	live_session_remove(directory, getpid());
}

static void test_trust(void)
{
	struct live_session session = { .user = "alice" };
	char path[128];

	chmod(directory, 0777);
	ok(live_session_leave(directory, &session) == -EPERM,
		"none is left where others may write");
	chmod(directory, 0700);
	ok(live_session_leave("/run/adperm-test.none", &session) == -ENOENT,
		"nor a directory made");
	ok(live_session_leave(directory, &session) == 0, "again");
	snprintf(path, sizeof path, "%s/%ld", directory, (long)getpid());
	ok(chown(path, 65534, (gid_t)-1) == 0 &&
			live_session_read(directory, getpid(), &session) == -EPERM,
		"one that is somebody else's is not believed");
	live_session_remove(directory, getpid());
}

/* A host that has closed its standard streams, and no other descriptor to give. */
static int without_streams(void)
{
	const struct rlimit three = { 3, 3 };
	struct live_session session = { .user = "alice" };
	struct process process;
	char path[128];

	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	if (setrlimit(RLIMIT_NOFILE, &three) != 0 || process_read(getpid(), &process) == 0)
		return 1;
	if (live_session_leave(directory, &session) == 0)
		return 2;
	snprintf(path, sizeof path, "%s/%ld", directory, (long)getpid());
	return access(path, F_OK) == 0 ? 3 : 0;
}

static void test_descriptors(void)
{
	int status = -1;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0)
		_exit(without_streams());
	waitpid(child, &status, 0);
	is_int(WEXITSTATUS(status), 0,
		"t48: the numbers of the standard streams are used for nothing, and nothing is "
		"left");
}

int main(void)
{
	if (geteuid() != 0) {
		tap_skip("only root leaves records", "records of sessions");
		return tap_done();
	}
	if (mkdtemp(directory) == NULL)
		return 2;
	test_whole();
	test_others();
	test_handed();
	test_proved();
	test_trust();
	test_descriptors();
	rmdir(directory);
	return tap_done();
}
