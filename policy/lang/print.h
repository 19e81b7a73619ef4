/* A policy as canonical YAML: one text for all ways of writing the same. */
#ifndef ADPERM_LANG_PRINT_H
#define ADPERM_LANG_PRINT_H

#include "lang/policy.h"
#include <stdio.h>

/*
 * Prints everything that a policy says, in the order in which it says it, owners with all that is
 * theirs in one place. Comments are not kept. Loading the text gives the same verdicts, and
 * printing that again the same text. False: out of memory; whether it could be written is for the
 * caller to ask of `out`.
 */
bool policy_print(const struct policy *p, FILE *out);

/* The values of a grant's `expires` and `grace`, which it has, as they are written. */
#define PRINT_GRACE_SIZE 12
void print_expires(const struct grant_terms *terms, char out[static WHEN_SIZE]);
void print_grace(const struct grant_terms *terms, char out[static PRINT_GRACE_SIZE]);

#endif
