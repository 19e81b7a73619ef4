/*
 * Tests of a policy: a YAML file of questions and the answers they must have, read as strictly as
 * the policy itself.
 *
 *	---
 *	adperm_tests: 1
 *	tests:
 *	  - name: Alice manages the firewall
 *	    profile: alice@acme.example
 *	    permission: firewall_rules
 *	    server: web1.acme.example
 *	    at: 2026-12-01T00:00:00Z
 *	    expect: allow with 2FA
 *	...
 */
#ifndef ADPERM_LANG_TESTS_H
#define ADPERM_LANG_TESTS_H

#include "lang/policy.h"
#include "switch/source.h"

/* Texts are offsets, 0: not given. */
struct policy_test {
	struct mark mark;
	uint32_t name;
	enum adperm_who who; /* by what `person` names somebody */
	uint32_t person, permission, server, account, from;
	bool has_time;
	int64_t time;
	enum adperm_verdict expect; /* 0 until it is read */
	uint32_t reason;
};

struct tests {
	struct policy *texts; /* the pool, and nothing else */
	struct diags *diags;  /* the caller's */
	ROWS(struct policy_test) all;
};

/* Reads files, or the *.yaml files of directories. NULL after an error, with all of them told. */
struct tests *tests_load(const char *const *paths, size_t n, struct diags *diags);
void tests_free(struct tests *tests);

static inline const char *test_text(const struct tests *tests, uint32_t offset)
{
	return offset != 0 ? policy_text(tests->texts, offset) : NULL;
}

/* The question of a test; its texts live as long as the tests. `now` is for those without `at`. */
struct adperm_question test_question(
	const struct tests *tests, const struct policy_test *test, int64_t now);

/* Is this the answer that the test wants? NULL, or what is wrong with it. */
const char *test_judge(const struct tests *tests, const struct policy_test *test,
	const struct adperm_answer *answer);

#endif
