/* What changes for people between two policies; see change.h. */
#include "lang/change.h"

#include "base/sshkey.h"
#include "lang/outcome.h"
#include "lang/rows.h"

#include <stdlib.h>

/* The reaches of one profile on one server. */
struct part {
	uint32_t server, first, n;
};

struct side {
	const struct policy *p;
	struct standing standing;
	ROWS(struct part) parts; /* of the profile being compared, by server */
	uint32_t *by_email;      /* profiles in the order of their addresses */
	uint32_t *part_of;       /* by server: 1 + index into parts, or 0 */
	uint32_t *owner_done;    /* by owner: the round in which it was compared last */
	uint32_t profile;        /* being compared; NO_INDEX: there is none on this side */
};

struct compare {
	struct side before, after;
	uint32_t *server_after, *server_before; /* the same server on the other side, or NO_INDEX */
	uint32_t *account_after;
	bool *accounts_same; /* by server of `before`: the other side has just these accounts */
	uint32_t round;
	int64_t at;
	const char *profile;
	struct outcomes outcomes;
	/* Accounts of one server that are asked about alike. */
	ROWS(const char *) names[3];
	change_visit *visit;
	void *data;
};

static const char *email_of(const struct policy *p, uint32_t profile)
{
	return policy_text(p, p->profiles.at[profile].email);
}

/* --- what is what on the other side */

static uint32_t other_server(const struct policy *from, uint32_t server, const struct policy *to)
{
	return policy_find(
		to, NAME_SERVER, slice_str(policy_text(from, from->servers.at[server].name)));
}

static bool map_servers(struct compare *c)
{
	const struct policy *before = c->before.p, *after = c->after.p;

	c->server_after = calloc((size_t)before->servers.n + 1, sizeof(uint32_t));
	c->server_before = calloc((size_t)after->servers.n + 1, sizeof(uint32_t));
	c->accounts_same = calloc((size_t)before->servers.n + 1, sizeof(bool));
	c->account_after = calloc((size_t)before->accounts.n + 1, sizeof(uint32_t));
	if (c->server_after == NULL || c->server_before == NULL || c->accounts_same == NULL ||
		c->account_after == NULL)
		return false;
	for (uint32_t s = 0; s < before->servers.n; s++) {
		uint32_t there = other_server(before, s, after);

		c->server_after[s] = there;
		c->accounts_same[s] =
			there != NO_INDEX &&
			before->servers.at[s].accounts.n == after->servers.at[there].accounts.n;
	}
	for (uint32_t s = 0; s < after->servers.n; s++)
		c->server_before[s] = other_server(after, s, before);
	for (uint32_t a = 0; a < before->accounts.n; a++) {
		const struct account *account = &before->accounts.at[a];
		uint32_t there = policy_find(
			after, NAME_ACCOUNT, slice_str(policy_text(before, account->name)));

		/* An account that moves is another account. */
		if (there != NO_INDEX &&
			after->accounts.at[there].server != c->server_after[account->server])
			there = NO_INDEX;
		c->account_after[a] = there;
		if (there == NO_INDEX)
			c->accounts_same[account->server] = false;
	}
	return true;
}

static const struct policy *sorted_policy; /* qsort() passes nothing along */

static int compare_emails(const void *a, const void *b)
{
	return strcmp(email_of(sorted_policy, *(const uint32_t *)a),
		email_of(sorted_policy, *(const uint32_t *)b));
}

static bool side_open(struct side *side, const struct policy *p)
{
	side->p = p;
	side->by_email = calloc((size_t)p->profiles.n + 1, sizeof(uint32_t));
	side->part_of = calloc((size_t)p->servers.n + 1, sizeof(uint32_t));
	side->owner_done = calloc((size_t)p->owners.n + 1, sizeof(uint32_t));
	if (side->by_email == NULL || side->part_of == NULL || side->owner_done == NULL)
		return false;
	for (uint32_t i = 0; i < p->profiles.n; i++)
		side->by_email[i] = i;
	sorted_policy = p;
	qsort(side->by_email, p->profiles.n, sizeof *side->by_email, compare_emails);
	return true;
}

