/*
 * The options on a line of a PAM stack, as a struct. One row an option in options.c; an option that
 * is unknown, there twice, empty or malformed makes the whole line unusable, because a misspelt
 * word must never weaken a door.
 */
#ifndef ADPERM_PAM_OPTIONS_H
#define ADPERM_PAM_OPTIONS_H

#include "adperm.h"

#include <stdbool.h>

enum unmanaged { UNMANAGED_DENY = 0, UNMANAGED_IGNORE };
enum first_factor { FIRST_SSHKEY = 0, FIRST_STACK, FIRST_CALLER };
enum whose { WHOSE_USER = 0, WHOSE_CALLER };
enum prompt_mode { PROMPT_SEPARATE = 0, PROMPT_COMBINED };
enum late { LATE_DENY = 0, LATE_SESSION };

/* Texts are the caller's; choices are indexes into the words of their row: the enums above. */
struct options {
	const char *permission, *server;
	const char *db, *switch_conf, *people, *sources, *socket, *people_socket, *local_users,
		*sessions;
	const char *self; /* the user at whose door people help themselves, or NULL */
	unsigned unmanaged, person, first_factor, prompt, late;
	bool split, debug, rehearsal;
	/* `permission` in full, and its counterpart on an account, "" if it has none. */
	char full[ADPERM_PERM_SIZE], counterpart[ADPERM_PERM_SIZE];
};

/* False, with *bad set to the option that is wrong or missing, if the line cannot be used. */
bool options_parse(struct options *options, int argc, const char **argv, const char **bad);

#endif
