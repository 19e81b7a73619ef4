/*
 * menu-http show | retention NUMBER | default on|off: the default site of the web servers that
 * Debian packages, and how many old logs logrotate(8) keeps of them.
 */
#include "base/buf.h"
#include "base/file.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONFIG_MAX 65536

enum { OK = 0, FAILED = 2 };

static const struct server {
	const char *name, *logrotate;
	const char *site, *available; /* the link, and what it leads to */
	const char *program, *option; /* makes it read its configuration again */
} servers[] = {
	{ "nginx", "/etc/logrotate.d/nginx", "/etc/nginx/sites-enabled/default",
		"/etc/nginx/sites-available/default", "/usr/sbin/nginx", "-sreload" },
	{ "apache2", "/etc/logrotate.d/apache2", "/etc/apache2/sites-enabled/000-default.conf",
		"/etc/apache2/sites-available/000-default.conf", "/usr/sbin/apache2ctl",
		"graceful" },
};

#define SERVERS (sizeof servers / sizeof servers[0])

static struct slice read_config(const struct server *server)
{
	static uint8_t text[CONFIG_MAX];
	size_t len = 0;
	int ret = file_read(server->logrotate, TRUST_ROOT, text, sizeof text - 1, &len);

	if (ret != 0)
		errx(FAILED, "%s: %s", server->logrotate,
			ret == -EPERM ? "it, or a directory above it, is not root's alone"
				      : strerror(-ret));
	return slice_of(text, len);
}

/* The digits behind the word "rotate", where it begins a line; false: there are none further on. */
static bool next_rotate(struct slice text, size_t *at, size_t *len)
{
	static const char word[] = "rotate ";
	size_t i = *at;

	while (i < text.len) {
		while (i < text.len && (text.at[i] == ' ' || text.at[i] == '\t'))
			i++;
		if (text.len - i > sizeof word - 1 &&
			memcmp(text.at + i, word, sizeof word - 1) == 0) {
			*at = i + sizeof word - 1;
			*len = strspn((const char *)text.at + *at, "0123456789");
			if (*len > 0)
				return true;
		}
		while (i < text.len && text.at[i] != '\n')
			i++;
		i++;
	}
	return false;
}

static void show(const struct server *server)
{
	struct slice text = read_config(server);
	size_t at = 0, len = 0;

	printf("%s: the default site is %s; ", server->name,
		access(server->site, F_OK) == 0 ? "on" : "off");
	if (next_rotate(text, &at, &len))
		printf("%.*s old logs are kept\n", (int)len, (const char *)text.at + at);
	else
		puts("how many old logs are kept is not said in its own file");
}

static void set_retention(const struct server *server, const char *number)
{
	struct slice text = read_config(server);
	struct buf out = { .at = NULL };
	size_t at = 0, done = 0, len;
	int ret;

	while (next_rotate(text, &at, &len)) {
		buf_bytes(&out, text.at + done, at - done);
		buf_bytes(&out, number, strlen(number));
		done = at += len;
	}
	buf_bytes(&out, text.at + done, text.len - done);
	if (out.failed)
		errx(FAILED, "out of memory");
	ret = file_write(server->logrotate, 0644, buf_slice(&out));
	buf_done(&out);
	if (ret != 0)
		errx(FAILED, "%s: %s", server->logrotate, strerror(-ret));
	printf("%s: %s old logs are kept\n", server->name, number);
}

static void reload(const struct server *server)
{
	int status = -1;
	pid_t child;

	if (access(server->program, X_OK) != 0)
		return;
	child = fork();
	if (child == 0) {
		execl(server->program, server->program, server->option, (char *)NULL);
		_exit(FAILED);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	if (status != 0)
		printf("%s did not read its configuration again: it will at its next start\n",
			server->name);
}

static void set_default(const struct server *server, const char *word)
{
	bool on = strcmp(word, "on") == 0;
	struct stat state;
	int ret;

	if (lstat(server->site, &state) == 0 && !S_ISLNK(state.st_mode))
		errx(FAILED, "%s is no link, so nobody but you should take it away", server->site);
	ret = on ? symlink(server->available, server->site) : unlink(server->site);

	if (ret != 0 && errno != (on ? EEXIST : ENOENT))
		err(FAILED, "%s", server->site);
	if (ret == 0)
		reload(server);
	printf("%s: the default site is %s\n", server->name, on ? "on" : "off");
}

static bool is_number(const char *text)
{
	size_t len = strlen(text);

	return len > 0 && len < 5 && strspn(text, "0123456789") == len;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "", *value = argc == 3 ? argv[2] : "";
	unsigned found = 0;

	for (size_t i = 0; i < SERVERS; i++) {
		if (access(servers[i].logrotate, F_OK) != 0)
			continue;
		found++;
		if (strcmp(verb, "show") == 0 && argc == 2)
			show(&servers[i]);
		else if (strcmp(verb, "retention") == 0 && is_number(value))
			set_retention(&servers[i], value);
		else if (strcmp(verb, "default") == 0 &&
			 (strcmp(value, "on") == 0 || strcmp(value, "off") == 0))
			set_default(&servers[i], value);
		else
			errx(FAILED, "usage: menu-http show|{retention NUMBER}|{default on|off}");
	}
	if (found == 0)
		errx(FAILED, "neither nginx nor apache2 is installed here");
	return fflush(stdout) == 0 ? OK : FAILED;
}
