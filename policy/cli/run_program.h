/* Another program, started without a shell, with an environment of its own, and what it says. */
#ifndef ADPERM_CLI_RUN_PROGRAM_H
#define ADPERM_CLI_RUN_PROGRAM_H

#include "base/buf.h"

enum {
	RUN_QUIET = 1,    /* what it says on stderr is thrown away; else it goes into `said`, too */
	RUN_TERMINAL = 2, /* stdin and stderr are ours; else stdin is /dev/null */
};

/*
 * argv[0] is a path. What it prints on stdout is added to `said`, of which the first 256 KiB are
 * kept; NUL-terminated behind its length. Its exit status, 128 + the signal that ended it, or a
 * negative errno if it could not be started.
 */
int run_program(const char *const argv[], int how, struct buf *said);
/* The same for a program that reads an open file, from where it stands, as its stdin. */
int run_program_fed(const char *const argv[], int in, int how, struct buf *said);

#endif
