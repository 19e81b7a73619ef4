/*
 * menu-wiring pam PERMISSION | sudoers | list: the files that lead from sudo to the menus, made
 * from the catalogue of permissions. What stands under conf/ is what this prints; a test compares.
 */
#include "model/catalogue.h"
#include "paths.h"

#include <ctype.h>
#include <err.h>
#include <stdio.h>

/* sudo has asked for no password: who is asked for a code is that user already. */
#define MODULE "pam_adperm.so permission=%s first_factor=caller\n"

static int print_pam(const struct perm_info *info)
{
	printf("# /etc/pam.d/" MENU_SERVICE "%s: the door of the admin menus of %s,\n"
	       "# for sudo by way of /etc/sudoers.d/adperm. Made from the catalogue of "
	       "permissions.\n"
	       "#\n"
	       "# Whoever runs sudo has logged in as that user before (first_factor=caller), and "
	       "is "
	       "asked for\n"
	       "# a code where the policy wants one. To ask for the password first, put this line "
	       "before:\n"
	       "#   auth requisite pam_unix.so\n"
	       "# In the session sudo calls the user root, about whom the policy says nothing.\n\n",
		info->id, info->full);
	printf("auth    required " MODULE, info->full);
	printf("account required " MODULE, info->full);
	puts("session required pam_permit.so");
	return 0;
}

static int print_pam_held(void)
{
	puts("# /etc/pam.d/" HELD_SERVICE
	     ": for sudo, to tell people which menus they hold. It opens "
	     "nothing, so\n"
	     "# it asks nothing. Made from the catalogue of permissions.\n\n"
	     "auth    required pam_permit.so\n"
	     "account required pam_permit.so\n"
	     "session required pam_permit.so");
	return 0;
}

static void print_alias(const char *id)
{
	fputs("ADPERM_MENU", stdout);
	if (id[0] != '\0')
		putchar('_');
	for (; *id != '\0'; id++)
		putchar(toupper((unsigned char)*id));
}

/* What must hold whatever else the sudoers say: who is asked, by what, each time anew. */
static void print_rule(const char *id, const char *command, const char *service, const char *more)
{
	fputs("\nCmnd_Alias ", stdout);
	print_alias(id);
	printf(" = %s\nDefaults!", command);
	print_alias(id);
	printf(" pam_service=%s, timestamp_timeout=0, %s\\\n"
	       "\tauthenticate, noninteractive_auth, env_reset, !setenv, !rootpw, !runaspw, "
	       "!targetpw\n",
		service, more);
}

static int print_sudoers(void)
{
	puts("# The admin menus, for adperm-menu(1). Made from the catalogue of permissions.\n"
	     "#\n"
	     "# sudo lets everybody try, and PAM decides: each menu has the PAM service of its "
	     "permission, which\n"
	     "# asks the policy about the person and, where that says so, the person for a code. "
	     "Never NOPASSWD,\n"
	     "# which would leave out the phase of PAM that asks. Nothing here runs a shell, and "
	     "what each program\n"
	     "# runs is decided by which program it is.");
	for (size_t i = 0; i < perm_rows; i++) {
		const struct perm_info *info = &perm_table[i];
		char command[128], service[64];

		if (!perm_is_menu(info->perm))
			continue;
		snprintf(command, sizeof command, "%s%s", MENU_DOORS, info->id);
		snprintf(service, sizeof service, "%s%s", MENU_SERVICE, info->id);
		print_rule(info->id, command, service, "");
		fputs("ALL ALL = (root) PASSWD: ", stdout);
		print_alias(info->id);
		putchar('\n');
	}
	puts("\n# Which menus whoever asks holds: as a user who may read the policy and nothing "
	     "else.");
	print_rule("", MENU_HELD " \"\"", HELD_SERVICE, "!log_allowed, ");
	puts("ALL ALL = (" MENU_HELD_USER ") PASSWD: ADPERM_MENU");
	return 0;
}

static int print_list(void)
{
	for (size_t i = 0; i < perm_rows; i++)
		if (perm_is_menu(perm_table[i].perm))
			puts(perm_table[i].id);
	return 0;
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";
	enum perm perm = argc == 3 ? perm_in_scope(SCOPE_SERVER, slice_str(argv[2])) : PERM_NONE;

	if (argc == 2 && strcmp(word, "list") == 0)
		return print_list();
	if (argc == 2 && strcmp(word, "sudoers") == 0)
		return print_sudoers();
	if (argc == 2 && strcmp(word, "pam") == 0)
		return print_pam_held();
	if (strcmp(word, "pam") == 0 && perm_is_menu(perm))
		return print_pam(perm_info((unsigned)perm));
	errx(2, "usage: menu-wiring list|sudoers|{pam [PERMISSION]}");
}
