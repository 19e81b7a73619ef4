/*
 * Second factors that come and go: where one person holds one permission by several grants and not
 * all of them carry the flag. Looked at as a decision would: one person on one server at a time.
 */
#include "lang/lint.h"

#include "lang/holding.h"
#include "lang/rows.h"

#include <stdlib.h>

/* Pairs of grants compared, in all: a policy made to be slow is not looked at to the end. */
#define COMPARED_MAX 200000000u

/* One thing that the person holds on the server. */
struct held {
	uint64_t given, perms;   /* as written; with all that they bring */
	uint32_t account, grant; /* NO_INDEX: all accounts; an ownership */
	bool flag;
	int64_t until;
	struct span nets;
	struct mark mark;
};

/* What becomes of an unflagged grant over all whom it reaches. */
struct fate {
	bool counts; /* somebody holds something by it without a second factor */
	bool reported;
	struct mark hidden_by; /* line 0: by nothing */
};

struct flags {
	const struct policy *p;
	struct diags *d;
	int64_t now;
	uint64_t brings[64]; /* by permission */
	struct holder holder;
	ROWS(struct held) held;
	struct fate *fates; /* by grant */
	uint32_t compared;
	const struct profile *who;
};

static void find_brings(struct flags *f)
{
	for (size_t i = 0; i < perm_rows; i++) {
		uint64_t givers = perm_givers(perm_table[i].perm);

		for (unsigned giver = 0; giver < 64 && !perm_table[i].derived; giver++)
			if ((givers >> giver & 1) != 0)
				f->brings[giver] |= PERM_BIT(perm_table[i].perm);
	}
}

static uint64_t brought(const struct flags *f, uint64_t perms)
{
	uint64_t all = 0;

	for (unsigned perm = 0; perm < 64; perm++)
		if ((perms >> perm & 1) != 0)
			all |= f->brings[perm];
	return all;
}

static bool add_ownership(struct flags *f)
{
	const struct owner *owner = &f->p->owners.at[f->who->owner];
	struct held *h = ROWS_ADD(&f->held);

	if (h == NULL)
		return false;
	*h = (struct held){
		.given = UINT64_MAX,
		.perms = brought(f, UINT64_MAX),
		.account = NO_INDEX,
		.grant = NO_INDEX,
		.flag = owner->require_2fa == FLAG_TRUE,
		.until = WHEN_NEVER,
		.mark = owner->flag_mark.line != 0 ? owner->flag_mark : owner->mark,
	};
	return true;
}

/* What has expired, or can be had from none of the person's addresses, is said elsewhere. */
static bool add_held(struct flags *f, struct reach reach)
{
	const struct policy_grant *g;
	const struct grant_terms *terms;
	const struct place *place;
	struct held *h;

	if (reach.grant == NO_INDEX)
		return add_ownership(f);
	g = &f->p->grants.at[reach.grant];
	place = &f->p->places.at[reach.place];
	terms = grant_terms(f->p, g);
	if (terms->until <= f->now ||
		!lint_nets_meet(f->p, profile_access(f->p, f->who)->nets, terms->nets))
		return true;
	h = ROWS_ADD(&f->held);
	if (h == NULL)
		return false;
	*h = (struct held){
		.given = place->perms,
		.perms = brought(f, place->perms),
		.account = place->scope == SCOPE_ACCOUNT ? place->target : NO_INDEX,
		.grant = reach.grant,
		.flag = g->require_2fa,
		.until = terms->until,
		.nets = terms->nets,
		.mark = g->mark,
	};
	return true;
}

/* Whenever and wherever `inner` holds, `outer` does. */
static bool condition_within(
	const struct flags *f, const struct held *inner, const struct held *outer)
{
	const struct span own = profile_access(f->p, f->who)->nets;

	if (outer->until < inner->until)
		return false;
	if (outer->nets.n == 0)
		return true;
	return (inner->nets.n > 0 && lint_nets_within(f->p, inner->nets, outer->nets)) ||
	       (own.n > 0 && lint_nets_within(f->p, own, outer->nets));
}

/* Of these permissions on that account, those for which `by` does not ask for the flag too. */
static uint64_t without(struct flags *f, uint64_t perms, uint32_t account, const struct held *inner,
	struct mark *by)
{
	for (uint32_t i = 0; perms != 0 && i < f->held.n; i++) {
		const struct held *h = &f->held.at[i];

		f->compared++;
		if (!h->flag || (h->account != NO_INDEX && h->account != account) ||
			(h->perms & perms) == 0 || !condition_within(f, inner, h))
			continue;
		perms &= ~h->perms;
		*by = h->mark;
	}
	return perms;
}

/* An unflagged grant that a flagged one always goes with. */
static void look_hidden(struct flags *f, const struct held *h)
{
	struct fate *fate = &f->fates[h->grant];

	if (fate->counts)
		return;
	if (without(f, h->perms, h->account, h, &fate->hidden_by) != 0)
		fate->counts = true;
}

