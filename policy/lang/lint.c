/* Grants that give nothing, and things that nothing uses; see lint.h. */
#include "lang/lint.h"

#include <stdlib.h>

struct lint {
	const struct policy *p;
	struct diags *d;
	int64_t now;
	bool *group_used, *role_used;
};

static bool net_within(const struct net *inner, const struct net *outer)
{
	struct address first = { .family = inner->family };

	memcpy(first.octet, inner->octet, sizeof first.octet);
	return inner->bits >= outer->bits && net_contains(outer, &first);
}

bool lint_nets_within(const struct policy *p, struct span inner, struct span outer)
{
	for (uint32_t i = 0; i < inner.n; i++) {
		bool found = false;

		for (uint32_t o = 0; !found && o < outer.n; o++)
			found = net_within(
				&p->nets.at[inner.first + i], &p->nets.at[outer.first + o]);
		if (!found)
			return false;
	}
	return true;
}

bool lint_nets_meet(const struct policy *p, struct span a, struct span b)
{
	for (uint32_t i = 0; i < a.n; i++) {
		for (uint32_t j = 0; j < b.n; j++) {
			const struct net *x = &p->nets.at[a.first + i];
			const struct net *y = &p->nets.at[b.first + j];

			if (net_within(x, y) || net_within(y, x))
				return true;
		}
	}
	return a.n == 0 || b.n == 0;
}

/* Whom a grant reaches in vain. */
struct outcome {
	uint32_t people, suspended, excluded; /* each person counts as one of the two */
	uint32_t last;                        /* who was excluded last */
};

static void judge_person(
	const struct policy *p, const struct policy_grant *g, uint32_t profile, struct outcome *o)
{
	const struct profile *row = &p->profiles.at[profile];

	o->people++;
	if (row->suspended) {
		o->suspended++;
	} else if (!lint_nets_meet(p, profile_access(p, row)->nets, grant_terms(p, g)->nets)) {
		o->excluded++;
		o->last = profile;
	}
}

static void judge_people(const struct policy *p, const struct policy_grant *g, struct outcome *o)
{
	for (uint32_t i = 0; i < g->to.n; i++) {
		uint32_t id = p->ids.at[g->to.first + i];
		struct span members = { g->to.first + i, 1 };

		if ((id & TO_GROUP) != 0)
			members = p->groups.at[id & ~TO_GROUP].members;
		/* One who would hold it is enough. */
		for (uint32_t m = 0; m < members.n && o->people == o->suspended + o->excluded; m++)
			judge_person(p, g, p->ids.at[members.first + m], o);
	}
}

static void lint_people(const struct lint *l, const struct policy_grant *g)
{
	struct outcome o = { 0 };
	const struct profile *last;

	judge_people(l->p, g, &o);
	if (o.people > o.suspended + o.excluded)
		return;
	if (o.excluded == 0) {
		diag(l->d, g->mark, DIAG_GRANT_SUSPENDED,
			"this grant gives nothing: everybody it names is suspended");
		return;
	}
	last = &l->p->profiles.at[o.last];
	diag(l->d, g->mark, DIAG_GRANT_ADDRESSES,
		"this grant gives nothing: nobody it names may come from one of its addresses");
	diag_note(l->d, last->mark, "allow_from of %s excludes them all",
		policy_text(l->p, last->email));
}

static bool has_accounts(const struct policy *p, uint32_t owner)
{
	const struct index *servers = &p->owner_servers;

	for (uint32_t i = servers->start[owner]; i < servers->start[owner + 1]; i++)
		if (p->servers.at[servers->item[i]].accounts.n > 0)
			return true;
	return false;
}

/* Does the grant give permissions on the owner's accounts, and nothing else? */
static bool only_on_accounts(const struct policy *p, const struct policy_grant *g)
{
	for (uint32_t i = 0; i < g->places.n; i++)
		if (p->places.at[g->places.first + i].perms !=
			PERM_BIT(PERM_OVERALL_TECHNICAL_ACCOUNTS))
			return false;
	return true;
}

