/* The list of menus on a whole screen, with keys, without colours. */
#ifndef ADPERM_MENU_SCREEN_H
#define ADPERM_MENU_SCREEN_H

#include "view.h"

/* Takes over the terminal until screen_close(). False: it cannot do that. */
bool screen_open(void);
void screen_close(void);

/* What the person chose, NULL: to leave. *at is the row that is marked, before and after. */
const struct menu *screen_choose(const struct view *view, uint32_t *at);

#endif
