/* Who could really log in; see entry.h. */
#include "cli/entry.h"

#include "cli/place.h"

#include <pwd.h>

static const char *const obstacle_texts[] = {
	[OBSTACLE_NONE] = "could log in",
	[OBSTACLE_DENIED] = "is denied ssh_users by the policy",
	[OBSTACLE_MACHINE] = "is a machine",
	[OBSTACLE_NO_LOGIN] = "has no login",
	[OBSTACLE_NO_KEY] = "has no SSH key",
	[OBSTACLE_NO_USER] = "has a login that is no Unix user here",
	[OBSTACLE_NOT_ENROLLED] = "is not enrolled for the second factor",
	[OBSTACLE_NOBODY_ANSWERS] = "needs a second factor, and adpermd does not answer",
};

const char *obstacle_text(enum obstacle obstacle)
{
	return obstacle_texts[obstacle];
}

/* Does anything that counts today ask for a second factor? */
static bool holds_flag(const struct holding *h, int64_t now)
{
	for (uint32_t i = 0; i < h->grant_total; i++)
		if (h->grants[i].require_2fa && h->grants[i].until > now)
			return true;
	return false;
}

/* See entry_answers(); the last address, if any, that is let in without a code is *allowed. */
static bool find_answers(struct entry_judge *judge, uint32_t profile, enum perm perm,
	uint32_t account, unsigned *answers, struct address *allowed)
{
	const struct policy *p = judge->p;
	uint32_t owner = p->servers.at[judge->server].owner;
	struct place_people people = { .directory = judge->people };
	struct question q = { .perm = perm,
		.now = judge->now,
		.renounced = place_renounced(&people, p, profile, owner) };

	*answers = 0;
	if (!standing_take(&judge->standing, p, profile, judge->server))
		return false;
	q.account = standing_account(&judge->standing, account);
	if (!standing_regions(&judge->standing, &q, &judge->regions))
		return false;
	for (uint32_t i = 0; i < judge->regions.all.n; i++) {
		enum answer answer;

		q.from = judge->regions.all.at[i].from;
		answer = decide(&judge->standing.holding, &q).answer;
		*answers |= 1u << answer;
		if (answer == ANSWER_ALLOW)
			*allowed = q.from;
	}
	return true;
}

bool entry_answers(struct entry_judge *judge, uint32_t profile, enum perm perm, uint32_t account,
	unsigned *answers)
{
	struct address allowed;

	return find_answers(judge, profile, perm, account, answers, &allowed);
}

/* A key of the policy, or one that the person has registered. */
static bool has_key(const struct entry_judge *judge, uint32_t profile)
{
	struct place_people people = { .directory = judge->people };
	struct registered key;
	uint32_t number = 0;

	return profile_access(judge->p, &judge->p->profiles.at[profile])->keys.n > 0 ||
	       place_registered(&people, judge->p, profile, &number, &key);
}

static enum obstacle find_obstacle(
	const struct entry_judge *judge, const struct entry *e, unsigned answers)
{
	const struct profile *who = &judge->p->profiles.at[e->profile];

	if (e->answer == ANSWER_DENY)
		return OBSTACLE_DENIED;
	if (who->machine)
		return OBSTACLE_MACHINE;
	if (who->login == 0)
		return OBSTACLE_NO_LOGIN;
	if (!has_key(judge, e->profile))
		return OBSTACLE_NO_KEY;
	if (getpwnam(policy_text(judge->p, who->login)) == NULL)
		return OBSTACLE_NO_USER;
	if ((answers & (1u << ANSWER_ALLOW)) != 0 || e->enrolled)
		return OBSTACLE_NONE;
	return judge->enrolled.silent ? OBSTACLE_NOBODY_ANSWERS : OBSTACLE_NOT_ENROLLED;
}

bool entry_judge(struct entry_judge *judge, uint32_t profile, struct entry *out)
{
	const char *email = policy_text(judge->p, judge->p->profiles.at[profile].email);
	unsigned answers;

	*out = (struct entry){ .profile = profile, .answer = ANSWER_DENY };
	if (!find_answers(judge, profile, PERM_SERVER_SSH_USERS, NO_INDEX, &answers, &out->from))
		return false;
	out->codeless = (answers & (1u << ANSWER_ALLOW)) != 0;
	if ((answers & (1u << ANSWER_ALLOW_2FA)) != 0)
		out->answer = ANSWER_ALLOW_2FA;
	else if ((answers & (1u << ANSWER_ALLOW)) != 0)
		out->answer = ANSWER_ALLOW;
	out->flagged = !judge->p->profiles.at[profile].suspended &&
		       holds_flag(&judge->standing.holding, judge->now);
	if (out->flagged)
		out->enrolled =
			enrolled_find(&judge->enrolled, judge->socket, email) == ENROLLED_YES;
	out->obstacle = find_obstacle(judge, out, answers);
	return true;
}

void entry_judge_done(struct entry_judge *judge)
{
	standing_done(&judge->standing);
	regions_done(&judge->regions);
	enrolled_done(&judge->enrolled);
}
