/*
 * A message as bytes; see mail.h. Every text from outside stands in an encoded word (RFC 2047) or
 * in quoted-printable (RFC 2045, section 6.7), unless it is plain ASCII that can be nothing else.
 */
#include "cli/mail.h"

#include "base/base64.h"
#include "base/slice.h"
#include "lang/unicode.h"
#include "model/names.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

/* With the name of a header before it, nothing is wider than 76 columns. */
#define PLAIN_MAX 60
#define WORD_MAX  39 /* bytes of an encoded word */
#define LINE_MAX  75 /* columns of quoted-printable, without the = of a soft break */

static void add(struct buf *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct buf *out, const char *format, ...)
{
	char line[1024];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(line, sizeof line, format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= sizeof line)
		out->failed = true;
	else
		buf_bytes(out, line, (size_t)len);
}

/* Why a text may not stand in a message; `lines`: it may have several. NULL: it may. */
static const char *refused(const char *words, bool lines)
{
	struct slice rest = slice_str(words);
	uint32_t character;

	while (rest.len > 0) {
		int len = utf8_decode(rest, &character);
		const char *why = len > 0 ? character_refused(character) : "what is not UTF-8";

		if (why == NULL && !lines && (character == '\n' || character == '\t'))
			why = "a control character";
		if (why != NULL)
			return why;
		rest = slice_of(rest.at + len, rest.len - (size_t)len);
	}
	return NULL;
}

/* Can it be written as it is, between other words of a header? */
static bool is_plain(const char *words, const char *also)
{
	size_t len = strlen(words);

	for (size_t i = 0; i < len; i++)
		if (!isascii(words[i]) ||
			(!isalnum((unsigned char)words[i]) && strchr(also, words[i]) == NULL))
			return false;
	return len > 0 && len <= PLAIN_MAX && words[0] != ' ' && words[len - 1] != ' ';
}

/* Encoded words, each of whole characters and on a line of its own. */
static void add_encoded(struct buf *out, const char *words)
{
	char word[BASE64_LEN(WORD_MAX) + 1];
	struct slice rest = slice_str(words);

	for (const char *before = ""; rest.len > 0; before = "\n ") {
		size_t taken = rest.len < WORD_MAX ? rest.len : WORD_MAX;

		while (taken < rest.len && (rest.at[taken] & 0xc0) == 0x80)
			taken--;
		base64_encode(slice_of(rest.at, taken), word);
		add(out, "%s=?utf-8?B?%s?=", before, word);
		rest = slice_of(rest.at + taken, rest.len - taken);
	}
}

static void add_subject(struct buf *out, const char *subject)
{
	add(out, "Subject: ");
	if (is_plain(subject, " !\"#$%&'()*+,-./:;<>@[\\]^_`{|}~"))
		add(out, "%s", subject);
	else
		add_encoded(out, subject);
	add(out, "\n");
}

static void add_recipient(struct buf *out, const char *name, const char *address)
{
	add(out, "To: ");
	if (name == NULL || name[0] == '\0') {
		add(out, "%s\n", address);
		return;
	}
	if (is_plain(name, " -"))
		add(out, "%s", name);
	else
		add_encoded(out, name);
	add(out, "\n <%s>\n", address);
}

/* RFC 5322, section 3.3: English in every locale. */
static void add_date(struct buf *out, int64_t now)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t when = (time_t)now;
	struct tm tm;

	if (gmtime_r(&when, &tm) == NULL) {
		out->failed = true;
		return;
	}
	add(out, "Date: %.3s, %02d %.3s %d %02d:%02d:%02d +0000\n", days + 3 * tm.tm_wday,
		tm.tm_mday, months + 3 * tm.tm_mon, tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
		tm.tm_sec);
}

/*
 * How a byte of the text is written. A blank at the end of a line would be lost on the way; a "From
 * " at the beginning gets a > from programs that keep mail in one file.
 */
static bool is_literal(struct slice rest, unsigned column)
{
	uint8_t c = rest.at[0];

	if (c == ' ' || c == '\t')
		return rest.len > 1 && rest.at[1] != '\n';
	if (column == 0 && rest.len >= 5 && memcmp(rest.at, "From ", 5) == 0)
		return false;
	return c > 0x20 && c < 0x7f && c != '=';
}

static void add_body(struct buf *out, const char *body)
{
	struct slice rest = slice_str(body);
	unsigned column = 0;

	for (; rest.len > 0; rest = slice_of(rest.at + 1, rest.len - 1)) {
		bool literal = is_literal(rest, column);
		unsigned columns = literal ? 1 : 3;

		if (rest.at[0] == '\n') {
			buf_u8(out, '\n');
			column = 0;
			continue;
		}
		if (column + columns > LINE_MAX) {
			add(out, "=\n");
			column = 0;
		}
		if (literal)
			buf_u8(out, rest.at[0]);
		else
			add(out, "=%02X", rest.at[0]);
		column += columns;
	}
	if (column > 0)
		buf_u8(out, '\n');
}

static const char *why_not(const struct mail *mail, const struct mail_stamp *stamp)
{
	const char *why;

	if (!name_is_email(slice_str(mail->to)) || !name_is_email(slice_str(stamp->from)))
		return "an address of it is none";
	if (mail->list != NULL && !name_is_host(slice_str(mail->list)))
		return "the name of its list is no host name";
	if (mail->subject[0] == '\0' || strlen(mail->subject) > MAIL_SUBJECT_MAX)
		return "its subject is empty or longer than 500 bytes";
	if (mail->body[0] == '\0' || strlen(mail->body) > MAIL_BODY_MAX)
		return "its text is empty or longer than 64 KiB";
	why = refused(mail->subject, false);
	if (why == NULL && mail->name != NULL)
		why = refused(mail->name, false);
	return why != NULL ? why : refused(mail->body, true);
}

const char *mail_compose(const struct mail *mail, const struct mail_stamp *stamp, struct buf *out)
{
	const char *why = why_not(mail, stamp);

	if (why != NULL)
		return why;
	add_date(out, stamp->now);
	add(out, "From: %s\n", stamp->from);
	add_recipient(out, mail->name, mail->to);
	add_subject(out, mail->subject);
	add(out, "Message-ID: <%s@%s>\n", stamp->id, stamp->host);
	if (mail->list != NULL)
		add(out, "List-Id: <%s>\n", mail->list);
	add(out, "Auto-Submitted: auto-generated\n"
		 "MIME-Version: 1.0\n"
		 "Content-Type: text/plain; charset=utf-8\n"
		 "Content-Transfer-Encoding: quoted-printable\n\n");
	add_body(out, mail->body);
	return out->failed ? "out of memory" : NULL;
}
