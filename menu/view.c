/* What one person sees; see view.h. */
#include "view.h"

#include "argument.h"
#include "base/text.h"
#include "cli/json.h"
#include "cli/table.h"
#include "lang/unicode.h"

#include <ctype.h>
#include <err.h>
#include <langinfo.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

static bool is_shown(const struct view *view, const struct menu *menu)
{
	return menu_usable(view->menus, menu) &&
	       (view->holds.everything || (view->holds.menus & PERM_BIT(menu->permission)) != 0);
}

bool view_make(struct view *view, const struct menus *menus)
{
	*view = (struct view){ .menus = menus };
	if (!holds_ask(&view->holds))
		return false;
	view->rows = calloc(menus->all.n + 1, sizeof *view->rows);
	if (view->rows == NULL) {
		warnx("out of memory");
		return false;
	}
	for (size_t p = 0; p < perm_rows; p++)
		for (uint32_t i = 0; i < menus->all.n; i++)
			if (menus->all.at[i].permission == perm_table[p].perm &&
				is_shown(view, &menus->all.at[i]))
				view->rows[view->n++] = &menus->all.at[i];
	return true;
}

void view_done(struct view *view)
{
	free(view->rows);
	*view = (struct view){ .n = 0 };
}

bool view_asks(const struct view *view, const struct menu *menu)
{
	return (view->holds.coded & PERM_BIT(menu->permission)) != 0;
}

static void add_upper(struct text *t, const char *word)
{
	for (; *word != '\0'; word++) {
		const char letter = (char)toupper((unsigned char)*word);

		text_add_slice(t, slice_of(&letter, 1));
	}
}

const char *view_usage(
	const struct view *view, const struct menu *menu, char out[static USAGE_SIZE])
{
	struct text t = text_over(out, USAGE_SIZE);

	text_add(&t, menu_text(view->menus, menu->name));
	for (uint32_t i = 0; i < menu->arguments.n; i++) {
		const struct menu_argument *a = menu_argument_at(view->menus, menu, i);

		text_add(&t, a->optional ? " [" : " ");
		add_upper(&t, menu_text(view->menus, a->name));
		text_add(&t, a->optional ? "]" : "");
	}
	return out;
}

/* Whatever wrote it, it does nothing to a terminal. */
static bool is_printable(const char *text)
{
	struct slice rest = slice_str(text);
	uint32_t character;

	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		return false;
	while (rest.len > 0) {
		int len = utf8_decode(rest, &character);

		if (len <= 0 || character < ' ' || character_refused(character) != NULL)
			return false;
		rest = slice_of(rest.at + len, rest.len - (size_t)len);
	}
	return true;
}

static void add_shown(struct text *t, const char *text)
{
	if (is_printable(text))
		text_add(t, text);
	else
		text_add_escaped(t, slice_str(text), t->cap);
}

const char *view_text(const struct view *view, uint32_t offset)
{
	static char rooms[4][1024];
	static unsigned next;
	char *room = rooms[next++ % 4];
	struct text t = text_over(room, sizeof rooms[0]);

	add_shown(&t, menu_text(view->menus, offset));
	return room;
}

const char *view_who(const struct view *view, char out[static WHO_SIZE])
{
	const struct passwd *entry = getpwuid(getuid());
	const char *label = getenv("ADPERM_PROFILE");
	struct text t = text_over(out, WHO_SIZE);

	if (view->holds.everything)
		text_add(&t, "root");
	else if (view->holds.person[0] != '\0') {
		add_shown(&t, view->holds.name);
		text_add(&t, view->holds.name[0] != '\0' ? " <" : "");
		add_shown(&t, view->holds.person);
		text_add(&t, view->holds.name[0] != '\0' ? ">" : "");
	} else
		text_add(&t, entry != NULL ? entry->pw_name : "nobody");
	/* The label is for who shares an account: it is the session's word, and opens nothing. */
	if (!view->holds.everything && view->holds.person[0] == '\0' && label != NULL) {
		text_add(&t, " (");
		text_add_escaped(&t, slice_str(label), ADPERM_EMAIL_SIZE);
		text_add(&t, ")");
	}
	if (view->holds.server[0] != '\0') {
		text_add(&t, " on ");
		text_add(&t, view->holds.server);
	}
	return out;
}

static void print_table(const struct view *view)
{
	struct table t = { .columns = 3 };
	char usage[USAGE_SIZE];

	fputs("MENU", table_cell(&t));
	fputs("CODE", table_cell(&t));
	fputs("WHAT IT DOES", table_cell(&t));
	for (uint32_t i = 0; i < view->n; i++) {
		fputs(view_usage(view, view->rows[i], usage), table_cell(&t));
		fputs(view_asks(view, view->rows[i]) ? "asks" : "-", table_cell(&t));
		fputs(view_text(view, view->rows[i]->title), table_cell(&t));
	}
	if (!table_print(&t, stdout))
		warnx("out of memory");
}

static void put_arguments(struct json *j, const struct view *view, const struct menu *menu)
{
	char what[256];

	json_array(j, "arguments");
	for (uint32_t i = 0; i < menu->arguments.n; i++) {
		const struct menu_argument *a = menu_argument_at(view->menus, menu, i);

		argument_what(view->menus, a, what, sizeof what);
		json_object(j, NULL);
		json_string(j, "name", menu_text(view->menus, a->name));
		json_string(j, "type", a->kind->word);
		json_string(j, "what", what);
		json_string(j, "help", menu_text(view->menus, a->help));
		json_bool(j, "optional", a->optional);
		json_object_end(j);
	}
	json_array_end(j);
}

static void put_menu(struct json *j, const struct view *view, const struct menu *menu)
{
	json_object(j, NULL);
	json_string(j, "menu", menu_text(view->menus, menu->name));
	json_string(j, "title", menu_text(view->menus, menu->title));
	json_string(j, "permission", perm_info((unsigned)menu->permission)->full);
	json_bool(j, "code", view_asks(view, menu));
	json_string(
		j, "confirm", menu->confirm != 0 ? menu_text(view->menus, menu->confirm) : NULL);
	put_arguments(j, view, menu);
	json_object_end(j);
}

static void print_json(const struct view *view)
{
	const struct holds *holds = &view->holds;
	struct json j = json_to(stdout);

	json_object(&j, NULL);
	json_string(&j, "name", holds->name[0] != '\0' ? holds->name : NULL);
	json_string(&j, "profile", holds->person[0] != '\0' ? holds->person : NULL);
	json_string(&j, "server", holds->server[0] != '\0' ? holds->server : NULL);
	json_array(&j, "menus");
	for (uint32_t i = 0; i < view->n; i++)
		put_menu(&j, view, view->rows[i]);
	json_array_end(&j);
	json_object_end(&j);
}

void view_print(const struct view *view, bool json)
{
	char who[WHO_SIZE];

	if (json) {
		print_json(view);
		return;
	}
	printf("%s\n", view_who(view, who));
	if (view->n > 0)
		print_table(view);
	else if (view->holds.person[0] == '\0' && !view->holds.everything)
		puts("This user is the login of nobody in the policy, so there are no menus here.\n"
		     "Menus are for people under their own login.");
	else
		puts("There are no menus here that you may use.");
}
