/*
 * The admin menus of a server, as files under menus.d declare them; adperm-menus.d(5). Read by the
 * same walk as a policy and as strictly. Who may use a menu is not decided here but by PAM, at the
 * door of the menu's permission.
 */
#ifndef ADPERM_MENU_MENUS_H
#define ADPERM_MENU_MENUS_H

#include "base/file.h"
#include "lang/policy.h"

#define MENUS_DIR "/etc/adperm/menus.d"

#define MENU_ARGUMENTS 8  /* of a menu */
#define MENU_WORDS     32 /* of a command */

struct argument_kind; /* argument.h */

/* Texts are offsets into the pool, 0: not given. */
struct menu_argument {
	uint32_t name, help;
	const struct argument_kind *kind;
	bool optional;
	struct span choices;  /* of words: what it may be, if its kind is a choice */
	uint32_t least, most; /* of a number */
	struct mark mark;
};

struct menu {
	uint32_t name, title, needs, confirm;
	enum perm permission;
	struct span command;   /* of words */
	struct span arguments; /* of arguments */
	struct mark mark;
};

struct menus {
	struct policy *texts; /* the pool, and nothing else */
	ROWS(struct menu) all;
	ROWS(struct menu_argument) arguments;
	ROWS(uint32_t) words; /* texts */
};

/*
 * Reads files, or the *.yaml files of directories. With TRUST_ROOT they and all directories above
 * must be root's. NULL after an error, with all of them told.
 */
struct menus *menus_load(const char *const *paths, size_t n, enum trust trust, struct diags *diags);
void menus_free(struct menus *menus);

static inline const char *menu_text(const struct menus *menus, uint32_t offset)
{
	return policy_text(menus->texts, offset);
}

/* The menu of that name, or NULL. */
const struct menu *menus_find(const struct menus *menus, const char *name);

/* Is there on this machine what the menu needs? */
bool menu_usable(const struct menus *menus, const struct menu *menu);

static inline const struct menu_argument *menu_argument_at(
	const struct menus *menus, const struct menu *menu, uint32_t i)
{
	return &menus->arguments.at[menu->arguments.first + i];
}

#endif
