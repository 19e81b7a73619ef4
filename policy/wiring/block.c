/* The lines between the marks; see block.h. */
#include "wiring/block.h"

static struct slice first_line(struct slice text)
{
	const uint8_t *newline = text.len > 0 ? memchr(text.at, '\n', text.len) : NULL;

	return newline != NULL ? slice_of(text.at, (size_t)(newline - text.at) + 1) : text;
}

static struct slice behind(struct slice text, struct slice line)
{
	return slice_of(text.at + line.len, text.len - line.len);
}

/* What a line begins with, behind white space: a comment, a newline or a word. */
static uint8_t first_mark(struct slice line)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.at[i] != ' ' && line.at[i] != '\t')
			return line.at[i];
	return '\n';
}

enum block_found block_find(struct slice file, size_t *from, size_t *to)
{
	enum { BEFORE, INSIDE, BEHIND } where = BEFORE;
	struct slice line, rest = file;
	size_t at = 0;

	for (; rest.len > 0; rest = behind(rest, line), at += line.len) {
		line = first_line(rest);
		if (slice_equal(line, slice_str(BLOCK_BEGIN))) {
			if (where != BEFORE)
				return BLOCK_BROKEN;
			where = INSIDE;
			*from = at;
		} else if (slice_equal(line, slice_str(BLOCK_END))) {
			if (where != INSIDE)
				return BLOCK_BROKEN;
			where = BEHIND;
			*to = at + line.len;
		}
	}
	return where == BEFORE ? BLOCK_NONE : where == BEHIND ? BLOCK_THERE : BLOCK_BROKEN;
}

/* The line with every BLOCK_BREAK_GLASS replaced. */
static void put_line(struct buf *out, struct slice line, const char *break_glass)
{
	struct slice usual = slice_str(BLOCK_BREAK_GLASS);
	const uint8_t *found;

	while ((found = memmem(line.at, line.len, usual.at, usual.len)) != NULL) {
		struct slice before = slice_of(line.at, (size_t)(found - line.at));

		buf_bytes(out, before.at, before.len);
		buf_bytes(out, break_glass, strlen(break_glass));
		line = behind(behind(line, before), usual);
	}
	buf_bytes(out, line.at, line.len);
}

void block_make(struct buf *out, struct slice shipped, const char *break_glass)
{
	struct slice line;

	buf_bytes(out, BLOCK_BEGIN, strlen(BLOCK_BEGIN));
	for (; shipped.len > 0; shipped = behind(shipped, line)) {
		line = first_line(shipped);
		if (first_mark(line) != '#' && first_mark(line) != '\n')
			put_line(out, line, break_glass);
	}
	buf_bytes(out, BLOCK_END, strlen(BLOCK_END));
}

/*
 * How long the heading is: comments, and the empty line that ends them. One without a newline ends
 * nothing: what is put behind it would not begin a line.
 */
static size_t heading(struct slice file)
{
	struct slice line, rest = file;
	size_t len = 0;

	for (; rest.len > 0 && first_mark(rest) == '#'; rest = behind(rest, line)) {
		line = first_line(rest);
		len += line.len;
	}
	line = first_line(rest);
	if (rest.len == 0 || first_mark(line) != '\n' || line.at[line.len - 1] != '\n')
		return 0; /* the comment belongs to the line below it */
	return len + line.len;
}

void block_insert(struct buf *out, struct slice file, struct slice block)
{
	size_t at = heading(file);

	buf_bytes(out, file.at, at);
	buf_bytes(out, block.at, block.len);
	buf_bytes(out, file.at + at, file.len - at);
}

void block_remove(struct buf *out, struct slice file)
{
	size_t from = 0, to = 0;

	if (block_find(file, &from, &to) != BLOCK_THERE)
		from = to = 0;
	buf_bytes(out, file.at, from);
	buf_bytes(out, file.at + to, file.len - to);
}
