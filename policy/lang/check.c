/*
 * What can only be judged when the whole policy is there: machines never get the 2FA flag, and no
 * <account>_<login> that reaches a database is longer than database servers take.
 */
#include "lang/load.h"

#include <stdlib.h>

#define DATABASE_USER_MAX 62 /* bytes; PostgreSQL cuts longer names before PAM sees them */

/* What has to be known of each group, server and owner; indexes, or NO_INDEX for none. */
struct facts {
	bool *group_machine;      /* some member is a machine */
	uint32_t *group_login;    /* the member with the longest login */
	uint32_t *server_account; /* the account with the longest name */
	uint32_t *owner_account;  /* ... of all the owner's servers */
	bool pairs;               /* some login and some account together are too long */
};

static size_t login_len(const struct policy *p, uint32_t profile)
{
	return profile == NO_INDEX ? 0 : strlen(policy_text(p, p->profiles.at[profile].login));
}

static size_t account_len(const struct policy *p, uint32_t account)
{
	return account == NO_INDEX ? 0 : strlen(policy_text(p, p->accounts.at[account].name));
}

static uint32_t *unknown(uint32_t n)
{
	uint32_t *all = malloc((n + 1) * sizeof *all);

	if (all == NULL)
		return NULL;
	for (uint32_t i = 0; i < n; i++)
		all[i] = NO_INDEX;
	return all;
}

static void facts_done(struct facts *f)
{
	free(f->group_machine);
	free(f->group_login);
	free(f->server_account);
	free(f->owner_account);
}

static void find_members(const struct policy *p, struct facts *f)
{
	for (uint32_t g = 0; g < p->groups.n; g++) {
		const struct span *members = &p->groups.at[g].members;

		for (uint32_t i = 0; i < members->n; i++) {
			uint32_t member = p->ids.at[members->first + i];

			f->group_machine[g] |= p->profiles.at[member].machine;
			if (login_len(p, member) > login_len(p, f->group_login[g]))
				f->group_login[g] = member;
		}
	}
}

static void find_pairs(const struct policy *p, struct facts *f)
{
	size_t login = 0, account = 0;

	for (uint32_t i = 0; i < p->profiles.n; i++)
		login = login_len(p, i) > login ? login_len(p, i) : login;
	for (uint32_t a = 0; a < p->accounts.n; a++) {
		uint32_t server = p->accounts.at[a].server, owner = p->servers.at[server].owner;

		if (account_len(p, a) > account_len(p, f->server_account[server]))
			f->server_account[server] = a;
		if (account_len(p, a) > account_len(p, f->owner_account[owner]))
			f->owner_account[owner] = a;
		account = account_len(p, a) > account ? account_len(p, a) : account;
	}
	f->pairs = account + 1 + login > DATABASE_USER_MAX;
}

static bool facts_find(const struct policy *p, struct facts *f)
{
	f->group_machine = calloc((size_t)p->groups.n + 1, sizeof *f->group_machine);
	f->group_login = unknown(p->groups.n);
	f->server_account = unknown(p->servers.n);
	f->owner_account = unknown(p->owners.n);
	if (!f->group_machine || !f->group_login || !f->server_account || !f->owner_account)
		return false;
	find_members(p, f);
	find_pairs(p, f);
	return true;
}

/* Where a profile is defined; a machine always is. */
static void note_profile(const struct load *l, uint32_t profile)
{
	const struct profile *row = &l->p->profiles.at[profile];

	diag_note(l->d, row->mark, "the profile %s is here", policy_text(l->p, row->email));
}

static void check_machine(struct load *l, const struct policy_grant *grant, uint32_t profile)
{
	const struct policy *p = l->p;

	if (!grant->require_2fa || !p->profiles.at[profile].machine)
		return;
	diag(l->d, grant->mark, DIAG_MACHINE_2FA,
		"this grant requires a second factor, which the machine %s cannot have",
		policy_text(p, p->profiles.at[profile].email));
	note_profile(l, profile);
}

