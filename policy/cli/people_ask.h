/*
 * Asking adperm-people, the only program that writes what people change. Root starts it and hands
 * it one end of a pair of sockets; everybody else asks at the socket where systemd does.
 */
#ifndef ADPERM_CLI_PEOPLE_ASK_H
#define ADPERM_CLI_PEOPLE_ASK_H

#include "cli/cli.h"
#include "people/wish.h"

struct people_options {
	const char *people, *socket, *program;
	const char *auth; /* of adpermd; NULL: the usual one */
};

/* Their rows, for a `struct arguments` that has them as `member`. */
#define PEOPLE_OPTIONS(arguments, member)                                                          \
	OPTION_USUAL(arguments, member.people, "people", 0, "DIR", "what people changed",          \
		ADPERM_PEOPLE),                                                                    \
		OPTION_USUAL(arguments, member.program, "adperm-people", 0, "FILE",                \
			"the program that writes there", PEOPLE_PROGRAM)
#define PEOPLE_OPTION_SOCKET(arguments, member)                                                    \
	OPTION_USUAL(arguments, member.socket, "socket", 0, "PATH", "where people reach it",       \
		PEOPLE_SOCKET)

/* A request of that kind. An address is NULL, or judged and in any case; false: complained. */
bool people_begin(struct wish *wish, const char *command, enum wish_op op, const char *profile,
	const char *owner);

/* Asks. False: there is no answer, which was complained of. */
bool people_ask(const char *command, const struct people_options *o, struct wish *wish,
	struct wish_reply *reply);

/* Complains of an answer that is neither WISH_DONE nor WISH_NOTHING; what to exit with. */
int people_failed(const char *command, const struct wish_reply *reply);

#endif
