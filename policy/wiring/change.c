/* A change of one configuration file; see change.h. */
#include "wiring/change.h"

#include "base/file.h"
#include "base/terminal.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define CONTEXT    2 /* lines around what changes */
#define LINE_SHOWN 1000

static int read_whole(const char *path, struct buf *into, mode_t *mode)
{
	struct stat state;
	uint8_t *bytes;
	int fd, ret = file_open(path, TRUST_ROOT, &fd, &state);

	if (ret != 0)
		return ret;
	if (state.st_size < 0 || state.st_size > CHANGE_FILE_MAX) {
		close(fd);
		return -EFBIG;
	}
	bytes = malloc((size_t)state.st_size + 1);
	ret = bytes != NULL ? file_read_at(fd, 0, bytes, (size_t)state.st_size) : -ENOMEM;
	if (ret == 0)
		buf_bytes(into, bytes, (size_t)state.st_size);
	free(bytes);
	close(fd);
	*mode = state.st_mode & 0777;
	return ret == 0 && into->failed ? -ENOMEM : ret;
}

int change_plan(struct change *change, const char *path)
{
	struct stat state;
	int ret;

	*change = (struct change){ .mode = 0644 };
	if ((size_t)snprintf(change->path, sizeof change->path, "%s", path) >= sizeof change->path)
		return -ENAMETOOLONG;
	if (lstat(path, &state) == 0 && S_ISLNK(state.st_mode))
		return -ELOOP;
	ret = read_whole(path, &change->before, &change->mode);
	change->was = ret == 0;
	if (ret != -ENOENT)
		return ret;
	return file_trusted_above(path);
}

void change_done(struct change *change)
{
	buf_done(&change->before);
	buf_done(&change->after);
}

bool change_matters(const struct change *change)
{
	return change->was != change->is ||
	       (change->is && !slice_equal(buf_slice(&change->before), buf_slice(&change->after)));
}

/* --- showing */

struct lines {
	struct slice *at;
	size_t n;
};

static bool cut_lines(struct slice text, struct lines *lines)
{
	*lines = (struct lines){ .at = calloc(text.len + 1, sizeof lines->at[0]) };
	if (lines->at == NULL)
		return false;
	while (text.len > 0) {
		const uint8_t *newline = memchr(text.at, '\n', text.len);
		size_t len = newline != NULL ? (size_t)(newline - text.at) : text.len;

		lines->at[lines->n++] = slice_of(text.at, len);
		len += newline != NULL;
		text = slice_of(text.at + len, text.len - len);
	}
	return true;
}

static void show_line(FILE *out, char mark, struct slice line)
{
	const char *colour = mark == '+' ? TERMINAL_GREEN : mark == '-' ? TERMINAL_RED : NULL;
	char shown[4 * LINE_SHOWN + 1];
	struct text t = text_over(shown, sizeof shown);

	/* A tab and a quote are what such files are made of. */
	for (size_t i = 0; i < line.len && i < LINE_SHOWN; i++) {
		char plain[2] = { (char)line.at[i], '\0' };

		if (line.at[i] == '\t' || line.at[i] == '"' || line.at[i] == '\\')
			text_add(&t, plain);
		else
			text_add_escaped(&t, slice_of(line.at + i, 1), 1);
	}
	if (colour != NULL && terminal_colours(out))
		fprintf(out, "%s%c%s%s\n", colour, mark, shown, TERMINAL_PLAIN);
	else
		fprintf(out, "%c%s\n", mark, shown);
}

static void show_lines(FILE *out, const struct lines *before, const struct lines *after)
{
	size_t same = 0, tail = 0, from, shortest = before->n < after->n ? before->n : after->n;

	while (same < shortest && slice_equal(before->at[same], after->at[same]))
		same++;
	while (tail < shortest - same &&
		slice_equal(before->at[before->n - 1 - tail], after->at[after->n - 1 - tail]))
		tail++;
	from = same > CONTEXT ? same - CONTEXT : 0;
	fprintf(out, "@@ line %zu @@\n", same + 1);
	for (size_t i = from; i < same; i++)
		show_line(out, ' ', before->at[i]);
	for (size_t i = same; i < before->n - tail; i++)
		show_line(out, '-', before->at[i]);
	for (size_t i = same; i < after->n - tail; i++)
		show_line(out, '+', after->at[i]);
	for (size_t i = before->n - tail; i < before->n && i < before->n - tail + CONTEXT; i++)
		show_line(out, ' ', before->at[i]);
}

void change_show(const struct change *change, FILE *out)
{
	struct lines before = { .at = NULL }, after = { .at = NULL };

	fprintf(out, "--- %s\n", change->was ? change->path : "/dev/null");
	fprintf(out, "+++ %s\n", change->is ? change->path : "/dev/null");
	if (cut_lines(buf_slice(&change->before), &before) &&
		cut_lines(buf_slice(&change->after), &after))
		show_lines(out, &before, &after);
	free(before.at);
	free(after.at);
}

/* --- doing */

int change_copy_path(
	const struct change *change, const char *keep, int64_t now, char copy[static PATH_MAX])
{
	const char *name = strrchr(change->path, '/');
	time_t seconds = (time_t)now;
	struct tm tm;
	char date[20];

	copy[0] = '\0';
	if (!change->was || gmtime_r(&seconds, &tm) == NULL)
		return 0;
	if (strftime(date, sizeof date, "%Y%m%dT%H%M%SZ", &tm) == 0)
		return -EOVERFLOW;
	if ((size_t)snprintf(copy, PATH_MAX, "%s/%s.%s", keep,
		    name != NULL ? name + 1 : change->path, date) >= PATH_MAX)
		return -ENAMETOOLONG;
	return 0;
}

static int is_as_planned(const struct change *change)
{
	struct change now;
	int ret = change_plan(&now, change->path);

	if (ret == 0 && (now.was != change->was ||
				!slice_equal(buf_slice(&now.before), buf_slice(&change->before))))
		ret = -ESTALE;
	change_done(&now);
	return ret;
}

/* The file, or its absence. */
static int put(const struct change *change, bool there, const struct buf *bytes)
{
	if (there)
		return file_write(change->path, change->mode, buf_slice(bytes));
	return unlink(change->path) == 0 || errno == ENOENT ? 0 : -errno;
}

int change_carry_out(const struct change *change, const char *copy)
{
	int ret = is_as_planned(change);

	if (ret == 0 && copy[0] != '\0')
		ret = file_write(copy, change->mode, buf_slice(&change->before));
	return ret == 0 ? put(change, change->is, &change->after) : ret;
}

int change_take_back(const struct change *change)
{
	return put(change, change->was, &change->before);
}
