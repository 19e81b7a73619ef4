/* Questions in lines; see ask.h. */
#include "ask.h"

#include "argument.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* One line without its end, to be freed; NULL: no more. */
static char *read_line(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	fflush(stdout);
	len = getline(&line, &room, stdin);
	if (len < 0) {
		putchar('\n');
		free(line);
		return NULL;
	}
	if (len > 0 && line[len - 1] == '\n')
		line[len - 1] = '\0';
	return line;
}

static char *ask_argument(const struct view *view, const struct menu_argument *a)
{
	char what[256], *line;

	argument_what(view->menus, a, what, sizeof what);
	for (;;) {
		printf("%s%s: ", view_text(view, a->help), a->optional ? " (may be empty)" : "");
		line = read_line();
		if (line == NULL || (a->optional && line[0] == '\0') ||
			argument_good(view->menus, a, line))
			return line;
		printf("That is not %s.\n", what);
		free(line);
	}
}

bool ask_arguments(const struct view *view, const struct menu *menu, struct answers *answers)
{
	*answers = (struct answers){ .n = 0 };
	for (uint32_t i = 0; i < menu->arguments.n; i++) {
		char *line = ask_argument(view, menu_argument_at(view->menus, menu, i));

		if (line == NULL)
			return false;
		/* What may be left out comes last: behind it nothing is asked. */
		if (line[0] == '\0') {
			free(line);
			return true;
		}
		answers->given[answers->n++] = line;
	}
	return true;
}

void answers_done(struct answers *answers)
{
	for (unsigned i = 0; i < answers->n; i++)
		free(answers->given[i]);
	answers->n = 0;
}

bool ask_confirm(const struct view *view, const struct menu *menu)
{
	char *line;
	bool yes;

	if (menu->confirm == 0)
		return true;
	printf("%s [y/N] ", view_text(view, menu->confirm));
	line = read_line();
	yes = line != NULL && (strcasecmp(line, "y") == 0 || strcasecmp(line, "yes") == 0);
	free(line);
	if (!yes)
		puts("Nothing was done.");
	return yes;
}

bool ask_enter(void)
{
	char *line;

	fputs("\nEnter goes back to the menus. ", stdout);
	line = read_line();
	free(line);
	return line != NULL;
}

const struct menu *ask_menu(const struct view *view)
{
	char who[WHO_SIZE], *line, *end;
	unsigned long number;

	printf("\n%s\n\n", view_who(view, who));
	for (uint32_t i = 0; i < view->n; i++)
		printf("%3u  %s%s\n", i + 1, view_text(view, view->rows[i]->title),
			view_asks(view, view->rows[i]) ? "  (asks for a code)" : "");
	for (;;) {
		fputs("\nNumber, or q to leave: ", stdout);
		line = read_line();
		if (line == NULL || strcmp(line, "q") == 0) {
			free(line);
			return NULL;
		}
		number = strtoul(line, &end, 10);
		if (end != line && *end == '\0' && number >= 1 && number <= view->n) {
			free(line);
			return view->rows[number - 1];
		}
		free(line);
		printf("Type a number from 1 to %u.", view->n);
	}
}
