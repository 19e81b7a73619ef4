/*
 * What is wrong with a PAM stack that asks adperm: who could get past it, and where a first factor
 * or a line is missing. For whoever looks at what is there (doctor) or is about to rely on it
 * (apply).
 */
#ifndef ADPERM_CLI_STACK_LINT_H
#define ADPERM_CLI_STACK_LINT_H

#include "wiring/weigh.h"

/* Told of each finding; grave: somebody gets in who should not. `advice` says what to do. */
typedef void stack_found(void *context, bool grave, const char *advice, const char *finding);

/* `etc` is the directory of pam.d. True: there is nothing grave. */
bool stack_lint(const struct stacks *stacks, const char *etc, const char *break_glass,
	stack_found *found, void *context);

/* The finding that stacks_read() has failed so. */
void stack_lint_unread(const struct stacks *stacks, int error, stack_found *found, void *context);

#endif
