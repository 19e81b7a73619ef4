/* A menu's command; see command.h. */
#include "command.h"

#include "adperm.h"
#include "argument.h"
#include "base/text.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>

struct making {
	const struct menus *menus;
	const struct menu *menu;
	char *const *given;
	unsigned n;
	struct adperm *policy;
	char *why;
	size_t room;
};

static const char *because(
	const struct making *m, const struct menu_argument *a, const char *text, const char *what)
{
	char shown[64];
	struct text t = text_over(shown, sizeof shown);

	text_add_escaped(&t, slice_str(text), sizeof shown - 1);
	snprintf(
		m->why, m->room, "%s: \"%s\" is not %s", menu_text(m->menus, a->name), shown, what);
	return m->why;
}

/* An account of the policy which is also a user here; a system user never is, whatever it says. */
static const char *check_account(
	const struct making *m, const struct menu_argument *a, const char *name)
{
	const struct passwd *entry;
	int second_factor;

	if (m->policy == NULL || adperm_account(m->policy, name, &second_factor) != ADPERM_OK)
		return because(m, a, name, "an account that the policy knows on this server");
	entry = getpwnam(name);
	if (entry == NULL || entry->pw_uid == 0 || entry->pw_dir[0] != '/')
		return because(m, a, name, "a Unix user of this server");
	return NULL;
}

static const char *check_given(const struct making *m)
{
	for (unsigned i = 0; i < m->menu->arguments.n; i++) {
		const struct menu_argument *a = menu_argument_at(m->menus, m->menu, i);
		const char *why = NULL;
		char what[256];

		if (i >= m->n && a->optional)
			return NULL;
		if (i >= m->n) {
			snprintf(m->why, m->room, "%s is missing: %s", menu_text(m->menus, a->name),
				menu_text(m->menus, a->help));
			return m->why;
		}
		argument_what(m->menus, a, what, sizeof what);
		if (!argument_good(m->menus, a, m->given[i]))
			return because(m, a, m->given[i], what);
		if (a->kind->account)
			why = check_account(m, a, m->given[i]);
		if (why != NULL)
			return why;
	}
	if (m->n > m->menu->arguments.n) {
		snprintf(m->why, m->room, "there are more words than this menu takes, which is %u",
			m->menu->arguments.n);
		return m->why;
	}
	return NULL;
}

/* What stands for a placeholder. */
static void put_part(FILE *out, const char *given, enum argument_part part)
{
	const struct passwd *entry = part == PART_WHOLE ? NULL : getpwnam(given);

	if (entry == NULL)
		fputs(given, out);
	else if (part == PART_HOME)
		fputs(entry->pw_dir, out);
	else
		fprintf(out, "%u", (unsigned)entry->pw_uid);
}

/* The word with its placeholders filled; NULL: out of memory, or it was left out (*absent). */
static char *fill_word(const struct making *m, const char *word, bool *absent)
{
	struct slice rest = slice_str(word);
	enum argument_part part;
	char *text = NULL;
	uint32_t argument;
	size_t size, len;
	FILE *out = open_memstream(&text, &size);

	*absent = false;
	while (out != NULL && rest.len > 0) {
		if (rest.at[0] == '{' &&
			argument_placeholder(m->menus, m->menu, rest, &argument, &part, &len)) {
			if (argument >= m->n)
				*absent = true;
			else
				put_part(out, m->given[argument], part);
		} else {
			fputc(rest.at[0], out);
			len = 1;
		}
		rest = slice_of(rest.at + len, rest.len - len);
	}
	if (out == NULL || fclose(out) != 0 || *absent) {
		free(text);
		return NULL;
	}
	return text;
}

const char *command_make(struct command_line *command, const struct menus *menus,
	const struct menu *menu, char *const *given, unsigned n, struct adperm *policy, char *why,
	size_t room)
{
	const struct making m = { menus, menu, given, n, policy, why, room };
	const char *wrong = check_given(&m);

	*command = (struct command_line){ .n = 0 };
	for (uint32_t i = 0; wrong == NULL && i < menu->command.n; i++) {
		const char *word = menu_text(menus, menus->words.at[menu->command.first + i]);
		bool absent;
		char *filled = fill_word(&m, word, &absent);

		if (filled != NULL)
			command->word[command->n++] = filled;
		else if (!absent)
			wrong = "out of memory";
	}
	return wrong;
}

void command_done(struct command_line *command)
{
	for (unsigned i = 0; i < command->n; i++)
		free(command->word[i]);
	*command = (struct command_line){ .n = 0 };
}