static void side_done(struct side *side)
{
	standing_done(&side->standing);
	free(side->parts.at);
	free(side->by_email);
	free(side->part_of);
	free(side->owner_done);
}

/* --- one profile */

static void forget_parts(struct side *side)
{
	for (uint32_t i = 0; i < side->parts.n; i++)
		side->part_of[side->parts.at[i].server] = 0;
	side->parts.n = 0;
}

/* Cuts what the profile reaches into servers. */
static bool collect(struct side *side, uint32_t profile)
{
	const struct holder *holder = &side->standing.holder;

	forget_parts(side);
	side->profile = profile;
	if (profile == NO_INDEX)
		return true;
	if (!holder_collect(&side->standing.holder, side->p, profile, NO_INDEX))
		return false;
	for (uint32_t i = 0; i < holder->reaches.n; i++) {
		uint32_t server = holder->reaches.at[i].server;
		struct part *part;

		if (side->part_of[server] != 0) {
			side->parts.at[side->part_of[server] - 1].n++;
			continue;
		}
		part = ROWS_ADD(&side->parts);
		if (part == NULL)
			return false;
		*part = (struct part){ server, i, 1 };
		side->part_of[server] = side->parts.n;
	}
	return true;
}

/* Builds what is held on a server of that side; nothing, where there is none. */
static bool build(struct side *side, uint32_t server)
{
	uint32_t part = server != NO_INDEX ? side->part_of[server] : 0;

	side->standing.holding = (struct holding){ .grant_total = 0 };
	side->standing.text = (struct holding_text){ .account_total = 0 };
	if (part == 0)
		return true;
	return standing_build(&side->standing, side->p, side->profile,
		side->parts.at[part - 1].first, side->parts.at[part - 1].n);
}

/* The number that an account has on a side whose holding has just been built. */
static uint32_t number_on(const struct side *side, uint32_t account)
{
	if (account == NO_INDEX)
		return ACCOUNT_ABSENT;
	if (side->standing.holding.grant_total == 0)
		return ACCOUNT_OTHER;
	return standing_account(&side->standing, account);
}

static bool compare_accounts(struct compare *c, const char *server, const char *const *names,
	uint32_t n, uint32_t before, uint32_t after)
{
	const struct change as = { .profile = c->profile,
		.scope = SCOPE_ACCOUNT,
		.place = server,
		.accounts = names,
		.account_total = n };

	return n == 0 || outcomes_compare(&c->outcomes, &as, before, after, c->visit, c->data);
}

/* One account: by itself if some grant names it, else together with its like. */
static bool take_account(
	struct compare *c, const char *server, const char *name, uint32_t before, uint32_t after)
{
	bool named = (before != ACCOUNT_OTHER && before != ACCOUNT_ABSENT) ||
		     (after != ACCOUNT_OTHER && after != ACCOUNT_ABSENT);
	unsigned like = before == ACCOUNT_ABSENT ? 1 : after == ACCOUNT_ABSENT ? 2 : 0;
	const char **row;

	if (named)
		return compare_accounts(c, server, &name, 1, before, after);
	row = ROWS_ADD(&c->names[like]);
	if (row != NULL)
		*row = name;
	return row != NULL;
}

/* Every account of a server, on whichever side it is; server indexes of each side. */
static bool each_account(struct compare *c, const char *name, uint32_t before, uint32_t after)
{
	static const uint32_t numbers[3][2] = { { ACCOUNT_OTHER, ACCOUNT_OTHER },
		{ ACCOUNT_ABSENT, ACCOUNT_OTHER }, { ACCOUNT_OTHER, ACCOUNT_ABSENT } };
	const struct policy *old = c->before.p, *new = c->after.p;
	struct span span =
		before != NO_INDEX ? old->servers.at[before].accounts : (struct span){ 0, 0 };
	bool good = true;

	for (unsigned i = 0; i < 3; i++)
		c->names[i].n = 0;
	for (uint32_t a = span.first; good && a < span.first + span.n; a++)
		good = take_account(c, name, policy_text(old, old->accounts.at[a].name),
			number_on(&c->before, a), number_on(&c->after, c->account_after[a]));
	span = after != NO_INDEX ? new->servers.at[after].accounts : (struct span){ 0, 0 };
	for (uint32_t a = span.first; good && a < span.first + span.n; a++) {
		const char *account = policy_text(new, new->accounts.at[a].name);
		uint32_t there = policy_find(old, NAME_ACCOUNT, slice_str(account));

		if (there == NO_INDEX || c->account_after[there] != a)
			good = take_account(
				c, name, account, ACCOUNT_ABSENT, number_on(&c->after, a));
	}
	for (unsigned i = 0; good && i < 3; i++)
		good = compare_accounts(
			c, name, c->names[i].at, c->names[i].n, numbers[i][0], numbers[i][1]);
	return good;
}

