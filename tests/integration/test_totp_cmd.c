/*
 * adperm totp against a real adpermd, where nobody watches: what it prints, where, and how it ends.
 * On terminals, see test_totp_terminal.c.
 */
#include "cli/cli.h"
#include "daemon.h"

static struct world world;

/* What one call printed and how it ended. */
struct outcome {
	int code;
	char out[8192], err[2048];
};

static void read_back(int fd, char *into, size_t room)
{
	ssize_t len = pread(fd, into, room - 1, 0);

	into[len > 0 ? len : 0] = '\0';
	close(fd);
}

static void run_child(const char *const *words)
{
	char *arguments[16] = { NULL };
	int count = 0;

	for (; words[count] != NULL; count++)
		arguments[count] = strdup(words[count]);
	setvbuf(stdout, NULL, _IOFBF, 4096);
	count = cmd_totp.run(count, arguments);
	fflush(stdout);
	_exit(count);
}

/* Calls the command with the words, in a child; standard output and error are files. */
static struct outcome totp(const char *const *words)
{
	struct outcome o;
	char out_path[64], err_path[64];
	int status, out, err;
	pid_t child;

	snprintf(out_path, sizeof out_path, "%s/out", world.dir);
	snprintf(err_path, sizeof err_path, "%s/err", world.dir);
	out = open(out_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	err = open(err_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	unlink(out_path);
	unlink(err_path);
	fflush(stdout);
	child = fork();
	if (child == 0) {
		dup2(out, STDOUT_FILENO);
		dup2(err, STDERR_FILENO);
		run_child(words);
	}
	waitpid(child, &status, 0);
	o.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	read_back(out, o.out, sizeof o.out);
	read_back(err, o.err, sizeof o.err);
	return o;
}

#define TOTP(...)       totp((const char *const[]){ "totp", __VA_ARGS__, "--socket", world.socket, NULL })
#define TOTP_ALONE(...) totp((const char *const[]){ "totp", __VA_ARGS__, NULL })

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static void one_life(void)
{
	struct outcome o = TOTP("status", "Alice@Acme.Example");
	struct secret secret = { .digits = 6 };
	char code[9], text[64] = "", *bytes = NULL;

	is_int(o.code, EXIT_NO, "nobody is enrolled at first");
	is_str(o.out, "alice@acme.example: not enrolled\n", "and it says so");
	o = TOTP("status", "--json", "alice@acme.example");
	is_str(o.out, "{\"profile\":\"alice@acme.example\",\"enrolled\":false,\"pending\":false}\n",
		"to programs too");
	is_int(o.code, EXIT_NO, "with the same exit");

	o = TOTP("enroll", "ALICE@acme.example");
	ok(o.code == EXIT_ERROR && o.out[0] == '\0' && strstr(o.err, "--raw") != NULL,
		"t97 a secret is shown on terminals, unless told otherwise");
	is_int(ask(&world, PROTO_STATUS, "adperm", "alice@acme.example", ""), PROTO_NOT_ENROLLED,
		"and none was made");
	o = TOTP("enroll", "ALICE@acme.example", "--raw", "--no-confirm");
	is_int(o.code, EXIT_OK, "enrolled");
	is_str(o.err, "", "without further words where nobody watches");
	ok(begins(o.out, "otpauth://totp/adperm:alice%40acme.example?secret="), "the URI");
	is_int(sscanf(o.out, "otpauth://totp/adperm:alice%%40acme.example?secret=%63[A-Z2-7]",
		       text),
		1, "has a secret");
	is_int(strlen(text), 32, "of 20 bytes");
	ok(strcmp(o.out + strlen(o.out) - 16, "&issuer=adperm\n") != 0 &&
			strstr(o.out, "&issuer=adperm\n") != NULL,
		"and an issuer");
	if (oath_base32_decode(text, strlen(text), &bytes, &secret.len) != OATH_OK)
		bail("not base32");
	memcpy(secret.bytes, bytes, secret.len);
	free(bytes);
	code_of(&secret, 0, code);
	is_int(ask(&world, PROTO_VERIFY, "sshd", "alice@acme.example", code), PROTO_YES,
		"whose code is accepted");

	o = TOTP("enroll", "alice@acme.example", "--raw", "--no-confirm");
	is_int(o.code, EXIT_NO, "not a second time by mistake");
	ok(o.out[0] == '\0' && strstr(o.err, "--replace") != NULL, "and told how on purpose");
	o = TOTP("status", "alice@acme.example");
	is_int(o.code, EXIT_OK, "status: enrolled");
	ok(begins(o.out, "alice@acme.example: enrolled 20") && strstr(o.out, "last used 20") &&
			strstr(o.out, "6 digits, SHA1, every 30 seconds; 0 recovery codes left"),
		"and how");
	o = TOTP("status", "alice@acme.example", "--json");
	ok(begins(o.out, "{\"profile\":\"alice@acme.example\",\"enrolled\":true,"
			 "\"pending\":false,\"damaged\":false,\"digits\":6,\"algorithm\":\"SHA1\","
			 "\"period\":30,\"enrolled_at\":\"20") &&
			strstr(o.out, ",\"recovery_codes_left\":0,\"retry_after\":0}\n") != NULL,
		"also to programs");
	o = TOTP("enroll", "--raw", "--no-confirm", "--replace", "alice@acme.example", "--digits",
		"8", "--algorithm", "sha512", "--period", "60");
	is_int(o.code, EXIT_OK, "on purpose, another kind");
	ok(strstr(o.out, "&algorithm=SHA512&digits=8&period=60\n") != NULL, "which the URI names");
	is_int(ask(&world, PROTO_VERIFY, "sshd", "alice@acme.example", code), PROTO_BAD_CODE,
		"the old secret is void");
	o = TOTP("list");
	ok(o.code == EXIT_OK && strstr(o.out, "alice@acme.example  8 SHA512 60s  20") != NULL &&
			strstr(o.out, "never") != NULL,
		"list: of what kind, and never used");
	for (int i = 0; i < 12; i++)
		ask(&world, PROTO_VERIFY, "sshd", "alice@acme.example", "00000000");
	o = TOTP("status", "alice@acme.example");
	ok(strstr(o.out, "alice@acme.example: out of guesses; the next code is taken in ") != NULL,
		"status: out of guesses");
	o = TOTP("remove", "alice@acme.example");
	ok(o.code == EXIT_OK && strcmp(o.out, "alice@acme.example: removed\n") == 0, "removed");
	o = TOTP("remove", "alice@acme.example");
	ok(o.code == EXIT_NO && strstr(o.err, "is not enrolled") != NULL, "once");
}

static void t97_nothing_can_be_smuggled_into_the_uri(void)
{
	static const struct {
		const char *email, *issuer, *begin, *end;
	} rows[] = {
		{ "a&secret=A@x.example", "adperm",
			"otpauth://totp/adperm:a%26secret%3Da%40x.example?secret=",
			"&issuer=adperm\n" },
		{ "a?b#c%41@x.example", "adperm",
			"otpauth://totp/adperm:a%3Fb%23c%2541%40x.example?secret=",
			"&issuer=adperm\n" },
		{ "o'h+tag@x.example", "ACME & Söhne/?",
			"otpauth://totp/"
			"ACME%20%26%20S%C3%B6hne%2F%3F:o%27h%2Btag%40x.example?secret=",
			"&issuer=ACME%20%26%20S%C3%B6hne%2F%3F\n" },
		{ "plain@x.example", "x&secret=A&issuer=y",
			"otpauth://totp/x%26secret%3DA%26issuer%3Dy:plain%40x.example?secret=",
			"&issuer=x%26secret%3DA%26issuer%3Dy\n" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct outcome o = TOTP("enroll", "--raw", "--no-confirm", rows[i].email,
			"--issuer", rows[i].issuer);
		const char *end = o.out + strlen(o.out) - strlen(rows[i].end);
		size_t secret = strlen(o.out) > strlen(rows[i].begin)
					? strspn(o.out + strlen(rows[i].begin),
						  "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
					: 0;

		ok(o.code == EXIT_OK && begins(o.out, rows[i].begin) && secret == 32 &&
				strlen(o.out) == strlen(rows[i].begin) + 32 + strlen(rows[i].end) &&
				strcmp(end, rows[i].end) == 0,
			"t97 %s of %s", rows[i].email, rows[i].issuer);
	}
}

static void wrong_usage(void)
{
	static const char long_issuer[] =
		"iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii";
	const struct {
		struct outcome o;
		const char *words;
	} rows[] = {
		{ totp((const char *const[]){ "totp", NULL }), "adperm totp --help" },
		{ TOTP_ALONE("lists"), "adperm totp --help" },
		{ TOTP("enroll"), "one e-mail address" },
		{ TOTP("enroll", "a@x.example", "b@x.example"), "one e-mail address" },
		{ TOTP("enroll", "alice"), "no e-mail address" },
		{ TOTP("enroll", "a\033[2J@x.example"), "no e-mail address" },
		{ TOTP("enroll", "a@x.example", "--digits", "7"), "6 or 8" },
		{ TOTP("enroll", "a@x.example", "--digits", "06"), "6 or 8" },
		{ TOTP("enroll", "a@x.example", "--period", "300"), "30 or 60" },
		{ TOTP("enroll", "a@x.example", "--algorithm", "MD5"), "SHA512" },
		{ TOTP("enroll", "a@x.example", "--issuer", "a:b"), "colon" },
		{ TOTP("enroll", "a@x.example", "--issuer", ""), "colon" },
		{ TOTP("enroll", "a@x.example", "--issuer", "a\nb"), "colon" },
		{ TOTP("enroll", "a@x.example", "--issuer", long_issuer), "64" },
		{ TOTP("status", "a@x.example", "--replace"), "--replace" },
		{ TOTP("remove", "a@x.example", "--json"), "--json" },
		{ TOTP("list", "a@x.example"), "one word too many" },
		{ TOTP("status", "a@x.example", "b@x.example"), "one word too many" },
		{ TOTP("unlock"), "one e-mail address" },
		{ TOTP("recovery", "a@x.example"), "--raw" },
		{ TOTP("rekey", "a@x.example"), "one word too many" },
		{ TOTP("import"), "--oath-usersfile" },
		{ TOTP("import", "--google-authenticator", "/f"), "--profile EMAIL" },
		{ TOTP("import", "--oath-usersfile", "/f", "--profile", "a@x.example"), "--map" },
		{ TOTP("import", "--oath-usersfile", "/f", "/g"), "one word too many" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		ok(rows[i].o.code == EXIT_ERROR && rows[i].o.out[0] == '\0' &&
				strstr(rows[i].o.err, rows[i].words) != NULL &&
				strchr(rows[i].o.err, '\033') == NULL,
			"wrong usage, row %zu: %s", i, rows[i].words);
	}
	is_int(ask(&world, PROTO_STATUS, "adperm", "a@x.example", ""), PROTO_NOT_ENROLLED,
		"and none of it enrolled anybody");
}

static void no_daemon(void)
{
	struct outcome o;

	o = TOTP_ALONE("status", "a@x.example", "--socket", "/run/adperm-test-none.sock");
	ok(o.code == EXIT_ERROR && strstr(o.err, "adpermd --foreground") != NULL,
		"no daemon: it says how to start one");
	o = TOTP_ALONE("status", "a@x.example", "--socket", "/tmp/auth.sock");
	ok(o.code == EXIT_ERROR && strstr(o.err, "must be root's alone") != NULL,
		"a socket in a directory of everybody's is not asked");
}

int main(void)
{
	if (geteuid() != 0) {
		tap_skip("not root", "adperm totp");
		return tap_done();
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	oath_init();
	world_make(&world);
	world_start(&world);
	one_life();
	t97_nothing_can_be_smuggled_into_the_uri();
	wrong_usage();
	no_daemon();
	world_end(&world);
	return tap_done();
}
