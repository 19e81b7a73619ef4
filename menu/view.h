/* What one person sees: the menus that they hold and that this machine has, in order. */
#ifndef ADPERM_MENU_VIEW_H
#define ADPERM_MENU_VIEW_H

#include "held.h"
#include "menus.h"

struct view {
	const struct menus *menus;
	struct holds holds;
	const struct menu **rows; /* by permission, then as their files have them */
	uint32_t n;
};

/* False: a complaint was printed. view_done() in any case. */
bool view_make(struct view *view, const struct menus *menus);
void view_done(struct view *view);

/* Does it ask for a code? */
bool view_asks(const struct view *view, const struct menu *menu);

/* "firewall-block NETWORK [PORT]", into out; returns it. */
#define USAGE_SIZE 400
const char *view_usage(
	const struct view *view, const struct menu *menu, char out[static USAGE_SIZE]);

/* A text of the files for a terminal that may not know UTF-8. Returns one of a few rotating arrays.
 */
const char *view_text(const struct view *view, uint32_t offset);

/*
 * "Alice Martin <alice@acme.example> on web1.acme.example", into out; whose user this is if it is
 * nobody's login.
 */
#define WHO_SIZE 2048
const char *view_who(const struct view *view, char out[static WHO_SIZE]);

/* For people, or as JSON. */
void view_print(const struct view *view, bool json);

#endif
