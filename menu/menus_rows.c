/* The grammar of a file of menus: its rows, and what each takes; see menus.h. */
#include "menus_rows.h"

#include "argument.h"
#include "lang/nearest.h"
#include "lang/schema.h"

static struct menus *menus_of(struct load *l)
{
	return ((struct menus_load *)l)->menus;
}

static struct menu *menu_of(struct load *l)
{
	struct menus *menus = menus_of(l);

	return &menus->all.at[menus->all.n - 1];
}

static struct menu_argument *argument_of(struct load *l)
{
	struct menus *menus = menus_of(l);

	return &menus->arguments.at[menus->arguments.n - 1];
}

static bool menu_begin(struct load *l, const struct event *e)
{
	struct menus *menus = menus_of(l);
	struct menu *row;

	if (!name_is_label(e->text))
		return diag(l->d, e->at, DIAG_BAD_LABEL,
			"%s is no name of a menu (a-z, then up to 31 of a-z, 0-9, _ and -)",
			diag_quote(l->d, e->text));
	for (uint32_t i = 0; i < menus->all.n; i++)
		if (slice_equal(e->text, slice_str(menu_text(menus, menus->all.at[i].name))))
			return load_twice(l, e, "menu", menus->all.at[i].mark);
	row = ROWS_ADD(&menus->all);
	if (row == NULL)
		return load_no_memory(l);
	*row = (struct menu){ .mark = e->at };
	return pool_put(l->p, e->text, &row->name) || load_no_memory(l);
}

static bool menu_open(struct load *l, struct mark at)
{
	(void)at;
	((struct menus_load *)l)->errors = diags_errors(l->d);
	return true;
}

/* One word of a command: counts the uses of arguments. False: it was reported. */
static bool check_word(struct load *l, const struct menu *menu, uint32_t word, unsigned *used)
{
	struct slice rest = slice_str(menu_text(menus_of(l), word)), whole = rest;
	enum argument_part part;
	uint32_t argument;
	size_t len;

	while (rest.len > 0) {
		if (rest.at[0] == '{') {
			if (!argument_placeholder(menus_of(l), menu, rest, &argument, &part, &len))
				return diag(l->d, menu->mark, DIAG_MENU_ARGUMENT,
					"the word %s of the command names no argument of the menu",
					diag_quote(l->d, whole));
			used[argument]++;
			if (menu_argument_at(menus_of(l), menu, argument)->optional &&
				len != whole.len)
				return diag(l->d, menu->mark, DIAG_MENU_ARGUMENT,
					"in %s stands an argument that may be left out: make it a "
					"word by itself",
					diag_quote(l->d, whole));
		} else {
			len = 1;
		}
		rest = slice_of(rest.at + len, rest.len - len);
	}
	return true;
}

static bool check_arguments(struct load *l, const struct menu *menu, const unsigned *used)
{
	struct menus *menus = menus_of(l);
	bool optional = false;

	for (uint32_t i = 0; i < menu->arguments.n; i++) {
		const struct menu_argument *a = menu_argument_at(menus, menu, i);
		const char *name = diag_quote(l->d, slice_str(menu_text(menus, a->name)));

		if (used[i] == 0)
			return diag(l->d, a->mark, DIAG_MENU_ARGUMENT,
				"the command does not use the argument %s", name);
		if (optional && !a->optional)
			return diag(l->d, a->mark, DIAG_MENU_ARGUMENT,
				"the argument %s is required and stands behind one that is not",
				name);
		optional = a->optional;
	}
	return true;
}

/* What can only be judged of the whole menu. */
static void menu_close(struct load *l, struct mark at)
{
	const struct menu *menu = menu_of(l);
	unsigned used[MENU_ARGUMENTS] = { 0 };
	bool good = true;

	(void)at;
	if (diags_errors(l->d) != ((struct menus_load *)l)->errors)
		return;
	for (uint32_t i = 0; good && i < menu->command.n; i++)
		good = check_word(l, menu, menus_of(l)->words.at[menu->command.first + i], used);
	if (good)
		check_arguments(l, menu, used);
}

static bool take_title(struct load *l, const struct event *e)
{
	return value_line(l, e, &menu_of(l)->title);
}

static bool take_confirm(struct load *l, const struct event *e)
{
	return value_line(l, e, &menu_of(l)->confirm);
}

