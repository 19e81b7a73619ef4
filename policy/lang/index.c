/*
 * Turns the loaded policy round: which grants reach a profile, which servers an owner has, and on
 * which accounts somebody needs a second factor for SSH. Counting sorts, linear in what they make.
 */
#include "lang/policy.h"

#include <stdlib.h>

/* Room for items counted by start[i + 1]; afterwards start[] holds first positions. */
static bool index_open(struct index *index, uint32_t n)
{
	uint32_t total = 0;

	for (uint32_t i = 0; i <= n; i++) {
		uint32_t count = index->start[i];

		if (count > UINT32_MAX - total)
			return false;
		index->start[i] = total;
		total += count;
	}
	index->item = calloc((size_t)total + 1, sizeof *index->item);
	return index->item != NULL;
}

/* Calls visit for every profile that a grant names, through groups too; some more than once. */
static void each_target(struct policy *p, uint32_t grant,
	void (*visit)(struct policy *p, uint32_t profile, uint32_t grant))
{
	const struct policy_grant *g = &p->grants.at[grant];

	for (uint32_t i = 0; i < g->to.n; i++) {
		uint32_t id = p->ids.at[g->to.first + i];

		if ((id & TO_GROUP) == 0) {
			visit(p, id, grant);
			continue;
		}
		for (uint32_t m = 0; m < p->groups.at[id & ~TO_GROUP].members.n; m++)
			visit(p, p->ids.at[p->groups.at[id & ~TO_GROUP].members.first + m], grant);
	}
}

static void count_target(struct policy *p, uint32_t profile, uint32_t grant)
{
	(void)grant;
	p->profile_grants.start[profile]++;
}

/* A person named twice by one grant holds it once: the duplicate stands right behind. */
static void fill_target(struct policy *p, uint32_t profile, uint32_t grant)
{
	p->profile_grants.item[p->profile_grants.start[profile]++] = grant;
}

/* After filling, start[i] is where i ends: shift them back by one. */
static void index_shift(struct index *index, uint32_t n)
{
	for (uint32_t i = n; i > 0; i--)
		index->start[i] = index->start[i - 1];
	index->start[0] = 0;
}

static bool index_grants(struct policy *p)
{
	uint32_t n = p->profiles.n;

	p->profile_grants.start = calloc((size_t)n + 1, sizeof(uint32_t));
	if (p->profile_grants.start == NULL)
		return false;
	for (uint32_t g = 0; g < p->grants.n; g++)
		each_target(p, g, count_target);
	if (!index_open(&p->profile_grants, n))
		return false;
	for (uint32_t g = 0; g < p->grants.n; g++)
		each_target(p, g, fill_target);
	index_shift(&p->profile_grants, n);
	return true;
}

static bool index_servers(struct policy *p)
{
	struct index *index = &p->owner_servers;

	index->start = calloc((size_t)p->owners.n + 1, sizeof(uint32_t));
	if (index->start == NULL)
		return false;
	for (uint32_t s = 0; s < p->servers.n; s++)
		index->start[p->servers.at[s].owner]++;
	if (!index_open(index, p->owners.n))
		return false;
	for (uint32_t s = 0; s < p->servers.n; s++)
		index->item[index->start[p->servers.at[s].owner]++] = s;
	index_shift(index, p->owners.n);
	return true;
}

/* One flag a thing: everybody's grants together, whatever their expiry, addresses or people. */
struct ssh_flags {
	bool *owner, *server;
};

static void flag_places(struct policy *p, const struct policy_grant *g, struct ssh_flags *flags)
{
	uint64_t givers = perm_givers(PERM_ACCOUNT_SSH);

	for (uint32_t i = 0; i < g->places.n; i++) {
		const struct place *place = &p->places.at[g->places.first + i];

		if ((place->perms & givers) == 0)
			continue;
		switch (place->scope) {
		case SCOPE_OVERALL: flags->owner[g->owner] = true; break;
		case SCOPE_SERVER: flags->server[place->target] = true; break;
		case SCOPE_ACCOUNT: p->accounts.at[place->target].ssh_2fa = true; break;
		}
	}
}

static bool flag_accounts(struct policy *p)
{
	struct ssh_flags flags = {
		.owner = calloc((size_t)p->owners.n + 1, sizeof(bool)),
		.server = calloc((size_t)p->servers.n + 1, sizeof(bool)),
	};
	bool good = flags.owner != NULL && flags.server != NULL;

	for (uint32_t o = 0; good && o < p->owners.n; o++)
		flags.owner[o] = p->owners.at[o].require_2fa == FLAG_TRUE;
	for (uint32_t g = 0; good && g < p->grants.n; g++)
		if (p->grants.at[g].require_2fa)
			flag_places(p, &p->grants.at[g], &flags);
	for (uint32_t a = 0; good && a < p->accounts.n; a++) {
		struct account *account = &p->accounts.at[a];

		if (flags.server[account->server] ||
			flags.owner[p->servers.at[account->server].owner])
			account->ssh_2fa = true;
	}
	free(flags.owner);
	free(flags.server);
	return good;
}

bool policy_index(struct policy *p)
{
	return index_grants(p) && index_servers(p) && flag_accounts(p);
}

void policy_index_free(struct policy *p)
{
	free(p->profile_grants.start);
	free(p->profile_grants.item);
	free(p->owner_servers.start);
	free(p->owner_servers.item);
}
