/* Starting sudo: the only way from the person to a menu's command. */
#ifndef ADPERM_MENU_LAUNCH_H
#define ADPERM_MENU_LAUNCH_H

#include "menus.h"

/* Becomes sudo, or for root the door itself. Returns only an exit status, with a complaint printed.
 */
int launch_become(
	const struct menus *menus, const struct menu *menu, char *const *given, unsigned n);

/* The same in a child; its exit status, 128 and the signal that ended it, or 2. */
int launch_run(const struct menus *menus, const struct menu *menu, char *const *given, unsigned n);

#endif
