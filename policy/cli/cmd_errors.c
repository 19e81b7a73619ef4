/* adperm errors: what the numbers in brackets mean. */
#include "cli/cli.h"

#include "base/diag.h"
#include "base/terminal.h"
#include "cli/json.h"

#include <stdlib.h>
#include <string.h>

struct arguments {
	bool json;
};

#define WIDTH_MAX 100

/* The words of a text in lines of at most `width` columns, each behind `indent` blanks. */
static void print_wrapped(const char *text, unsigned indent, unsigned width)
{
	unsigned column = 0;

	while (*text != '\0') {
		unsigned len = (unsigned)strcspn(text, " ");

		if (column > 0 && column + 1 + len > width) {
			putchar('\n');
			column = 0;
		}
		if (column == 0)
			column = (unsigned)printf("%*s%.*s", (int)indent, "", (int)len, text);
		else
			column += (unsigned)printf(" %.*s", (int)len, text);
		text += len;
		text += strspn(text, " ");
	}
	putchar('\n');
}

static void print_row(const struct diag_info *row, bool colours)
{
	unsigned width = terminal_width(stdout);

	printf("%sAP%03d%s  %s\n", colours ? TERMINAL_BOLD : "", (int)row->id,
		colours ? TERMINAL_PLAIN : "", severity_name(row->severity));
	print_wrapped(row->explanation, 4, width < WIDTH_MAX ? width : WIDTH_MAX);
}

static void put_row(struct json *j, const struct diag_info *row)
{
	char code[16];

	snprintf(code, sizeof code, "AP%03d", (int)row->id);
	json_object(j, NULL);
	json_string(j, "code", code);
	json_string(j, "severity", severity_name(row->severity));
	json_string(j, "explanation", row->explanation);
	json_object_end(j);
}

/* "AP014", "ap14" or "14"; NULL if there is no such diagnostic. */
static const struct diag_info *find(const char *text)
{
	size_t len;

	if (strncasecmp(text, "AP", 2) == 0)
		text += 2;
	len = strlen(text);
	if (len == 0 || len > 4 || strspn(text, "0123456789") != len)
		return NULL;
	return diag_info((unsigned)strtoul(text, NULL, 10));
}

/* All of them, or those that are named. */
static void print_rows(const struct arguments *a, char **names, int n)
{
	struct json j = json_to(stdout);
	size_t rows = n > 0 ? (size_t)n : diag_rows;
	bool colours = terminal_colours(stdout);

	if (a->json)
		json_array(&j, NULL);
	for (size_t i = 0; i < rows; i++) {
		const struct diag_info *row = n > 0 ? find(names[i]) : &diag_table[i];

		if (a->json) {
			put_row(&j, row);
			continue;
		}
		if (i > 0)
			putchar('\n');
		print_row(row, colours);
	}
	if (a->json)
		json_array_end(&j);
}

static int run(int argc, char **argv)
{
	struct arguments a = { .json = false };
	int first, code;

	if (!arguments_parse(&cmd_errors, &a, argc, argv, &first, &code))
		return code;
	for (int i = first; i < argc; i++)
		if (find(argv[i]) == NULL)
			return complain(
				"errors: there is no diagnostic \"%s\"; they go from AP001 to "
				"AP%03d",
				argv[i], (int)diag_table[diag_rows - 1].id);
	print_rows(&a, argv + first, argc - first);
	return EXIT_OK;
}

static const struct command_option options[] = {
	OPTION_FLAG(struct arguments, json, "json", 0, "print for programs"),
	{ .name = NULL },
};

const struct command cmd_errors = {
	.name = "errors",
	.synopsis = "[--json] [AP0nn...]",
	.summary = "Explain the numbers of errors and warnings",
	.run = run,
	.options = options,
};
