/* Finds and opens policy files; see set.h. Nothing here follows a symbolic link or waits for one.
 */
#include "lang/set.h"

#include "lang/input.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool report(struct diags *d, const char *path, enum diag_id id, const char *words)
{
	return diag(d, (struct mark){ diags_file(d, path), 0, 0 }, id, "%s", words);
}

static const char *kind_words(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFLNK: return "this is a symbolic link: name the file that it leads to";
	case S_IFIFO: return "this is a pipe, and not a file";
	case S_IFSOCK: return "this is a socket, and not a file";
	case S_IFDIR: return "this is a directory, and not a file";
	default: return "this is a device, and not a file";
	}
}

/* Opens without ever blocking, once it is known to be a file or (if wanted) a directory. */
static int open_kind(int dir, const char *path, bool may_be_dir, struct diags *d)
{
	struct stat state;
	int fd = -1;

	if (fstatat(dir, path, &state, AT_SYMLINK_NOFOLLOW) == 0) {
		if (!S_ISREG(state.st_mode) && !(may_be_dir && S_ISDIR(state.st_mode))) {
			report(d, path, DIAG_INPUT_KIND, kind_words(state.st_mode));
			return -1;
		}
		fd = openat(dir, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	}
	if (fd < 0 || fstat(fd, &state) < 0) {
		report(d, path, DIAG_INPUT_MISSING, strerror(errno));
	} else if (!S_ISREG(state.st_mode) && !(may_be_dir && S_ISDIR(state.st_mode))) {
		report(d, path, DIAG_INPUT_KIND, "this was replaced while it was opened");
	} else if (S_ISREG(state.st_mode) && (uint64_t)state.st_size > INPUT_MAX) {
		report(d, path, DIAG_INPUT_TOO_LARGE, "the file is larger than 256 MiB");
	} else {
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool add(struct set *set, uint32_t argument, bool inside, const char *name, struct diags *d)
{
	struct set_file *files = set->files;

	if (set->n == SET_MAX)
		return diag(d, (struct mark){ 0 }, DIAG_INPUT_TOO_MANY,
			"the policy has more than %d files", SET_MAX);
	if (set->n == set->cap) {
		set->cap = set->cap == 0 ? 16 : 2 * set->cap;
		files = realloc(files, set->cap * sizeof *files);
		if (files == NULL)
			return diag(d, (struct mark){ 0 }, DIAG_NO_MEMORY, "out of memory");
		set->files = files;
	}
	files[set->n] = (struct set_file){ argument, inside, strdup(name) };
	if (files[set->n].name == NULL)
		return diag(d, (struct mark){ 0 }, DIAG_NO_MEMORY, "out of memory");
	set->n++;
	return true;
}

/* Why a name in a directory is worth a warning although it is not read. */
static const struct leftover {
	const char *begin, *within, *end; /* NULL: anything */
	const char *why;
} leftovers[] = {
	{ ".", NULL, NULL, "files whose name begins with a dot are not read" },
	{ NULL, NULL, ".yml", "only *.yaml is read, not *.yml" },
	{ NULL, NULL, ".YAML", "only *.yaml is read, in lower case" },
	{ NULL, NULL, ".YML", "only *.yaml is read, in lower case" },
	{ "#", NULL, "#", "this is a backup of an editor, and not read" },
	{ NULL, NULL, "~", "this is a backup of an editor, and not read" },
	{ NULL, NULL, ".bak", "this is a backup, and not read" },
	{ NULL, NULL, ".orig", "this is a backup, and not read" },
	{ NULL, NULL, ".old", "this is a backup, and not read" },
	{ NULL, NULL, ".save", "this is a backup of an editor, and not read" },
	{ NULL, NULL, ".rej", "this was left by patch(1), and is not read" },
	{ NULL, NULL, ".swp", "this is a file of an editor, and not read" },
	{ NULL, ".rpm", NULL, "this was left by a package manager, and is not read" },
	{ NULL, ".dpkg-", NULL, "this was left by a package manager, and is not read" },
	{ NULL, ".ucf-", NULL, "this was left by a package manager, and is not read" },
};

static bool ends_in(const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);

	return len > end_len && strcmp(name + len - end_len, end) == 0;
}

static bool is_policy_file(const char *name)
{
	return name[0] != '.' && ends_in(name, ".yaml");
}

static const char *skip_words(int dir, const char *name)
{
	struct stat state;

	for (size_t i = 0; i < sizeof leftovers / sizeof leftovers[0]; i++) {
		const struct leftover *left = &leftovers[i];

		if ((left->begin == NULL || strncmp(name, left->begin, strlen(left->begin)) == 0) &&
			(left->within == NULL || strstr(name, left->within) != NULL) &&
			(left->end == NULL || ends_in(name, left->end)))
			return left->why;
	}
	if (fstatat(dir, name, &state, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(state.st_mode))
		return "subdirectories are not read";
	return NULL;
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool judge_name(
	struct set *set, uint32_t argument, int dir, const char *name, struct diags *d)
{
	struct stat state;
	const char *why;

	if (is_policy_file(name)) {
		if (fstatat(dir, name, &state, AT_SYMLINK_NOFOLLOW) == 0)
			set->bytes += (uint64_t)state.st_size;
		return add(set, argument, true, name, d);
	}
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return true;
	why = skip_words(dir, name);
	if (why != NULL)
		report(d, name, DIAG_INPUT_SKIPPED, why);
	return true;
}

/* The policy files of a directory in byte order, and a warning for each that may be taken for one.
 */
static bool find_in(struct set *set, uint32_t argument, int dir, struct diags *d)
{
	struct dirent **entries;
	int n = scandirat(dir, ".", &entries, NULL, compare_names);
	bool good = true;

	if (n < 0)
		return diag(d, (struct mark){ 0 }, DIAG_INPUT_READ,
			"the directory cannot be read: %s", strerror(errno));
	for (int i = 0; i < n; i++) {
		good = good && judge_name(set, argument, dir, entries[i]->d_name, d);
		free(entries[i]);
	}
	free(entries);
	return good;
}

/* The path without slashes at its end, behind which a symbolic link would be followed. */
static bool plain_path(const char *path, char *out, size_t room, struct diags *d)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	if (len == 0 || len >= room)
		return report(d, path, DIAG_INPUT_MISSING,
			len == 0 ? "the path is empty" : "the path is too long");
	memcpy(out, path, len);
	out[len] = '\0';
	return true;
}

static bool find_path(struct set *set, uint32_t argument, const char *given, struct diags *d)
{
	char path[PATH_MAX];
	struct stat state;
	bool good = true;
	int fd;

	if (!plain_path(given, path, sizeof path, d))
		return false;
	fd = open_kind(AT_FDCWD, path, true, d);
	if (fd < 0)
		return false;
	if (fstat(fd, &state) == 0 && S_ISDIR(state.st_mode)) {
		good = find_in(set, argument, fd, d);
	} else {
		set->bytes += (uint64_t)state.st_size;
		good = add(set, argument, false,
			strrchr(path, '/') == NULL ? path : strrchr(path, '/') + 1, d);
	}
	close(fd);
	return good;
}

bool set_find(struct set *set, const char *const *paths, size_t n, struct diags *diags)
{
	bool good = true;

	*set = (struct set){ .files = NULL };
	for (size_t i = 0; i < n; i++)
		good = find_path(set, (uint32_t)i, paths[i], diags) && good;
	if (good && set->n == 0)
		return report(diags, n > 0 ? paths[0] : "", DIAG_INPUT_NONE,
			"no policy file (*.yaml) was found");
	return good;
}

void set_done(struct set *set)
{
	for (uint32_t i = 0; i < set->n; i++)
		free(set->files[i].name);
	free(set->files);
	*set = (struct set){ .files = NULL };
}

bool set_path(const struct set_file *file, const char *const *paths, char *out, size_t room)
{
	int len = snprintf(out, room, "%s%s%s", paths[file->argument], file->inside ? "/" : "",
		file->inside ? file->name : "");

	return len >= 0 && (size_t)len < room;
}

int set_open(const struct set_file *file, const char *const *paths, struct diags *diags)
{
	char path[PATH_MAX];
	struct stat state;
	int dir, fd;

	if (!plain_path(paths[file->argument], path, sizeof path, diags))
		return -1;
	dir = open_kind(AT_FDCWD, path, true, diags);
	if (dir < 0 || fstat(dir, &state) < 0 || !S_ISDIR(state.st_mode))
		return dir;
	fd = open_kind(dir, file->name, false, diags);
	close(dir);
	return fd;
}
