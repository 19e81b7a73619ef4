/* Aligned columns; see table.h. */
#include "cli/table.h"

#include "base/terminal.h"
#include "lang/rows.h"

#include <stdlib.h>

#define GAP 2

static void close_cell(struct table *t)
{
	char **cell;

	if (t->open == NULL)
		return;
	if (fclose(t->open) != 0)
		t->failed = true;
	t->open = NULL;
	cell = ROWS_ADD(&t->cells);
	if (cell != NULL) {
		*cell = t->text;
		return;
	}
	free(t->text);
	t->failed = true;
}

FILE *table_cell(struct table *t)
{
	close_cell(t);
	t->text = NULL;
	t->open = open_memstream(&t->text, &t->len);
	if (t->open != NULL)
		return t->open;
	t->failed = true;
	/* What is written there is never printed: the table has failed. */
	return stderr;
}

/* Characters, not bytes. */
static size_t width_of(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static void print_row(char *const *cells, unsigned n, const size_t *width, FILE *out)
{
	for (unsigned i = 0; i < n; i++) {
		size_t pad = i + 1 < n ? width[i] + GAP - width_of(cells[i]) : 0;

		fprintf(out, "%s%*s", cells[i], (int)pad, "");
	}
	fputc('\n', out);
}

bool table_print(struct table *t, FILE *out)
{
	size_t width[TABLE_COLUMNS] = { 0 };
	bool bold = terminal_colours(out);

	close_cell(t);
	for (uint32_t i = 0; i < t->cells.n; i++) {
		size_t wide = width_of(t->cells.at[i]);

		if (wide > width[i % t->columns])
			width[i % t->columns] = wide;
	}
	for (uint32_t i = 0; !t->failed && i < t->cells.n; i += t->columns) {
		fputs(bold && i == 0 ? TERMINAL_BOLD : "", out);
		print_row(t->cells.at + i, t->columns, width, out);
		fputs(bold && i == 0 ? TERMINAL_PLAIN : "", out);
	}
	for (uint32_t i = 0; i < t->cells.n; i++)
		free(t->cells.at[i]);
	free(t->cells.at);
	t->cells.at = NULL;
	t->cells.n = t->cells.cap = 0;
	return !t->failed;
}
