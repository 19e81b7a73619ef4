/* Telling what changes for people between two policies: for diff, and for whoever installs one. */
#ifndef ADPERM_CLI_DIFF_H
#define ADPERM_CLI_DIFF_H

#include "cli/json.h"
#include "lang/policy.h"

/* What there was to tell. */
struct diff_counts {
	size_t changes; /* permissions in places, those that changed alike as one */
	size_t people;
	size_t gained, lost, weaker; /* of the changes: so many gained, lost, or ask 2FA no more */
};

/*
 * Tells what changes from time `at` on: for people on stdout, or, with `json`, as an array called
 * `name`. What counts for nobody because people gave it back (`people`, a directory, may be NULL)
 * is marked. False: out of memory.
 */
bool diff_print(const struct policy *before, const struct policy *after, int64_t at,
	const char *people, struct json *json, const char *name, struct diff_counts *counts);

#endif