static bool take_needs(struct load *l, const struct event *e)
{
	return (e->text.len > 0 && e->text.at[0] == '/')
		       ? value_line(l, e, &menu_of(l)->needs)
		       : diag(l->d, e->at, DIAG_MENU_COMMAND,
				 "%s is no absolute path of what the menu needs",
				 diag_quote(l->d, e->text));
}

static bool take_permission(struct load *l, const struct event *e)
{
	enum perm perm = perm_in_scope(SCOPE_SERVER, e->text);
	struct nearest nearest;
	bool ambiguous;

	if (perm == PERM_NONE)
		perm = perm_parse(e->text, &ambiguous);
	if (perm_is_menu(perm)) {
		menu_of(l)->permission = perm;
		return true;
	}
	nearest_start(&nearest, e->text);
	for (size_t i = 0; i < perm_rows; i++)
		if (perm_is_menu(perm_table[i].perm))
			nearest_offer(&nearest, slice_str(perm_table[i].id));
	return diag(l->d, e->at, DIAG_MENU_PERMISSION, "%s is no permission that has menus%s",
		diag_quote(l->d, e->text), perm == PERM_NONE ? nearest_hint(&nearest) : "");
}

/* Words and arguments of a menu stand behind each other: nothing else makes rows in between. */
static bool put_word(struct load *l, const struct event *e, struct span *words)
{
	uint32_t *row = ROWS_ADD(&menus_of(l)->words);

	if (row == NULL)
		return load_no_memory(l);
	*row = 0;
	span_add(words, menus_of(l)->words.n - 1);
	return value_line(l, e, row);
}

static bool take_command(struct load *l, const struct event *e)
{
	struct span *command = &menu_of(l)->command;

	if (command->n == 0 && (e->text.len == 0 || e->text.at[0] != '/' ||
				       memchr(e->text.at, '{', e->text.len) != NULL))
		diag(l->d, e->at, DIAG_MENU_COMMAND,
			"a command begins with the absolute path of a program, not with %s",
			diag_quote(l->d, e->text));
	if (command->n == MENU_WORDS)
		return diag(l->d, e->at, DIAG_MENU_COMMAND, "a command has at most %d words",
			MENU_WORDS);
	return put_word(l, e, command);
}

static bool argument_open(struct load *l, struct mark at)
{
	struct span *arguments = &menu_of(l)->arguments;
	struct menu_argument *row;

	if (arguments->n == MENU_ARGUMENTS)
		return diag(l->d, at, DIAG_MENU_ARGUMENT, "a menu has at most %d arguments",
			MENU_ARGUMENTS);
	row = ROWS_ADD(&menus_of(l)->arguments);
	if (row == NULL)
		return load_no_memory(l);
	*row = (struct menu_argument){ .mark = at, .most = UINT32_MAX };
	span_add(arguments, menus_of(l)->arguments.n - 1);
	((struct menus_load *)l)->argument_errors = diags_errors(l->d);
	return true;
}

static void argument_close(struct load *l, struct mark at)
{
	const struct menu_argument *a = argument_of(l);

	if (a->kind == NULL || diags_errors(l->d) != ((struct menus_load *)l)->argument_errors)
		return;
	if (a->kind->choices != (a->choices.n > 0))
		diag(l->d, at, DIAG_MENU_ARGUMENT,
			a->kind->choices ? "an argument of the type choice needs `choices`"
					 : "only an argument of the type choice has `choices`");
	if (!a->kind->limits && (a->least != 0 || a->most != UINT32_MAX))
		diag(l->d, at, DIAG_MENU_ARGUMENT,
			"only an argument of the type number has `min` and `max`");
	if (a->least > a->most)
		diag(l->d, at, DIAG_MENU_ARGUMENT, "`min` is greater than `max`");
}

static bool take_name(struct load *l, const struct event *e)
{
	struct menus *menus = menus_of(l);
	const struct menu *menu = menu_of(l);

	if (!name_is_label(e->text))
		return diag(l->d, e->at, DIAG_BAD_LABEL,
			"%s is no name of an argument (a-z, then up to 31 of a-z, 0-9, _ and -)",
			diag_quote(l->d, e->text));
	for (uint32_t i = 0; i + 1 < menu->arguments.n; i++) {
		const struct menu_argument *a = menu_argument_at(menus, menu, i);

		if (slice_equal(e->text, slice_str(menu_text(menus, a->name))))
			return load_twice(l, e, "argument", a->mark);
	}
	return value_line(l, e, &argument_of(l)->name);
}

