/*
 * A real adperm-people beside a real adpermd, over a policy that was compiled, for tests of what
 * invited people may ask: a world is a fresh directory below /run. Needs root. This process, and
 * any child, can have a login of its own by leaving its record; it then asks as `nobody`.
 */
#ifndef ADPERM_TESTS_INVITED_H
#define ADPERM_TESTS_INVITED_H

#include "daemon.h"
#include "live_session.h"
#include "people/asker.h"
#include "people/invitation.h"

#define SERVER    "web1.acme.example"
#define OWNER     "ops@acme.example"
#define NOBODY    65534
#define NO_ANSWER (-1)
#define HERE      "203.0.113.7"

/* Where it all is; killed_at is a number of a system call, or NULL. */
struct invited {
	struct world daemon;
	char people[64], sessions[64], policy[64], yaml[64];
	const char *killed_at;
	struct wish_reply reply; /* the last one */
};

TESTS_OWN void run(const char *const *argv)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
		execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	if (waitpid(child, &status, 0) != child || status != 0)
		bail(argv[0]);
}

/* Installs a policy of these grants, in YAML. */
TESTS_OWN void invited_policy(const struct invited *w, const char *profiles, const char *grants)
{
	char text[4096], program[512];
	const char *const argv[] = { program, "compile", "--server", SERVER, "-o", w->policy,
		w->yaml, NULL };

	snprintf(program, sizeof program, "%s/adperm", getenv("BUILD"));
	snprintf(text, sizeof text,
		"---\nadperm: 1\nprofiles:\n%sowners:\n  " OWNER ":\n    servers:\n      " SERVER
		": {accounts: [shop]}\n    grants:\n%s...\n",
		profiles, grants);
	world_write(w->yaml, text, 0644);
	run(argv);
}

TESTS_OWN void invited_begin(struct invited *w)
{
	if (getenv("BUILD") == NULL)
		bail("BUILD is not set");
	world_make(&w->daemon);
	world_start(&w->daemon);
	snprintf(w->people, sizeof w->people, "%s/people", w->daemon.dir);
	snprintf(w->sessions, sizeof w->sessions, "%s/sessions", w->daemon.dir);
	snprintf(w->policy, sizeof w->policy, "%s/policy.cdb", w->daemon.dir);
	snprintf(w->yaml, sizeof w->yaml, "%s/policy.yaml", w->daemon.dir);
	mkdir(w->sessions, 0700);
}

TESTS_OWN void invited_end(struct invited *w)
{
	const char *const argv[] = { "/bin/rm", "-rf", w->people, w->sessions, w->policy, w->yaml,
		NULL };

	run(argv);
	world_end(&w->daemon);
}

/* The program over one end of a pair that was made by `uid`; the other end. */
TESTS_OWN int invited_start(const struct invited *w, uid_t uid, pid_t *child)
{
	char program[512], killer[512];
	int ends[2];

	snprintf(program, sizeof program, "%s/adperm-people", getenv("BUILD"));
	snprintf(killer, sizeof killer, "%s/tests/integration/killat", getenv("BUILD"));
	if (seteuid(uid) != 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0 ||
		seteuid(0) != 0)
		bail("socketpair");
	fflush(stdout);
	*child = fork();
	if (*child == 0) {
		const char *const argv[] = { killer, w->killed_at, program, "--people", w->people,
			"--sessions", w->sessions, "--db", w->policy, "--auth-socket",
			w->daemon.socket, NULL };
		const char *const *first = w->killed_at != NULL ? argv : argv + 2;

		dup2(ends[1], STDIN_FILENO);
		setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
		execv(first[0], (char *const *)(uintptr_t)first);
		_exit(99);
	}
	close(ends[1]);
	return ends[0];
}

/* What comes of a wish: a result, or NO_ANSWER. */
TESTS_OWN int wish_as(struct invited *w, uid_t uid, const struct wish *wish)
{
	pid_t child;
	int fd = invited_start(w, uid, &child), status;
	bool good = send(fd, wish, sizeof *wish, MSG_NOSIGNAL) == (ssize_t)sizeof *wish &&
		    recv(fd, &w->reply, sizeof w->reply, 0) == (ssize_t)sizeof w->reply;

	close(fd);
	waitpid(child, &status, 0);
	return good ? (int)w->reply.result : NO_ANSWER;
}

TESTS_OWN struct wish wish_of(enum wish_op op, const char *profile)
{
	struct wish wish = { .magic = WISH_MAGIC, .version = WISH_VERSION, .op = (uint16_t)op };

	snprintf(wish.profile, sizeof wish.profile, "%s", profile);
	return wish;
}

