/*
 * Where mail waits until the mail system takes it: a directory of root's, mode 0700, one file a
 * message, named by the time it came. Everything returns 0 or a negative errno. A file is
 *
 *	adperm-mail 1
 *	to EMAIL
 *	subject TEXT
 *
 * and, behind that empty line, the message. Whoever hands one over holds the lock of the directory,
 *so that none is handed over twice.
 */
#ifndef ADPERM_CLI_MAIL_SPOOL_H
#define ADPERM_CLI_MAIL_SPOOL_H

#include "base/slice.h"
#include "cli/mail.h"
#include "cli/private_dir.h"
#include "model/names.h"

#include <dirent.h>
#include <limits.h>

#define SPOOL_NAME 64

/* Keeps a message, for good when it returns; gives its name. */
int spool_put(const struct private_dir *spool, const char *to, const char *subject,
	struct slice message, char name[static SPOOL_NAME]);

struct spooled {
	char path[PATH_MAX];
	char to[EMAIL_MAX + 1], subject[MAIL_SUBJECT_MAX + 1];
	int64_t since; /* seconds since 1970, when it came */
	int fd;        /* stands at the message */
};

/* -EBADMSG: it is no such file. */
int spool_open(const struct private_dir *spool, const char *name, struct spooled *out);
/* Closes it, and takes it away unless it is to be kept. */
int spool_close(struct spooled *mail, bool keep);

/* All, oldest first, allocated; how many. */
int spool_list(const struct private_dir *spool, struct dirent ***entries);
void spool_list_free(struct dirent **entries, int n);

#endif
