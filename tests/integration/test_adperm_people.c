/*
 * adperm-people over a socket, without what is around it: frames that are none, peers who may not,
 * limits, damage, and somebody else at work.
 */
#include "db/people.h"
#include "people/asker.h"
#include "people/wish.h"
#include "tap.h"

#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY      65534
#define NO_ANSWER   (-1)
#define FRAME_SPARE 16

static char directory[64], people[96];

/* The program over one end of a pair that was made by `uid`; the other end. */
static int start(uid_t uid, pid_t *child)
{
	char program[512];
	int ends[2];

	snprintf(program, sizeof program, "%s/adperm-people", getenv("BUILD"));
	if (seteuid(uid) != 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0 ||
		seteuid(0) != 0)
		err(2, "socketpair");
	fflush(stdout);
	*child = fork();
	if (*child == 0) {
		dup2(ends[1], STDIN_FILENO);
		/* The leak check of a build with sanitizers would trace a process that cannot be.
		 */
		setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
		execl(program, program, "--people", people, "--sessions", directory, "--db",
			"/nonexistent/policy.cdb", (char *)NULL);
		_exit(99);
	}
	close(ends[1]);
	return ends[0];
}

/* What comes of so many bytes, sent by that uid. */
static int send_as(uid_t uid, const void *bytes, size_t len)
{
	struct wish_reply reply = { .result = 0 };
	pid_t child;
	int fd = start(uid, &child), status;
	bool good = send(fd, bytes, len, MSG_NOSIGNAL) == (ssize_t)len &&
		    recv(fd, &reply, sizeof reply, 0) == (ssize_t)sizeof reply;

	close(fd);
	waitpid(child, &status, 0);
	if (good && (WEXITSTATUS(status) != 0 || reply.magic != WISH_MAGIC))
		return NO_ANSWER;
	return good ? (int)reply.result : NO_ANSWER;
}

static int ask(const struct wish *wish)
{
	return send_as(0, wish, sizeof *wish);
}

static struct wish wish_of(enum wish_op op, const char *profile, const char *owner)
{
	struct wish wish = { .magic = WISH_MAGIC, .version = WISH_VERSION, .op = (uint16_t)op };

	snprintf(wish.profile, sizeof wish.profile, "%s", profile);
	snprintf(wish.owner, sizeof wish.owner, "%s", owner);
	return wish;
}

/* A good key, another for each number: the bytes of Ed25519 are any. */
static void put_key(struct wish *wish, unsigned number)
{
	static const uint8_t head[] = "\0\0\0\013ssh-ed25519\0\0\0\040";

	memcpy(wish->key, head, sizeof head - 1);
	memset(wish->key + sizeof head - 1, (int)number, 32);
	wish->key_len = (uint16_t)(sizeof head - 1 + 32);
}

static int files(void)
{
	struct people_lists lists;
	enum people_result result =
		people_lists_read(people, TRUST_ROOT, slice_str("bob@acme.example"), &lists);

	people_lists_done(&lists);
	return (int)result;
}

