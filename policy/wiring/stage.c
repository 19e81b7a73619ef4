/* Stacks to be tried; see stage.h. */
#include "wiring/stage.h"

#include "wiring/weigh.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- the directory */

int stage_make(const char *directory)
{
	stage_remove(directory);
	return mkdir(directory, 0700) == 0 ? 0 : -errno;
}

static int path_of(const char *directory, const char *name, char out[static PATH_MAX])
{
	return snprintf(out, PATH_MAX, "%s/%s", directory, name) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

int stage_put(const char *directory, const char *name, struct slice text)
{
	char path[PATH_MAX];
	int fd, ret = path_of(directory, name, path);

	if (ret != 0)
		return ret;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	while (ret == 0 && text.len > 0) {
		ssize_t put = write(fd, text.at, text.len);

		if (put < 0 && errno != EINTR)
			ret = -errno;
		else if (put > 0)
			text = slice_of(text.at + put, text.len - (size_t)put);
	}
	close(fd);
	return ret;
}

void stage_remove(const char *directory)
{
	char path[PATH_MAX];
	const struct dirent *entry;
	DIR *dir = opendir(directory);

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.' && path_of(directory, entry->d_name, path) == 0)
			unlink(path);
	closedir(dir);
	rmdir(directory);
}

/* --- the lines */

/* What means something to libpam inside of a word is not worth escaping. */
static bool is_plain(const char *path)
{
	for (; *path != '\0'; path++)
		if (*path <= ' ' || *path >= 0x7f || strchr("#[]\\", *path) != NULL)
			return false;
	return true;
}

static bool is_option(struct slice argument, const char *name)
{
	size_t len = strlen(name);

	return argument.len >= len && memcmp(argument.at, name, len) == 0;
}

static void add(struct buf *out, const char *text)
{
	buf_bytes(out, text, strlen(text));
}

/* The arguments of a line of ours, each behind a blank, and then those of a rehearsal. */
static void add_arguments(
	struct buf *out, const struct stack_line *line, const char *db, const char *people)
{
	struct slice rest = line->arguments, argument;

	while (stack_next_argument(&rest, &argument)) {
		bool bracket = argument.at > line->arguments.at && argument.at[-1] == '[';

		if (is_option(argument, "db=") ||
			(people != NULL && is_option(argument, "people=")))
			continue;
		add(out, bracket ? " [" : " ");
		buf_bytes(out, argument.at, argument.len);
		add(out, bracket ? "]" : "");
	}
	add(out, " rehearsal db=");
	add(out, db);
	if (people != NULL) {
		add(out, " people=");
		add(out, people);
	}
}

bool stage_rehearsal(struct buf *out, const struct stack *stack, const char *db, const char *people)
{
	const char *at = stack->text;
	size_t end = stack->n > 0 ? stack->lines[stack->n - 1].to : 0;

	if (!is_plain(db) || (people != NULL && !is_plain(people)))
		return false;
	for (size_t i = 0; i < stack->n; i++) {
		const struct stack_line *line = &stack->lines[i];
		const char *module = (const char *)line->module.at + line->module.len;
		size_t before;

		if (!stack_is_module(line, WEIGH_MODULE))
			continue;
		buf_bytes(out, at, (size_t)(module - at));
		before = out->len - (size_t)(module - (stack->text + line->from));
		add_arguments(out, line, db, people);
		if (out->len - before > STACK_LINE_MAX)
			return false;
		add(out, "\n");
		at = stack->text + line->to;
	}
	buf_bytes(out, at, end - (size_t)(at - stack->text));
	return !out->failed;
}
