/*
 * What is legal in a policy and surely a mistake. Said by `adperm lint` and before installing; not
 * by a compile, whose diagnostics do not depend on the time.
 */
#ifndef ADPERM_LANG_LINT_H
#define ADPERM_LANG_LINT_H

#include "lang/policy.h"

/* Reports to `diags`, the policy's own. `now` judges what has expired. False: out of memory. */
bool policy_lint(const struct policy *p, int64_t now, struct diags *diags);

/* The part about second factors that come and go (lint_flags.c). */
bool lint_flags(const struct policy *p, int64_t now, struct diags *diags);

/* Does every network of `inner` lie within one of `outer`? */
bool lint_nets_within(const struct policy *p, struct span inner, struct span outer);

/* Have two lists of networks an address in common? No list at all is every address. */
bool lint_nets_meet(const struct policy *p, struct span a, struct span b);

#endif
