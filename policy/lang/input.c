/* Reads, digests, judges and cuts a file's bytes; see input.h. */
#include "lang/input.h"

#include "base/hash_fast.h"
#include "lang/unicode.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Of each of eight bytes that are looked at together: the lowest and the highest bit. */
#define EACH 0x0101010101010101u
#define HIGH (0x80 * EACH)

#define REFUSED_MAX 20 /* a file with more bad characters than this is no policy */

void input_start(struct input *in, int fd, uint32_t file, struct diags *diags, size_t piece)
{
	*in = (struct input){
		.fd = fd, .diags = diags, .at = { file, 1, 1 }, .piece = piece, .next_line = 1
	};
	sha256_init_fast(&in->digest);
}

/* Bad characters become question marks, so that the rest of the file is still checked. */
static void refuse(struct input *in, uint8_t *bytes, size_t len, uint32_t character)
{
	diag(in->diags, in->at, DIAG_BAD_CHARACTER, "character U+%04X is not allowed: %s",
		character, character_refused(character));
	if (character != '\r')
		memset(bytes, '?', len);
	in->stopped = character == 0 || ++in->refused == REFUSED_MAX;
}

static void refuse_byte(struct input *in, uint8_t *byte)
{
	bool utf16 = in->at.line == 1 && in->at.col == 1 && *byte >= 0xfe;

	if (utf16)
		diag(in->diags, in->at, DIAG_NOT_UTF8,
			"the file is UTF-16 or UTF-32, and not UTF-8");
	else
		diag(in->diags, in->at, DIAG_NOT_UTF8, "byte 0x%02x is not UTF-8", *byte);
	*byte = '?';
	in->stopped = utf16 || ++in->refused == REFUSED_MAX;
}

/* Judges one character that is not printable ASCII. False if more bytes are needed for that. */
static bool judge(struct input *in)
{
	uint8_t *at = in->buffer + in->judged;
	size_t left = in->filled - in->judged;
	uint32_t c = 0;
	int len = utf8_decode(slice_of(at, left), &c);

	if ((len == 0 || (c == '\r' && left == 1)) && !in->ended)
		return false;
	if (len <= 0) {
		refuse_byte(in, at);
		len = 1;
	} else if (c == 0xfeff && in->length == in->filled && in->judged == 0) {
		in->given = in->judged = (size_t)len;
		return true;
	} else if (c == '\r' && left > 1 && at[1] == '\n') {
		len = 2;
		c = '\n';
	} else if (c != '\n' && character_refused(c) != NULL) {
		refuse(in, at, (size_t)len, c);
	}
	in->judged += (size_t)len;
	in->at.col++;
	if (c == '\n' || c == '\r') {
		in->at.line++;
		in->at.col = 1;
	}
	return true;
}

/* Line breaks as libyaml counts them: what is refused beside them was replaced. */
static uint32_t lines_in(struct slice text)
{
	uint32_t n = 0;

	for (; text.len >= 8; text = slice_of(text.at + 8, text.len - 8)) {
		uint64_t x = le64(text.at) ^ '\n' * EACH;

		/* The high bit of a byte that is none; moved down and added up, of those that are.
		 */
		x = ~(((x & ~HIGH) + ~HIGH) | x) & HIGH;
		n += (uint32_t)((x >> 7) * EACH >> 56);
	}
	for (size_t i = 0; i < text.len; i++)
		n += text.at[i] == '\n';
	return n;
}

/* How many of the bytes at the front, eight at a time, are printable ASCII. */
static size_t printable(const uint8_t *at, size_t len)
{
	size_t n = 0;

	for (; len - n >= 8; n += 8) {
		uint64_t x = le64(at + n);

		/* Of a byte below 0x80, +1 sets the high bit from 0x7f on, -0x20 below 0x20. */
		if (((x | (x + EACH) | (x - 0x20 * EACH)) & HIGH) != 0)
			break;
	}
	return n;
}

static void judge_all(struct input *in)
{
	while (in->judged < in->filled && !in->stopped) {
		size_t from = in->judged;

		in->judged += printable(in->buffer + from, in->filled - from);
		while (in->judged < in->filled && in->buffer[in->judged] >= 0x20 &&
			in->buffer[in->judged] < 0x7f)
			in->judged++;
		in->at.col += (uint32_t)(in->judged - from);
		if (in->judged == in->filled)
			break;
		if (in->buffer[in->judged] == '\n') {
			in->judged++;
			in->at.line++;
			in->at.col = 1;
		} else if (!judge(in)) {
			break;
		}
	}
}

static void stop(struct input *in, enum diag_id id, const char *words, const char *why)
{
	diag(in->diags, (struct mark){ in->at.file, 0, 0 }, id, "%s%s", words, why);
	in->stopped = true;
}

/* Fills the buffer behind what is left in it. */
static void fill(struct input *in)
{
	while (!in->ended && !in->stopped && in->filled < in->piece) {
		ssize_t got = read(in->fd, in->buffer + in->filled, in->piece - in->filled);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			stop(in, DIAG_INPUT_READ, "the file cannot be read: ", strerror(errno));
			return;
		}
		sha256_add(&in->digest, slice_of(in->buffer + in->filled, (size_t)got));
		in->ended = got == 0;
		in->filled += (size_t)got;
		in->length += (uint64_t)got;
		if (in->length > INPUT_MAX)
			stop(in, DIAG_INPUT_TOO_LARGE, "the file is larger than 256 MiB", "");
	}
	judge_all(in);
}

/* Where the piece ends: in its last quarter, if there is a place for a cut. */
static size_t find_end(struct input *in)
{
	size_t len = in->judged - in->given, at = len;
	struct slice text = slice_of(in->buffer + in->given, len);

	in->cuttable = false;
	if (!in->ended && !in->stopped)
		in->cuttable = outline_follow(
			&in->outline, text, in->piece - in->piece / 4, &at, &in->cut);
	return in->given + at;
}

/* The bytes behind the piece, into a buffer of their own. */
static bool keep_rest(struct input *in, const struct piece *piece)
{
	size_t rest = in->filled - piece->end;

	in->buffer = NULL;
	in->judged -= piece->end;
	in->filled = rest;
	in->given = 0;
	if (piece->last)
		return true;
	in->buffer = malloc(in->piece);
	if (in->buffer != NULL && rest > 0)
		memcpy(in->buffer, piece->bytes + piece->end, rest);
	return in->buffer != NULL;
}

static void finish(struct input *in, struct piece *last)
{
	sha256_done(&in->digest, last->digest);
	put_le64(last->digest + SHA256_SIZE, in->length);
}

bool input_piece(struct input *in, struct piece *out)
{
	*out = (struct piece){ .line = in->next_line, .cuttable = in->cuttable, .cut = in->cut };
	if (in->buffer == NULL)
		in->buffer = malloc(in->piece);
	if (in->buffer == NULL)
		return false;
	fill(in);
	out->bytes = in->buffer;
	out->start = in->given;
	out->end = find_end(in);
	out->stopped = in->stopped;
	out->last = in->stopped || in->ended;
	if (out->last)
		finish(in, out);
	in->next_line += lines_in(slice_of(out->bytes + out->start, out->end - out->start));
	if (diags_kept(in->diags) > 0)
		tape_put_reports(&out->reports, in->diags, in->at.file);
	return keep_rest(in, out) && !out->reports.failed;
}

void input_done(struct input *in)
{
	free(in->buffer);
	in->buffer = NULL;
}

void piece_done(struct piece *piece)
{
	free(piece->bytes);
	tape_free(piece->reports.first);
	*piece = (struct piece){ .bytes = NULL };
}
