/* Processes as /proc shows them; see process.h. */
#include "base/process.h"

#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define STAT_MAX 1024

/* Fields of /proc/PID/stat, counted from the one behind the name. */
#define FIELD_PARENT 1
#define FIELD_START  19

/* One decimal field of words that have a blank before each. */
static bool read_field(const char *words, unsigned field, uint64_t *out)
{
	const char *at = words;

	for (unsigned blanks = 0; blanks <= field; at++) {
		if (*at == '\0')
			return false;
		blanks += *at == ' ';
	}
	*out = 0;
	if (*at < '0' || *at > '9')
		return false;
	for (; *at >= '0' && *at <= '9'; at++)
		*out = *out * 10 + (uint64_t)(*at - '0');
	return *at == ' ' || *at == '\n';
}

static int read_stat(pid_t pid, char out[static STAT_MAX], size_t *size)
{
	char path[40];
	struct text t = text_over(path, sizeof path);
	ssize_t len;
	int fd, ret;

	text_add(&t, "/proc/");
	text_add_u64(&t, (uint64_t)pid);
	text_add(&t, "/stat");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	fd = file_above_standard(fd);
	if (fd < 0)
		return fd;
	len = pread(fd, out, STAT_MAX - 1, 0);
	ret = len < 0 ? -errno : 0;
	close(fd);
	if (ret != 0)
		return ret == -ESRCH ? -ENOENT : ret;
	out[len] = '\0';
	*size = (size_t)len;
	return 0;
}

int process_read(pid_t pid, struct process *out)
{
	char stat[STAT_MAX];
	const char *first;
	uint64_t parent;
	struct text name = text_over(out->name, sizeof out->name);
	size_t len = 0;
	int ret = read_stat(pid, stat, &len);

	if (ret != 0)
		return ret;
	/* The name stands between the first and the last parenthesis, and may hold more of them. */
	first = memchr(stat, '(', len);
	while (len > 0 && stat[len - 1] != ')')
		len--;
	if (first == NULL || stat + len <= first ||
		!read_field(stat + len, FIELD_PARENT, &parent) ||
		!read_field(stat + len, FIELD_START, &out->start))
		return -EBADMSG;
	stat[len - 1] = '\0';
	text_add(&name, first + 1);
	out->pid = pid;
	out->parent = (pid_t)parent;
	return 0;
}
