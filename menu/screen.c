/* The list of menus on a whole screen; see screen.h. */
#include "screen.h"

#include <curses.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ESCAPE = 27, ABOVE = 3, BELOW = 4 }; /* lines that are not the list's */

static SCREEN *screen;
static sigset_t before; /* what was blocked; while the screen is open, also a change of its size */

bool screen_open(void)
{
	const char *term = getenv("TERM");
	sigset_t resized;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || term == NULL || term[0] == '\0' ||
		strcmp(term, "dumb") == 0)
		return false;
	/* initscr() would end the program on a terminal that nobody knows. */
	screen = newterm(NULL, stdout, stdin);
	if (screen == NULL)
		return false;
	sigemptyset(&resized);
	sigaddset(&resized, SIGWINCH);
	sigprocmask(SIG_BLOCK, &resized, &before);
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	set_escdelay(50);
	return true;
}

void screen_close(void)
{
	if (screen == NULL)
		return;
	endwin();
	delscreen(screen);
	sigprocmask(SIG_SETMASK, &before, NULL);
	screen = NULL;
}

static void put(int line, int column, const char *text)
{
	int room = COLS - column;

	if (line >= 0 && line < LINES && room > 0)
		mvaddnstr(line, column, text, room);
}

static void put_row(const struct view *view, uint32_t i, int line, bool chosen)
{
	const struct menu *menu = view->rows[i];
	char text[1200], usage[USAGE_SIZE];

	snprintf(text, sizeof text, "%c %-22s %s", chosen ? '>' : ' ',
		menu_text(view->menus, menu->name), view_text(view, menu->title));
	put(line, 0, text);
	if (view_asks(view, menu))
		put(line, COLS - 6, "  code");
	if (chosen) {
		mvchgat(line, 0, -1, A_REVERSE, 0, NULL);
		put(LINES - 3, 0, view_text(view, menu->title));
		snprintf(text, sizeof text, "permission %s; to type: adperm-menu %s",
			perm_info((unsigned)menu->permission)->id, view_usage(view, menu, usage));
		put(LINES - 2, 0, text);
	}
}

/* How many menus the list shows at a time. */
static uint32_t page(void)
{
	return LINES > ABOVE + BELOW + 1 ? (uint32_t)(LINES - ABOVE - BELOW) : 1;
}

static void draw(const struct view *view, uint32_t at)
{
	uint32_t first = at / page() * page();
	uint32_t end = view->n - first < page() ? view->n : first + page();
	char who[WHO_SIZE], part[64];

	erase();
	put(0, 0, view_who(view, who));
	if (view->n > page()) {
		snprintf(part, sizeof part, "menus %u to %u of %u", first + 1, end, view->n);
		put(1, 0, part);
	}
	for (uint32_t i = first; i < end; i++)
		put_row(view, i, ABOVE + (int)(i - first), i == at);
	put(LINES - 1, 0,
		"up, down: choose   Enter: go   q: leave   code: asks for a verification code");
	refresh();
}

/*
 * The next key, ERR if the terminal is gone. A change of its size ends the wait: getch() alone
 * could miss one between looking and waiting.
 */
static int next_key(void)
{
	struct pollfd terminal = { .fd = STDIN_FILENO, .events = POLLIN };
	int ready = ppoll(&terminal, 1, NULL, &before), key = getch();

	return key == ERR && ready <= 0 ? KEY_RESIZE : key;
}

const struct menu *screen_choose(const struct view *view, uint32_t *at)
{
	if (*at >= view->n)
		*at = 0;
	for (;;) {
		draw(view, *at);
		switch (next_key()) {
		case KEY_UP:
		case 'k': *at = *at > 0 ? *at - 1 : view->n - 1; break;
		case KEY_DOWN:
		case 'j': *at = *at + 1 < view->n ? *at + 1 : 0; break;
		case KEY_PPAGE: *at = *at > page() ? *at - page() : 0; break;
		case KEY_NPAGE: *at = view->n - *at > page() ? *at + page() : view->n - 1; break;
		case KEY_HOME: *at = 0; break;
		case KEY_END: *at = view->n - 1; break;
		case KEY_ENTER:
		case '\r':
		case '\n': return view->rows[*at];
		case ERR: /* the terminal is gone */
		case ESCAPE:
		case 'q': return NULL;
		default: break; /* a change of size among them: it is drawn anew */
		}
	}
}
