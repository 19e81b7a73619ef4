/* Files, lines and texts for the fuzzing targets; see fuzz.h. */
#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[64];

/* The processes that libFuzzer and a target fork leave it alone. */
static pid_t owner;

static void remove_directory(void)
{
	DIR *dir = getpid() == owner ? opendir(directory) : NULL;

	if (dir == NULL)
		return;
	for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir))
		unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	rmdir(directory);
}

static bool make_directory(const char *below)
{
	if (directory[0] != '\0')
		return true;
	snprintf(directory, sizeof directory, "%s/adperm-fuzz.XXXXXX", below);
	if (mkdtemp(directory) == NULL)
		return false;
	owner = getpid();
	atexit(remove_directory);
	return true;
}

bool fuzz_trusted(void)
{
	return geteuid() == 0 && make_directory("/run") && chmod(directory, 0755) == 0;
}

const char *fuzz_path(const char *name)
{
	static char paths[4][128];
	static unsigned next;
	char *path = paths[next++ % 4];

	must(make_directory(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"));
	snprintf(path, sizeof paths[0], "%s/%s", directory, name);
	return path;
}

const char *fuzz_file(const char *name, const uint8_t *data, size_t size)
{
	const char *path = fuzz_path(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	close(fd);
	return path;
}

void fuzz_print(struct diags *diags)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	must(out != NULL);
	diags_print(diags, out);
	fclose(out);
	for (size_t i = 0; i < len; i++)
		must((text[i] >= ' ' && text[i] <= '~') || text[i] == '\n');
	free(text);
}

struct slice fuzz_line(struct slice *rest)
{
	const uint8_t *end = rest->len > 0 ? memchr(rest->at, '\n', rest->len) : NULL;
	struct slice line = *rest;

	if (end == NULL) {
		*rest = slice_of(rest->at, 0);
		return line;
	}
	line.len = (size_t)(end - rest->at);
	*rest = slice_of(end + 1, rest->len - line.len - 1);
	return line;
}

void fuzz_text(struct slice bytes, char *out, size_t room)
{
	size_t len = bytes.len < room ? bytes.len : room - 1;

	if (len > 0)
		memcpy(out, bytes.at, len);
	out[len] = '\0';
}
