/* Who gains and who loses ssh_users; see apply.h. */
#include "cli/apply.h"

#include <inttypes.h>
#include <stdio.h>

#define CHANGES_SHOWN 50

static const char *const answer_words[] = {
	[ANSWER_ERROR] = "nobody",
	[ANSWER_DENY] = "no",
	[ANSWER_ALLOW] = "yes",
	[ANSWER_ALLOW_2FA] = "with 2FA",
};

struct changes {
	const struct apply *a;
	struct entry_judge judge; /* of what is installed */
	uint32_t n;
};

/* What the installed policy says; deny if there is none, or nobody of that name in it. */
static bool answer_before(struct changes *c, const char *email, enum answer *answer)
{
	struct entry entry;
	uint32_t profile;

	*answer = ANSWER_DENY;
	if (c->judge.p == NULL || c->judge.server == NO_INDEX)
		return true;
	profile = policy_find(c->judge.p, NAME_PROFILE, slice_str(email));
	if (profile == NO_INDEX)
		return true;
	if (!entry_judge(&c->judge, profile, &entry))
		return false;
	*answer = entry.answer;
	return true;
}

static void tell(struct changes *c, const char *email, enum answer before, enum answer after)
{
	if (before == after)
		return;
	if (c->n++ == 0)
		puts("What changes for ssh_users:");
	if (c->n <= CHANGES_SHOWN)
		printf("  %c %s: %s, was %s\n",
			after == ANSWER_DENY ? '-' : (before == ANSWER_DENY ? '+' : '~'), email,
			answer_words[after], answer_words[before]);
}

bool changes_print(const struct apply *a, const struct guard *guard)
{
	const struct policy *after = a->after.policy, *before = a->before.policy;
	struct changes c = {
		.a = a,
		.judge = { .p = before, .server = NO_INDEX, .now = a->now, .silent = true },
	};
	bool good = true;

	if (before != NULL)
		c.judge.server = policy_find(before, NAME_SERVER, slice_str(a->installed.server));
	for (uint32_t i = 0; good && i < after->profiles.n; i++) {
		const char *email = policy_text(after, after->profiles.at[i].email);
		enum answer was;

		good = answer_before(&c, email, &was);
		if (good)
			tell(&c, email, was, guard->entries[i].answer);
	}
	for (uint32_t i = 0; good && before != NULL && i < before->profiles.n; i++) {
		const char *email = policy_text(before, before->profiles.at[i].email);
		enum answer was = ANSWER_DENY;

		if (policy_find(after, NAME_PROFILE, slice_str(email)) == NO_INDEX)
			good = answer_before(&c, email, &was);
		if (good)
			tell(&c, email, was, ANSWER_DENY);
	}
	if (c.n > CHANGES_SHOWN)
		printf("  and %" PRIu32 " others\n", c.n - CHANGES_SHOWN);
	if (good && c.n == 0)
		puts("Nothing changes for ssh_users.");
	entry_judge_done(&c.judge);
	return good;
}
