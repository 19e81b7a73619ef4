/*
 * offered BUILD SOURCE: adperm-keys as sshd runs it, with the keys that a client could offer. It
 * prints the key of whoever could be allowed, as the policy has it, and else nothing but a line in
 * the log.
 */
#include "../unit/tap.h"
#include "base/base64.h"
#include "base/sshkey.h"
#include "support/world.h"

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534, ARGUMENTS = 16 };

static char program[512];

struct outcome {
	int status; /* of exit */
	char output[16384];
	char log[WORLD_LINE_SIZE]; /* "" if nothing was logged */
};

static void run_as(uid_t uid, const char *const arguments[], struct outcome *o)
{
	/* Opened here: where the tree lies, another user may not be let in. */
	int out[2], status = 0, binary = open(program, O_PATH | O_CLOEXEC);
	size_t len = 0;
	pid_t child;
	ssize_t n;

	while (world_log(o->log))
		continue;
	if (binary < 0 || pipe(out) != 0 || (child = fork()) < 0)
		err(2, "%s", program);
	if (child == 0) {
		dup2(out[1], STDOUT_FILENO);
		close(out[0]);
		close(out[1]);
		fclose(stderr);
		if (setgid(uid) != 0 || setuid(uid) != 0)
			_exit(125);
		fexecve(binary, (char *const *)(uintptr_t)arguments, environ);
		_exit(125);
	}
	close(binary);
	close(out[1]);
	while ((n = read(out[0], o->output + len, sizeof o->output - 1 - len)) > 0)
		len += (size_t)n;
	o->output[len] = '\0';
	close(out[0]);
	waitpid(child, &status, 0);
	o->status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
	world_log(o->log);
}

/* As the drop-in has it: `-- %u %f %t %k`. */
static void offer(const char *user, const char *fingerprint, const char *type, const char *key,
	struct outcome *o)
{
	const char *const arguments[] = { "adperm-keys", "--db", WORLD "/policy.cdb", "--people",
		WORLD "/people", "--switch", WORLD "/switch.conf", "--", user, fingerprint, type,
		key, NULL };

	run_as(NOBODY, arguments, o);
}

/* Somebody's key, apart. */
struct parts {
	char type[64], key[4096], fingerprint[SSHKEY_FINGERPRINT_SIZE];
};

static void take_apart(const char *name, struct parts *p)
{
	uint8_t blob[SSHKEY_MAX], digest[SHA256_SIZE];
	long len;

	if (sscanf(world_key(name), "%63s %4095s", p->type, p->key) != 2 ||
		(len = base64_decode(slice_str(p->key), blob, sizeof blob)) < 0)
		errx(2, "the key of %s", name);
	sha256_of(slice_of(blob, (size_t)len), digest);
	sshkey_fingerprint(digest, p->fingerprint);
}

static void check(const struct outcome *o, const char *expected, const char *reason,
	const char *hint, const char *name)
{
	char got[64], logged[64];
	bool good = o->status == 0 && strcmp(o->output, expected) == 0;

	world_field(o->log, "reason", got, sizeof got);
	world_field(o->log, "hint", logged, sizeof logged);
	good = good && strcmp(got, reason) == 0 && strcmp(logged, hint) == 0;
	if (!ok(good, "%s", name))
		printf("# status %d, output \"%s\", log %s\n", o->status, o->output, o->log);
}

/* The user with their key, or somebody's: it is printed, or refused for the reason. */
static void offer_key(const char *user, const char *key, const char *reason, const char *name)
{
	char printed[5000] = "";
	struct outcome o;
	struct parts p;

	take_apart(key, &p);
	if (reason[0] == '\0')
		snprintf(printed, sizeof printed, "%s %s\n", p.type, p.key);
	offer(user, p.fingerprint, p.type, p.key, &o);
	check(&o, printed, reason, "", name);
}