static bool take_type(struct load *l, const struct event *e)
{
	argument_of(l)->kind = argument_kind(e->text);
	return argument_of(l)->kind != NULL ||
	       diag(l->d, e->at, DIAG_MENU_TYPE, "%s is no type of argument: write %s",
		       diag_quote(l->d, e->text), argument_kinds());
}

static bool take_help(struct load *l, const struct event *e)
{
	return value_line(l, e, &argument_of(l)->help);
}

static bool take_optional(struct load *l, const struct event *e)
{
	return value_bool(l, e, &argument_of(l)->optional);
}

static bool take_choice(struct load *l, const struct event *e)
{
	const struct menu_argument word = { .kind = argument_kind(slice_str("word")) };

	if (!word.kind->good(menus_of(l), &word, e->text))
		return diag(l->d, e->at, DIAG_MENU_TYPE, "%s is not %s", diag_quote(l->d, e->text),
			word.kind->what);
	return put_word(l, e, &argument_of(l)->choices);
}

static bool take_number(struct load *l, const struct event *e, uint32_t *out)
{
	const struct menu_argument any = { .kind = argument_kind(slice_str("number")),
		.most = UINT32_MAX };

	if (!any.kind->good(menus_of(l), &any, e->text))
		return diag(l->d, e->at, DIAG_MENU_TYPE, "%s is no number of at most nine digits",
			diag_quote(l->d, e->text));
	*out = 0;
	for (size_t i = 0; i < e->text.len; i++)
		*out = 10 * *out + (uint32_t)(e->text.at[i] - '0');
	return true;
}

static bool take_least(struct load *l, const struct event *e)
{
	return take_number(l, e, &argument_of(l)->least);
}

static bool take_most(struct load *l, const struct event *e)
{
	return take_number(l, e, &argument_of(l)->most);
}

static const struct field argument_keys[] = {
	{ .key = "name", SHAPE_SCALAR, TYPE_LABEL, FIELD_REQUIRED, .take = take_name },
	{ .key = "type", SHAPE_SCALAR, TYPE_WORD, FIELD_REQUIRED, .take = take_type },
	{ .key = "help", SHAPE_SCALAR, TYPE_LINE, FIELD_REQUIRED, .take = take_help },
	{ .key = "optional", SHAPE_SCALAR, TYPE_BOOL, .take = take_optional },
	{ .key = "choices", SHAPE_LIST, TYPE_WORD, .take = take_choice },
	{ .key = "min", SHAPE_SCALAR, TYPE_WORD, .take = take_least },
	{ .key = "max", SHAPE_SCALAR, TYPE_WORD, .take = take_most },
	{ .key = NULL },
};

static const struct field argument = {
	.shape = SHAPE_KEYS,
	.type = TYPE_ARGUMENT,
	.keys = argument_keys,
	.open = argument_open,
	.close = argument_close,
};

static const struct field menu_keys[] = {
	{ .key = "title", SHAPE_SCALAR, TYPE_LINE, FIELD_REQUIRED, .take = take_title },
	{ .key = "permission", SHAPE_SCALAR, TYPE_PERM, FIELD_REQUIRED, .take = take_permission },
	{ .key = "command", SHAPE_LIST, TYPE_WORD, FIELD_REQUIRED, .take = take_command },
	{ .key = "arguments", SHAPE_ENTRIES, TYPE_ARGUMENT, .inner = &argument },
	{ .key = "needs", SHAPE_SCALAR, TYPE_LINE, .take = take_needs },
	{ .key = "confirm", SHAPE_SCALAR, TYPE_LINE, .take = take_confirm },
	{ .key = NULL },
};

static const struct field menu = {
	.shape = SHAPE_KEYS,
	.type = TYPE_MENU,
	.keys = menu_keys,
	.open = menu_open,
	.close = menu_close,
};

static const struct field root_keys[] = {
	{ .key = "adperm_menus", SHAPE_SCALAR, TYPE_VERSION, FIELD_FIRST, .take = take_version },
	{ .key = "menus",
		SHAPE_NAMED,
		TYPE_LABEL,
		FIELD_REQUIRED,
		.inner = &menu,
		.take = menu_begin },
	{ .key = NULL },
};

static const struct field menus_root = {
	.shape = SHAPE_KEYS,
	.type = TYPE_MENUS,
	.keys = root_keys,
};

bool menus_walk(struct menus_load *l)
{
	return walk_root(&l->load, &menus_root);
}
