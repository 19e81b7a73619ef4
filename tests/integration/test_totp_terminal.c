/*
 * adperm totp on a terminal: what somebody sees and types who enrols a person, and that nothing of
 * it stays there.
 */
#include "cli/cli.h"
#include "cli/qr.h"
#include "daemon.h"

#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <qrencode.h>
#include <sys/ioctl.h>

#define CLEARED "\033[H\033[2J\033[3J"

static struct world world;

/* One call of the tool, on a terminal of its own. */
static struct terminal {
	int fd;
	pid_t child;
	size_t used;
	char seen[65536];
} terminal;

static void run_child(const char *const *words)
{
	char *arguments[16] = { NULL };
	int count = 0;

	for (; words[count] != NULL; count++)
		arguments[count] = strdup(words[count]);
	count = cmd_totp.run(count, arguments);
	fflush(stdout);
	_exit(count);
}

/* Begins it on a terminal of that size. */
static void begin(
	unsigned short lines, unsigned short columns, const char *locale, const char *const *words)
{
	struct winsize size = { .ws_row = lines, .ws_col = columns };

	terminal.used = 0;
	terminal.seen[0] = '\0';
	terminal.child = forkpty(&terminal.fd, NULL, NULL, &size);
	if (terminal.child == 0) {
		setlocale(LC_CTYPE, locale);
		run_child(words);
	}
}

#define BEGIN(lines, columns, locale, ...)                                                         \
	begin(lines, columns, locale,                                                              \
		(const char *const[]){ "totp", __VA_ARGS__, "--socket", world.socket, NULL })

/* Reads on until the text has appeared; false if it never does. */
static bool until(const char *text)
{
	size_t room = sizeof terminal.seen - 1;
	struct pollfd wait = { .fd = terminal.fd, .events = POLLIN };

	while (strstr(terminal.seen, text) == NULL) {
		ssize_t len = -1;

		if (terminal.used < room && poll(&wait, 1, 60000) > 0)
			len = read(
				terminal.fd, terminal.seen + terminal.used, room - terminal.used);
		if (len <= 0)
			return false;
		terminal.used += (size_t)len;
		terminal.seen[terminal.used] = '\0';
	}
	return true;
}

/* Forgets what was seen, and types. */
static void type(const char *text)
{
	terminal.used = 0;
	terminal.seen[0] = '\0';
	if (write(terminal.fd, text, strlen(text)) < 0)
		bail("cannot type");
}