static void who(void)
{
	static const struct {
		const char *user, *key, *reason, *name; /* no reason: the key is printed */
	} rows[] = {
		{ "alice", "alice", "", "a login with its own key" },
		{ "acme", "carol", "", "an account with the key of who may use it" },
		{ "acme", "alice", "", "an account, by ssh_users" },
		{ "bob", "bob", "", "a second factor is not looked at" },
		{ "shop", "dave", "", "nor on an account" },
		{ "grace", "grace", "", "nor where the client is" },
		{ "alice", "bob", "foreign_key", "a login with the key of another" },
		{ "acme", "dave", "no_grant", "an account without a grant" },
		{ "hans", "hans", "no_grant", "a login without a grant" },
		{ "erin", "erin", "suspended", "somebody suspended" },
		{ "frank", "frank", "expired", "a grant that has expired" },
		{ "alice", "stranger", "unknown_person", "a key of nobody" },
		{ "acme", "stranger", "unknown_person", "a key of nobody on an account" },
		{ "olga", "alice", "unknown_person", "a user that the policy does not know" },
		{ "root", "alice", "unknown_person", "root" },
		{ "", "alice", "unknown_person", "t101 no user" },
		{ "--db", "alice", "unknown_person", "t101 a user that looks like an option" },
		{ "--", "alice", "unknown_person",
			"t101 a user that looks like the end of options" },
		{ "../alice", "alice", "unknown_person", "t101 a user that looks like a path" },
		{ "alice\n", "alice", "unknown_person", "t101 a user with a newline" },
		{ "ALICE", "alice", "unknown_person", "t101 a user in capitals" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		offer_key(rows[i].user, rows[i].key, rows[i].reason, rows[i].name);
}

static void what(void)
{
	struct parts alice, bob, cert;
	struct outcome o;

	take_apart("alice", &alice);
	take_apart("bob", &bob);
	take_apart("alice-cert", &cert);
	offer("alice", bob.fingerprint, alice.type, alice.key, &o);
	check(&o, "", "unknown_person", "fingerprint_is_another",
		"t101 the fingerprint of another key");
	offer("alice", "", alice.type, alice.key, &o);
	check(&o, "", "unknown_person", "fingerprint_is_another", "t101 no fingerprint");
	offer("alice", alice.fingerprint, "ssh-rsa", alice.key, &o);
	check(&o, "", "unknown_person", "key_is_malformed", "t101 the type of another key");
	offer("alice", alice.fingerprint, "ssh-dss", alice.key, &o);
	check(&o, "", "unknown_person", "key_is_weak", "t101 a type that is too weak");
	offer("alice", alice.fingerprint, "ssh-rot13", alice.key, &o);
	check(&o, "", "unknown_person", "key_type_is_unknown", "t101 a type that is none");
	offer("alice", alice.fingerprint, alice.type, "AAAA====", &o);
	check(&o, "", "unknown_person", "key_is_not_base64", "t101 no base64");
	offer("alice", alice.fingerprint, alice.type, "", &o);
	check(&o, "", "unknown_person", "key_is_not_base64", "t101 no key");
	offer("alice", cert.fingerprint, cert.type, cert.key, &o);
	check(&o, "", "unknown_person", "certificate", "t101 a certificate");
	offer("alice", cert.fingerprint, alice.type, cert.key, &o);
	check(&o, "", "unknown_person", "key_is_malformed",
		"t101 a certificate that calls itself a key");
}

static void how(void)
{
	static const char *const few[] = { "adperm-keys", "alice", "ssh-ed25519", "AAAA", NULL };
	static const char *const none[] = { "adperm-keys", NULL };
	static const char *const unknown[] = { "adperm-keys", "--unknown", "x", "alice", "f",
		"ssh-ed25519", "AAAA", NULL };
	static const char *const behind[] = { "adperm-keys", "--", "--db", "/x", "alice", "f",
		"ssh-ed25519", "AAAA", NULL };
	static const char *const valueless[] = { "adperm-keys", "--db", "alice", "f", "ssh-ed25519",
		"AAAA", NULL };
	static const struct {
		const char *const *arguments;
		uid_t uid;
		const char *name;
	} rows[] = {
		{ few, NOBODY, "too few arguments" },
		{ none, NOBODY, "no arguments" },
		{ unknown, NOBODY, "an unknown option" },
		{ behind, NOBODY, "an option behind --" },
		{ valueless, NOBODY, "an option without a value" },
		{ few, 0, "root" },
	};
	struct outcome o;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		run_as(rows[i].uid, rows[i].arguments, &o);
		ok(o.status == 2 && o.output[0] == '\0', "t101 %s: refused", rows[i].name);
	}
}

static void as_root(void)
{
	struct parts p;
	struct outcome o;

	take_apart("alice", &p);
	run_as(0,
		(const char *const[]){ "adperm-keys", "--db", WORLD "/policy.cdb", "alice",
			p.fingerprint, p.type, p.key, NULL },
		&o);
	ok(o.status == 2 && o.output[0] == '\0', "t101 with a good key root is refused, too");
}

/* Clocks that have lost their battery; and the last seconds of grants, and of the database. */
static void clocks(void)
{
	static const struct {
		const char *time, *zone, *user, *reason;
	} rows[] = {
		{ "1970-01-01T00:00:00Z", "UTC", "alice", "clock" },
		{ "2025-12-31T23:59:59Z", "Pacific/Kiritimati", "alice", "clock" },
		{ "2026-01-01T00:00:00Z", "America/Los_Angeles", "alice", "" },
		{ "2027-01-31T17:59:59Z", "Pacific/Kiritimati", "bob", "" },
		{ "2027-01-31T18:00:00Z", "America/Los_Angeles", "bob", "expired" },
		{ "2027-01-31T23:59:59Z", "Pacific/Kiritimati", "alice", "" },
		{ "2027-02-01T00:00:00Z", "America/Los_Angeles", "alice", "expired" },
		{ "2107-02-15T11:59:59Z", "Pacific/Kiritimati", "carol", "" },
		{ "2107-02-15T12:00:00Z", "America/Los_Angeles", "carol", "policy_expired" },
	};
	char name[128];

	if (!world_clock("2026-01-01T00:00:00Z")) {
		tap_skip("no clock can be set here", "t24 and t63, clocks");
		return;
	}
	world_install("until", "2107-02-15T12:00:00Z");
	chmod(WORLD "/policy.cdb", 0644);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		world_clock(rows[i].time);
		setenv("TZ", rows[i].zone, 1);
		snprintf(name, sizeof name, "%s: %s at %s", i < 3 ? "t63" : "t24", rows[i].user,
			rows[i].time);
		offer_key(rows[i].user, rows[i].user, rows[i].reason, name);
	}
	unsetenv("TZ");
	world_clock(NULL);
}

