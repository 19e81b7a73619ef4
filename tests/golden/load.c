/*
 * Loads a policy and prints its diagnostics: the driver of the golden tests, independent of the
 * tool. Exit 0: loaded, 2: errors.
 */
#include "lang/policy.h"

int main(int argc, char **argv)
{
	struct diags *diags = diags_new();
	struct policy *policy;

	if (diags == NULL || argc < 2)
		return 2;
	policy = policy_load((const char *const *)argv + 1, (size_t)argc - 1, diags);
	diags_print(diags, stdout);
	diags_free(diags);
	if (policy == NULL)
		return 2;
	policy_free(policy);
	return 0;
}
