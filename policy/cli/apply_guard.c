/* Who could still log in: the guards against locking everybody, or oneself, out; see apply.h. */
#include "cli/apply.h"

#include "local_users.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_SHOWN 20

static bool judge_all(struct apply *a, struct guard *guard)
{
	const struct policy *p = a->after.policy;
	struct entry_judge judge = {
		.p = p,
		.server = policy_find(p, NAME_SERVER, slice_str(a->server)),
		.now = a->now,
		.people = a->o->people,
		.socket = a->o->socket,
	};
	bool good = true;

	guard->entries = calloc((size_t)p->profiles.n + 1, sizeof guard->entries[0]);
	if (guard->entries == NULL)
		return false;
	for (uint32_t i = 0; good && i < p->profiles.n; i++) {
		good = entry_judge(&judge, i, &guard->entries[i]);
		guard->open += good && guard->entries[i].obstacle == OBSTACLE_NONE;
	}
	guard->silent = judge.enrolled.silent;
	entry_judge_done(&judge);
	return good;
}

/* Could the login get in with the policy that is installed? Without one, this is not its door yet.
 */
static bool could_before(const struct apply *a, uint32_t profile)
{
	struct entry_judge judge = {
		.p = a->before.policy,
		.server = NO_INDEX,
		.now = a->now,
		.people = a->o->people,
		.socket = a->o->socket,
	};
	struct entry entry = { .obstacle = OBSTACLE_NONE };

	if (a->before.policy == NULL)
		return true;
	judge.server = policy_find(judge.p, NAME_SERVER, slice_str(a->installed.server));
	if (profile == NO_INDEX || judge.server == NO_INDEX)
		return false;
	if (!entry_judge(&judge, profile, &entry))
		entry.obstacle = OBSTACLE_NONE;
	entry_judge_done(&judge);
	return entry.obstacle == OBSTACLE_NONE;
}

/* What stands in the way of who applies, if it is new; NULL: nothing. */
static const char *judge_login(const struct apply *a, const struct guard *guard, const char *login)
{
	const struct policy *p = a->after.policy;
	uint32_t after = policy_find(p, NAME_LOGIN, slice_str(login)), before = NO_INDEX;
	bool local = false;

	if (local_users_has(a->o->local_users, login, &local) == ADPERM_OK && local)
		return NULL;
	if (after != NO_INDEX && guard->entries[after].obstacle == OBSTACLE_NONE)
		return NULL;
	if (a->before.policy != NULL)
		before = policy_find(a->before.policy, NAME_LOGIN, slice_str(login));
	if (!could_before(a, before))
		return NULL;
	return after == NO_INDEX ? "is nobody's login in this policy, and not in local-users"
				 : obstacle_text(guard->entries[after].obstacle);
}

bool guard_take(struct apply *a, struct guard *guard)
{
	char logins[ORIGINS][ORIGIN_SIZE];

	*guard = (struct guard){ .entries = NULL };
	if (!judge_all(a, guard))
		return false;
	origin_find(a->o->as, logins);
	for (size_t i = 0; i < ORIGINS; i++) {
		struct applicant *applicant = &guard->applicants[i];

		memcpy(applicant->login, logins[i], sizeof applicant->login);
		if (applicant->login[0] != '\0')
			applicant->obstacle = judge_login(a, guard, applicant->login);
	}
	return true;
}

static const char *email_of(const struct apply *a, uint32_t profile)
{
	return policy_text(a->after.policy, a->after.policy->profiles.at[profile].email);
}

/* The people whom the policy would let in and something else would not. */
static void print_kept_out(const struct apply *a, const struct guard *guard)
{
	uint32_t shown = 0, more = 0;

	for (uint32_t i = 0; i < a->after.policy->profiles.n; i++) {
		enum obstacle obstacle = guard->entries[i].obstacle;

		if (obstacle == OBSTACLE_NONE || obstacle == OBSTACLE_DENIED ||
			obstacle == OBSTACLE_MACHINE)
			continue;
		if (shown++ < NAMES_SHOWN)
			printf("  %s may, but %s\n", email_of(a, i), obstacle_text(obstacle));
		else
			more++;
	}
	if (more > 0)
		printf("  and %" PRIu32 " others\n", more);
}

static void print_not_enrolled(const struct apply *a, const struct guard *guard)
{
	uint32_t shown = 0;

	for (uint32_t i = 0; i < a->after.policy->profiles.n; i++)
		if (guard->entries[i].flagged && !guard->entries[i].enrolled &&
			shown++ < NAMES_SHOWN)
			fprintf(stderr,
				"warning: %s holds something with 2FA and is not enrolled: until "
				"`adperm totp enroll %s` it is denied\n",
				email_of(a, i), email_of(a, i));
	if (shown > NAMES_SHOWN)
		fprintf(stderr, "warning: and so do %" PRIu32 " others\n", shown - NAMES_SHOWN);
}

