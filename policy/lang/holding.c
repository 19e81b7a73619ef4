/* What a profile holds on a server; see holding.h. */
#include "lang/holding.h"

#include "lang/rows.h"

#include <stdlib.h>

static bool add_reach(struct holder *w, uint32_t only, struct reach reach)
{
	if (only != NO_INDEX && reach.server != only)
		return true;
	if (!ROWS_ROOM(&w->reaches))
		return false;
	w->reaches.at[w->reaches.n++] = reach;
	return true;
}

/* On every server of an owner, or on the one that is asked about. */
static bool reach_owner(
	struct holder *w, const struct policy *p, uint32_t only, uint32_t owner, struct reach reach)
{
	const struct index *index = &p->owner_servers;

	if (only != NO_INDEX) {
		reach.server = only;
		return p->servers.at[only].owner != owner || add_reach(w, only, reach);
	}
	for (uint32_t i = index->start[owner]; i < index->start[owner + 1]; i++) {
		reach.server = index->item[i];
		if (!add_reach(w, only, reach))
			return false;
	}
	return true;
}

static bool reach_grant(struct holder *w, const struct policy *p, uint32_t only, uint32_t grant)
{
	const struct policy_grant *g = &p->grants.at[grant];

	for (uint32_t i = g->places.first; i < g->places.first + g->places.n; i++) {
		const struct place *place = &p->places.at[i];
		struct reach reach = { .grant = grant, .place = i };
		bool good = false;

		switch (place->scope) {
		case SCOPE_OVERALL: good = reach_owner(w, p, only, g->owner, reach); break;
		case SCOPE_SERVER:
			reach.server = place->target;
			good = add_reach(w, only, reach);
			break;
		case SCOPE_ACCOUNT:
			reach.server = p->accounts.at[place->target].server;
			good = add_reach(w, only, reach);
			break;
		}
		if (!good)
			return false;
	}
	return true;
}