/* One server, by its index on each side, NO_INDEX where it is not. */
static bool compare_server(struct compare *c, uint32_t before, uint32_t after)
{
	const struct standing *old = &c->before.standing, *new = &c->after.standing;
	const char *name = before != NO_INDEX
				   ? policy_text(c->before.p, c->before.p->servers.at[before].name)
				   : policy_text(c->after.p, c->after.p->servers.at[after].name);
	const struct change as = { .profile = c->profile, .scope = SCOPE_SERVER, .place = name };
	bool accounts_same = before != NO_INDEX && after != NO_INDEX && c->accounts_same[before];

	if (!build(&c->before, before) || !build(&c->after, after))
		return false;
	if (accounts_same && holding_same(&old->holding, &old->text, &new->holding, &new->text))
		return true;
	return outcomes_open(&c->outcomes, &old->holding, &new->holding, c->at) &&
	       outcomes_compare(&c->outcomes, &as, ACCOUNT_NONE, ACCOUNT_NONE, c->visit, c->data) &&
	       each_account(c, name, before, after);
}

/* What is held of an owner as a whole: looked at on any server of theirs that is reached. */
static bool compare_owner(struct compare *c, const char *owner, uint32_t before, uint32_t after)
{
	const struct standing *old = &c->before.standing, *new = &c->after.standing;
	const struct change as = { .profile = c->profile, .scope = SCOPE_OVERALL, .place = owner };

	if (!build(&c->before, before) || !build(&c->after, after))
		return false;
	if (holding_same(&old->holding, &old->text, &new->holding, &new->text))
		return true;
	return outcomes_open(&c->outcomes, &old->holding, &new->holding, c->at) &&
	       outcomes_compare(&c->outcomes, &as, ACCOUNT_NONE, ACCOUNT_NONE, c->visit, c->data);
}

static uint32_t owner_at(const struct side *side, uint32_t part)
{
	return side->p->servers.at[side->parts.at[part].server].owner;
}

/* The first server of an owner that the profile reaches. */
static uint32_t server_of(const struct side *side, uint32_t owner)
{
	for (uint32_t i = 0; owner != NO_INDEX && i < side->parts.n; i++)
		if (owner_at(side, i) == owner)
			return side->parts.at[i].server;
	return NO_INDEX;
}

/* The owners of what one side reaches, each once. */
static bool each_owner(struct compare *c, struct side *here, struct side *there)
{
	bool good = true;

	for (uint32_t i = 0; good && i < here->parts.n; i++) {
		uint32_t owner = owner_at(here, i), server = here->parts.at[i].server, other;
		const char *email;

		if (here->owner_done[owner] == c->round)
			continue;
		here->owner_done[owner] = c->round;
		email = email_of(here->p, here->p->owners.at[owner].profile);
		owner = policy_find(there->p, NAME_OWNER, slice_str(email));
		if (owner != NO_INDEX)
			there->owner_done[owner] = c->round;
		other = server_of(there, owner);
		good = here == &c->before ? compare_owner(c, email, server, other)
					  : compare_owner(c, email, other, server);
	}
	return good;
}

/* --- by what a person is known */

static void tell_known(struct compare *c, unsigned kind, const char *by)
{
	const struct change change = { .profile = c->profile, .place = by, .kinds = kind };

	c->visit(&change, c->data);
}