void guard_print(const struct apply *a, const struct guard *guard)
{
	if (guard->silent)
		fprintf(stderr,
			"warning: adpermd does not answer at %s: who needs a second factor counts "
			"as not enrolled\n",
			a->o->socket);
	else
		print_not_enrolled(a, guard);
	printf("Who could log in to %s as themselves afterwards: %" PRIu32 "\n", a->server,
		guard->open);
	for (uint32_t i = 0, shown = 0; i < a->after.policy->profiles.n && shown < NAMES_SHOWN; i++)
		if (guard->entries[i].obstacle == OBSTACLE_NONE) {
			printf("  %s%s\n", email_of(a, i),
				guard->entries[i].answer == ANSWER_ALLOW_2FA ? " with 2FA" : "");
			shown++;
		}
	if (guard->open > NAMES_SHOWN)
		printf("  and %" PRIu32 " others\n", guard->open - NAMES_SHOWN);
	print_kept_out(a, guard);
}

static void person_json(struct json *j, const struct policy *p, const struct entry *e)
{
	static const char *const words[] = {
		[ANSWER_ERROR] = "error",
		[ANSWER_DENY] = "deny",
		[ANSWER_ALLOW] = "allow",
		[ANSWER_ALLOW_2FA] = "allow_2fa",
	};
	const struct profile *who = &p->profiles.at[e->profile];

	json_object(j, NULL);
	json_string(j, "profile", policy_text(p, who->email));
	json_string(j, "login", who->login != 0 ? policy_text(p, who->login) : NULL);
	json_string(j, "ssh_users", words[e->answer]);
	json_bool(j, "could_log_in", e->obstacle == OBSTACLE_NONE);
	json_string(
		j, "obstacle", e->obstacle != OBSTACLE_NONE ? obstacle_text(e->obstacle) : NULL);
	json_bool(j, "to_enrol", e->flagged && !e->enrolled);
	json_object_end(j);
}

void guard_json(struct apply *a, const struct guard *guard)
{
	struct json *j = &a->json;

	json_array(j, "people");
	for (uint32_t i = 0; i < a->after.policy->profiles.n; i++)
		person_json(j, a->after.policy, &guard->entries[i]);
	json_array_end(j);
	json_object(j, "guard");
	json_number(j, "open", guard->open);
	json_bool(j, "adpermd_answers", !guard->silent);
	json_array(j, "applicants");
	for (size_t i = 0; i < ORIGINS; i++) {
		if (guard->applicants[i].login[0] == '\0')
			continue;
		json_object(j, NULL);
		json_string(j, "login", guard->applicants[i].login);
		json_string(j, "obstacle", guard->applicants[i].obstacle);
		json_object_end(j);
	}
	json_array_end(j);
	json_object_end(j);
}

/*
 * The first policy does not stand behind a door that lets others in. Every later one may take
 * something away from somebody, and must not wait for that.
 */
static bool may_begin(const struct apply *a, const struct guard *guard)
{
	if (!guard->door.lax || a->highest > 0 || a->before.policy != NULL)
		return true;
	complain("apply: not installed: the first policy would count for nothing while there is a "
		 "way around it; put right what is said above (`adperm doctor` says it again), or "
		 "have sshd not ask adperm until then: `adperm unwire sshd`");
	return false;
}

bool guard_allows(const struct apply *a, const struct guard *guard)
{
	const struct door *door = &guard->door;
	bool good = true;

	if (guard->open == 0) {
		complain("apply: nobody could log in to %s with ssh_users afterwards", a->server);
		good = false;
	}
	if (door->tried > 0 && door->passed == NULL) {
		complain("apply: nobody gets through %s/pam.d/sshd with this policy, of %" PRIu32
			 " tried who need no code; %s; another module of the stack, or a file like "
			 "/etc/nologin, keeps them out",
			a->o->etc, door->tried, door->said);
		good = false;
	}
	for (size_t i = 0; i < ORIGINS; i++) {
		if (guard->applicants[i].obstacle == NULL)
			continue;
		complain("apply: you, %s, could not log in afterwards: the login %s",
			guard->applicants[i].login, guard->applicants[i].obstacle);
		good = false;
	}
	for (uint32_t i = 0; i < a->lost.n; i++) {
		if (!a->lost.at[i].is_own)
			continue;
		complain("apply: you, %s, could not come in again: %s %s",
			a->lost.at[i].session.profile, a->lost.at[i].session.profile,
			a->lost.at[i].why);
		good = false;
	}
	if (!good)
		complain(a->o->allow_lockout
				 ? "apply: going on, as --allow-lockout says"
				 : "apply: not installed; --allow-lockout does it nevertheless");
	return (good || a->o->allow_lockout) && may_begin(a, guard);
}

void guard_done(struct guard *guard)
{
	free(guard->entries);
	guard->entries = NULL;
}
