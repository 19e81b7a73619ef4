/*
 * switch.conf: which sources of policy there are, in which order, and what each answer leads to.
 * The syntax and words are those of nsswitch.conf(5):
 *
 *	policy: db [notfound=continue] directory
 *
 * Unless told otherwise: success=return, notfound=continue, unavail=return, tryagain=return. An
 * absent file means "policy: db".
 */
#ifndef ADPERM_SWITCH_SWITCH_H
#define ADPERM_SWITCH_SWITCH_H

#include "base/file.h"

#define SWITCH_SOURCES  8
#define SWITCH_NAME_MAX 32

enum switch_status { STATUS_SUCCESS, STATUS_NOTFOUND, STATUS_UNAVAIL, STATUS_TRYAGAIN, STATUSES };

struct switch_entry {
	char name[SWITCH_NAME_MAX + 1];
	bool proceed[STATUSES]; /* with the next source after that status */
};

struct switch_conf {
	struct switch_entry entry[SWITCH_SOURCES];
	unsigned n;
};

/* Where and why a file is not understood. */
struct switch_error {
	unsigned line;
	const char *what;
};

/* Parses the text of such a file; false with *error set. */
bool switch_parse(struct slice text, struct switch_conf *conf, struct switch_error *error);

/* Reads the file. 0; -EINVAL: *error says what is wrong with the text; or why it cannot be read. */
int switch_read(
	const char *path, enum trust trust, struct switch_conf *conf, struct switch_error *error);

#endif
