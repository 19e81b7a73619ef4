/* The state, over real SQLite: what is committed stays, what is not never was. */
#include "adpermd/store.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/adperm-test.XXXXXX";
static char path[64], log_path[64];

static const char alice[] = "alice@acme.example", bob[] = "bob@acme.example";

static struct enrolment some_enrolment(void)
{
	struct enrolment e = {
		.kind = { 8, PROTO_SHA256, 60 },
		.sealed.len = 48,
		.mark = 7,
		.enrolled_at = 1800000000,
		.last_used_at = 1800000060,
	};

	memset(e.sealed.key_id, 1, sizeof e.sealed.key_id);
	memset(e.sealed.nonce, 2, sizeof e.sealed.nonce);
	memset(e.sealed.box, 3, e.sealed.len);
	return e;
}

static struct store *open_store(void)
{
	struct store *store;

	if (store_open(dir, &store) == 0)
		return store;
	printf("Bail out! %s\n", store_error(store));
	exit(1);
}

static void forget_all(void)
{
	unlink(path);
	unlink(log_path);
}

/* Runs SQL on the closed file, as somebody who meddles. */
static void meddle(const char *sql)
{
	sqlite3 *db;

	sqlite3_open(path, &db);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		ok(false, "%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_close(db);
}

static bool same(const struct enrolment *a, const struct enrolment *b)
{
	return memcmp(&a->kind, &b->kind, sizeof a->kind) == 0 && a->sealed.len == b->sealed.len &&
	       memcmp(a->sealed.key_id, b->sealed.key_id, sizeof a->sealed.key_id) == 0 &&
	       memcmp(a->sealed.nonce, b->sealed.nonce, sizeof a->sealed.nonce) == 0 &&
	       memcmp(a->sealed.box, b->sealed.box, a->sealed.len) == 0 && a->mark == b->mark &&
	       a->enrolled_at == b->enrolled_at && a->last_used_at == b->last_used_at;
}

static void what_is_kept(void)
{
	struct store *store = open_store();
	struct enrolment e = some_enrolment(), got;
	struct stat state;
	int64_t full_at;

	ok(stat(path, &state) == 0 && (state.st_mode & 077) == 0, "the file is its owner's alone");
	is_int(store_begin(store), 0, "a transaction begins");
	is_int(store_find(store, alice, IN_FORCE, &got), -ENOENT, "nobody is enrolled at first");
	is_int(store_enroll(store, alice, IN_FORCE, &e), 0, "alice is enrolled");
	is_int(store_set_guesses(store, alice, 0, GUESS_KNOWN, 5000), 0,
		"she guesses by way of root");
	is_int(store_set_guesses(store, alice, 101, GUESS_PEER, 6000), 0, "and by way of a peer");
	is_int(store_commit(store), 0, "committed");
	store_close(store);

	store = open_store();
	ok(store_find(store, alice, IN_FORCE, &got) == 0 && same(&got, &e),
		"all of it is there again");
	is_int(store_find(store, "alice@acme.exampl", IN_FORCE, &got), -ENOENT,
		"not under half the name");
	is_int(store_find(store, "ALICE@acme.example", IN_FORCE, &got), -ENOENT,
		"nor in upper case");
	ok(store_guesses(store, alice, 0, GUESS_KNOWN, &full_at) == 0 && full_at == 5000,
		"root's budget");
	ok(store_guesses(store, alice, 101, GUESS_PEER, &full_at) == 0 && full_at == 6000,
		"the peer's own");
	ok(store_guesses(store, bob, 0, GUESS_KNOWN, &full_at) == 0 && full_at == 0,
		"nobody else's");
	store_begin(store);
	is_int(store_burn(store, alice, 60000000, 1800000100), 0, "a step is spent");
	is_int(store_commit(store), 0, "committed");
	ok(store_find(store, alice, IN_FORCE, &got) == 0 && got.mark == 60000000 &&
			got.last_used_at == 1800000100,
		"the mark stands, and when it was");
	store_begin(store);
	ok(store_burn(store, bob, 1, 1) < 0, "who is not enrolled has nothing to spend");
	store_rollback(store);
	store_begin(store);
	is_int(store_enroll(store, alice, IN_FORCE, &e), 0, "enrolled again");
	is_int(store_commit(store), 0, "committed");
	ok(store_guesses(store, alice, 0, GUESS_KNOWN, &full_at) == 0 && full_at == 0,
		"guesses at the old secret are forgotten");
	store_begin(store);
	is_int(store_remove(store, alice), 0, "removed");
	is_int(store_remove(store, alice), -ENOENT, "once");
	is_int(store_commit(store), 0, "committed");
	is_int(store_find(store, alice, IN_FORCE, &got), -ENOENT, "and gone");
	store_close(store);
	forget_all();
}

static void what_is_not_committed_never_was(void)
{
	struct store *store = open_store();
	struct enrolment e = some_enrolment(), got;
	pid_t child;

	store_begin(store);
	store_enroll(store, alice, IN_FORCE, &e);
	store_rollback(store);
	is_int(store_find(store, alice, IN_FORCE, &got), -ENOENT, "rolled back");
	store_rollback(store);
	ok(store_begin(store) == 0 && store_commit(store) == 0, "a second rollback harms nothing");
	store_close(store);

	for (int committed = 0; committed < 2; committed++) {
		child = fork();
		if (child == 0) {
			store = open_store();
			store_begin(store);
			store_enroll(store, alice, IN_FORCE, &e);
			if (committed)
				store_commit(store);
			raise(SIGKILL);
		}
		waitpid(child, NULL, 0);
		store = open_store();
		is_int(store_find(store, alice, IN_FORCE, &got), committed ? 0 : -ENOENT,
			"t58 killed %s the commit", committed ? "after" : "before");
		store_close(store);
	}
	forget_all();
}

static void one_daemon_at_a_time(void)
{
	struct store *first = open_store(), *second;
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(store_open(dir, &second) == -EBUSY ? 7 : 1);
	waitpid(child, &status, 0);
	is_int(WEXITSTATUS(status), 7, "a second process is turned away");
	store_close(first);
	forget_all();
}

static void t67_one_bad_row_is_one_person(void)
{
	static const char *const damages[] = {
		"UPDATE person SET digits = 'six' WHERE profile LIKE 'alice%'",
		"UPDATE person SET digits = 262 WHERE profile LIKE 'alice%'",
		"UPDATE person SET key_id = x'00' WHERE profile LIKE 'alice%'",
		"UPDATE person SET nonce = x'' WHERE profile LIKE 'alice%'",
		"UPDATE person SET nonce = 'text of twenty-four char' WHERE profile LIKE 'alice%'",
		"UPDATE person SET sealed = zeroblob(81) WHERE profile LIKE 'alice%'",
		"UPDATE person SET sealed = zeroblob(15) WHERE profile LIKE 'alice%'",
		"UPDATE person SET mark = -1 WHERE profile LIKE 'alice%'",
		"UPDATE person SET mark = 1e300 WHERE profile LIKE 'alice%'",
		"UPDATE person SET mark = 'x' WHERE profile LIKE 'alice%'",
	};
	struct enrolment e = some_enrolment(), got;
	struct store *store;

	for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
		store = open_store();
		store_begin(store);
		store_enroll(store, alice, IN_FORCE, &e);
		store_enroll(store, bob, IN_FORCE, &e);
		store_commit(store);
		store_close(store);
		meddle(damages[i]);
		store = open_store();
		ok(store_find(store, alice, IN_FORCE, &got) == -EBADMSG &&
				store_find(store, bob, IN_FORCE, &got) == 0,
			"t67 alice alone has a damaged record: %s", damages[i]);
		store_close(store);
		forget_all();
	}
}