static void test_frames(void)
{
	struct wish good = wish_of(WISH_RENOUNCE, "bob@acme.example", "ops@acme.example"), bad;
	uint8_t longer[sizeof good + FRAME_SPARE] = { 0 };

	for (size_t len = 1; len < sizeof good; len += 97)
		is_int(send_as(0, &good, len), WISH_MALFORMED, "a frame of %zu bytes", len);
	memcpy(longer, &good, sizeof good);
	is_int(send_as(0, longer, sizeof longer), WISH_MALFORMED, "one that is too long");
	bad = good;
	bad.magic++;
	is_int(ask(&bad), WISH_MALFORMED, "another magic");
	bad = good;
	bad.version++;
	is_int(ask(&bad), WISH_MALFORMED, "another version");
	bad = good;
	bad.op = 99;
	is_int(ask(&bad), WISH_MALFORMED, "an operation that there is not");
	bad = good;
	memset(bad.owner, 'a', sizeof bad.owner);
	is_int(ask(&bad), WISH_MALFORMED, "a text without an end");
	bad = good;
	bad.owner[200] = 'x';
	is_int(ask(&bad), WISH_MALFORMED, "something behind the end of a text");
	bad = wish_of(WISH_RENOUNCE, "Bob@acme.example", "ops@acme.example");
	is_int(ask(&bad), WISH_MALFORMED, "an address that is not in lower case");
	bad = wish_of(WISH_RENOUNCE, "bob@acme.example\n", "ops@acme.example");
	is_int(ask(&bad), WISH_MALFORMED, "t96 an address with a line feed");
	bad = wish_of(WISH_RENOUNCE, "bob@acme.example", "");
	is_int(ask(&bad), WISH_MALFORMED, "no owner");
	bad = good;
	bad.key_len = 3;
	is_int(ask(&bad), WISH_MALFORMED, "a key where none belongs");
	bad = wish_of(WISH_REDEEM, "bob@acme.example", "");
	snprintf(bad.place, sizeof bad.place, "203.0.113.7");
	bad.session = 0;
	is_int(ask(&bad), WISH_MALFORMED, "no session");
	bad.session = 1;
	memset(bad.pin, '1', sizeof bad.pin);
	is_int(ask(&bad), WISH_MALFORMED, "a PIN without an end");
	bad = wish_of(WISH_INVITE, "", "");
	is_int(ask(&bad), WISH_MALFORMED, "nobody to invite");
	bad = wish_of(WISH_INVITE, "bob@acme.example", "");
	snprintf(bad.place, sizeof bad.place, "203.0.113.7");
	is_int(ask(&bad), WISH_MALFORMED, "a place where none belongs");
	bad = wish_of(WISH_ADD_KEY, "bob@acme.example", "");
	bad.key_len = UINT16_MAX;
	is_int(ask(&bad), WISH_MALFORMED, "a key longer than its room");
	bad.key_len = sizeof bad.key;
	is_int(ask(&bad), WISH_BAD_KEY, "a key of zeros");
	put_key(&bad, 1);
	bad.key[sizeof bad.key - 1] = 1;
	bad.key_len -= 2;
	is_int(ask(&bad), WISH_BAD_KEY, "a key that was cut");
	is_int(files(), PEOPLE_NO, "and nothing was written");
}

static void test_peers(void)
{
	static const enum wish_op for_root[] = { WISH_READMIT, WISH_FORGET_KEYS, WISH_INVITE,
		WISH_UNINVITE, WISH_INVITED, WISH_REDEEM, WISH_FORGET, WISH_MAILED };
	static const enum wish_op for_people[] = { WISH_ADD_KEY, WISH_REMOVE_KEY, WISH_HOLDINGS,
		WISH_KEYS, WISH_OFFER_KEY, WISH_ENROLL, WISH_ACTIVATE };
	struct wish wish = wish_of(WISH_RENOUNCE, "", "ops@acme.example");

	is_int(send_as(NOBODY, &wish, sizeof wish), WISH_NO_SESSION, "a uid proves nobody");
	is_int(ask(&wish), WISH_NO_SESSION, "root is nobody of the policy");
	wish = wish_of(WISH_RENOUNCE, "bob@acme.example", "ops@acme.example");
	is_int(send_as(NOBODY, &wish, sizeof wish), WISH_REFUSED, "others give nothing back");
	for (size_t i = 0; i < sizeof for_root / sizeof for_root[0]; i++) {
		wish = wish_of(for_root[i], "bob@acme.example",
			for_root[i] == WISH_READMIT ? "ops@acme.example" : "");
		if (for_root[i] == WISH_REDEEM) {
			snprintf(wish.place, sizeof wish.place, "203.0.113.7");
			wish.session = 1;
		}
		is_int(send_as(NOBODY, &wish, sizeof wish), WISH_REFUSED, "nor ask %u", wish.op);
	}
	for (size_t i = 0; i < sizeof for_people / sizeof for_people[0]; i++) {
		wish = wish_of(for_people[i], "", "");
		if (for_people[i] == WISH_ADD_KEY || for_people[i] == WISH_REMOVE_KEY ||
			for_people[i] == WISH_OFFER_KEY)
			put_key(&wish, 1);
		is_int(send_as(NOBODY, &wish, sizeof wish), WISH_NO_SESSION,
			"without a login nobody may ask %u", wish.op);
		is_int(ask(&wish), WISH_NO_SESSION, "and root is nobody in it");
	}
	is_int(files(), PEOPLE_NO, "and nothing was written");
}