/* Reads to the end; the exit code. */
static int end(void)
{
	int status = 0;

	until("\n\n this never comes");
	close(terminal.fd);
	waitpid(terminal.child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void secret_seen(struct secret *secret)
{
	const char *at = strstr(terminal.seen, "?secret=");
	char *bytes = NULL;

	if (at == NULL ||
		oath_base32_decode(at + 8, strspn(at + 8, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
			&bytes, &secret->len) != OATH_OK)
		bail("no secret was shown");
	memcpy(secret->bytes, bytes, secret->len);
	secret->digits = 6;
	free(bytes);
}

static void type_line(const char *text)
{
	char line[16];

	snprintf(line, sizeof line, "%s\n", text);
	type(line);
}

#define PROMPT "Code that the app shows: "

static int verify(const char *profile, const char *code)
{
	return ask(&world, PROTO_VERIFY, "sshd", profile, code);
}

static void from_the_first_to_the_last_line(void)
{
	static const char profile[] = "alice@acme.example";
	char code[9], recovery[PROTO_RECOVERY_TEXT] = "", *at;
	struct secret secret;

	BEGIN(24, 80, "C", "enroll", profile);
	ok(until(PROMPT), "a code is asked for");
	ok(strstr(terminal.seen, CLEARED) == terminal.seen, "on a screen of its own");
	ok(strstr(terminal.seen, "otpauth://totp/adperm:alice%40acme.example?secret=") != NULL,
		"under the URI");
	secret_seen(&secret);
	code_of(&secret, 0, code);
	is_int(verify(profile, code), PROTO_NOT_ENROLLED,
		"until it is typed it counts for nothing");
	wrong_code_of(&secret, code);
	type_line(code);
	ok(until("not right. Code (two tries left): "), "a wrong one is no end");
	code_of(&secret, 0, code);
	type_line(code);
	ok(until("written down: "), "a right one is");
	at = strstr(terminal.seen, CLEARED);
	ok(at != NULL, "t97 the secret has been cleared away");
	at = at != NULL ? strstr(at, "    ") : NULL;
	if (at != NULL)
		memcpy(recovery, at + 4, sizeof recovery - 1);
	is_int(strspn(recovery, "abcdefghijklmnopqrstuvwxyz234567-"), PROTO_RECOVERY_TEXT - 1,
		"there are recovery codes");
	type("\n");
	ok(until("enrolled, with 10 recovery codes"), "and a last word");
	ok(strstr(terminal.seen, CLEARED) != NULL, "t97 the recovery codes have been cleared away");
	is_int(end(), EXIT_OK, "all is well");
	is_int(verify(profile, code), PROTO_REPLAY, "the code that was typed is spent");
	code_of(&secret, 1, code);
	is_int(verify(profile, code), PROTO_YES, "the next one is taken");
	is_int(verify(profile, recovery), PROTO_YES, "and so is a recovery code");
	ok(verify(profile, recovery) != PROTO_YES, "once");
}

/* Whoever does not type a right code has changed nothing. */
static void nothing_is_typed_right(void)
{
	static const char profile[] = "bob@acme.example";
	static const struct {
		const char *typed, *name;
	} rows[] = { { "\003", "Ctrl-C" }, { "\004", "Ctrl-D" }, { "\034", "Ctrl-\\" } };
	struct secret before, tried;
	char code[9];

	enroll(&world, profile, 6, &before);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		BEGIN(24, 80, "C", "enroll", "--replace", profile);
		ok(until(PROMPT), "%s at the question", rows[i].name);
		type(rows[i].typed);
		ok(until("nothing has changed"), "is told that nothing has changed");
		ok(strstr(terminal.seen, CLEARED) != NULL, "t97 and the secret is cleared away");
		is_int(end(), EXIT_NO, "and it is a no");
	}
	BEGIN(24, 80, "C", "enroll", "--replace", profile);
	until(PROMPT);
	secret_seen(&tried);
	wrong_code_of(&tried, code);
	type_line(code);
	until("two tries left): ");
	type_line(code);
	until("last try): ");
	type_line(code);
	ok(until("nothing has changed; a secret from before stays in force"),
		"three wrong codes, and the old secret stays");
	ok(strstr(terminal.seen, CLEARED) < strstr(terminal.seen, "nothing has changed"),
		"t97 said on a cleared screen");
	is_int(end(), EXIT_NO, "and it is a no");
	code_of(&tried, 0, code);
	is_int(verify(profile, code), PROTO_BAD_CODE, "the new one is not known");
	code_of(&before, 0, code);
	is_int(verify(profile, code), PROTO_YES, "the old one is");
	BEGIN(24, 80, "C", "status", profile);
	ok(until("enrolled 20") && strstr(terminal.seen, "waits") == NULL, "and none waits");
	end();
}

static void recovery_codes_anew(void)
{
	struct secret secret;

	enroll(&world, "carol@acme.example", 6, &secret);
	BEGIN(24, 80, "C", "recovery", "carol@acme.example");
	ok(until("written down: "), "new recovery codes");
	type("\003");
	ok(until(CLEARED), "t97 cleared away after Ctrl-C, too");
	is_int(end(), EXIT_OK, "they are in force");
	BEGIN(24, 80, "C", "status", "carol@acme.example");
	ok(until("10 recovery codes left"), "and counted");
	end();
}

static int count_of(const char *text, const char *part)
{
	int count = 0;

	while ((text = strstr(text, part)) != NULL) {
		count++;
		text += strlen(part);
	}
	return count;
}

/* Enrols on a terminal of that size; how many lines the QR code has. */
static int picture(unsigned short lines, unsigned short columns, const char *locale,
	const char *profile, const char *algorithm)
{
	int drawn;

	BEGIN(lines, columns, locale, "enroll", "--issuer", "Example Hosting Ltd", "--algorithm",
		algorithm, profile);
	until(PROMPT);
	drawn = count_of(terminal.seen, "\033[40;97m");
	ok(strstr(terminal.seen, "otpauth://totp/") != NULL, "%ux%u, %s: the URI", columns, lines,
		locale);
	type("\004");
	end();
	return drawn;
}

static void pictures(const char *utf8)
{
	static const char usual[] = "dora@acme.example",
			  longest[] = "firstname.lastname@hosting-customer.example";

	ok(picture(24, 80, utf8, usual, "SHA1") > 10, "a terminal of 80x24 shows a QR code");
	is_int(picture(24, 80, utf8, longest, "SHA1"), 23,
		"of a long address and issuer too, with a line for the question");
	is_int(picture(24, 80, utf8, longest, "SHA512"), 0, "of the longest secret it has no room");
	ok(picture(30, 80, utf8, longest, "SHA512") > 0, "a larger one has");
	is_int(picture(24, 80, "C", usual, "SHA1"), 0, "a terminal without UTF-8 shows the URI");
	is_int(picture(15, 80, utf8, usual, "SHA1"), 0, "and so does one that is too small");
	ok(picture(0, 0, utf8, usual, "SHA1") > 10, "one of unknown size is taken for 80x24");
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* Reads the drawing back, square by square, and compares with what was to be drawn. */
static void drawing_is_the_code(void)
{
	static const char text[] = "otpauth://totp/adperm:alice%40acme.example?secret="
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567&issuer=adperm";
	static const char *const shapes[4] = { " ", "▄", "▀", "█" };
	QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_L, QR_MODE_8, 1);
	struct buf drawn = { .at = NULL }, none = { .at = NULL };
	int wrong = 0, row, column;
	const char *at;

	ok(qr_draw(text, 23, 80, &drawn), "a usual URI fits");
	buf_u8(&drawn, 0);
	at = (const char *)drawn.at;
	for (row = -2; row < code->width + 2; row += 2) {
		wrong += !begins(at, "\033[40;97m");
		at += 8;
		for (column = -2; column < code->width + 2; column++) {
			int light[2];

			for (int i = 0; i < 2; i++) {
				int y = row + i;

				light[i] = y < 0 || column < 0 || y >= code->width ||
					   column >= code->width ||
					   (code->data[y * code->width + column] & 1) == 0;
			}
			wrong += !begins(at, shapes[2 * light[0] + light[1]]);
			at += strlen(shapes[2 * light[0] + light[1]]);
		}
		wrong += !begins(at, "\033[0m\n");
		at += 5;
	}
	is_int(wrong, 0, "every square is where it belongs");
	is_str(at, "", "and nothing behind them");
	ok(!qr_draw(text, 20, 80, &none) && !qr_draw(text, 23, 40, &none) && none.len == 0,
		"what does not fit is not begun");
	QRcode_free(code);
	buf_done(&drawn);
	buf_done(&none);
}

static bool terminals_are_there(void)
{
	int one, other;

	if (openpty(&one, &other, NULL, NULL, NULL) != 0)
		return false;
	close(one);
	close(other);
	return true;
}

int main(void)
{
	const char *utf8 = setlocale(LC_CTYPE, "C.UTF-8");

	setlocale(LC_CTYPE, "C");
	drawing_is_the_code();
	if (geteuid() != 0 || !terminals_are_there() || utf8 == NULL) {
		tap_skip("needs root, /dev/pts and the locale C.UTF-8", "adperm totp on terminals");
		return tap_done();
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	oath_init();
	world_make(&world);
	world_start(&world);
	from_the_first_to_the_last_line();
	nothing_is_typed_right();
	recovery_codes_anew();
	pictures("C.UTF-8");
	world_end(&world);
	return tap_done();
}
