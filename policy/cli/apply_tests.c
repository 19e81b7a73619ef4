/* The tests that are kept beside a policy, asked before it is installed; see apply.h. */
#include "cli/apply.h"

#include "cli/tests_run.h"
#include "lang/source_memory.h"
#include "switch/handle.h"

#include <unistd.h>

int run_tests(struct apply *a, const struct policy *p)
{
	const char *directory = a->o->tests != NULL ? a->o->tests : TESTS_DIRECTORY;
	struct adperm *handle = NULL;
	struct tests_outcome outcome;
	struct source source;
	int code = EXIT_ERROR;

	if (a->o->tests == NULL && access(directory, F_OK) != 0)
		return EXIT_OK;
	if (!source_memory_open(p, &source) ||
		adperm_over(&source, NULL, TRUST_CALLER, a->server, &handle) != ADPERM_OK)
		return complain("apply: out of memory");
	if (!tests_run(handle, &directory, 1, true, apply_json(a), "tests", &outcome)) {
		complain("apply: the tests cannot be read; what was installed is untouched");
	} else if (outcome.failed > 0) {
		complain("apply: %zu of %zu tests failed; what was installed is untouched",
			outcome.failed, outcome.run);
		code = EXIT_NO;
	} else {
		code = EXIT_OK;
	}
	adperm_close(handle);
	return code;
}
