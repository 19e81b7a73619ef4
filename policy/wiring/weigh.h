/*
 * Whether a PAM stack lets in somebody whom our module refuses. The whole stack of a service is
 * read as libpam reads it, with what it includes, and every course that it could take is followed:
 * each other module may return whatever it likes, ours and pam_deny(8) refuse or are missing.
 */
#ifndef ADPERM_WIRING_WEIGH_H
#define ADPERM_WIRING_WEIGH_H

#include "wiring/stack.h"

#include <limits.h>

#define WEIGH_MODULE     "pam_adperm.so"
#define WEIGH_FILES_MAX  32
#define WEIGH_LINES_MAX  128 /* of one phase */
#define WEIGH_LEVELS_MAX 16  /* as in libpam */

/* The files of one service. */
struct stacks {
	const char *directory;
	struct stacks_file {
		char name[NAME_MAX + 1];
		struct stack stack;
	} files[WEIGH_FILES_MAX];
	size_t n;
	/* What is wrong if stacks_read() says -EBADMSG, or which file if another error. */
	char bad_file[NAME_MAX + 1];
	uint32_t bad_line;
	const char *why;
};

/*
 * Reads DIRECTORY/SERVICE and all that it includes. 0, or a negative errno: -EBADMSG a file that
 * cannot be understood, -EPERM one that is not root's alone, -ENOENT one that is missing, -E2BIG
 * too many. stacks_done() in any case.
 */
int stacks_read(struct stacks *stacks, const char *directory, const char *service);
void stacks_done(struct stacks *stacks);

/* Has the service's own file, not what it includes, a line of our module? */
bool stacks_ask(const struct stacks *stacks);

struct weighed {
	unsigned asked; /* lines of our module in that phase */
	bool escapes;   /* it can succeed although we refuse */
	const char *file;
	uint32_t line; /* of the module that then lets in */
};

/*
 * Weighs one phase: STACK_AUTH, STACK_ACCOUNT or STACK_SESSION. A line
 * "[success=1 default=ignore] pam_succeed_if.so quiet user = NAME" does not hold, for a name that
 * is not `break_glass` it may. False: the phase has more lines than we look at.
 */
bool stacks_weigh(const struct stacks *stacks, enum stack_type phase, const char *break_glass,
	struct weighed *out);

/*
 * Our line with first_factor=stack counts on the modules before it, and cannot see whether they
 * refused. True if it is reached although all of them refuse, so that a code alone would let in;
 * *out tells which line that is.
 */
bool stacks_lack_first_factor(const struct stacks *stacks, struct weighed *out);

#endif