/* Does the grant name this profile itself, too? */
static bool is_named(const struct policy *p, const struct policy_grant *grant, uint32_t profile)
{
	for (uint32_t i = 0; i < grant->to.n; i++)
		if (p->ids.at[grant->to.first + i] == profile)
			return true;
	return false;
}

static void check_members(
	struct load *l, const struct facts *f, const struct policy_grant *grant, uint32_t group)
{
	const struct span *members = &l->p->groups.at[group].members;

	if (!grant->require_2fa || !f->group_machine[group])
		return;
	for (uint32_t i = 0; i < members->n; i++) {
		uint32_t member = l->p->ids.at[members->first + i];

		if (!is_named(l->p, grant, member))
			check_machine(l, grant, member);
	}
}

static void check_pair(struct load *l, struct mark at, uint32_t profile, uint32_t account)
{
	const struct policy *p = l->p;
	size_t len = account_len(p, account) + 1 + login_len(p, profile);

	if (login_len(p, profile) == 0 || account_len(p, account) == 0 || len <= DATABASE_USER_MAX)
		return;
	diag(l->d, at, DIAG_PAIR_TOO_LONG,
		"the database user %s_%s has %zu bytes, at most %d are possible",
		policy_text(p, p->accounts.at[account].name),
		policy_text(p, p->profiles.at[profile].login), len, DATABASE_USER_MAX);
	diag_note(l->d, p->accounts.at[account].mark, "the account is here");
	note_profile(l, profile);
}

/* The longest name of an account that the grant lets somebody reach a database of. */
static uint32_t longest_account(
	const struct policy *p, const struct facts *f, const struct policy_grant *grant)
{
	uint64_t givers = perm_givers(PERM_ACCOUNT_DATABASES);
	uint32_t longest = NO_INDEX, account;

	for (uint32_t i = 0; i < grant->places.n; i++) {
		const struct place *place = &p->places.at[grant->places.first + i];

		if ((place->perms & givers) == 0 || place->target == NO_INDEX)
			continue;
		account = place->target;
		if (place->scope == SCOPE_OVERALL)
			account = f->owner_account[grant->owner];
		else if (place->scope == SCOPE_SERVER)
			account = f->server_account[place->target];
		if (account_len(p, account) > account_len(p, longest))
			longest = account;
	}
	return longest;
}

static void check_grant(struct load *l, const struct facts *f, const struct policy_grant *grant)
{
	const struct policy *p = l->p;
	uint32_t account = f->pairs ? longest_account(p, f, grant) : NO_INDEX;

	for (uint32_t i = 0; i < grant->to.n; i++) {
		uint32_t id = p->ids.at[grant->to.first + i];

		if (id == NO_INDEX)
			continue;
		if ((id & TO_GROUP) != 0) {
			check_members(l, f, grant, id & ~TO_GROUP);
			id = f->group_login[id & ~TO_GROUP];
		} else {
			check_machine(l, grant, id);
		}
		check_pair(l, grant->mark, id, account);
	}
}

static void check_owner(struct load *l, const struct facts *f, uint32_t index)
{
	const struct owner *owner = &l->p->owners.at[index];
	const struct profile *profile = &l->p->profiles.at[owner->profile];

	if (owner->require_2fa == FLAG_TRUE && profile->machine) {
		diag(l->d, owner->flag_mark, DIAG_MACHINE_2FA,
			"this owner is a machine, which cannot have a second factor");
		note_profile(l, owner->profile);
	}
	check_pair(l, owner->mark, owner->profile, f->owner_account[index]);
}

void check_policy(struct load *l)
{
	struct facts facts = { 0 };

	if (!facts_find(l->p, &facts)) {
		load_no_memory(l);
	} else {
		for (uint32_t i = 0; i < l->p->owners.n; i++)
			check_owner(l, &facts, i);
		for (uint32_t i = 0; i < l->p->grants.n; i++)
			check_grant(l, &facts, &l->p->grants.at[i]);
	}
	facts_done(&facts);
}
