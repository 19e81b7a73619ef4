/*
 * A change of one configuration file that is to be shown before it is made: what the file is, what
 * it shall be. Carried out atomically, with a dated copy of what was, and only if the file is still
 * what it was when the change was planned.
 */
#ifndef ADPERM_WIRING_CHANGE_H
#define ADPERM_WIRING_CHANGE_H

#include "base/buf.h"

#include <limits.h>
#include <stdio.h>
#include <sys/types.h>

#define CHANGE_FILE_MAX 1048576 /* bytes of a file that is changed */

struct change {
	char path[PATH_MAX];
	bool was;    /* there is a file */
	bool is;     /* there shall be one */
	mode_t mode; /* of the new one: that of the old one, or 0644 */
	struct buf before, after;
};

/*
 * Reads what is there; `after` is left empty, to be filled, and `is` false. A path that is not
 * there is fine. 0, -EPERM: it, or a directory above it, is not root's alone; -EFBIG; -ELOOP: it is
 * a symbolic link; or another negative errno.
 */
int change_plan(struct change *change, const char *path);
void change_done(struct change *change);

/* Does it change anything? */
bool change_matters(const struct change *change);

/*
 * The lines that go and come, as a unified diff (diff(1)) with a few lines around them, in colour
 * on a terminal that likes it. Other bytes than printable ASCII are escaped.
 */
void change_show(const struct change *change, FILE *out);

/* KEEP/NAME.DATE: where the copy of what was shall be; "" if nothing was. 0 or -ENAMETOOLONG. */
int change_copy_path(
	const struct change *change, const char *keep, int64_t now, char copy[static PATH_MAX]);

/*
 * Keeps what was under that name, unless it is "", and does it. -ESTALE: the file is no more what
 * was planned with, nothing was done.
 */
int change_carry_out(const struct change *change, const char *copy);
/* Puts back what was. */
int change_take_back(const struct change *change);

#endif
