/*
 * /usr/lib/adperm/menu/<permission>: what sudo may run for whoever has that permission, one program
 * each. Which one this is was decided when it was compiled. argv[0] and the path it was called by
 * are the caller's, and a link of another name leads sudo to the file itself; so nothing that the
 * caller chooses says whose menus are run. It has no library of ours in it, and looks at nothing.
 */
#include "paths.h"

#include <stdio.h>
#include <unistd.h>

#define ARGUMENTS_MAX 16 /* more than any menu takes */

int main(int argc, char **argv)
{
	static char run[] = "adperm-menu", permission[] = MENU_PERMISSION;
	char *words[ARGUMENTS_MAX + 3] = { run, permission };

	if (argc < 2 || argc - 1 > ARGUMENTS_MAX) {
		fputs("adperm-menu: this is run by adperm-menu(1)\n", stderr);
		return 2;
	}
	for (int i = 1; i < argc; i++)
		words[i + 1] = argv[i];
	execv(MENU_RUN, words);
	perror("adperm-menu: " MENU_RUN);
	return 2;
}
