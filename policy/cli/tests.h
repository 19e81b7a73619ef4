/* Running the tests of a policy: for the command, and for whoever installs one. */
#ifndef ADPERM_CLI_TESTS_H
#define ADPERM_CLI_TESTS_H

#include "adperm.h"

#include <stdbool.h>
#include <stddef.h>

struct tests_outcome {
	size_t run, failed;
};

/*
 * Asks an open policy the questions of files, or of the *.yaml files of directories, and prints one
 * line a test and a summary; with `quiet` only what failed; with `json` an object. False: a file
 * could not be read, and the complaints are printed.
 */
bool tests_run(struct adperm *policy, const char *const *paths, size_t n, bool quiet, bool json,
	struct tests_outcome *outcome);

#endif