static void database_trouble(void)
{
	struct parts p;
	struct outcome o;

	take_apart("alice", &p);
	chmod(WORLD "/policy.cdb", 0666);
	offer("alice", p.fingerprint, p.type, p.key, &o);
	check(&o, "", "policy_unsafe_path", "", "a database that anybody could have written");
	chmod(WORLD "/policy.cdb", 0600);
	offer("alice", p.fingerprint, p.type, p.key, &o);
	check(&o, "", "policy_unreadable", "", "a database that this user cannot read");
	world_write("policy.cdb", "damaged");
	offer("alice", p.fingerprint, p.type, p.key, &o);
	check(&o, "", "policy_corrupt", "", "a damaged database");
	unlink(WORLD "/policy.cdb");
	offer("alice", p.fingerprint, p.type, p.key, &o);
	check(&o, "", "policy_missing", "", "no database");
	ok(strncmp(o.log, "<83>adperm-keys[", 16) == 0, "which is logged as an error");
}

int main(int argc, char **argv)
{
	if (argc != 3)
		errx(2, "usage: offered BUILD SOURCE");
	snprintf(program, sizeof program, "%s/adperm-keys", argv[1]);
	world_make(argv[1], argv[2]);
	world_install("acme", NULL);
	chmod(WORLD "/policy.cdb", 0644);
	who();
	what();
	how();
	as_root();
	clocks();
	database_trouble();
	return tap_done();
}
