/* Prints diagnostics for people; see diag.h. */
#include "base/diag.h"

#include "base/excerpt.h"
#include "base/terminal.h"
#include "base/text.h"

#include <stdlib.h>

#define SHOWN_MAX 100 /* of each severity */
#define GUTTER    8   /* columns before an excerpt */

/* How they are printed. */
struct style {
	unsigned width; /* 0: without excerpts; else the columns of a terminal */
	bool colours;
};

struct show {
	struct diags *d;
	FILE *out;
	const struct style *style;
	struct excerpt *excerpts; /* in the order of printing, `excerpt_n` of them; NULL: none */
	size_t excerpt_n, next;
	size_t shown[SEVERITY_WARNING + 1];
};

static void put(const struct show *s, const char *colour, const char *words)
{
	fprintf(s->out, "%s%s%s", s->style->colours ? colour : "", words,
		s->style->colours ? TERMINAL_PLAIN : "");
}

static void show_place(const struct show *s, struct mark at)
{
	char name[1024], place[sizeof name + 32];
	struct text t = text_over(name, sizeof name);

	text_add_escaped(&t, slice_str(diags_file_name(s->d, at.file)), sizeof name - 1);
	if (t.len == 0)
		snprintf(place, sizeof place, "adperm:");
	else if (at.line == 0)
		snprintf(place, sizeof place, "%s:", name);
	else
		snprintf(place, sizeof place, "%s:%u:%u:", name, at.line, at.col);
	put(s, TERMINAL_BOLD, place);
	fputc(' ', s->out);
}

/* The line, and under it what is meant. */
static void show_excerpt(const struct show *s, const struct excerpt *e)
{
	char under[EXCERPT_WIDTH + 1];

	if (e->text[0] == '\0' || e->marked == 0)
		return;
	memset(under, '~', e->marked);
	under[0] = '^';
	under[e->marked] = '\0';
	fprintf(s->out, "%5u | %s\n      | %*s", e->at.line, e->text, (int)e->mark, "");
	put(s, TERMINAL_GREEN, under);
	fputc('\n', s->out);
}

static void show_one(struct show *s, const struct diag_view *m)
{
	show_place(s, m->at);
	if (m->id == DIAG_NONE) {
		put(s, TERMINAL_CYAN, "note:");
		fprintf(s->out, " %s\n", m->words);
	} else {
		put(s, m->severity == SEVERITY_ERROR ? TERMINAL_RED : TERMINAL_MAGENTA,
			severity_name(m->severity));
		fprintf(s->out, ": %s [AP%03d]\n", m->words, (int)m->id);
	}
	if (s->excerpts != NULL && m->at.line != 0)
		show_excerpt(s, &s->excerpts[s->next++]);
}

/* Calls `visit` for each that is to be shown, in order. */
static void each_shown(struct show *s, void (*visit)(struct show *s, const struct diag_view *m))
{
	size_t n = diags_sort(s->d);
	bool skip = false;

	memset(s->shown, 0, sizeof s->shown);
	for (size_t i = 0; i < n; i++) {
		struct diag_view m = diags_at(s->d, i);

		if (m.id != DIAG_NONE) {
			skip = s->shown[m.severity] == SHOWN_MAX;
			s->shown[m.severity] += !skip;
		}
		if (!skip)
			visit(s, &m);
	}
}

static void count_excerpt(struct show *s, const struct diag_view *m)
{
	s->excerpt_n += m->at.line != 0;
}

static void want_excerpt(struct show *s, const struct diag_view *m)
{
	if (m->at.line != 0)
		s->excerpts[s->next++] = (struct excerpt){ .at = m->at };
}

static int compare_excerpts(const void *left, const void *right)
{
	const struct excerpt *a = *(const struct excerpt *const *)left;
	const struct excerpt *b = *(const struct excerpt *const *)right;

	if (a->at.file != b->at.file)
		return a->at.file < b->at.file ? -1 : 1;
	return a->at.line < b->at.line ? -1 : a->at.line > b->at.line;
}

/* Reads each file once, whatever the order of the messages. */
static void read_excerpts(struct show *s)
{
	struct excerpt **sorted;

	each_shown(s, count_excerpt);
	s->excerpts = calloc(s->excerpt_n + 1, sizeof *s->excerpts);
	sorted = calloc(s->excerpt_n + 1, sizeof(struct excerpt *));
	if (s->excerpts == NULL || sorted == NULL)
		goto out;
	each_shown(s, want_excerpt);
	for (size_t i = 0; i < s->excerpt_n; i++)
		sorted[i] = &s->excerpts[i];
	qsort(sorted, s->excerpt_n, sizeof(struct excerpt *), compare_excerpts);
	for (size_t first = 0, end; first < s->excerpt_n; first = end) {
		uint32_t file = sorted[first]->at.file;
		const char *path = diags_file_path(s->d, file);

		for (end = first; end < s->excerpt_n && sorted[end]->at.file == file; end++)
			;
		if (path != NULL)
			excerpts_read(path, sorted + first, end - first, s->style->width - GUTTER);
	}
out:
	s->next = 0;
	free(sorted);
}

static void show_all(struct diags *d, FILE *out, const struct style *style)
{
	struct show s = { .d = d, .out = out, .style = style };
	const size_t reported[] = {
		[SEVERITY_ERROR] = diags_errors(d),
		[SEVERITY_WARNING] = diags_warnings(d),
	};

	if (style->width > 2 * GUTTER)
		read_excerpts(&s);
	each_shown(&s, show_one);
	for (enum severity i = SEVERITY_ERROR; i <= SEVERITY_WARNING; i++) {
		size_t rest = reported[i] - s.shown[i];

		if (rest > 0)
			fprintf(out, "adperm: %zu more %s%s not shown\n", rest, severity_name(i),
				rest == 1 ? "" : "s");
	}
	free(s.excerpts);
}

void diags_print(struct diags *d, FILE *out)
{
	const struct style style = {
		.width = terminal_is(out) ? terminal_width(out) : 0,
		.colours = terminal_colours(out),
	};

	show_all(d, out, &style);
}