/* The keys of a profile here that are not the same profile's there. */
static void compare_keys(
	struct compare *c, const struct side *here, const struct side *there, unsigned kind)
{
	struct span keys = { 0, 0 };

	if (here->profile != NO_INDEX)
		keys = profile_access(here->p, &here->p->profiles.at[here->profile])->keys;
	for (uint32_t i = keys.first; i < keys.first + keys.n; i++) {
		const struct key *key = &here->p->keys.at[i];
		uint32_t same =
			policy_find(there->p, NAME_KEY, slice_of(key->digest, sizeof key->digest));
		char fingerprint[SSHKEY_FINGERPRINT_SIZE];

		if (same != NO_INDEX && there->p->keys.at[same].profile == there->profile)
			continue;
		sshkey_fingerprint(key->digest, fingerprint);
		tell_known(c, kind, fingerprint);
	}
}

static const char *login_of(const struct side *side)
{
	return side->profile != NO_INDEX
		       ? policy_text(side->p, side->p->profiles.at[side->profile].login)
		       : "";
}

static void compare_known(struct compare *c)
{
	const char *before = login_of(&c->before), *after = login_of(&c->after);

	if (strcmp(before, after) != 0 && before[0] != '\0')
		tell_known(c, CHANGE_LOGIN_LOST, before);
	if (strcmp(before, after) != 0 && after[0] != '\0')
		tell_known(c, CHANGE_LOGIN_GAINED, after);
	compare_keys(c, &c->before, &c->after, CHANGE_KEY_LOST);
	compare_keys(c, &c->after, &c->before, CHANGE_KEY_GAINED);
}

static bool compare_profile(struct compare *c, const char *email, uint32_t before, uint32_t after)
{
	bool good = collect(&c->before, before) && collect(&c->after, after);

	c->profile = email;
	c->round++;
	if (good)
		compare_known(c);
	good = good && each_owner(c, &c->before, &c->after) && each_owner(c, &c->after, &c->before);
	for (uint32_t i = 0; good && i < c->before.parts.n; i++) {
		uint32_t server = c->before.parts.at[i].server;

		good = compare_server(c, server, c->server_after[server]);
	}
	for (uint32_t i = 0; good && i < c->after.parts.n; i++) {
		uint32_t server = c->after.parts.at[i].server, other = c->server_before[server];

		if (other == NO_INDEX || c->before.part_of[other] == 0)
			good = compare_server(c, other, server);
	}
	return good;
}

/* Both lists of profiles in one order. */
static bool each_profile(struct compare *c)
{
	const struct policy *old = c->before.p, *new = c->after.p;
	uint32_t i = 0, k = 0;
	bool good = true;

	while (good && (i < old->profiles.n || k < new->profiles.n)) {
		uint32_t x = i < old->profiles.n ? c->before.by_email[i] : NO_INDEX;
		uint32_t y = k < new->profiles.n ? c->after.by_email[k] : NO_INDEX;
		int order = x == NO_INDEX ? 1 : -1;

		if (x != NO_INDEX && y != NO_INDEX)
			order = strcmp(email_of(old, x), email_of(new, y));
		if (order > 0)
			x = NO_INDEX;
		if (order < 0)
			y = NO_INDEX;
		i += x != NO_INDEX;
		k += y != NO_INDEX;
		good = compare_profile(
			c, x != NO_INDEX ? email_of(old, x) : email_of(new, y), x, y);
	}
	return good;
}

bool policy_compare(const struct policy *before, const struct policy *after, int64_t at,
	change_visit *visit, void *data)
{
	struct compare c = { .at = at, .visit = visit, .data = data };
	bool good = side_open(&c.before, before) && side_open(&c.after, after) && map_servers(&c) &&
		    each_profile(&c);

	side_done(&c.before);
	side_done(&c.after);
	outcomes_done(&c.outcomes);
	for (unsigned i = 0; i < 3; i++)
		free(c.names[i].at);
	free(c.server_after);
	free(c.server_before);
	free(c.account_after);
	free(c.accounts_same);
	return good;
}