static void files_that_are_not_ours(void)
{
	struct store *store;
	int fd;

	store_close(open_store());
	meddle("PRAGMA user_version = 4");
	is_int(store_open(dir, &store), -EPROTO, "t107 a newer format is refused");
	ok(strstr(store_error(store), "its format is 4, this adpermd knows 3") != NULL,
		"t107 and the reason says so");
	store_close(store);
	forget_all();
	meddle("CREATE TABLE person (x)");
	ok(store_open(dir, &store) < 0, "somebody else's tables are refused");
	store_close(store);
	forget_all();
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	for (int i = 0; i < 1000; i++)
		dprintf(fd, "not a database ");
	close(fd);
	ok(store_open(dir, &store) == -EIO, "t67 a damaged head is refused");
	ok(store_error(store)[0] != '\0', "t67 with a reason");
	store_close(store);
	forget_all();
	if (symlink("/tmp/elsewhere", path) == 0)
		ok(store_open(dir, &store) < 0, "a symbolic link is not followed");
	store_close(store);
	forget_all();
}

/* As packages look for it, which know no SQLite: "Database File Format", the user version. */
static int format_in_file(void)
{
	uint8_t number[4] = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (pread(fd, number, sizeof number, 60) != sizeof number)
		number[0] = 0xff;
	close(fd);
	return number[0] << 24 | number[1] << 16 | number[2] << 8 | number[3];
}

