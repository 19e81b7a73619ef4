/*
 * adperm-menu: the menus that a person holds on this server, on a screen, in lines or for scripts.
 * It runs with the person's own rights and decides nothing: sudo and the PAM service of the menu's
 * permission do.
 */
#include "argument.h"
#include "ask.h"
#include "base/diag.h"
#include "lang/nearest.h"
#include "launch.h"
#include "screen.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

enum { OK = 0, WRONG = 2 };

#define WORDS_MAX (MENU_ARGUMENTS + 2)

struct options {
	bool list, json, plain, yes, check;
	char *command; /* -c: what a remote command of this login shell is */
};

static const struct option longs[] = {
	{ "list", no_argument, NULL, 'l' },
	{ "json", no_argument, NULL, 'j' },
	{ "plain", no_argument, NULL, 'p' },
	{ "yes", no_argument, NULL, 'y' },
	{ "check", no_argument, NULL, 'k' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'v' },
	{ NULL, 0, NULL, 0 },
};

static void print_help(void)
{
	puts("usage: adperm-menu [--plain]                  choose on the screen, or in lines\n"
	     "       adperm-menu --list [--json]            the menus that you may use here\n"
	     "       adperm-menu [--yes] MENU [ARGUMENT...] run one\n"
	     "       adperm-menu -c 'MENU [ARGUMENT...]'    the same, as a login shell is called\n"
	     "       adperm-menu --check [PATH...]          judge the files of " MENUS_DIR "\n\n"
	     "      --list     list them\n"
	     "      --json     and that for programs\n"
	     "      --plain    ask in lines also where a whole screen could be used\n"
	     "      --yes      do not ask whether you are sure\n"
	     "      --check    say what is wrong with files of menus\n"
	     "      --help     this text\n"
	     "      --version  which version this is\n\n"
	     "See adperm-menu(1).");
}

/* False: it is over, with *status. */
static bool take_options(struct options *o, int argc, char **argv, int *status)
{
	int found;

	*status = OK;
	while ((found = getopt_long(argc, argv, "+c:", longs, NULL)) != -1) {
		switch (found) {
		case 'l': o->list = true; break;
		case 'j': o->json = true; break;
		case 'p': o->plain = true; break;
		case 'y': o->yes = true; break;
		case 'k': o->check = true; break;
		case 'c': o->command = optarg; break;
		case 'h': print_help(); return false;
		case 'v': puts("adperm-menu " ADPERM_VERSION); return false;
		default: /* getopt has said why */
			warnx("`adperm-menu --help` has the options");
			*status = WRONG;
			return false;
		}
	}
	return true;
}

/* Reads the menus; what is wrong with them goes to stderr. */
static struct menus *load(const char *const *paths, size_t n, enum trust trust, bool check)
{
	struct diags *diags = diags_new();
	struct menus *menus = diags != NULL ? menus_load(paths, n, trust, diags) : NULL;

	if (diags == NULL)
		warnx("out of memory");
	else if (check || menus == NULL)
		diags_print(diags, stderr);
	if (menus != NULL)
		menus->texts->diags = NULL;
	diags_free(diags);
	return menus;
}

static int check(const char *const *paths, size_t n)
{
	static const char *const usual[] = { MENUS_DIR };
	struct menus *menus =
		n > 0 ? load(paths, n, TRUST_CALLER, true) : load(usual, 1, TRUST_ROOT, true);

	if (menus == NULL)
		return WRONG;
	printf("%u menu%s\n", menus->all.n, menus->all.n == 1 ? "" : "s");
	menus_free(menus);
	return OK;
}

/* What can be said without asking root. False: it was. */
static bool arguments_fit(
	const struct view *view, const struct menu *menu, char *const *given, unsigned n)
{
	char usage[USAGE_SIZE], what[256];

	view_usage(view, menu, usage);
	for (uint32_t i = 0; i < menu->arguments.n; i++) {
		const struct menu_argument *a = menu_argument_at(view->menus, menu, i);

		argument_what(view->menus, a, what, sizeof what);
		if (i >= n && a->optional)
			break;
		if (i >= n)
			warnx("%s is missing: %s. Usage: %s", menu_text(view->menus, a->name), what,
				usage);
		else if (!argument_good(view->menus, a, given[i]))
			warnx("%s is not %s. Usage: %s", menu_text(view->menus, a->name), what,
				usage);
		else
			continue;
		return false;
	}
	if (n > menu->arguments.n)
		warnx("that is a word too many. Usage: %s", usage);
	return n <= menu->arguments.n;
}

