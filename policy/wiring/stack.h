/*
 * A file of /etc/pam.d, read as libpam reads it: pam.d(5), Linux-PAM 1.5. What is unusual enough
 * that libpam and we might read it differently is an error, because such a file is neither edited
 * nor vouched for.
 */
#ifndef ADPERM_WIRING_STACK_H
#define ADPERM_WIRING_STACK_H

#include "base/slice.h"

#define STACK_FILE_MAX 65536 /* bytes of a file */
#define STACK_LINE_MAX 1000  /* of a line with its continuations: libpam's buffer has 1024 */

enum stack_type { STACK_AUTH, STACK_ACCOUNT, STACK_PASSWORD, STACK_SESSION, STACK_INCLUDE };

struct stack_line {
	enum stack_type type;
	bool quiet;             /* "-auth": a missing module is not logged */
	uint32_t line;          /* from 1, where it begins */
	size_t from;            /* of its bytes in the file; ... */
	size_t to;              /* ... behind its newline */
	struct slice control;   /* "required", "[success=1 default=ignore]" */
	struct slice module;    /* STACK_INCLUDE: the name of the other file */
	struct slice arguments; /* "" or all of them, as written */
};

struct stack {
	char *text; /* a copy of the file, continuations joined; the slices point into it */
	struct stack_line *lines;
	size_t n;
};

/*
 * 0, -ENOMEM, or -EBADMSG with *line (from 1) and *why (static) told. stack_done() in any case.
 */
int stack_parse(struct slice file, struct stack *stack, uint32_t *line, const char **why);
void stack_done(struct stack *stack);

/*
 * What a module's result does at this line: the action of a control word or bracket for a value
 * ("success", "ignore", "module_unknown", ...), as pam.d(5) defines the words. Empty: nothing is
 * said of it, which libpam takes for "bad".
 */
struct slice stack_action(const struct stack_line *line, const char *value);

/* Is this the module of that name, by whatever path? */
bool stack_is_module(const struct stack_line *line, const char *name);

/* Does it stand for the lines of another file, by whatever word? *name: of that file. */
bool stack_includes(const struct stack_line *line, struct slice *name);

/* Takes the next argument from the front of *rest; false: there is none. A bracketed one is given
 * without its brackets. */
bool stack_next_argument(struct slice *rest, struct slice *argument);
bool stack_has_argument(const struct stack_line *line, const char *argument);

#endif
