/* Questions in lines, on any terminal: which menu, its arguments, are you sure. */
#ifndef ADPERM_MENU_ASK_H
#define ADPERM_MENU_ASK_H

#include "view.h"

struct answers {
	char *given[MENU_ARGUMENTS];
	unsigned n;
};

/* Asks for what a menu takes, until each can be given. False: the person broke off. */
bool ask_arguments(const struct view *view, const struct menu *menu, struct answers *answers);
void answers_done(struct answers *answers);

/* What the menu wants confirmed, if anything; only a yes is one. */
bool ask_confirm(const struct view *view, const struct menu *menu);

/* Waits for Enter. False: there will be none any more. */
bool ask_enter(void);

/* A numbered list, and the number. NULL: the person leaves. */
const struct menu *ask_menu(const struct view *view);

#endif
