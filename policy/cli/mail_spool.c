/* Where mail waits; see mail_spool.h. */
#include "cli/mail_spool.h"

#include "base/file.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define HEAD     "adperm-mail 1\nto "
#define SUBJECT  "\nsubject "
#define HEAD_MAX (sizeof HEAD + EMAIL_MAX + sizeof SUBJECT + MAIL_SUBJECT_MAX + 2)
#define SUFFIX   ".mail"

int spool_put(const struct private_dir *spool, const char *to, const char *subject,
	struct slice message, char name[static SPOOL_NAME])
{
	char path[PATH_MAX];
	struct timespec now;
	struct buf all = { .at = NULL };
	int ret = -ENOMEM;

	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(name, SPOOL_NAME, "%011lld.%09ld-%ld" SUFFIX, (long long)now.tv_sec, now.tv_nsec,
		(long)getpid());
	if (snprintf(path, sizeof path, "%s/%s", spool->path, name) >= (int)sizeof path)
		return -ENAMETOOLONG;
	buf_bytes(&all, HEAD, sizeof HEAD - 1);
	buf_bytes(&all, to, strlen(to));
	buf_bytes(&all, SUBJECT, sizeof SUBJECT - 1);
	buf_bytes(&all, subject, strlen(subject));
	buf_bytes(&all, "\n\n", 2);
	buf_bytes(&all, message.at, message.len);
	if (!all.failed)
		ret = file_write(path, 0600, buf_slice(&all));
	buf_done(&all);
	return ret;
}

/* Takes what stands between the words `before` and `end`. */
static bool take(char **rest, const char *before, const char *end, char *out, size_t room)
{
	size_t len = strlen(before);
	char *stop;

	if (strncmp(*rest, before, len) != 0)
		return false;
	*rest += len;
	stop = strstr(*rest, end);
	if (stop == NULL || (size_t)(stop - *rest) >= room)
		return false;
	memcpy(out, *rest, (size_t)(stop - *rest));
	out[stop - *rest] = '\0';
	*rest = stop;
	return true;
}

static int read_head(struct spooled *mail)
{
	char head[HEAD_MAX + 1], *rest = head;
	ssize_t len = pread(mail->fd, head, HEAD_MAX, 0);

	if (len < 0)
		return -errno;
	head[len] = '\0';
	if (!take(&rest, HEAD, "\n", mail->to, sizeof mail->to) ||
		!take(&rest, SUBJECT, "\n", mail->subject, sizeof mail->subject) ||
		strncmp(rest, "\n\n", 2) != 0 || !name_is_email(slice_str(mail->to)))
		return -EBADMSG;
	return lseek(mail->fd, rest + 2 - head, SEEK_SET) < 0 ? -errno : 0;
}

int spool_open(const struct private_dir *spool, const char *name, struct spooled *out)
{
	struct stat state;
	int ret;

	out->fd = -1;
	out->since = strtoll(name, NULL, 10);
	if (snprintf(out->path, sizeof out->path, "%s/%s", spool->path, name) >=
		(int)sizeof out->path)
		return -ENAMETOOLONG;
	ret = file_open(out->path, TRUST_ROOT, &out->fd, &state);
	if (ret == 0)
		ret = read_head(out);
	if (ret != 0 && out->fd >= 0) {
		close(out->fd);
		out->fd = -1;
	}
	return ret;
}

int spool_close(struct spooled *mail, bool keep)
{
	close(mail->fd);
	return keep ? 0 : file_remove(mail->path);
}

static int is_mail(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name), end = strlen(SUFFIX);

	return isdigit((unsigned char)entry->d_name[0]) && len > end &&
	       strcmp(entry->d_name + len - end, SUFFIX) == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int spool_list(const struct private_dir *spool, struct dirent ***entries)
{
	int n = scandir(spool->path, entries, is_mail, by_name);

	return n < 0 ? -errno : n;
}

void spool_list_free(struct dirent **entries, int n)
{
	for (int i = 0; i < n; i++)
		free(entries[i]);
	if (n >= 0)
		free(entries);
}
