/*
 * Asking a policy the questions of test files, and telling how it went: for `test`, and for who
 * installs a policy.
 */
#ifndef ADPERM_CLI_TESTS_RUN_H
#define ADPERM_CLI_TESTS_RUN_H

#include "adperm.h"
#include "cli/json.h"

struct tests_outcome {
	size_t run, failed;
};

/*
 * Asks all questions of files, or of the *.yaml files of directories. Tells on stdout, one line a
 * test and a summary, quietly only those that failed; or, with `json`, as an object called `name`.
 * False: a file could not be read, nothing was asked, and the complaints are printed.
 */
bool tests_run(struct adperm *policy, const char *const *paths, size_t n, bool quiet,
	struct json *json, const char *name, struct tests_outcome *outcome);

#endif
