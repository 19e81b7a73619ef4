/* Tests of a policy; see tests.h. */
#include "lang/tests.h"

#include "lang/tests_rows.h"

#include <stdlib.h>

static void read_file(struct tests_load *tests)
{
	struct load *l = &tests->load;

	l->stop = false;
	/* What makes it end early has been reported. */
	if (reading_file(l->reading))
		tests_walk(tests);
}

struct tests *tests_load(const char *const *paths, size_t n, struct diags *diags)
{
	struct tests_load l = { .load = { .d = diags } };
	struct set set;
	const struct load_how how = { .threads = 0, .piece = PIECE_MAX };
	bool found = set_find(&set, paths, n, diags);

	l.tests = calloc(1, sizeof *l.tests);
	l.load.p = policy_new(diags);
	l.load.reading = reading_start(&set, paths, diags, &how);
	if (l.load.reading == NULL || l.tests == NULL || l.load.p == NULL)
		load_no_memory(&l.load);
	for (uint32_t i = 0; found && diags_errors(diags) == 0 && i < set.n; i++)
		read_file(&l);
	reading_done(l.load.reading);
	set_done(&set);
	if (l.tests != NULL) {
		l.tests->diags = diags;
		l.tests->texts = l.load.p;
		if (diags_errors(diags) == 0)
			return l.tests;
	} else {
		policy_free(l.load.p);
	}
	tests_free(l.tests);
	return NULL;
}

void tests_free(struct tests *tests)
{
	if (tests == NULL)
		return;
	policy_free(tests->texts);
	free(tests->all.at);
	free(tests);
}

struct adperm_question test_question(
	const struct tests *tests, const struct policy_test *one, int64_t now)
{
	return (struct adperm_question){
		.who = one->who,
		.name = test_text(tests, one->person),
		.permission = test_text(tests, one->permission),
		.server = test_text(tests, one->server),
		.account = test_text(tests, one->account),
		.from = test_text(tests, one->from),
		.time = one->has_time ? one->time : now,
	};
}

const char *test_judge(const struct tests *tests, const struct policy_test *one,
	const struct adperm_answer *answer)
{
	const char *reason = test_text(tests, one->reason);
	bool unknown = answer->reason == ADPERM_UNKNOWN_PERSON ||
		       answer->reason == ADPERM_UNKNOWN_SERVER ||
		       answer->reason == ADPERM_UNKNOWN_ACCOUNT;

	if (answer->verdict != one->expect)
		return "the answer is another";
	if (reason != NULL && strcmp(reason, adperm_reason_word(answer->reason)) != 0)
		return "the reason is another";
	/* A test with a misspelt name would succeed forever. */
	if (reason == NULL && unknown)
		return "denied for a name that the policy does not know; if that is meant, give "
		       "it as the reason";
	return NULL;
}