static void lint_grant(const struct lint *l, const struct policy_grant *g)
{
	const struct index *servers = &l->p->owner_servers;
	const int64_t until = grant_terms(l->p, g)->until;
	char when[WHEN_SIZE];

	if (until <= l->now) {
		when_text(until, when);
		diag(l->d, g->mark, DIAG_GRANT_EXPIRED, "this grant expired at %s", when);
	} else if (servers->start[g->owner] == servers->start[g->owner + 1]) {
		diag(l->d, g->mark, DIAG_OWNER_NO_SERVERS,
			"this grant gives nothing: its owner has no server");
	} else if (only_on_accounts(l->p, g) && !has_accounts(l->p, g->owner)) {
		diag(l->d, g->mark, DIAG_OWNER_NO_ACCOUNTS,
			"this grant gives nothing: its owner has no account");
	} else {
		lint_people(l, g);
	}
}

static void note_uses(struct lint *l, const struct policy_grant *g)
{
	const struct policy *p = l->p;

	for (uint32_t i = 0; i < g->to.n; i++) {
		uint32_t id = p->ids.at[g->to.first + i];

		if ((id & TO_GROUP) != 0)
			l->group_used[id & ~TO_GROUP] = true;
	}
	for (uint32_t i = 0; i < g->places.n; i++) {
		const struct span *items = &p->places.at[g->places.first + i].items;

		for (uint32_t k = 0; k < items->n; k++) {
			uint32_t role = p->items.at[items->first + k].role;

			if (role != NO_INDEX)
				l->role_used[role] = true;
		}
	}
}

static void lint_unused(const struct lint *l)
{
	const struct policy *p = l->p;

	for (uint32_t i = 0; i < p->groups.n; i++)
		if (!l->group_used[i])
			diag(l->d, p->groups.at[i].mark, DIAG_UNUSED_GROUP,
				"no grant names the group %s",
				diag_quote(l->d, slice_str(policy_text(p, p->groups.at[i].name))));
	for (uint32_t i = 0; i < p->roles.n; i++)
		if (!l->role_used[i])
			diag(l->d, p->roles.at[i].mark, DIAG_UNUSED_ROLE,
				"no grant uses the role %s",
				diag_quote(l->d, slice_str(policy_text(p, p->roles.at[i].name))));
}

static void lint_profile(const struct lint *l, uint32_t index)
{
	const struct index *grants = &l->p->profile_grants;
	const struct profile *profile = &l->p->profiles.at[index];
	const char *email = policy_text(l->p, profile->email);

	if (!profile->defined || profile->suspended)
		return;
	if (profile->machine && profile_access(l->p, profile)->keys.n == 0 && profile->login == 0)
		diag(l->d, profile->mark, DIAG_MACHINE_NO_KEY,
			"nobody can be the machine %s: it has neither an SSH key nor a login",
			email);
	if (profile->owner == NO_INDEX && grants->start[index] == grants->start[index + 1])
		diag(l->d, profile->mark, DIAG_HOLDS_NOTHING,
			"%s owns nothing and no grant reaches it", email);
}

bool policy_lint(const struct policy *p, int64_t now, struct diags *diags)
{
	struct lint l = {
		.p = p,
		.d = diags,
		.now = now,
		.group_used = calloc((size_t)p->groups.n + 1, sizeof(bool)),
		.role_used = calloc((size_t)p->roles.n + 1, sizeof(bool)),
	};
	bool good = l.group_used != NULL && l.role_used != NULL;

	for (uint32_t i = 0; good && i < p->grants.n; i++) {
		note_uses(&l, &p->grants.at[i]);
		lint_grant(&l, &p->grants.at[i]);
	}
	for (uint32_t i = 0; good && i < p->profiles.n; i++)
		lint_profile(&l, i);
	if (good)
		lint_unused(&l);
	free(l.group_used);
	free(l.role_used);
	return good && lint_flags(p, now, diags);
}
