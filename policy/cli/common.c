/* What the subcommands share: options, complaints; see cli.h. */
#include "cli/cli.h"

#include "adpermd/proto.h"

#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <stdarg.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define OPTIONS_MAX 32   /* rows; below every letter */
#define HELP_OPTION 1000 /* behind every letter and row number */

void note(const char *format, ...)
{
	va_list args;

	openlog("adperm", LOG_PID, LOG_AUTHPRIV);
	va_start(args, format);
	vsyslog(LOG_NOTICE, format, args);
	va_end(args);
	closelog();
}

void give_to_clients(int fd)
{
	const struct group *group = geteuid() == 0 ? getgrnam(PROTO_GROUP) : NULL;

	if (group != NULL && fchown(fd, 0, group->gr_gid) != 0)
		complain("cannot give the database to group " PROTO_GROUP ": %s", strerror(errno));
}

const char *option_says(const struct command_option *row, char room[static OPTION_SAYS])
{
	if (row->usual == NULL)
		return row->help;
	snprintf(room, OPTION_SAYS, "%s (%s)", row->help, row->usual);
	return room;
}

static void print_options(const struct command *command)
{
	const struct command_option *row = command->options;

	for (; row != NULL && row->name != NULL; row++) {
		char left[64], room[OPTION_SAYS];
		const char *says = option_says(row, room);

		snprintf(left, sizeof left, "--%s%s%s", row->name, row->value != NULL ? " " : "",
			row->value != NULL ? row->value : "");
		if (row->letter != '\0')
			printf("  -%c, %-22s %s\n", row->letter, left, says);
		else
			printf("      %-22s %s\n", left, says);
	}
	printf("      %-22s %s\n", "--help", "this text");
}

static void print_usage(const struct command *command)
{
	printf("usage: adperm %s %s\n\n%s.\n\n", command->name, command->synopsis,
		command->summary);
	for (size_t i = 0; command->parts != NULL && command->parts[i] != NULL; i++)
		printf("  %-16s %s\n", command->parts[i]->name, command->parts[i]->summary);
	if (command->parts != NULL)
		putchar('\n');
	print_options(command);
}

/* The rows in the form of getopt_long(3). */
static void rows_for_getopt(const struct command_option *rows, struct option *longs, char *shorts)
{
	int n = 0;

	*shorts++ = ':';
	for (; rows != NULL && rows[n].name != NULL && n < OPTIONS_MAX; n++) {
		int argument = rows[n].value != NULL ? required_argument : no_argument;

		longs[n] = (struct option){ rows[n].name, argument, NULL, n };
		if (rows[n].letter == '\0')
			continue;
		*shorts++ = rows[n].letter;
		if (rows[n].value != NULL)
			*shorts++ = ':';
	}
	longs[n] = (struct option){ "help", no_argument, NULL, HELP_OPTION };
	longs[n + 1] = (struct option){ NULL, 0, NULL, 0 };
	*shorts = '\0';
}

/* The row that getopt_long(3) found, by its number or its letter; NULL: none. */
static const struct command_option *found_row(const struct command_option *rows, int found)
{
	for (int n = 0; rows != NULL && rows[n].name != NULL; n++)
		if (n == found || (rows[n].letter != '\0' && rows[n].letter == found))
			return &rows[n];
	return NULL;
}

static unsigned times(const struct command_option *row)
{
	size_t len = strlen(row->value), end = strlen(OPTION_AGAIN);

	return len > end && strcmp(row->value + len - end, OPTION_AGAIN) == 0 ? OPTION_TIMES : 1;
}

/* Stores what was given; false, with the complaint printed, if it was given often enough. */
static bool take_option(
	const struct command *command, const struct command_option *row, void *arguments)
{
	char *at = (char *)arguments + row->at;
	const char *before;

	if (row->value == NULL) {
		*(bool *)at = true;
		return true;
	}
	for (unsigned n = times(row); n > 0; n--, at += sizeof before) {
		memcpy(&before, at, sizeof before);
		if (before == NULL) {
			memcpy(at, &optarg, sizeof optarg);
			return true;
		}
	}
	complain("%s: --%s is given %s", command->name, row->name,
		times(row) == 1 ? "twice" : "too often");
	return false;
}

/* In a word of several letters getopt_long(3) does not stand behind the word yet. */
static void complain_option(const struct command *command, const char *word, int found)
{
	const char letter[] = { '-', (char)optopt, '\0' };
	bool is_letter = optopt != HELP_OPTION && (optopt < 0 || optopt >= OPTIONS_MAX);

	complain("%s: %s %s; `adperm %s --help` lists the options", command->name,
		is_letter ? letter : word, found == ':' ? "needs a value" : "is not an option",
		command->name);
}

/* What was not given, and has a usual value. */
static void fill_in(const struct command_option *row, void *arguments)
{
	for (; row != NULL && row->name != NULL; row++) {
		char *at = (char *)arguments + row->at;
		const char *given;

		if (row->usual == NULL)
			continue;
		memcpy(&given, at, sizeof given);
		if (given == NULL)
			memcpy(at, &row->usual, sizeof row->usual);
	}
}

bool arguments_parse(const struct command *command, void *arguments, int argc, char **argv,
	int *first, int *code)
{
	struct option longs[OPTIONS_MAX + 2];
	char shorts[2 * OPTIONS_MAX + 2];
	int found;

	rows_for_getopt(command->options, longs, shorts);
	optind = 1;
	opterr = 0;
	while ((found = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct command_option *row = found_row(command->options, found);

		if (found == HELP_OPTION) {
			print_usage(command);
			*code = EXIT_OK;
			return false;
		}
		*code = EXIT_ERROR;
		if (row == NULL)
			complain_option(command, argv[optind - 1], found);
		if (row == NULL || !take_option(command, row, arguments))
			return false;
	}
	fill_in(command->options, arguments);
	*first = optind;
	return true;
}
