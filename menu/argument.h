/*
 * What a person may give to a menu: one row a type. Nothing that is given reaches a command before
 * it was judged here, on the person's side to say so at once, and again as root. No type takes an
 * empty text, a blank, a control character, or a text that begins with "-".
 */
#ifndef ADPERM_MENU_ARGUMENT_H
#define ADPERM_MENU_ARGUMENT_H

#include "menus.h"

/* What else an account may stand for in a command: "{NAME.home}", "{NAME.uid}". */
enum argument_part { PART_WHOLE = 0, PART_HOME, PART_UID };

struct argument_kind {
	const char *word, *what; /* "network", "an address or network" */
	bool (*good)(const struct menus *menus, const struct menu_argument *a, struct slice text);
	bool choices, limits; /* takes `choices`; takes `min` and `max` */
	bool account;         /* has the parts above */
};

/* The type called so, or NULL; all of their words in one line, for a message. */
const struct argument_kind *argument_kind(struct slice word);
const char *argument_kinds(void);

/* May it be given for this argument? */
bool argument_good(const struct menus *menus, const struct menu_argument *a, const char *text);

/* "a number from 1 to 365", into out. */
void argument_what(
	const struct menus *menus, const struct menu_argument *a, char *out, size_t room);

/*
 * The placeholder at the front of `rest`, which begins with "{": its argument's number in the menu,
 * its part, and how long it is. False: it is none.
 */
bool argument_placeholder(const struct menus *menus, const struct menu *menu, struct slice rest,
	uint32_t *argument, enum argument_part *part, size_t *len);

#endif
