/* Reads lines again to show them; see excerpt.h. */
#include "base/excerpt.h"

#include "base/file.h"
#include "base/text.h"

#include <stdio.h>
#include <unistd.h>

#define READ_MAX  ((uint64_t)256 << 20) /* bytes looked at in search of a line */
#define SIDE      (2 * EXCERPT_WIDTH)   /* characters kept on each side of the place */
#define BYTES_MAX (4 * 2 * SIDE)        /* ... and the bytes that they can have */

#define SAME_LINE_MAX 8 /* excerpts of one line */

/* One line on its way: the bytes around the place that is wanted. */
struct window {
	uint8_t bytes[BYTES_MAX];
	size_t len, place; /* bytes[place] is at the wanted column */
	bool found, cut;   /* the column is there; something stands before the window */
};

static void window_add(struct window *w, uint32_t col, uint32_t wanted, uint8_t byte)
{
	if (col + SIDE < wanted) {
		w->cut = true;
		return;
	}
	if (col > wanted + SIDE || w->len == sizeof w->bytes)
		return;
	if (col == wanted && !w->found) {
		w->found = true;
		w->place = w->len;
	}
	w->bytes[w->len++] = byte;
}

static size_t word_end(const struct window *w)
{
	uint8_t first = w->bytes[w->place], quote = first == '"' || first == '\'' ? first : 0;
	size_t i = w->place + 1;

	for (; i < w->len; i++) {
		uint8_t c = w->bytes[i];

		if (quote != 0 && c == quote)
			return i + 1;
		if (quote == 0 && (c == ' ' || c == '\t' || strchr(",]}", c) != NULL))
			break;
		if (quote == 0 && c == ':' && (i + 1 == w->len || w->bytes[i + 1] == ' '))
			break;
	}
	return i;
}

/* A place where a character begins, with at most `room` columns from there to `end`. */
static size_t begin_within(const size_t *columns, size_t from, size_t end, size_t room)
{
	while (from < end && columns[end] - columns[from] > room)
		from++;
	return from;
}

static void show_byte(struct text *t, uint8_t byte)
{
	if (byte == '"' || byte == '\\')
		text_add_slice(t, slice_of(&byte, 1));
	else if (byte == '\t')
		text_add(t, " ");
	else
		text_add_escaped(t, slice_of(&byte, 1), 4);
}

static size_t columns_of(uint8_t byte)
{
	return (byte >= 0x20 && byte < 0x7f) || byte == '\t' ? 1 : 4;
}

/* The window as text: the place, what is before it if there is room, and what is behind. */
static void show(const struct window *w, struct excerpt *e, unsigned width)
{
	size_t columns[BYTES_MAX + 1], end = word_end(w), from, to;
	struct text t = text_over(e->text, width + 1);

	columns[0] = 0;
	for (size_t i = 0; i < w->len; i++)
		columns[i + 1] = columns[i] + columns_of(w->bytes[i]);
	if (columns[end] - columns[w->place] > width / 2)
		end = w->place + 1;
	from = begin_within(columns, 0, end, width - width / 4);
	to = w->len;
	while (to > end && columns[to] - columns[from] > width - 8)
		to--;
	if (w->cut || from > 0)
		text_add(&t, "...");
	for (size_t i = from; i < w->len && i < to; i++) {
		if (i == w->place)
			e->mark = (unsigned)t.len;
		show_byte(&t, w->bytes[i]);
		if (i + 1 == end)
			e->marked = (unsigned)t.len - e->mark;
	}
	if (to < w->len)
		text_add(&t, "...");
}

/* A file that may have grown without end. */
struct source {
	FILE *in;
	uint64_t left;
};

static int next_byte(struct source *s)
{
	return s->left == 0 || s->left-- == 0 ? EOF : getc_unlocked(s->in);
}

/* One line for the n excerpts that want it. The byte that ended it, or EOF. */
static int read_line(struct source *s, struct excerpt *const *excerpts, size_t n, unsigned width)
{
	struct window windows[SAME_LINE_MAX] = { { .len = 0 } };
	uint32_t col = 0;
	int byte;

	n = n < SAME_LINE_MAX ? n : SAME_LINE_MAX;
	while ((byte = next_byte(s)) != EOF && byte != '\n' && byte != '\r') {
		col += (byte & 0xc0) != 0x80;
		for (size_t i = 0; i < n; i++)
			window_add(&windows[i], col, excerpts[i]->at.col, (uint8_t)byte);
	}
	for (size_t i = 0; i < n; i++)
		if (windows[i].found)
			show(&windows[i], excerpts[i], width);
	return byte;
}

static void read_all(struct source *s, struct excerpt *const *excerpts, size_t n, unsigned width)
{
	uint32_t line = 1;
	size_t next = 0;
	int byte = 0;

	while (next < n && byte != EOF) {
		size_t same = 0;

		while (next + same < n && excerpts[next + same]->at.line == line)
			same++;
		do {
			byte = same > 0 ? read_line(s, excerpts + next, same, width) : next_byte(s);
		} while (byte != EOF && byte != '\n' && byte != '\r');
		next += same;
		line++;
		if (byte != '\r')
			continue;
		byte = next_byte(s);
		if (byte != '\n' && byte != EOF)
			ungetc(byte, s->in);
	}
}

/* A byte-order mark is no character of the first line. */
static void skip_mark(FILE *in)
{
	uint8_t mark[3];

	if (fread(mark, 1, sizeof mark, in) != sizeof mark || memcmp(mark, "\xef\xbb\xbf", 3) != 0)
		rewind(in);
}

void excerpts_read(const char *path, struct excerpt *const *excerpts, size_t n, unsigned width)
{
	struct source s = { .left = READ_MAX };
	struct stat state;
	int fd;

	for (size_t i = 0; i < n; i++) {
		excerpts[i]->text[0] = '\0';
		excerpts[i]->mark = excerpts[i]->marked = 0;
	}
	if (file_open(path, TRUST_CALLER, &fd, &state) != 0)
		return;
	s.in = fdopen(fd, "r");
	if (s.in == NULL) {
		close(fd);
		return;
	}
	skip_mark(s.in);
	read_all(&s, excerpts, n, width < EXCERPT_WIDTH ? width : EXCERPT_WIDTH);
	fclose(s.in);
}
