/*
 * Loads a policy and prints its diagnostics: the driver of the golden tests, independent of the
 * tool. `--lint` looks for what is surely a mistake, too, as of 2026-12-01. `--threads N BYTES`
 * parses with so many threads, in pieces of so many bytes. Exit 0: loaded, 2: errors.
 */
#include "lang/lint.h"
#include "lang/reading.h"

#include <stdlib.h>

#define LINT_AT 1796083200

int main(int argc, char **argv)
{
	struct diags *diags = diags_new();
	bool lint = argc > 1 && strcmp(argv[1], "--lint") == 0;
	bool counted = argc > 3 && strcmp(argv[1], "--threads") == 0;
	struct load_how how = reading_how();
	int first = lint ? 2 : counted ? 4 : 1;
	struct policy *policy;

	if (counted)
		how = (struct load_how){ .threads = (unsigned)atoi(argv[2]),
			.piece = (size_t)atol(argv[3]) };
	if (diags == NULL || argc <= first)
		return 2;
	policy = policy_load_how(
		(const char *const *)argv + first, (size_t)(argc - first), diags, &how);
	if (lint && policy != NULL && !policy_lint(policy, LINT_AT, diags))
		return 2;
	diags_print(diags, stdout);
	diags_free(diags);
	if (policy == NULL)
		return 2;
	policy_free(policy);
	return 0;
}
