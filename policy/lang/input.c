/* Reads, digests and judges a file's bytes; see input.h. */
#include "lang/input.h"

#include "lang/unicode.h"
#include <errno.h>
#include <unistd.h>

#define REFUSED_MAX 20 /* a file with more bad characters than this is no policy */

void input_start(struct input *in, int fd, uint32_t file, struct diags *diags)
{
	in->fd = fd;
	in->diags = diags;
	in->at = (struct mark){ file, 1, 1 };
	in->length = 0;
	in->refused = 0;
	in->ended = in->stopped = false;
	in->next = in->judged = in->filled = 0;
	sha256_init(&in->digest);
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
		in->next = in->judged = (size_t)len;
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

static void judge_all(struct input *in)
{
	while (in->judged < in->filled && !in->stopped) {
		size_t from = in->judged;

		while (in->judged < in->filled && in->buffer[in->judged] >= 0x20 &&
			in->buffer[in->judged] < 0x7f)
			in->judged++;
		in->at.col += (uint32_t)(in->judged - from);
		if (in->judged < in->filled && !judge(in))
			break;
	}
}

/* Everything judged has been given: reads on behind what is left. */
static void fill(struct input *in)
{
	ssize_t got;

	in->filled -= in->judged;
	memmove(in->buffer, in->buffer + in->judged, in->filled);
	in->next = in->judged = 0;
	do {
		got = read(in->fd, in->buffer + in->filled, sizeof in->buffer - in->filled);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		diag(in->diags, (struct mark){ in->at.file, 0, 0 }, DIAG_INPUT_READ,
			"the file cannot be read: %s", strerror(errno));
		in->stopped = true;
		return;
	}
	sha256_add(&in->digest, slice_of(in->buffer + in->filled, (size_t)got));
	in->ended = got == 0;
	in->filled += (size_t)got;
	in->length += (uint64_t)got;
	if (in->length > INPUT_MAX) {
		diag(in->diags, (struct mark){ in->at.file, 0, 0 }, DIAG_INPUT_TOO_LARGE,
			"the file is larger than 256 MiB");
		in->stopped = true;
	}
	judge_all(in);
}

bool input_read(struct input *in, uint8_t *into, size_t room, size_t *len)
{
	while (in->next == in->judged && !in->stopped && !in->ended)
		fill(in);
	*len = in->judged - in->next < room ? in->judged - in->next : room;
	if (*len == 0)
		return !in->stopped;
	memcpy(into, in->buffer + in->next, *len);
	in->next += *len;
	return true;
}