/* A file as version 1 wrote it, with a person and what is known of her guesses. */
static void t107_an_older_format(void)
{
	struct store *store;
	struct enrolment got;
	int64_t full_at;

	meddle("CREATE TABLE person (profile TEXT PRIMARY KEY NOT NULL, digits INTEGER NOT NULL,"
	       " algorithm INTEGER NOT NULL, period INTEGER NOT NULL, key_id BLOB NOT NULL,"
	       " nonce BLOB NOT NULL, sealed BLOB NOT NULL, mark INTEGER NOT NULL,"
	       " enrolled_at INTEGER NOT NULL, last_used_at INTEGER NOT NULL) WITHOUT ROWID;"
	       "CREATE TABLE guess (profile TEXT NOT NULL, peer INTEGER NOT NULL,"
	       " full_at INTEGER NOT NULL, PRIMARY KEY (profile, peer)) WITHOUT ROWID;"
	       "INSERT INTO person VALUES ('alice@acme.example', 8, 2, 60, zeroblob(16),"
	       " zeroblob(24), zeroblob(48), 7, 1800000000, 1800000060);"
	       "INSERT INTO guess VALUES ('alice@acme.example', 0, 5000);"
	       "INSERT INTO guess VALUES ('alice@acme.example', 101, 6000);"
	       "PRAGMA user_version = 1");
	for (int i = 0; i < 2; i++) {
		store = open_store();
		is_int(format_in_file(), STORE_FORMAT, "t107 the file itself has the number");
		ok(store_find(store, alice, IN_FORCE, &got) == 0 && got.kind.digits == 8 &&
				got.mark == 7 && got.last_used_at == 1800000060 &&
				got.sealed.len == 48,
			"t107 who was enrolled with version 1 is, opened for the %d. time", i + 1);
		ok(store_guesses(store, alice, 0, GUESS_STRANGER, &full_at) == 0 && full_at == 5000,
			"t107 her guesses by way of root are strangers'");
		ok(store_guesses(store, alice, 101, GUESS_PEER, &full_at) == 0 && full_at == 6000,
			"t107 a peer's are its own");
		store_close(store);
	}
	forget_all();
}

/* Version 2 knew nothing of graces; all else is the same. */
static void t107_the_version_before(void)
{
	static const uint8_t terms[PROTO_TERMS_SIZE] = { 1 };
	struct proto_grace grace = { .service = "sshd", .from = "192.0.2.10", .until = 60 };
	struct store *store = open_store();
	struct enrolment got;

	store_begin(store);
	store_enroll(
		store, alice, IN_FORCE, &(struct enrolment){ .kind = { 6, 1, 30 }, .mark = 9 });
	store_commit(store);
	store_close(store);
	meddle("DROP TABLE grace; PRAGMA user_version = 2");
	store = open_store();
	snprintf(grace.profile, sizeof grace.profile, "%s", alice);
	ok(store_find(store, alice, IN_FORCE, &got) != -ENOENT,
		"t107 who was enrolled with version 2 is");
	ok(store_grace(store, &grace, terms) == -ENOENT, "t107 and has no grace");
	store_begin(store);
	ok(store_begin_grace(store, &grace, terms) == 0 && store_commit(store) == 0 &&
			store_grace(store, &grace, terms) == 0 && grace.until == 60,
		"t107 until one begins");
	store_close(store);
	forget_all();
}

/* One more change; what the store has counted, the watermark says. */
static void change(struct store *store)
{
	static int64_t full_at;

	store_begin(store);
	store_set_guesses(store, alice, 0, GUESS_KNOWN, ++full_at);
	store_commit(store);
}

