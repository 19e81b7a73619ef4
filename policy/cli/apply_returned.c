/*
 * Who comes back: people whom the installed policy does not name and the new one does, and who had
 * registered keys or a second factor. Addresses are given to others: unless somebody says that they
 * are the same people, both are forgotten before the policy counts. What they gave back stays given
 * back.
 */
#include "cli/apply.h"

#include "cli/enrolled.h"
#include "cli/people_ask.h"
#include "db/people.h"
#include "lang/rows.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *email_at(const struct apply *a, uint32_t profile)
{
	return policy_text(a->after.policy, a->after.policy->profiles.at[profile].email);
}

/* --- found */

static bool is_named(const char *const *emails, const char *email)
{
	for (size_t i = 0; i < OPTION_TIMES && emails[i] != NULL; i++)
		if (strcasecmp(emails[i], email) == 0)
			return true;
	return false;
}

static uint32_t keys_of(const struct apply *a, const char *email)
{
	struct people_lists lists;
	uint32_t n = 0;

	if (people_lists_read(a->o->people, TRUST_ROOT, slice_str(email), &lists) == PEOPLE_YES)
		n = lists.key_total;
	people_lists_done(&lists);
	return n;
}

static enum returned_fate fate_of(const struct apply *a, const char *email)
{
	if (is_named(a->o->readopt, email))
		return RETURNED_READOPTED;
	return is_named(a->o->forget, email) ? RETURNED_FORGOTTEN : RETURNED_UNSAID;
}

/* False: out of memory. */
static bool find(struct apply *a, struct enrolled_list *enrolled, uint32_t profile)
{
	const char *email = email_at(a, profile);
	struct returned row = { .profile = profile };
	struct returned *added;

	if (policy_find(a->before.policy, NAME_PROFILE, slice_str(email)) != NO_INDEX)
		return true;
	row.keys = keys_of(a, email);
	row.enrolled = enrolled_find(enrolled, a->o->socket, email) == ENROLLED_YES;
	row.fate = fate_of(a, email);
	if (row.keys == 0 && !row.enrolled)
		return true;
	added = ROWS_ADD(&a->returned);
	if (added != NULL)
		*added = row;
	return added != NULL;
}

/* What is said of somebody who does not come back is a slip, and could cost others their keys. */
static bool all_return(const struct apply *a, const char *option, const char *const *emails)
{
	for (size_t i = 0; i < OPTION_TIMES && emails[i] != NULL; i++) {
		uint32_t k = 0;

		while (k < a->returned.n &&
			strcasecmp(email_at(a, a->returned.at[k].profile), emails[i]) != 0)
			k++;
		if (k == a->returned.n) {
			complain("apply: --%s: %s does not come back with this policy, with keys "
				 "or a second factor from before",
				option, emails[i]);
			return false;
		}
	}
	return true;
}

int returned_find(struct apply *a)
{
	struct enrolled_list enrolled = { .asked = false };
	bool good = true;

	/* Going back, the people are the same. */
	if (a->before.policy == NULL || a->o->undo)
		return EXIT_OK;
	for (uint32_t i = 0; good && i < a->after.policy->profiles.n; i++)
		good = find(a, &enrolled, i);
	enrolled_done(&enrolled);
	if (!good)
		return complain("out of memory");
	return all_return(a, "readopt", a->o->readopt) && all_return(a, "forget", a->o->forget)
		       ? EXIT_OK
		       : EXIT_ERROR;
}

/* --- told, and asked about */

static const char *const fates[] = {
	[RETURNED_UNSAID] = "are forgotten, unless --readopt says that it is the same person",
	[RETURNED_READOPTED] = "count again",
	[RETURNED_FORGOTTEN] = "are forgotten",
};

static void tell(struct apply *a, const struct returned *r)
{
	const char *email = email_at(a, r->profile);

	if (a->o->json) {
		json_object(&a->json, NULL);
		json_string(&a->json, "profile", email);
		json_number(&a->json, "keys", r->keys);
		json_bool(&a->json, "enrolled", r->enrolled);
		json_bool(&a->json, "readopted", r->fate == RETURNED_READOPTED);
		json_object_end(&a->json);
		return;
	}
	printf("%s was in an earlier policy and comes back. Keys registered then: %u%s; they %s.\n",
		email, (unsigned)r->keys, r->enrolled ? ", and a second factor" : "",
		fates[r->fate]);
}

void returned_tell(struct apply *a)
{
	if (a->before.policy == NULL || a->o->undo)
		return;
	if (a->o->json)
		json_array(&a->json, "returned");
	for (uint32_t i = 0; i < a->returned.n; i++)
		tell(a, &a->returned.at[i]);
	if (a->o->json)
		json_array_end(&a->json);
}

void returned_ask(struct apply *a)
{
	if (a->o->yes || a->o->json || !isatty(STDIN_FILENO))
		return;
	for (uint32_t i = 0; i < a->returned.n; i++) {
		struct returned *r = &a->returned.at[i];
		char line[16] = "";

		if (r->fate != RETURNED_UNSAID)
			continue;
		fprintf(stderr, "Is %s the same person as then? [y/N] ", email_at(a, r->profile));
		if (fgets(line, sizeof line, stdin) != NULL &&
			(strcmp(line, "y\n") == 0 || strcmp(line, "yes\n") == 0))
			r->fate = RETURNED_READOPTED;
	}
}

/* --- forgotten */

/* A daemon that is silent has told of no second factor: then it is the keys alone that must go. */
static bool forget(const struct apply *a, const struct returned *r)
{
	struct people_options where = apply_people(a);
	const char *email = email_at(a, r->profile);
	struct wish_reply reply;
	struct wish wish;

	if (!people_begin(&wish, "apply", WISH_FORGET, email, NULL) ||
		!people_ask("apply", &where, &wish, &reply))
		return false;
	if (reply.result == WISH_DONE || reply.result == WISH_NOTHING)
		return true;
	if (reply.result == WISH_NO_DAEMON && !r->enrolled) {
		fprintf(stderr,
			"warning: adpermd does not answer: whether %s had a second factor is not "
			"known; `adperm totp remove` forgets it\n",
			email);
		return true;
	}
	people_failed("apply", &reply);
	return false;
}

bool returned_forget(const struct apply *a)
{
	for (uint32_t i = 0; i < a->returned.n; i++)
		if (a->returned.at[i].fate != RETURNED_READOPTED && !forget(a, &a->returned.at[i]))
			return false;
	return true;
}

void returned_done(struct apply *a)
{
	free(a->returned.at);
	a->returned.at = NULL;
	a->returned.n = a->returned.cap = 0;
}
