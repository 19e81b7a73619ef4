/* Diagnostics: their order, their notes, their limits, and hostile texts. */
#include "base/diag.h"
#include "tap.h"

#include <stdlib.h>

/* What is printed; to be freed. */
static char *printed(struct diags *d)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	diags_print(d, out);
	fclose(out);
	return text;
}

static void sorted(void)
{
	struct diags *d = diags_new();
	uint32_t a = diags_file(d, "a.yaml"), b = diags_file(d, "b.yaml");
	char *text;

	diag(d, (struct mark){ b, 1, 1 }, DIAG_UNKNOWN_GROUP, "fifth");
	diag(d, (struct mark){ a, 10, 1 }, DIAG_UNKNOWN_GROUP, "third");
	diag_note(d, (struct mark){ a, 1, 1 }, "see here");
	diag(d, (struct mark){ a, 10, 2 }, DIAG_REPEATED, "fourth");
	diag(d, (struct mark){ a, 9, 80 }, DIAG_UNKNOWN_GROUP, "second");
	diag(d, (struct mark){ a, 0, 0 }, DIAG_INPUT_READ, "first");
	diag(d, (struct mark){ 0 }, DIAG_NO_MEMORY, "zeroth");
	text = printed(d);
	is_str(text,
		"adperm: error: zeroth [AP001]\n"
		"a.yaml: error: first [AP008]\n"
		"a.yaml:9:80: error: second [AP060]\n"
		"a.yaml:10:1: error: third [AP060]\n"
		"a.yaml:1:1: note: see here\n"
		"a.yaml:10:2: warning: fourth [AP056]\n"
		"b.yaml:1:1: error: fifth [AP060]\n",
		"sorted by file, line and column, a note behind its diagnostic");
	is_int(diags_errors(d), 5, "errors are counted");
	is_int(diags_warnings(d), 1, "warnings are counted apart");
	free(text);
	text = printed(d);
	ok(text != NULL &&
			strstr(text, "a.yaml:10:1: error: third [AP060]\na.yaml:1:1: note") != NULL,
		"printing twice gives the same");
	free(text);
	diags_free(d);
}

static void capped(void)
{
	struct diags *d = diags_new();
	uint32_t file = diags_file(d, "a.yaml");
	size_t lines = 0;
	char *text;

	for (uint32_t i = 20000; i > 0; i--) {
		diag(d, (struct mark){ file, i, 1 }, DIAG_UNKNOWN_ROLE, "%u", i);
		diag_note(d, (struct mark){ file, i, 2 }, "note of %u", i);
	}
	diag(d, (struct mark){ file, 1, 3 }, DIAG_HOST_BITS, "a warning");
	text = printed(d);
	for (const char *at = text; at != NULL && *at != '\0'; at = strchr(at, '\n') + 1)
		lines++;
	is_int(lines, 202, "100 errors with their notes, and how many of each are left");
	is_int(diags_errors(d), 20000, "all errors are counted");
	ok(strstr(text, "\nadperm: 19900 more errors not shown\n") != NULL, "the rest is told");
	ok(strstr(text, "\nadperm: 1 more warning not shown\n") != NULL,
		"and warnings that got lost");
	free(text);
	diags_free(d);
}

static void hostile(void)
{
	struct diags *d = diags_new();
	char name[400], *text;

	is_str(diag_quote(d, slice_of("a\"b\\c\n\033[31m\0\xff", 13)),
		"\"a\\x22b\\x5cc\\x0a\\x1b[31m\\x00\\xff\"", "what is quoted is printable");
	memset(name, 'x', sizeof name);
	is_int(strlen(diag_quote(d, slice_of(name, sizeof name))), 85, "and not endless");
	ok(strstr(diag_quote(d, slice_of(name, sizeof name)), "x...\"") != NULL, "but says so");
	is_str(diag_quote(d, slice_of(NULL, 0)), "\"\"", "nothing can be quoted");
	diag(d, (struct mark){ diags_file(d, "a\n\033[2Jb: error.yaml"), 1, 1 }, DIAG_SYNTAX,
		"words");
	text = printed(d);
	is_str(text, "a\\x0a\\x1b[2Jb: error.yaml:1:1: error: words [AP012]\n",
		"the name of a file cannot forge a line");
	free(text);
	diags_free(d);
	diags_free(NULL);
}

/* The rows as they are written, to see that numbers ascend and every row explains itself. */
static void rows(void)
{
	static const struct {
		int number;
		enum severity severity;
		const char *symbol, *explanation;
	} all[] = {
#define DIAG(number, symbol, severity, explanation)                                                \
	{ number, SEVERITY_##severity, #symbol, explanation },
#include "base/diag.def"
#undef DIAG
	};
	bool ascending = true, explained = true;

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		size_t len = strlen(all[i].explanation);

		ascending = ascending && (i == 0 || all[i].number > all[i - 1].number) &&
			    all[i].severity != 0;
		explained = explained && len > 30 && all[i].explanation[len - 1] == '.';
		if (!ascending || !explained)
			printf("# %s\n", all[i].symbol);
	}
	ok(ascending, "numbers ascend");
	ok(explained, "every diagnostic is explained in whole sentences");
}

int main(void)
{
	sorted();
	capped();
	hostile();
	rows();
	return tap_done();
}