/* Why a name is none of a menu that is shown. */
static void complain_of(const struct view *view, const char *name)
{
	struct nearest nearest;

	if (menus_find(view->menus, name) != NULL) {
		warnx("that menu is not yours to use here; `adperm-menu --list` has those that "
		      "are");
		return;
	}
	nearest_start(&nearest, slice_str(name));
	for (uint32_t i = 0; i < view->n; i++)
		nearest_offer(&nearest, slice_str(menu_text(view->menus, view->rows[i]->name)));
	warnx("there is no such menu here%s; `adperm-menu --list` has those that you may use",
		nearest_hint(&nearest));
}

/* MENU [ARGUMENT...]: becomes sudo. */
static int run_one(const struct view *view, const struct options *o, char *const *words, unsigned n)
{
	const struct menu *menu = menus_find(view->menus, words[0]);
	bool shown = false;

	for (uint32_t i = 0; i < view->n; i++)
		shown = shown || view->rows[i] == menu;
	if (menu == NULL || !shown) {
		complain_of(view, words[0]);
		return WRONG;
	}
	if (!arguments_fit(view, menu, words + 1, n - 1))
		return WRONG;
	if (!o->yes && menu->confirm != 0 && !isatty(STDIN_FILENO)) {
		warnx("this menu wants to be confirmed: give --yes before its name");
		return WRONG;
	}
	if (!o->yes && !ask_confirm(view, menu))
		return WRONG;
	fflush(stdout);
	return launch_become(view->menus, menu, words + 1, n - 1);
}

/* One menu that was picked, from its questions to its end. False: nobody is there any more. */
static bool run_picked(const struct view *view, const struct menu *menu)
{
	struct answers answers;
	bool asked = ask_arguments(view, menu, &answers);

	if (asked && ask_confirm(view, menu)) {
		int status;

		fflush(stdout);
		status = launch_run(view->menus, menu, answers.given, answers.n);
		if (status != 0)
			printf("\nThis ended with %d.\n", status);
	}
	answers_done(&answers);
	clearerr(stdin);
	return ask_enter();
}

static int choose(const struct view *view, const struct options *o)
{
	const struct menu *menu;
	uint32_t at = 0;
	bool there = true;

	if (view->n == 0) {
		view_print(view, false);
		return OK;
	}
	while (there) {
		bool whole = !o->plain && screen_open();

		menu = whole ? screen_choose(view, &at) : ask_menu(view);
		if (whole)
			screen_close();
		if (menu == NULL)
			return OK;
		printf("%s%s\n", view_text(view, menu->title),
			menu->arguments.n > 0 ? "      (Ctrl-D: back to the menus)" : "");
		there = run_picked(view, menu);
	}
	return OK;
}

/* The words of a remote command. They are not quoted: no argument of a menu has a blank. */
static unsigned split(char *command, char **words)
{
	char *rest = command, *word;
	unsigned n = 0;

	while (n < WORDS_MAX && (word = strsep(&rest, " ")) != NULL)
		if (word[0] != '\0')
			words[n++] = word;
	return n;
}

static int run(const struct options *o, char **words, unsigned n)
{
	static const char *const usual[] = { MENUS_DIR };
	struct menus *menus = load(usual, 1, TRUST_ROOT, false);
	struct view view = { .n = 0 };
	int status = WRONG;

	if (menus == NULL)
		warnx("no menu can be used until this is put right");
	else if (view_make(&view, menus)) {
		status = OK;
		if (o->list)
			view_print(&view, o->json);
		else if (n > 0)
			status = run_one(&view, o, words, n);
		else
			status = choose(&view, o);
	}
	view_done(&view);
	menus_free(menus);
	return status;
}

int main(int argc, char **argv)
{
	static char name[] = "adperm-menu";
	struct options o = { .list = false };
	char *words[WORDS_MAX];
	unsigned n = 0;
	int status;

	/* A login shell is called "-adperm-menu". */
	if (argc > 0)
		argv[0] = name;
	program_invocation_short_name = name;
	setlocale(LC_CTYPE, "");
	if (!take_options(&o, argc, argv, &status))
		return status;
	if (o.check)
		return check((const char *const *)argv + optind, (size_t)(argc - optind));
	if (o.command != NULL)
		n = split(o.command, words);
	for (int i = optind; i < argc && n < WORDS_MAX; i++)
		words[n++] = argv[i];
	if (o.json && !o.list) {
		warnx("--json is for --list");
		return WRONG;
	}
	status = run(&o, words, n);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		warnx("cannot write to standard output");
		return WRONG;
	}
	return status;
}
