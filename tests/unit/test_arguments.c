/* The options of a command: what is given, what is usual, and what the help says of both. */
#include "tap.h"

#include "cli/cli.h"

#define ARGC(argv) ((int)(sizeof(argv) / sizeof(argv)[0]) - 1)

struct arguments {
	const char *db, *server;
	const char *map[OPTION_TIMES];
	bool yes, json;
};

static const struct command_option options[] = {
	OPTION_USUAL(struct arguments, db, "db", 0, "FILE", "the database", "/usual/policy.db"),
	OPTION_VALUE(struct arguments, server, "server", 's', "HOST", "which one"),
	OPTION_VALUE(struct arguments, map, "map", 0, "USER" OPTION_AGAIN, "whose"),
	OPTION_FLAG(struct arguments, yes, "yes", 'y', "do not ask"),
	OPTION_FLAG(struct arguments, json, "json", 0, "for programs"),
	{ .name = NULL },
};

static const struct command command = { .name = "test", .options = options };

static void test_usual(void)
{
	char *argv[] = { (char[]){ "test" }, (char[]){ "operand" }, NULL };
	struct arguments a = { .yes = false };
	int first = 0, code = -1;

	ok(arguments_parse(&command, &a, ARGC(argv), argv, &first, &code), "no option");
	is_str(a.db, "/usual/policy.db", "what is not given has its usual value");
	ok(a.server == NULL && a.map[0] == NULL, "or none, if it has none");
	ok(!a.yes && !a.json, "flags are not set");
	is_int(first, 1, "the operand is found");
}

static void test_given(void)
{
	char *argv[] = { (char[]){ "test" }, (char[]){ "-y" }, (char[]){ "--map=a" },
		(char[]){ "--db=" }, (char[]){ "-sweb1" }, (char[]){ "--map" }, (char[]){ "b" },
		NULL };
	struct arguments a = { .yes = false };
	int first = 0, code = -1;

	ok(arguments_parse(&command, &a, ARGC(argv), argv, &first, &code), "all kinds of options");
	is_str(a.db, "", "what is given counts, be it empty");
	is_str(a.server, "web1", "by its letter");
	ok(a.yes && !a.json, "a flag");
	ok(a.map[0] != NULL && a.map[1] != NULL && a.map[2] == NULL, "twice is two values");
	is_str(a.map[1], "b", "in their order");
}

static void test_usual_given(void)
{
	char *argv[] = { (char[]){ "test" }, (char[]){ "--db=/usual/policy.db" },
		(char[]){ "--db=/other.db" }, NULL };
	struct arguments a = { .yes = false };
	int first = 0, code = -1;

	ok(!arguments_parse(&command, &a, ARGC(argv), argv, &first, &code), "one given twice");
	is_int(code, EXIT_ERROR, "is wrong, also if it is the usual one");
}

static void test_says(void)
{
	char room[OPTION_SAYS];

	is_str(option_says(&options[0], room), "the database (/usual/policy.db)",
		"the usual value is told");
	is_str(option_says(&options[1], room), "which one", "or nothing");
}

int main(void)
{
	test_usual();
	test_given();
	test_usual_given();
	test_says();
	return tap_done();
}
