/* The tests that are kept beside a policy, asked before it is installed; see apply.h. */
#include "cli/apply.h"

#include "cli/describe.h"
#include "lang/source_memory.h"
#include "lang/tests.h"
#include "switch/handle.h"

#include <unistd.h>

static bool ask(const struct tests *tests, struct adperm *handle, const struct policy_test *test,
	int64_t now)
{
	struct adperm_question q = test_question(tests, test, now);
	struct adperm_answer answer;
	const char *wrong;

	adperm_ask(handle, &q, &answer);
	wrong = test_judge(tests, test, &answer);
	if (wrong == NULL)
		return true;
	show_mark(stderr, tests->texts, test->mark);
	fputs(": test failed: ", stderr);
	if (test->name != 0) {
		show_text(stderr, test_text(tests, test->name));
		fputs(": ", stderr);
	}
	fprintf(stderr, "%s\n", wrong);
	return false;
}

static int ask_all(const struct apply *a, const struct policy *p, const struct tests *tests)
{
	struct adperm *handle = NULL;
	struct source source;
	uint32_t failed = 0;

	if (!source_memory_open(p, &source) ||
		adperm_over(&source, NULL, TRUST_CALLER, a->server, &handle) != ADPERM_OK)
		return complain("apply: out of memory");
	for (uint32_t i = 0; i < tests->all.n; i++)
		failed += !ask(tests, handle, &tests->all.at[i], a->now);
	adperm_close(handle);
	if (failed == 0) {
		if (!a->o->json)
			printf("%u test%s passed.\n", tests->all.n, tests->all.n == 1 ? "" : "s");
		return EXIT_OK;
	}
	complain("apply: %u of %u tests failed; what was installed is untouched", failed,
		tests->all.n);
	return EXIT_NO;
}

int run_tests(const struct apply *a, const struct policy *p)
{
	const char *directory = a->o->tests != NULL ? a->o->tests : TESTS_DIRECTORY;
	struct diags *diags;
	struct tests *tests;
	int code = EXIT_ERROR;

	if (a->o->tests == NULL && access(directory, F_OK) != 0)
		return EXIT_OK;
	diags = diags_new();
	tests = diags != NULL ? tests_load(&directory, 1, diags) : NULL;
	if (diags != NULL)
		diags_print(diags, stderr);
	if (tests != NULL)
		code = ask_all(a, p, tests);
	else
		complain("apply: the tests cannot be read; what was installed is untouched");
	tests_free(tests);
	diags_free(diags);
	return code;
}