/* By server; there ownership first (it has no grant), then in file order. */
static int compare_reach(const void *a, const void *b)
{
	const struct reach *x = a, *y = b;

	if (x->server != y->server)
		return x->server < y->server ? -1 : 1;
	if (x->grant != y->grant) /* NO_INDEX + 1 is 0 */
		return x->grant + 1 < y->grant + 1 ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

bool holder_collect(struct holder *w, const struct policy *p, uint32_t profile, uint32_t server)
{
	const struct index *index = &p->profile_grants;
	uint32_t owner = p->profiles.at[profile].owner, last = NO_INDEX;

	w->reaches.n = 0;
	if (owner != NO_INDEX &&
		!reach_owner(w, p, server, owner, (struct reach){ .grant = NO_INDEX }))
		return false;
	for (uint32_t i = index->start[profile]; i < index->start[profile + 1]; i++) {
		/* Named twice by one grant, directly and through a group, it is held once. */
		if (index->item[i] != last && !reach_grant(w, p, server, index->item[i]))
			return false;
		last = index->item[i];
	}
	if (w->reaches.n > 1)
		qsort(w->reaches.at, w->reaches.n, sizeof *w->reaches.at, compare_reach);
	return true;
}

/* The number in `accounts` of an account of the policy, which enters it on its first use. */
static bool number_account(
	struct holder *w, const struct policy *p, uint32_t account, uint32_t *number)
{
	if (w->account_number[account] == 0) {
		if (!ROWS_ROOM(&w->accounts) || !ROWS_ROOM(&w->used_accounts))
			return false;
		w->accounts.at[w->accounts.n++] =
			slice_str(policy_text(p, p->accounts.at[account].name));
		w->used_accounts.at[w->used_accounts.n++] = account;
		w->account_number[account] = w->accounts.n;
	}
	*number = w->account_number[account];
	return true;
}

static bool number_file(struct holder *w, const struct policy *p, uint32_t file, uint32_t *number)
{
	if (file >= w->file_total) {
		uint32_t *grown = realloc(w->file_number, ((size_t)file + 1) * sizeof *grown);

		if (grown == NULL)
			return false;
		memset(grown + w->file_total, 0, (file + 1 - w->file_total) * sizeof *grown);
		w->file_number = grown;
		w->file_total = file + 1;
	}
	if (w->file_number[file] == 0) {
		if (!ROWS_ROOM(&w->files) || !ROWS_ROOM(&w->used_files))
			return false;
		w->files.at[w->files.n++] = slice_str(diags_file_name(p->diags, file));
		w->used_files.at[w->used_files.n++] = file;
		w->file_number[file] = w->files.n;
	}
	*number = w->file_number[file] - 1;
	return true;
}

static bool add_nets(struct holder *w, const struct policy *p, struct span nets)
{
	for (uint32_t i = 0; i < nets.n; i++) {
		if (!ROWS_ROOM(&w->nets))
			return false;
		w->nets.at[w->nets.n++] = p->nets.at[nets.first + i];
	}
	return true;
}

static bool add_ownership(struct holder *w, const struct policy *p, uint32_t owner)
{
	const struct owner *o = &p->owners.at[owner];
	struct mark mark = o->require_2fa != FLAG_UNSET ? o->flag_mark : o->mark;
	struct grant grant = {
		.perms = UINT64_MAX,
		.ownership = true,
		.require_2fa = o->require_2fa == FLAG_TRUE,
		.until = WHEN_NEVER,
		.line = mark.line,
	};

	if (!number_file(w, p, mark.file, &grant.file) || !ROWS_ROOM(&w->grants))
		return false;
	w->grants.at[w->grants.n++] = grant;
	return true;
}

/* `same` is the row of the same grant just before, whose networks it shares, or NULL. */
static bool add_grant(
	struct holder *w, const struct policy *p, struct reach reach, const struct grant *same)
{
	const struct policy_grant *g = &p->grants.at[reach.grant];
	const struct grant_terms *terms = grant_terms(p, g);
	const struct place *place = &p->places.at[reach.place];
	struct grant grant = {
		.perms = place->perms,
		.require_2fa = g->require_2fa,
		.grace = terms->grace,
		.until = terms->until,
		.net_first = same != NULL ? same->net_first : w->nets.n,
		.net_count = terms->nets.n,
		.line = g->mark.line,
	};

	if (same == NULL && !add_nets(w, p, terms->nets))
		return false;
	if (place->scope == SCOPE_ACCOUNT && !number_account(w, p, place->target, &grant.account))
		return false;
	if (!number_file(w, p, g->mark.file, &grant.file) || !ROWS_ROOM(&w->grants))
		return false;
	w->grants.at[w->grants.n++] = grant;
	return true;
}

static void holder_reset(struct holder *w)
{
	for (uint32_t i = 0; i < w->used_accounts.n; i++)
		w->account_number[w->used_accounts.at[i]] = 0;
	for (uint32_t i = 0; i < w->used_files.n; i++)
		w->file_number[w->used_files.at[i]] = 0;
	w->used_accounts.n = w->used_files.n = 0;
	w->grants.n = w->nets.n = w->files.n = w->accounts.n = 0;
}

bool holder_build(struct holder *w, const struct policy *p, uint32_t profile, uint32_t first,
	uint32_t n, struct holding *h, struct holding_text *text)
{
	const struct profile *who = &p->profiles.at[profile];
	const struct span nets = profile_access(p, who)->nets;
	uint32_t owner = n > 0 ? p->servers.at[w->reaches.at[first].server].owner : NO_INDEX;
	uint32_t last = NO_INDEX, file;

	if (w->account_number == NULL)
		w->account_number = calloc((size_t)p->accounts.n + 1, sizeof(uint32_t));
	if (w->account_number == NULL)
		return false;
	holder_reset(w);
	if (!add_nets(w, p, nets) || !number_file(w, p, who->mark.file, &file))
		return false;
	for (uint32_t i = first; i < first + n; i++) {
		struct reach reach = w->reaches.at[i];
		bool good = reach.grant == NO_INDEX
				    ? add_ownership(w, p, owner)
				    : add_grant(w, p, reach,
					      reach.grant == last ? &w->grants.at[w->grants.n - 1]
								  : NULL);

		if (!good)
			return false;
		last = reach.grant;
	}
	*h = (struct holding){
		.suspended = who->suspended,
		.machine = who->machine,
		.net_count = nets.n,
		.file = file,
		.line = who->mark.line,
		.nets = w->nets.at,
		.net_total = w->nets.n,
		.grants = w->grants.at,
		.grant_total = w->grants.n,
	};
	*text = (struct holding_text){
		.owner = owner != NO_INDEX
				 ? slice_str(policy_text(
					   p, p->profiles.at[p->owners.at[owner].profile].email))
				 : slice_of(NULL, 0),
		.files = w->files.at,
		.file_total = w->files.n,
		.accounts = w->accounts.at,
		.account_total = w->accounts.n,
	};
	return true;
}

void holder_done(struct holder *w)
{
	free(w->reaches.at);
	free(w->grants.at);
	free(w->nets.at);
	free(w->files.at);
	free(w->accounts.at);
	free(w->used_accounts.at);
	free(w->used_files.at);
	free(w->account_number);
	free(w->file_number);
	*w = (struct holder){ .file_total = 0 };
}
