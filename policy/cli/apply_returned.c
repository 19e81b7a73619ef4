/*
 * Who comes back: people whom the installed policy does not name and the new one does, and who had
 * registered keys. Addresses are given to others: unless somebody says that they are the same
 * people, those keys are forgotten before the policy counts. What they gave back stays given back.
 */
#include "cli/apply.h"

#include "cli/people_ask.h"
#include "db/people.h"

#include <string.h>

static const char *email_at(const struct apply *a, uint32_t profile)
{
	return policy_text(a->after.policy, a->after.policy->profiles.at[profile].email);
}

static bool is_readopted(const struct apply *a, const char *email)
{
	for (size_t i = 0; i < OPTION_TIMES && a->o->readopt[i] != NULL; i++)
		if (strcasecmp(a->o->readopt[i], email) == 0)
			return true;
	return false;
}

/* How many keys somebody has registered who was not there; 0: nobody comes back. */
static uint32_t keys_of_returned(const struct apply *a, uint32_t profile)
{
	struct slice email = slice_str(email_at(a, profile));
	struct people_lists lists;
	uint32_t n = 0;

	if (policy_find(a->before.policy, NAME_PROFILE, email) != NO_INDEX)
		return 0;
	if (people_lists_read(a->o->people, TRUST_ROOT, email, &lists) == PEOPLE_YES)
		n = lists.key_total;
	people_lists_done(&lists);
	return n;
}

static void tell(struct apply *a, const char *email, uint32_t keys)
{
	bool readopted = is_readopted(a, email);

	if (a->o->json) {
		json_object(&a->json, NULL);
		json_string(&a->json, "profile", email);
		json_number(&a->json, "keys", keys);
		json_bool(&a->json, "readopted", readopted);
		json_object_end(&a->json);
		return;
	}
	printf("%s was in an earlier policy and comes back. Keys registered then: %u; they %s.\n",
		email, (unsigned)keys,
		readopted ? "count again"
			  : "are forgotten, unless --readopt says that it is the same person");
}

void returned_tell(struct apply *a)
{
	const struct policy *after = a->after.policy;

	/* Going back, the people are the same. */
	if (a->before.policy == NULL || a->o->undo)
		return;
	if (a->o->json)
		json_array(&a->json, "returned");
	for (uint32_t i = 0; i < after->profiles.n; i++) {
		uint32_t keys = keys_of_returned(a, i);

		if (keys > 0)
			tell(a, email_at(a, i), keys);
	}
	if (a->o->json)
		json_array_end(&a->json);
}

static bool forget(const struct apply *a, const char *email)
{
	struct people_options where = { .people = a->o->people, .program = a->o->adperm_people };
	struct wish_reply reply;
	struct wish wish;

	people_usual(&where);
	if (!people_begin(&wish, "apply", WISH_FORGET_KEYS, email, NULL) ||
		!people_ask("apply", &where, &wish, &reply))
		return false;
	if (reply.result == WISH_DONE || reply.result == WISH_NOTHING)
		return true;
	people_failed("apply", &reply);
	return false;
}

bool returned_forget(const struct apply *a)
{
	const struct policy *after = a->after.policy;
	bool good = true;

	if (a->before.policy == NULL || a->o->undo)
		return true;
	for (uint32_t i = 0; good && i < after->profiles.n; i++)
		if (keys_of_returned(a, i) > 0 && !is_readopted(a, email_at(a, i)))
			good = forget(a, email_at(a, i));
	return good;
}