static void copy_file(const char *from, const char *to)
{
	char bytes[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t len;

	while ((len = read(in, bytes, sizeof bytes)) > 0 && write(out, bytes, (size_t)len) == len)
		continue;
	close(in);
	close(out);
}

/* What opening the state with that watermark says. */
static int watched(int fd, int64_t now, int64_t *taken_at)
{
	struct store *store = open_store();
	int ret = store_watch(store, fd, now);

	if (ret == 0)
		change(store);
	*taken_at = store_taken_at(store);
	store_close(store);
	return ret;
}

static void t57_watermark(void)
{
	static const char *const damages[] = { "1\n", "000000000000000000x\n",
		"9999999999999999999\n", "00000000000000000001\n", "0000000000000000001" };
	char copy[80];
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	int64_t taken_at;

	snprintf(copy, sizeof copy, "%s.copy", path);
	is_int(watched(fd, 1800000000, &taken_at), 0, "t57 a new state begins a watermark");
	is_int(taken_at, 0, "t57 and doubts nothing");
	copy_file(path, copy);
	is_int(watched(fd, 1800000000, &taken_at), 0, "t57 it goes on");
	is_int(taken_at, 0, "t57 and on");
	rename(copy, path);
	is_int(watched(fd, 1800000000, &taken_at), -ESTALE, "t57 an older copy is noticed");
	is_int(watched(fd, 1800000000, &taken_at), -ESTALE, "t57 as often as it is opened");
	ok(ftruncate(fd, 0) == 0, "t57 when told to");
	is_int(watched(fd, 1800000000, &taken_at), 0, "t57 it is taken as it is");
	is_int(taken_at, 1800000000, "t57 and that is remembered");
	forget_all();
	is_int(watched(fd, 1800000000, &taken_at), -ESTALE, "t57 one that has vanished is noticed");
	for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
		if (ftruncate(fd, 0) != 0 || pwrite(fd, damages[i], strlen(damages[i]), 0) !=
						     (ssize_t)strlen(damages[i]))
			ok(false, "cannot write");
		is_int(watched(fd, 1800000000, &taken_at), -EBADMSG, "t57 no watermark: %s",
			damages[i]);
	}
	close(fd);
	forget_all();
}

/* A file system that is full, as far as this process can tell. */
static void t68_full_disk(void)
{
	const struct enrolment e = some_enrolment();
	struct enrolment got;
	struct store *store;
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		int failed = 0;
		char name[64];

		/* RLIMIT_FSIZE makes every write behind that size fail, as a quota does. */
		signal(SIGXFSZ, SIG_IGN);
		store = open_store();
		setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 65536, RLIM_INFINITY });
		for (int i = 0; i < 200; i++) {
			snprintf(name, sizeof name, "p%d@acme.example", i);
			if (store_begin(store) != 0 ||
				store_enroll(store, name, IN_FORCE, &e) != 0 ||
				store_commit(store) != 0) {
				failed++;
				store_rollback(store);
			}
		}
		setrlimit(RLIMIT_FSIZE, &(struct rlimit){ RLIM_INFINITY, RLIM_INFINITY });
		if (failed == 0 || store_begin(store) != 0 ||
			store_enroll(store, alice, IN_FORCE, &e) != 0)
			_exit(1);
		_exit(store_commit(store) == 0 ? 7 : 2);
	}
	waitpid(child, &status, 0);
	is_int(WEXITSTATUS(status), 7,
		"t68 commits fail while the disk is full, and then work again");
	store = open_store();
	is_int(store_find(store, alice, IN_FORCE, &got), 0,
		"t68 and what was committed then is there");
	store_close(store);
	forget_all();
}

int main(void)
{
	umask(077);
	if (sodium_init() < 0 || mkdtemp(dir) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/" STORE_FILE, dir);
	snprintf(log_path, sizeof log_path, "%s/" STORE_FILE "-wal", dir);
	what_is_kept();
	what_is_not_committed_never_was();
	one_daemon_at_a_time();
	t67_one_bad_row_is_one_person();
	files_that_are_not_ours();
	t107_an_older_format();
	t107_the_version_before();
	t57_watermark();
	t68_full_disk();
	rmdir(dir);
	return tap_done();
}