static const char *vanishing_words(const struct held *flagged, const struct held *plain)
{
	bool expires = flagged->until<plain->until, moves = flagged->nets.n> 0;

	if (expires && moves)
		return "when this grant expires and from other addresses";
	return expires ? "when this grant expires" : "from other addresses";
}

/* One of several permissions, if possible one that somebody has written. */
static const char *one_of(uint64_t perms, const struct held *flagged, const struct held *plain)
{
	unsigned perm = 0;

	if ((perms & flagged->given) != 0)
		perms &= flagged->given;
	else if ((perms & plain->given) != 0)
		perms &= plain->given;
	while ((perms >> perm & 1) == 0)
		perm++;
	return perm_info(perm)->full;
}

/* A flagged grant with a condition, and an unflagged one that holds where it does not. */
static void look_vanishing(struct flags *f, const struct held *flagged)
{
	for (uint32_t i = 0; i < f->held.n && f->compared < COMPARED_MAX; i++) {
		const struct held *plain = &f->held.at[i];
		uint32_t account = flagged->account != NO_INDEX ? flagged->account : plain->account;
		uint64_t perms = flagged->perms & plain->perms;
		struct mark ignored;

		f->compared++;
		if (f->fates[flagged->grant].reported || plain->flag || perms == 0 ||
			(plain->account != NO_INDEX && plain->account != account))
			continue;
		perms = without(f, perms, account, plain, &ignored);
		if (perms == 0)
			continue;
		f->fates[flagged->grant].reported = true;
		diag(f->d, flagged->mark, DIAG_FLAG_VANISHES,
			"%s, %s holds %s without the second factor",
			vanishing_words(flagged, plain), policy_text(f->p, f->who->email),
			one_of(perms, flagged, plain));
		diag_note(f->d, plain->mark, "this gives it without require_2fa");
	}
}

/* All that one person holds on one server. */
static bool look_server(struct flags *f, const struct reach *reaches, uint32_t n)
{
	f->held.n = 0;
	for (uint32_t i = 0; i < n; i++)
		if (!add_held(f, reaches[i]))
			return false;
	for (uint32_t i = 0; i < f->held.n && f->compared < COMPARED_MAX; i++) {
		const struct held *h = &f->held.at[i];

		if (h->grant == NO_INDEX)
			continue;
		if (!h->flag)
			look_hidden(f, h);
		else if (h->until != WHEN_NEVER || h->nets.n > 0)
			look_vanishing(f, h);
	}
	return true;
}

/* Is there anything to compare: a flagged and an unflagged thing of this profile? */
static bool is_mixed(struct flags *f, uint32_t profile)
{
	const struct index *index = &f->p->profile_grants;
	bool flagged = false, plain = false;

	if (f->who->owner != NO_INDEX) {
		flagged = f->p->owners.at[f->who->owner].require_2fa == FLAG_TRUE;
		plain = !flagged;
	}
	for (uint32_t i = index->start[profile]; i < index->start[profile + 1]; i++) {
		bool flag = f->p->grants.at[index->item[i]].require_2fa;

		flagged = flagged || flag;
		plain = plain || !flag;
	}
	for (uint32_t i = index->start[profile]; !flagged && i < index->start[profile + 1]; i++)
		f->fates[index->item[i]].counts = true;
	return flagged && plain;
}

static bool look_profile(struct flags *f, uint32_t profile)
{
	const struct reach *reaches;
	uint32_t n;

	f->who = &f->p->profiles.at[profile];
	if (!is_mixed(f, profile))
		return true;
	if (!holder_collect(&f->holder, f->p, profile, NO_INDEX))
		return false;
	reaches = f->holder.reaches.at;
	n = f->holder.reaches.n;
	for (uint32_t first = 0, end; first < n; first = end) {
		for (end = first + 1; end < n && reaches[end].server == reaches[first].server;
			end++)
			;
		if (!look_server(f, reaches + first, end - first))
			return false;
	}
	return true;
}

static void report_hidden(struct flags *f)
{
	for (uint32_t i = 0; i < f->p->grants.n; i++) {
		if (f->fates[i].counts || f->fates[i].hidden_by.line == 0)
			continue;
		diag(f->d, f->p->grants.at[i].mark, DIAG_FLAG_HIDDEN,
			"this grant changes nothing: all it gives is held with require_2fa");
		diag_note(f->d, f->fates[i].hidden_by, "by this, for one");
	}
}

bool lint_flags(const struct policy *p, int64_t now, struct diags *diags)
{
	struct flags f = {
		.p = p,
		.d = diags,
		.now = now,
		.fates = calloc((size_t)p->grants.n + 1, sizeof(struct fate)),
	};
	bool good = f.fates != NULL;

	find_brings(&f);
	for (uint32_t i = 0; good && i < p->profiles.n; i++)
		good = look_profile(&f, i);
	if (good && f.compared < COMPARED_MAX)
		report_hidden(&f);
	else if (good)
		diag(diags, (struct mark){ 0 }, DIAG_LINT_STOPPED,
			"too many grants reach the same people: not all were compared");
	holder_done(&f.holder);
	free(f.held.at);
	free(f.fates);
	return good;
}
