/*
 * menu-run PERMISSION MENU [ARGUMENT...]: the end of a menu on root's side. Runs the command of a
 * menu, if that menu belongs to the permission, by whose door sudo came; everything the caller gave
 * is judged again. Called by door.c, and in nobody's sudoers.
 */
#include "adperm.h"
#include "base/diag.h"
#include "command.h"
#include "paths.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REFUSED = 2 };

/* Nothing of the caller's but the terminal, and who it is, which sudo says and no caller can. */
static void forget_caller(void)
{
	const char *uid = getenv("SUDO_UID"), *term = getenv("TERM");
	char caller[16] = "", terminal[32] = "dumb";

	if (uid != NULL && strlen(uid) < sizeof caller)
		memcpy(caller, uid, strlen(uid) + 1);
	if (term != NULL && strlen(term) < sizeof terminal && strchr(term, '/') == NULL)
		memcpy(terminal, term, strlen(term) + 1);
	if (clearenv() != 0 || setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1) != 0 ||
		setenv("HOME", "/root", 1) != 0 || setenv("LC_ALL", "C.UTF-8", 1) != 0 ||
		setenv("TERM", terminal, 1) != 0 || setenv("SUDO_UID", caller, 1) != 0)
		err(REFUSED, "environment");
	umask(022);
	if (chdir("/") != 0)
		err(REFUSED, "/");
	close_range(3, ~0U, 0);
}

/* Ends the program unless only root could have written the file. */
static void check_trusted(const char *path, const char *because)
{
	struct stat state;
	int fd, ret = file_open(path, TRUST_ROOT, &fd, &state);

	if (ret != 0)
		errx(REFUSED, "%s: %s%s", path,
			ret == -EPERM ? "it, or a directory above it, is a link or not root's alone"
				      : strerror(-ret),
			because);
	close(fd);
}

/*
 * For a service without a file PAM takes the one called "other", which on Debian lets everybody in
 * who has a password.
 */
static void check_service(enum perm permission)
{
	char path[64 + sizeof perm_table[0].id];

	snprintf(path, sizeof path, "/etc/pam.d/" MENU_SERVICE "%s",
		perm_info((unsigned)permission)->id);
	check_trusted(path, ": without it, PAM has not asked the policy");
}

static const struct menu *find_menu(
	const struct menus *menus, const char *permission, const char *name)
{
	const struct menu *menu = menus_find(menus, name);

	if (menu == NULL)
		errx(REFUSED,
			"there is no such menu; `adperm-menu --list` has those that there are");
	if (strcmp(perm_info((unsigned)menu->permission)->full, permission) != 0)
		errx(REFUSED, "%s is a menu of %s, and not of %s", name,
			perm_info((unsigned)menu->permission)->id, permission);
	if (!menu_usable(menus, menu))
		errx(REFUSED, "%s needs %s, which is not on this server", name,
			menu_text(menus, menu->needs));
	return menu;
}

int main(int argc, char **argv)
{
	static const char *const directory[] = { MENUS_DIR };
	struct diags *diags = diags_new();
	struct adperm *policy = NULL;
	struct command_line command;
	const struct menu *menu;
	struct menus *menus;
	const char *wrong;
	char why[512];

	if (argc < 3 || diags == NULL)
		errx(REFUSED, "this is run by adperm-menu(1)");
	if (getuid() != 0 || geteuid() != 0)
		errx(REFUSED, "this is run as root, by sudo; type adperm-menu");
	forget_caller();
	menus = menus_load(directory, 1, TRUST_ROOT, diags);
	if (menus == NULL) {
		diags_print(diags, stderr);
		errx(REFUSED, "no menu can be used until this is put right");
	}
	menu = find_menu(menus, argv[1], argv[2]);
	check_service(menu->permission);
	/* Without a policy no account is one of this server's. */
	if (adperm_open(NULL, &policy) != ADPERM_OK)
		policy = NULL;
	wrong = command_make(
		&command, menus, menu, argv + 3, (unsigned)argc - 3, policy, why, sizeof why);
	adperm_close(policy);
	if (wrong != NULL)
		errx(REFUSED, "%s", wrong);
	/* A program that others could have written would be root for them. */
	check_trusted(command.word[0], "");
	execv(command.word[0], command.word);
	err(REFUSED, "%s", command.word[0]);
}
