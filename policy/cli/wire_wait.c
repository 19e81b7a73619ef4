/* A wiring that is taken back unless somebody who has logged in since confirms it; see wire.h. */
#include "cli/wire.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#define HEADER     "adperm-wiring-confirm 1\n"
#define NAME       "confirm"
#define TERM_LINES 4
#define TEXT_MAX   65536

int wiring_lock(const char *directory)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	close(fd);
	return -EWOULDBLOCK;
}

static int path_of(const char *directory, char out[static PATH_MAX])
{
	return (size_t)snprintf(out, PATH_MAX, "%s/" NAME, directory) < PATH_MAX ? 0
										 : -ENAMETOOLONG;
}

static void put(struct buf *b, const char *text)
{
	buf_bytes(b, text, strlen(text));
}

int wiring_wait_write(const char *directory, const struct wiring_wait *wait)
{
	struct buf b = { .at = NULL };
	char path[PATH_MAX], term[TERM_TEXT];
	int ret = path_of(directory, path);

	term_put(&wait->term, term);
	put(&b, HEADER "service ");
	put(&b, wait->service);
	put(&b, "\n");
	put(&b, term);
	for (size_t i = 0; i < wait->n; i++) {
		put(&b, wait->files[i].path);
		put(&b, "\t");
		put(&b, wait->files[i].copy);
		put(&b, "\n");
	}
	if (ret == 0)
		ret = b.failed ? -ENOMEM : file_write(path, 0644, buf_slice(&b));
	buf_done(&b);
	return ret;
}

int wiring_wait_remove(const char *directory)
{
	char path[PATH_MAX];
	int ret = path_of(directory, path);

	return ret == 0 ? file_remove(path) : ret;
}

/* --- reading it back */

/* Cuts the first n lines off; NULL: there are not as many. */
static char *cut_lines(char **rest, unsigned n)
{
	char *lines = *rest, *end = *rest;

	while (n-- > 0) {
		end = strchr(end, '\n');
		if (end == NULL)
			return NULL;
		end++;
	}
	*rest = end;
	return lines;
}

static bool take_file(char *line, struct wiring_wait_file *file)
{
	const char *path = strsep(&line, "\t"), *copy = line;

	if (copy == NULL || path[0] != '/' || (copy[0] != '/' && copy[0] != '\0') ||
		strchr(copy, '\t') != NULL || strlen(path) >= PATH_MAX || strlen(copy) >= PATH_MAX)
		return false;
	memcpy(file->path, path, strlen(path) + 1);
	memcpy(file->copy, copy, strlen(copy) + 1);
	return true;
}

static bool take_wait(char *text, struct wiring_wait *wait)
{
	char term[TERM_TEXT], *rest = text, *lines, *line;

	if (strncmp(text, HEADER "service ", strlen(HEADER "service ")) != 0)
		return false;
	rest += strlen(HEADER "service ");
	lines = cut_lines(&rest, 1);
	if (lines == NULL || (size_t)(rest - lines) > sizeof wait->service)
		return false;
	memcpy(wait->service, lines, (size_t)(rest - lines));
	wait->service[rest - lines - 1] = '\0';
	lines = cut_lines(&rest, TERM_LINES);
	if (lines == NULL || (size_t)(rest - lines) >= sizeof term)
		return false;
	memcpy(term, lines, (size_t)(rest - lines));
	term[rest - lines] = '\0';
	if (!term_take(term, &wait->term))
		return false;
	while ((line = strsep(&rest, "\n")) != NULL && rest != NULL)
		if (wait->n == WIRING_WAIT_FILES || !take_file(line, &wait->files[wait->n++]))
			return false;
	return line != NULL && line[0] == '\0';
}

int wiring_wait_read(const char *directory, struct wiring_wait *wait)
{
	char path[PATH_MAX], *text = malloc(TEXT_MAX + 1);
	size_t len = 0;
	int ret = text != NULL ? path_of(directory, path) : -ENOMEM;

	*wait = (struct wiring_wait){ .n = 0 };
	if (ret == 0)
		ret = file_read(path, TRUST_ROOT, text, TEXT_MAX, &len);
	if (ret == 0) {
		text[len] = '\0';
		ret = strlen(text) == len && take_wait(text, wait) ? 0 : -EBADMSG;
	}
	free(text);
	return ret;
}

/* --- taking it back */

static int put_back(const struct wiring_wait_file *file)
{
	struct change change, copy;
	int ret = change_plan(&change, file->path);

	if (ret == 0 && file->copy[0] != '\0') {
		ret = change_plan(&copy, file->copy);
		if (ret == 0 && !copy.was)
			ret = -ENOENT;
		if (ret == 0) {
			change.is = true;
			change.mode = copy.mode;
			buf_bytes(&change.after, copy.before.at, copy.before.len);
		}
		change_done(&copy);
	}
	if (ret == 0 && change.after.failed)
		ret = -ENOMEM;
	if (ret == 0 && change_matters(&change))
		ret = change_carry_out(&change, "");
	change_done(&change);
	return ret;
}

/* The last was what makes the service ask, and is the first to go back. */
int wiring_take_back(const char *directory, const struct wiring_wait *wait, const char *pid_file)
{
	const struct service *service = service_find(wait->service);
	bool running;
	int ret = 0;

	for (size_t i = wait->n; i-- > 0;) {
		int one = put_back(&wait->files[i]);

		if (one != 0)
			complain("%s: cannot be put back as it was before `adperm wire %s`: %s",
				wait->files[i].path, wait->service, strerror(-one));
		ret = ret == 0 ? one : ret;
	}
	if (service != NULL && service_tells_sshd(service) && !wire_reload_sshd(pid_file, &running))
		complain("sshd could not be told to read its configuration: %s", strerror(errno));
	return ret == 0 ? wiring_wait_remove(directory) : ret;
}

int wiring_expire(const char *directory, const char *pid_file, char service[static WIRING_SERVICE])
{
	struct wiring_wait wait;
	struct moment now;
	int ret = wiring_wait_read(directory, &wait);

	service[0] = '\0';
	if (ret == -ENOENT)
		return 0;
	if (ret == 0)
		ret = moment_now(&now);
	if (ret != 0 || !term_is_over(&wait.term, &now))
		return ret;
	ret = wiring_take_back(directory, &wait, pid_file);
	if (ret == 0)
		memcpy(service, wait.service, sizeof wait.service);
	return ret;
}
