/*
 * The command of a menu with what was given for its arguments, as root runs it. It is a list from
 * beginning to end: nothing is joined, split, or read by a shell.
 */
#ifndef ADPERM_MENU_COMMAND_H
#define ADPERM_MENU_COMMAND_H

#include "menus.h"

struct adperm;

struct command_line {
	char *word[MENU_WORDS + 1]; /* ends with NULL */
	unsigned n;
};

/*
 * Fills in what was given. Accounts must be those of this server in `policy`. NULL, or why not: a
 * text that lies in `why`. command_done() in any case.
 */
const char *command_make(struct command_line *command, const struct menus *menus,
	const struct menu *menu, char *const *given, unsigned n, struct adperm *policy, char *why,
	size_t room);
void command_done(struct command_line *command);

#endif