/* By root, about somebody. */
TESTS_OWN int root_wishes(struct invited *w, enum wish_op op, const char *profile)
{
	struct wish wish = wish_of(op, profile);

	return wish_as(w, 0, &wish);
}

/* By whoever this process is logged in as. */
TESTS_OWN int wishes(struct invited *w, enum wish_op op, const char *code)
{
	struct wish wish = wish_of(op, "");

	snprintf(wish.code, sizeof wish.code, "%s", code);
	return wish_as(w, NOBODY, &wish);
}

/* A good key, another for each number: the bytes of Ed25519 are any. */
TESTS_OWN void put_key(struct wish *wish, unsigned number)
{
	static const uint8_t head[] = "\0\0\0\013ssh-ed25519\0\0\0\040";

	memcpy(wish->key, head, sizeof head - 1);
	memset(wish->key + sizeof head - 1, (int)number, 32);
	wish->key_len = (uint16_t)(sizeof head - 1 + 32);
}

TESTS_OWN int wishes_key(struct invited *w, enum wish_op op, unsigned number, const char *code)
{
	struct wish wish = wish_of(op, "");

	put_key(&wish, number);
	snprintf(wish.code, sizeof wish.code, "%s", code);
	return wish_as(w, NOBODY, &wish);
}

/* Does the key open anything for that person? */
TESTS_OWN bool key_is_of(const struct invited *w, unsigned number, const char *profile)
{
	uint8_t digest[SHA256_SIZE];
	char holder[WISH_EMAIL_SIZE] = "";
	struct wish wish;

	put_key(&wish, number);
	sha256_of(slice_of(wish.key, wish.key_len), digest);
	return people_key(w->people, TRUST_ROOT, digest, slice_of(wish.key, wish.key_len), holder,
		       sizeof holder) == PEOPLE_YES &&
	       strcmp(holder, profile) == 0;
}

/* --- invitations */

/* Code and PIN are in w->reply. */
TESTS_OWN int invite(struct invited *w, const char *profile, enum wish_pin no_pin)
{
	struct wish wish = wish_of(WISH_INVITE, profile);

	wish.no_pin = (uint8_t)no_pin;
	wish.reset = 1;
	return wish_as(w, 0, &wish);
}

struct words {
	char profile[64], code[WISH_CODE_SIZE], pin[WISH_PIN_SIZE], place[WISH_PLACE_SIZE];
};

TESTS_OWN struct words words_of(const struct invited *w)
{
	struct words words = { .place = HERE };

	snprintf(words.profile, sizeof words.profile, "%.63s", w->reply.profile);
	memcpy(words.code, w->reply.code, sizeof words.code);
	memcpy(words.pin, w->reply.pin, sizeof words.pin);
	return words;
}

TESTS_OWN int redeem_for(struct invited *w, const struct words *words, struct holder holder)
{
	struct wish wish = wish_of(WISH_REDEEM, words->profile);

	memcpy(wish.code, words->code, sizeof wish.code);
	memcpy(wish.pin, words->pin, sizeof wish.pin);
	memcpy(wish.place, words->place, sizeof wish.place);
	wish.session = holder.pid;
	wish.start = holder.start;
	return wish_as(w, 0, &wish);
}

TESTS_OWN struct holder this_process(void)
{
	struct process process;

	if (process_read(getpid(), &process) != 0)
		bail("/proc");
	return (struct holder){ .pid = (uint32_t)process.pid, .start = process.start };
}

TESTS_OWN int redeem(struct invited *w, const struct words *words)
{
	return redeem_for(w, words, this_process());
}

/* The session phase of a login of this process. */
TESTS_OWN void log_in(
	const struct invited *w, const char *profile, const char *permission, const char *proved)
{
	struct live_session session = { .service = "sshd", .user = "nobody", .rhost = HERE };

	snprintf(session.profile, sizeof session.profile, "%s", profile);
	snprintf(session.permission, sizeof session.permission, "%s", permission);
	snprintf(session.proved, sizeof session.proved, "%s", proved);
	if (live_session_leave(w->sessions, &session) != 0)
		bail("cannot leave a record");
}

/* A secret from an ENROLL reply. */
TESTS_OWN void take_secret(const struct invited *w, struct secret *secret)
{
	char *bytes = NULL;

	if (oath_base32_decode(w->reply.secret, strlen(w->reply.secret), &bytes, &secret->len) !=
		OATH_OK)
		bail("that is no secret");
	memcpy(secret->bytes, bytes, secret->len);
	secret->digits = w->reply.digits;
	free(bytes);
}

#endif
