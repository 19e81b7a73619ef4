/*
 * Whom to tell about a server, an account or an owner. Being told is not logging in: from where
 * somebody may come, and with what proof, does not matter here.
 */
#ifndef ADPERM_CLI_CONTACTS_H
#define ADPERM_CLI_CONTACTS_H

#include "cli/place.h"

#include "lang/standing.h"

/* What the options of a command name. */
struct contacts_asked {
	const char *server, *account, *owner, *topic, *at;
};

/* Their rows, for a `struct arguments` that has it as `asked`. */
#define OPTIONS_CONTACTS(arguments)                                                                \
	OPTION_VALUE(arguments, asked.server, "server", 0, "HOST", "about this server ..."),       \
		OPTION_VALUE(                                                                      \
			arguments, asked.account, "account", 0, "NAME", "or this account ..."),    \
		OPTION_VALUE(                                                                      \
			arguments, asked.owner, "owner", 0, "EMAIL", "or anything of this owner"), \
		OPTION_VALUE(arguments, asked.topic, "topic", 0, "technical|billing",              \
			"what they are to be told of"),                                            \
		OPTION_AT(arguments, asked.at)

struct contact {
	uint32_t profile;
	bool owner;
	struct mark mark;
};

/* Begins zeroed, but for the policy and the directory of people. */
struct contacts {
	const struct policy *p;
	struct place_people people;
	uint32_t owner;           /* whose it is */
	struct place_found place; /* server NO_INDEX: anything of the owner's */
	struct question q;
	struct standing standing;
	ROWS(struct contact) rows; /* the owner first, then by address */
};

/*
 * Finds them. False: the complaint is printed, as by `command`. What people changed and cannot be
 * read is `people.bad`. contacts_done() in any case.
 */
bool contacts_find(const char *command, const struct contacts_asked *asked, struct contacts *c);
void contacts_done(struct contacts *c);

#endif
