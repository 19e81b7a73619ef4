/* A message as bytes: what is encoded, what is folded, and what can be no message at all. */
#include "cli/mail.h"

#include "tap.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct mail_stamp stamp = {
	.now = 1795329170, /* 2026-11-22T06:32:50Z */
	.host = "web1.acme.example",
	.from = "adperm@acme.example",
	.id = "00112233445566778899aabbccddeeff",
};

static const struct mail plain = {
	.to = "alice@acme.example",
	.name = "Alice Martin",
	.subject = "Hello",
	.body = "One line.\n",
	.list = "adperm.web1.acme.example",
};

static struct buf out;

/* The message, or why there is none. */
static const char *composed(struct mail mail)
{
	const char *why;

	buf_reset(&out);
	why = mail_compose(&mail, &stamp, &out);
	buf_u8(&out, '\0');
	return why != NULL ? why : (const char *)out.at;
}

static const char *with_subject(const char *subject)
{
	struct mail mail = plain;

	mail.subject = subject;
	return composed(mail);
}

static const char *with_body(const char *body)
{
	struct mail mail = plain;

	mail.body = body;
	return composed(mail);
}

static const char *with_to(const char *to)
{
	struct mail mail = plain;

	mail.to = to;
	return composed(mail);
}

static const char *with_name(const char *name)
{
	struct mail mail = plain;

	mail.name = name;
	return composed(mail);
}

static bool has(const char *message, const char *words)
{
	return strstr(message, words) != NULL;
}

/* The longest line, and whether all of it is printable ASCII. */
static size_t widest(const char *message, bool *ascii)
{
	size_t most = 0, len = 0;

	*ascii = true;
	for (const char *c = message; *c != '\0'; c++) {
		len = *c == '\n' ? 0 : len + 1;
		most = len > most ? len : most;
		*ascii = *ascii && (*c == '\n' || *c == '\t' || (*c >= 0x20 && *c < 0x7f));
	}
	return most;
}

static void test_plain(void)
{
	is_str(composed(plain),
		"Date: Sun, 22 Nov 2026 06:32:50 +0000\n"
		"From: adperm@acme.example\n"
		"To: Alice Martin\n <alice@acme.example>\n"
		"Subject: Hello\n"
		"Message-ID: <00112233445566778899aabbccddeeff@web1.acme.example>\n"
		"List-Id: <adperm.web1.acme.example>\n"
		"Auto-Submitted: auto-generated\n"
		"MIME-Version: 1.0\n"
		"Content-Type: text/plain; charset=utf-8\n"
		"Content-Transfer-Encoding: quoted-printable\n"
		"\n"
		"One line.\n",
		"all of a message");
	ok(has(with_name(NULL), "\nTo: alice@acme.example\n"), "an address without a name");
}

static void test_encoding(void)
{
	char long_subject[400];
	bool ascii;

	ok(has(with_subject("D\xc3\xa9j\xc3\xa0 vu"), "Subject: =?utf-8?B?RMOpasOgIHZ1?=\n"),
		"a subject that is not ASCII is an encoded word");
	ok(has(with_subject("=?utf-8?Q?x?="), "Subject: =?utf-8?B?"),
		"one that looks like an encoded word is encoded itself");
	ok(has(with_name("Martin, \"Al\" <root@x>"), "To: =?utf-8?B?"),
		"a name that is no atom, too");
	for (size_t i = 0; i + 1 < sizeof long_subject; i++)
		long_subject[i] = (i & 1) == 0 ? '\xc3' : '\xa9';
	long_subject[sizeof long_subject - 2] = '\0';
	ok(widest(with_subject(long_subject), &ascii) <= 76 && ascii,
		"a long subject is folded, below 77 columns of ASCII");
	ok(has(with_body("a=b\n"), "\n\na=3Db\n"), "an = of the text");
	ok(has(with_body("one \ntwo\t\n"), "\none=20\ntwo=09\n"), "a blank at the end of a line");
	ok(has(with_body("From me\nnot From\n"), "\n=46rom me\nnot From\n"),
		"a From that begins a line");
	ok(has(with_body("\xe2\x82\xac"), "\n=E2=82=AC\n"),
		"what is not ASCII, and no end of line");
	ok(widest(with_body(long_subject), &ascii) <= 76 && ascii, "a long line is broken softly");
}

