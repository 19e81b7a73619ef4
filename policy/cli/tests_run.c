/* Asking the questions of test files; see tests_run.h. */
#include "cli/tests_run.h"

#include "cli/cli.h"
#include "cli/describe.h"
#include "cli/question.h"
#include "lang/tests.h"

#include <time.h>

struct run {
	const struct tests *tests;
	struct tests_outcome *outcome;
	struct json *json; /* NULL: for people */
	bool quiet;
};

static void show_wanted(const struct run *r, const struct policy_test *test)
{
	const char *reason = test_text(r->tests, test->reason);

	printf("  expected %s%s%s\n  got      ", adperm_verdict_text(test->expect),
		reason != NULL ? ": " : "", reason != NULL ? reason : "");
}

/* A test without a name is called by its question. */
static void show_name(const struct run *r, const struct policy_test *test)
{
	const char *const part[] = { test_text(r->tests, test->permission),
		test_text(r->tests, test->account), test_text(r->tests, test->server) };

	if (test->name != 0) {
		show_text(stdout, test_text(r->tests, test->name));
		return;
	}
	show_text(stdout, test_text(r->tests, test->person));
	for (size_t i = 0; i < sizeof part / sizeof part[0]; i++) {
		if (part[i] == NULL)
			continue;
		fputs(i == 0 ? ", " : i == 1 ? " on " : " at ", stdout);
		show_text(stdout, part[i]);
	}
}

static void print_test(const struct run *r, const struct policy_test *test,
	const struct adperm_answer *answer, const char *wrong)
{
	if (r->quiet && wrong == NULL)
		return;
	show_coloured(stdout, wrong == NULL ? TERMINAL_GREEN : TERMINAL_RED, "%-6s",
		wrong == NULL ? "ok" : "FAILED");
	putchar(' ');
	show_mark(stdout, r->tests->texts, test->mark);
	fputs(": ", stdout);
	show_name(r, test);
	putchar('\n');
	if (wrong == NULL)
		return;
	show_wanted(r, test);
	if (answer->verdict == ADPERM_ERROR)
		printf("error: %s: %s\n", adperm_reason_word(answer->reason),
			adperm_reason_text(answer->reason));
	else
		answer_print(answer);
	/* That the answer is another can be seen. */
	if (answer->verdict == test->expect)
		printf("  %s\n", wrong);
}

static void json_test(const struct run *r, const struct policy_test *test,
	const struct adperm_answer *answer, const char *wrong)
{
	struct json *j = r->json;

	json_object(j, NULL);
	json_bool(j, "ok", wrong == NULL);
	json_mark(j, "test", r->tests->texts, test->mark);
	json_string(j, "name", test_text(r->tests, test->name));
	json_string(j, "expect", adperm_verdict_word(test->expect));
	json_string(j, "expect_reason", test_text(r->tests, test->reason));
	json_string(j, "wrong", wrong);
	answer_json(j, answer);
	json_object_end(j);
}

static void run_test(struct run *r, struct adperm *policy, const struct policy_test *test)
{
	struct adperm_question q = test_question(r->tests, test, time(NULL));
	struct adperm_answer answer;
	const char *wrong;

	adperm_ask(policy, &q, &answer);
	wrong = test_judge(r->tests, test, &answer);
	r->outcome->run++;
	r->outcome->failed += wrong != NULL;
	if (r->json != NULL)
		json_test(r, test, &answer, wrong);
	else
		print_test(r, test, &answer, wrong);
}

static void run_all(struct run *r, struct adperm *policy, const char *name)
{
	if (r->json != NULL) {
		json_object(r->json, name);
		json_array(r->json, "tests");
	}
	for (uint32_t i = 0; i < r->tests->all.n; i++)
		run_test(r, policy, &r->tests->all.at[i]);
	if (r->json == NULL) {
		printf("%zu test%s, %zu failed\n", r->outcome->run, r->outcome->run == 1 ? "" : "s",
			r->outcome->failed);
		return;
	}
	json_array_end(r->json);
	json_count(r->json, "run", r->outcome->run);
	json_count(r->json, "failed", r->outcome->failed);
	json_object_end(r->json);
}

bool tests_run(struct adperm *policy, const char *const *paths, size_t n, bool quiet,
	struct json *json, const char *name, struct tests_outcome *outcome)
{
	struct diags *diags = diags_new();
	struct tests *tests = diags != NULL ? tests_load(paths, n, diags) : NULL;
	struct run r = { tests, outcome, json, quiet };

	*outcome = (struct tests_outcome){ 0, 0 };
	if (diags != NULL)
		diags_print(diags, stderr);
	else
		complain("out of memory");
	if (tests != NULL)
		run_all(&r, policy, name);
	tests_free(tests);
	diags_free(diags);
	return tests != NULL;
}
