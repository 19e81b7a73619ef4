/* What goes wrong, in one line; see cli.h. */
#include "cli/cli.h"
#include "cli/describe.h"

#include <stdarg.h>
#include <stdlib.h>

int complain(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	fputs("adperm: ", stderr);
	show_text(stderr, len >= 0 ? text : format);
	fputc('\n', stderr);
	if (len >= 0)
		free(text);
	return EXIT_ERROR;
}

int complain_surplus(const struct command *command, const char *word)
{
	return complain("%s: \"%s\" is one word too many; `adperm %s --help` says more",
		command->name, word, command->name);
}
