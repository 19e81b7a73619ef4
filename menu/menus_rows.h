/* The grammar of a file of menus; private to menus.c. */
#ifndef ADPERM_MENU_MENUS_ROWS_H
#define ADPERM_MENU_MENUS_ROWS_H

#include "lang/load.h"
#include "menus.h"

/* What is filled while files are read; the load comes first, so that its handlers find it. */
struct menus_load {
	struct load load;
	struct menus *menus;
	size_t errors, argument_errors; /* before the menu, and before its argument */
};

/* Walks a file of menus; what is wrong with it is reported. */
bool menus_walk(struct menus_load *l);

#endif