static void test_refused(void)
{
	static const char *const subjects[] = { "a\nBcc: eve@evil.example", "a\rBcc: x", "\033[2J",
		"a\tb", "\342\200\256abc", "\xff\xfe", "\xc2\x85", "\xe2\x80\xa8", "" };
	static const char *const names[] = { "a\nBcc: eve@evil.example", "a\r\nX: y", "\x07",
		"a\xe2\x80\x8b" };
	static const char *const addresses[] = { "", "root", "a@b@c",
		"a@acme.example\nBcc: eve@evil.example", "a b@acme.example",
		"a@acme.example,eve@evil.example", "<a@acme.example>", "\"a b\"@acme.example",
		"a(c)@acme.example", "a@[127.0.0.1]", "m\xc3\xa9@acme.example", "a@acme.example ",
		"-t@", ".a@acme.example" };
	static const char *const bodies[] = { "", "a\033]0;x\007", "a\r", "\xc0\xaf",
		"a\xe2\x80\xae" };
	struct mail mail = plain;

	for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++)
		ok(!has(with_subject(subjects[i]), "Date: "), "t96_a_subject_of_noise %zu", i);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		ok(!has(with_name(names[i]), "Date: "), "t96_a_name_of_noise %zu", i);
	for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
		ok(!has(with_to(addresses[i]), "Date: "), "t96_an_address_that_is_none %zu", i);
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
		ok(!has(with_body(bodies[i]), "Date: "), "t96_a_text_of_noise %zu", i);
	ok(has(with_subject("%s%n"), "Subject: %s%n\n"), "t96_a_format_is_a_text");
	ok(has(with_to("a|b%c@acme.example"), "<a|b%c@acme.example>\n"),
		"what an address may have is no shell's");
	mail.list = "a b";
	ok(!has(composed(mail), "Date: "), "a list is a host name");
}

/* A program in the place of sendmail(8) that keeps what it reads, and ends with a status. */
static void write_program(const char *dir, const char *name, int status, char *path, size_t room)
{
	FILE *file;

	snprintf(path, room, "%s/%s", dir, name);
	file = fopen(path, "w");
	fprintf(file, "#!/bin/sh\necho \"$*\" >%s/said\ncat >>%s/said\nexit %d\n", dir, dir,
		status);
	fclose(file);
	chmod(path, 0755);
}

static void test_secret(void)
{
	char dir[] = "/tmp/adperm-test.XXXXXX", good[64], bad[64], spool[64], said[64],
	     text[2048] = "";
	struct mail mail = plain;
	struct mail_system system = { .sendmail = good, .spool = spool };
	FILE *in;

	if (!ok(mkdtemp(dir) != NULL, "a directory"))
		return;
	write_program(dir, "good", 0, good, sizeof good);
	write_program(dir, "bad", 75, bad, sizeof bad);
	snprintf(spool, sizeof spool, "%s/spool", dir);
	snprintf(said, sizeof said, "%s/said", dir);
	mail.secret = true;
	is_int(mail_send("test", &system, &mail), MAIL_SENT, "a secret is handed over");
	in = fopen(said, "r");
	if (in != NULL) {
		text[fread(text, 1, sizeof text - 1, in)] = '\0';
		fclose(in);
	}
	ok(strncmp(text, "-t -i\nDate: ", 12) == 0 && has(text, "\n\nOne line.\n"),
		"whole, and sendmail(8) finds the recipient in it");
	system.sendmail = bad;
	is_int(mail_send("test", &system, &mail), MAIL_FAILED, "if it cannot be, it is not kept");
	is_int(access(spool, F_OK), -1, "and was in no file");
	unlink(good);
	unlink(bad);
	unlink(said);
	rmdir(dir);
}

int main(void)
{
	test_plain();
	test_encoding();
	test_refused();
	test_secret();
	buf_done(&out);
	return tap_done();
}
