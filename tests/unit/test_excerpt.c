/* Lines read again to be shown: where the marks stand, and files that became something else. */
#include "base/excerpt.h"
#include "tap.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[] = "/tmp/adperm-excerpt.XXXXXX";

static void write_file(struct slice bytes)
{
	FILE *out = fopen(path, "w");

	if (out == NULL || fwrite(bytes.at, 1, bytes.len, out) != bytes.len || fclose(out) != 0)
		abort();
}

static struct excerpt at(uint32_t line, uint32_t col)
{
	struct excerpt e = { .at = { 1, line, col } };
	struct excerpt *one = &e;

	memset(e.text, 'x', sizeof e.text);
	excerpts_read(path, &one, 1, 80);
	return e;
}

/* The text with the marks below it, as a person sees them. */
static void shows(
	uint32_t line, uint32_t col, const char *text, const char *marked, const char *what)
{
	struct excerpt e = at(line, col);
	char under[EXCERPT_WIDTH + 1];

	snprintf(under, sizeof under, "%.*s", (int)e.marked, e.text + e.mark);
	is_str(e.text, text, "%s", what);
	is_str(under, marked, "%s: what is marked", what);
}

static void places(void)
{
	write_file(slice_str("\xef\xbb\xbf"
			     "adperm: 1\r\nroles: {a: [\"b, c\", d]}\rlast\n"));
	shows(1, 1, "adperm: 1", "adperm", "a byte-order mark is no character");
	shows(2, 8, "roles: {a: [\"b, c\", d]}", "{a", "behind CR LF");
	shows(2, 13, "roles: {a: [\"b, c\", d]}", "\"b, c\"", "a text in quotes");
	shows(2, 21, "roles: {a: [\"b, c\", d]}", "d", "up to a bracket");
	shows(3, 1, "last", "last", "behind a lone CR");
	is_str(at(3, 5).text, "", "no such column");
	is_str(at(4, 1).text, "", "an empty last line");
	is_str(at(9, 1).text, "", "no such line");
	write_file(slice_str("name: \xc3\xbc\xe2\x82\xac x\ty\n"));
	shows(1, 10, "name: \\xc3\\xbc\\xe2\\x82\\xac x y", "x", "columns are characters");
}

static void hostile(void)
{
	static const char escape[] = "a\033[2J\0\177\xff z\n";
	char *wide = malloc(1 << 20);
	struct excerpt e;

	write_file(slice_of(escape, sizeof escape - 1));
	is_str(at(1, 1).text, "a\\x1b[2J\\x00\\x7f\\xff z", "nothing reaches the terminal");
	memset(wide, 'w', 1 << 20);
	write_file(slice_of(wide, 1 << 20));
	e = at(1, 500000);
	ok(strlen(e.text) <= 80 && e.mark + e.marked <= strlen(e.text) && e.marked > 0,
		"an endless line is cut around the place");
	ok(strncmp(e.text, "...", 3) == 0 && strcmp(e.text + strlen(e.text) - 3, "...") == 0,
		"on both sides, and says so");
	memset(wide, 0x01, 1 << 20);
	write_file(slice_of(wide, 1 << 20));
	e = at(1, 700);
	ok(strlen(e.text) <= 80 && e.mark < strlen(e.text) && e.marked == 4,
		"also if every character takes four columns");
	free(wide);
}

static void several(void)
{
	struct excerpt e[40];
	struct excerpt *all[40];
	size_t shown = 0;

	write_file(slice_str("one two\nthree\n\nfive\n"));
	for (size_t i = 0; i < 40; i++) {
		e[i] = (struct excerpt){ .at = { 1, i < 20 ? 1 : i < 30 ? 2 : 4, 1 } };
		all[i] = &e[i];
	}
	excerpts_read(path, all, 40, 80);
	for (size_t i = 0; i < 40; i++)
		shown += e[i].text[0] != '\0';
	is_int(shown, 24, "the first eight of each line");
	is_str(e[20].text, "three", "and every line has its own");
	is_str(e[30].text, "five", "also behind an empty one");
}

static void replaced(void)
{
	unlink(path);
	is_str(at(1, 1).text, "", "a file that is gone");
	if (mkfifo(path, 0600) == 0)
		is_str(at(1, 1).text, "", "a pipe is not waited for");
	unlink(path);
	if (symlink("/etc/passwd", path) == 0)
		is_str(at(1, 1).text, "", "a symbolic link is not followed");
	unlink(path);
}

int main(void)
{
	int fd = mkstemp(path);

	if (fd < 0)
		return 1;
	close(fd);
	places();
	hostile();
	several();
	replaced();
	return tap_done();
}
