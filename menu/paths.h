/* Where the programs of the menus stand, for those that sudo or one another of them starts. */
#ifndef ADPERM_MENU_PATHS_H
#define ADPERM_MENU_PATHS_H

/* ADPERM_LIBEXECDIR: /usr/lib/adperm, from the Makefile. */
#define MENU_DOORS                                                                                 \
	ADPERM_LIBEXECDIR "/menu/" /* and a permission's id: what sudo may run as root             \
				    */
#define MENU_RUN  ADPERM_LIBEXECDIR "/menu-run"
#define MENU_HELD ADPERM_LIBEXECDIR "/menu-held"

/* Whom sudo runs MENU_HELD as: may read the policy, and nothing else. */
#define MENU_HELD_USER "adperm-keys"

/* The names of the PAM services: of a menu's door, and of MENU_HELD. */
#define MENU_SERVICE "adperm-"
#define HELD_SERVICE "adperm-menu"

#endif
