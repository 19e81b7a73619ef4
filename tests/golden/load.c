/*
 * Loads a policy and prints its diagnostics: the driver of the golden tests, independent of the
 * tool. `--lint` looks for what is surely a mistake, too, as of 2026-12-01. Exit 0: loaded, 2:
 * errors.
 */
#include "lang/lint.h"

#define LINT_AT 1796083200

int main(int argc, char **argv)
{
	struct diags *diags = diags_new();
	bool lint = argc > 1 && strcmp(argv[1], "--lint") == 0;
	int first = lint ? 2 : 1;
	struct policy *policy;

	if (diags == NULL || argc <= first)
		return 2;
	policy = policy_load((const char *const *)argv + first, (size_t)(argc - first), diags);
	if (lint && policy != NULL && !policy_lint(policy, LINT_AT, diags))
		return 2;
	diags_print(diags, stdout);
	diags_free(diags);
	if (policy == NULL)
		return 2;
	policy_free(policy);
	return 0;
}