/* Who is there and says nothing: there are few places, and anybody may take one. */
static void test_silence(void)
{
	pid_t children[2];
	struct pollfd ends[2] = { { .events = POLLIN }, { .events = POLLIN } };

	ends[0].fd = start(0, &children[0]);
	ends[1].fd = start(NOBODY, &children[1]);
	ok(poll(ends, 2, WISH_REQUEST_S * 1000) == 1 && ends[1].revents != 0,
		"t77 a stranger's silence is cut off first");
	for (int i = 0; i < 2; i++) {
		close(ends[i].fd);
		waitpid(children[i], NULL, 0);
	}
}

static void test_limits(void)
{
	struct wish wish;
	char owner[64];
	int done = 0;

	for (int i = 0; i < PEOPLE_OWNERS_MAX; i++) {
		snprintf(owner, sizeof owner, "ops%d@acme.example", i);
		wish = wish_of(WISH_RENOUNCE, "bob@acme.example", owner);
		done += ask(&wish) == WISH_DONE;
	}
	is_int(done, PEOPLE_OWNERS_MAX, "as many owners as fit");
	wish = wish_of(WISH_RENOUNCE, "bob@acme.example", "more@acme.example");
	is_int(ask(&wish), WISH_FULL, "and no more");
	done = 0;
	for (unsigned i = 0; i < PEOPLE_KEYS_MAX; i++) {
		wish = wish_of(WISH_ADD_KEY, "bob@acme.example", "");
		put_key(&wish, i);
		done += ask(&wish) == WISH_DONE;
	}
	is_int(done, PEOPLE_KEYS_MAX, "as many keys as fit");
	put_key(&wish, PEOPLE_KEYS_MAX);
	is_int(ask(&wish), WISH_FULL, "and no more");
	wish = wish_of(WISH_ADD_KEY, "eve@acme.example", "");
	put_key(&wish, 3);
	is_int(ask(&wish), WISH_FOREIGN_KEY, "nobody takes another's key");
	wish.op = WISH_REMOVE_KEY;
	is_int(ask(&wish), WISH_NOTHING, "or takes it away");
	wish = wish_of(WISH_FORGET_KEYS, "bob@acme.example", "");
	is_int(ask(&wish), WISH_DONE, "all keys are forgotten");
	is_int(ask(&wish), WISH_NOTHING, "once");
	is_int(people_renounced(people, TRUST_ROOT, slice_str("bob@acme.example"),
		       slice_str("ops7@acme.example"), NULL),
		PEOPLE_YES, "renunciations stay");
	wish = wish_of(WISH_ADD_KEY, "eve@acme.example", "");
	put_key(&wish, 3);
	is_int(ask(&wish), WISH_DONE, "then the key is free");
}

