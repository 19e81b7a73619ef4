/* The menus of a server; see menus.h. */
#include "menus.h"

#include "lang/set.h"
#include "menus_rows.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

/* Is it a file that only root could have written? Otherwise it was reported. */
static bool is_trusted(const char *path, struct diags *diags)
{
	struct stat state;
	int fd, ret = file_open(path, TRUST_ROOT, &fd, &state);
	const char *why = ret == -EPERM ? "this file, or a directory above it, is not root's alone"
					: strerror(-ret);

	if (ret == 0)
		close(fd);
	return ret == 0 || diag(diags, (struct mark){ diags_file(diags, path), 0, 0 },
				   DIAG_MENU_TRUST, "%s", why);
}

/* All of them, before the first is read; false after a report. */
static bool are_trusted(const struct set *set, const char *const *paths, struct diags *diags)
{
	char path[PATH_MAX];
	bool good = true;

	for (uint32_t i = 0; i < set->n; i++)
		good = set_path(&set->files[i], paths, path, sizeof path) &&
		       is_trusted(path, diags) && good;
	return good;
}

static void read_file(struct menus_load *menus)
{
	struct load *l = &menus->load;

	l->stop = false;
	/* What makes it end early has been reported. */
	if (reading_file(l->reading))
		menus_walk(menus);
}

struct menus *menus_load(const char *const *paths, size_t n, enum trust trust, struct diags *diags)
{
	struct menus_load l = { .load = { .d = diags } };
	/* Small files, and root reads them too: no threads. */
	const struct load_how how = { .threads = 0, .piece = PIECE_MAX };
	struct set set;
	bool found = set_find(&set, paths, n, diags);

	l.menus = calloc(1, sizeof *l.menus);
	l.load.p = policy_new(diags);
	if (found && trust == TRUST_ROOT)
		found = are_trusted(&set, paths, diags);
	l.load.reading = reading_start(&set, paths, diags, &how);
	if (l.load.reading == NULL || l.menus == NULL || l.load.p == NULL)
		load_no_memory(&l.load);
	else
		l.menus->texts = l.load.p;
	for (uint32_t i = 0; found && diags_errors(diags) == 0 && i < set.n; i++)
		read_file(&l);
	reading_done(l.load.reading);
	set_done(&set);
	if (l.menus == NULL)
		policy_free(l.load.p);
	if (l.menus != NULL && diags_errors(diags) == 0)
		return l.menus;
	menus_free(l.menus);
	return NULL;
}

void menus_free(struct menus *menus)
{
	if (menus == NULL)
		return;
	policy_free(menus->texts);
	free(menus->all.at);
	free(menus->arguments.at);
	free(menus->words.at);
	free(menus);
}

const struct menu *menus_find(const struct menus *menus, const char *name)
{
	for (uint32_t i = 0; i < menus->all.n; i++)
		if (strcmp(menu_text(menus, menus->all.at[i].name), name) == 0)
			return &menus->all.at[i];
	return NULL;
}

bool menu_usable(const struct menus *menus, const struct menu *menu)
{
	return menu->needs == 0 || access(menu_text(menus, menu->needs), F_OK) == 0;
}
