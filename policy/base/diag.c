/* Collects diagnostics and sorts them by place; see diag.h. Printing is in diag_show.c. */
#include "base/diag.h"

#include "base/text.h"
#include <stdarg.h>
#include <stdlib.h>

#define KEPT_MAX   10000 /* diagnostics remembered; the rest is only counted */
#define QUOTES     8     /* quoted texts that may stand in one message */
#define QUOTED_MAX 80    /* characters of a quoted text; the rest is "..." */

struct message {
	struct mark sort; /* a note sorts with the diagnostic it belongs to */
	struct mark at;
	enum diag_id id; /* DIAG_NONE: a note */
	uint32_t number; /* in the order of reporting */
	char *words;
};

struct diags {
	struct source_file {
		char *name, *path; /* path NULL: not to be read again */
	} * files;
	uint32_t file_n, file_cap;
	struct message *messages;
	size_t n, cap;
	size_t reported[SEVERITY_WARNING + 1];
	bool last_kept; /* so that a note never follows another's diagnostic */
	char quoted[QUOTES][QUOTED_MAX + sizeof "\"...\""];
	unsigned next_quote;
};

const struct diag_info diag_table[] = {
#define DIAG(number, symbol, severity, explanation)                                                \
	{ DIAG_##symbol, SEVERITY_##severity, explanation },
#include "base/diag.def"
#undef DIAG
};

const size_t diag_rows = sizeof diag_table / sizeof diag_table[0];

const struct diag_info *diag_info(unsigned number)
{
	for (size_t i = 0; i < diag_rows; i++)
		if ((unsigned)diag_table[i].id == number)
			return &diag_table[i];
	return NULL;
}

const char *severity_name(enum severity severity)
{
	return severity == SEVERITY_WARNING ? "warning" : "error";
}

static enum severity severity_of(enum diag_id id)
{
	const struct diag_info *row = diag_info(id);

	return row != NULL ? row->severity : SEVERITY_ERROR;
}

struct diags *diags_new(void)
{
	return calloc(1, sizeof(struct diags));
}

void diags_free(struct diags *d)
{
	if (d == NULL)
		return;
	for (uint32_t i = 0; i < d->file_n; i++) {
		free(d->files[i].name);
		free(d->files[i].path);
	}
	diags_forget(d);
	free(d->files);
	free(d->messages);
	free(d);
}

uint32_t diags_file(struct diags *d, const char *name)
{
	char *copy = strdup(name);

	if (copy != NULL && d->file_n == d->file_cap) {
		uint32_t cap = d->file_cap == 0 ? 16 : 2 * d->file_cap;
		struct source_file *files = realloc(d->files, cap * sizeof *files);

		if (files == NULL) {
			free(copy);
			copy = NULL;
		} else {
			d->files = files;
			d->file_cap = cap;
		}
	}
	if (copy == NULL) {
		d->reported[SEVERITY_ERROR]++;
		return 0;
	}
	d->files[d->file_n++] = (struct source_file){ copy, NULL };
	return d->file_n;
}

const char *diags_file_name(const struct diags *d, uint32_t file)
{
	return file == 0 || file > d->file_n ? "" : d->files[file - 1].name;
}

void diags_path(struct diags *d, uint32_t file, const char *path)
{
	if (file == 0 || file > d->file_n)
		return;
	free(d->files[file - 1].path);
	d->files[file - 1].path = strdup(path);
}

const char *diags_file_path(const struct diags *d, uint32_t file)
{
	return file == 0 || file > d->file_n ? NULL : d->files[file - 1].path;
}

/* Room for one more, or NULL when it is not kept. */
static struct message *message_add(struct diags *d)
{
	if (d->n == KEPT_MAX)
		return NULL;
	if (d->n == d->cap) {
		size_t cap = d->cap == 0 ? 16 : 2 * d->cap;
		struct message *messages = realloc(d->messages, cap * sizeof *messages);

		if (messages == NULL)
			return NULL;
		d->messages = messages;
		d->cap = cap;
	}
	return &d->messages[d->n];
}

__attribute__((format(printf, 5, 0))) static bool message_put(struct diags *d, struct mark sort,
	struct mark at, enum diag_id id, const char *format, va_list args)
{
	struct message *m = message_add(d);
	char *words;

	if (m == NULL || vasprintf(&words, format, args) < 0)
		return false;
	*m = (struct message){ sort, at, id, (uint32_t)d->n, words };
	d->n++;
	return true;
}

bool diag(struct diags *d, struct mark at, enum diag_id id, const char *format, ...)
{
	va_list args;

	d->reported[severity_of(id)]++;
	va_start(args, format);
	d->last_kept = message_put(d, at, at, id, format, args);
	va_end(args);
	return false;
}

void diag_note(struct diags *d, struct mark at, const char *format, ...)
{
	va_list args;

	if (!d->last_kept)
		return;
	va_start(args, format);
	message_put(d, d->messages[d->n - 1].sort, at, DIAG_NONE, format, args);
	va_end(args);
}

const char *diag_quote(struct diags *d, struct slice bytes)
{
	char *into = d->quoted[d->next_quote];
	struct text t = text_over(into, sizeof d->quoted[0]);

	d->next_quote = (d->next_quote + 1) % QUOTES;
	text_add(&t, "\"");
	text_add_escaped(&t, bytes, QUOTED_MAX);
	text_add(&t, t.cut ? "...\"" : "\"");
	return into;
}

size_t diags_kept(const struct diags *d)
{
	return d->n;
}

void diags_forget(struct diags *d)
{
	for (size_t i = 0; i < d->n; i++)
		free(d->messages[i].words);
	d->n = 0;
	d->last_kept = false;
	memset(d->reported, 0, sizeof d->reported);
}

size_t diags_errors(const struct diags *d)
{
	return d->reported[SEVERITY_ERROR];
}

size_t diags_warnings(const struct diags *d)
{
	return d->reported[SEVERITY_WARNING];
}

static int compare_u32(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int compare_places(const void *left, const void *right)
{
	const struct message *a = left, *b = right;
	int order = compare_u32(a->sort.file, b->sort.file);

	if (order == 0)
		order = compare_u32(a->sort.line, b->sort.line);
	if (order == 0)
		order = compare_u32(a->sort.col, b->sort.col);
	return order != 0 ? order : compare_u32(a->number, b->number);
}

size_t diags_sort(struct diags *d)
{
	if (d->n > 0)
		qsort(d->messages, d->n, sizeof d->messages[0], compare_places);
	return d->n;
}

struct diag_view diags_at(const struct diags *d, size_t i)
{
	const struct message *m = &d->messages[i];

	return (struct diag_view){ m->id, severity_of(m->id), m->at, m->words };
}