static void test_damage(void)
{
	struct wish wish = wish_of(WISH_RENOUNCE, "bob@acme.example", "ops@acme.example");
	char path[256];
	uint8_t digest[SHA256_SIZE];
	char name[PEOPLE_NAME_SIZE];
	struct stat state;
	int fd;

	sha256_of(slice_str("bob@acme.example"), digest);
	people_name('p', digest, name);
	snprintf(path, sizeof path, "%s/%s", people, name);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	ok(fd >= 0 && write(fd, "x", 1) == 1, "a byte too many");
	close(fd);
	is_int(ask(&wish), WISH_DAMAGED, "what is damaged is not written over");
	is_int(files(), PEOPLE_CORRUPT, "and stays what it is");
	unlink(path);
	fd = open(people, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	flock(fd, LOCK_EX);
	is_int(ask(&wish), WISH_DONE, "t103 whoever may read holds up nobody");
	close(fd);
	snprintf(path, sizeof path, "%s/lock", people);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ok(fstat(fd, &state) == 0 && state.st_uid == 0 && (state.st_mode & 07777) == 0600,
		"t103 what is locked is root's alone");
	flock(fd, LOCK_EX);
	is_int(ask(&wish), WISH_BUSY, "t103 somebody else is at work");
	close(fd);
	is_int(ask(&wish), WISH_NOTHING, "and is no more");
	chmod(people, 0770);
	is_int(ask(&wish), NO_ANSWER, "a directory that others can write to");
	chmod(people, 0750);
}

/* Nothing that is cut is a shorter list, and longer lists than anybody writes are none. */
static void test_files(void)
{
	struct slice owners[PEOPLE_OWNERS_MAX + 1], bob = slice_str("bob@acme.example");
	struct buf file = { .at = NULL };
	uint8_t digest[SHA256_SIZE];
	char path[256], name[PEOPLE_NAME_SIZE];
	int good = 0;

	sha256_of(bob, digest);
	people_name('p', digest, name);
	snprintf(path, sizeof path, "%s/%s", people, name);
	for (size_t i = 0; i < sizeof owners / sizeof owners[0]; i++)
		owners[i] = slice_str("ops@acme.example");
	people_put_profile(&file, bob, owners, 2, NULL, 0, 0);
	for (size_t len = 0; len < file.len; len++) {
		file_write(path, 0640, slice_of(file.at, len));
		good += files() == PEOPLE_CORRUPT;
	}
	is_int(good, file.len, "t18 a file that was cut at any byte is damaged");
	people_put_profile(&file, bob, owners, PEOPLE_OWNERS_MAX, NULL, 0, 0);
	file_write(path, 0640, buf_slice(&file));
	is_int(files(), PEOPLE_YES, "as many owners as are written");
	people_put_profile(&file, bob, owners, PEOPLE_OWNERS_MAX + 1, NULL, 0, 0);
	file_write(path, 0640, buf_slice(&file));
	is_int(files(), PEOPLE_CORRUPT, "one more");
	is_int(people_renounced(people, TRUST_ROOT, bob, slice_str("ops@acme.example"), NULL),
		PEOPLE_YES, "which a login would count all the same");
	unlink(path);
	buf_done(&file);
}

static void test_recent(void)
{
	ok(asker_is_recent(100000, 100, 1000, ASKER_SESSION_S), "a login of this second");
	ok(asker_is_recent(100000, 100, 1000 + ASKER_SESSION_S - 1, ASKER_SESSION_S),
		"one of ten minutes ago");
	ok(!asker_is_recent(100000, 100, 1000 + ASKER_SESSION_S, ASKER_SESSION_S), "not of more");
	ok(!asker_is_recent(100000, 100, 999, ASKER_SESSION_S), "nor one that is still to come");
	ok(!asker_is_recent(100000, 0, 1000, ASKER_SESSION_S), "nor by a clock that has no ticks");
}

int main(void)
{

	if (geteuid() != 0) {
		puts("1..0 # SKIP needs root");
		return 0;
	}
	snprintf(directory, sizeof directory, "/run/adperm-test.XXXXXX");
	if (getenv("BUILD") == NULL || mkdtemp(directory) == NULL || chmod(directory, 0755) != 0)
		err(2, "%s", directory);
	snprintf(people, sizeof people, "%s/people", directory);
	test_frames();
	test_peers();
	test_silence();
	test_limits();
	test_damage();
	test_files();
	test_recent();
	if (fork() == 0)
		execl("/bin/rm", "rm", "-rf", directory, (char *)NULL);
	wait(NULL);
	return tap_done();
}
