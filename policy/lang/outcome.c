/* Two holdings, asked the same questions; see outcome.h. */
#include "lang/outcome.h"

#include "lang/rows.h"

#include <stdlib.h>

static bool same_nets(const struct holding *a, uint32_t a_first, uint32_t a_count,
	const struct holding *b, uint32_t b_first, uint32_t b_count)
{
	if (a_count != b_count)
		return false;
	for (uint32_t i = 0; i < a_count; i++) {
		const struct net *x = &a->nets[a_first + i], *y = &b->nets[b_first + i];

		if (x->family != y->family || x->bits != y->bits ||
			memcmp(x->octet, y->octet, sizeof x->octet) != 0)
			return false;
	}
	return true;
}

static bool same_account(
	const struct holding_text *a, uint32_t x, const struct holding_text *b, uint32_t y)
{
	if (x == ACCOUNT_NONE || y == ACCOUNT_NONE)
		return x == y;
	return slice_equal(a->accounts[x - 1], b->accounts[y - 1]);
}

bool holding_same(const struct holding *a, const struct holding_text *a_text,
	const struct holding *b, const struct holding_text *b_text)
{
	if (a->grant_total != b->grant_total || a->suspended != b->suspended ||
		!same_nets(a, a->net_first, a->net_count, b, b->net_first, b->net_count))
		return false;
	for (uint32_t i = 0; i < a->grant_total; i++) {
		const struct grant *x = &a->grants[i], *y = &b->grants[i];

		if (x->perms != y->perms || x->ownership != y->ownership ||
			x->require_2fa != y->require_2fa || x->grace != y->grace ||
			x->until != y->until ||
			!same_account(a_text, x->account, b_text, y->account) ||
			!same_nets(a, x->net_first, x->net_count, b, y->net_first, y->net_count))
			return false;
	}
	return true;
}

static int compare_times(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static bool add_time(struct outcomes *o, int64_t time)
{
	int64_t *row = ROWS_ADD(&o->times);

	if (row != NULL)
		*row = time;
	return row != NULL;
}

static bool add_side(struct outcomes *o, const struct holding *h, int64_t at)
{
	for (uint32_t i = 0; i < h->grant_total; i++) {
		const struct grant *g = &h->grants[i];

		if (g->until <= at)
			continue;
		if (g->until != WHEN_NEVER && !add_time(o, g->until))
			return false;
		if (!regions_add(&o->regions, h->nets + g->net_first, g->net_count))
			return false;
	}
	return h->net_count == 0 || regions_add(&o->regions, h->nets + h->net_first, h->net_count);
}

bool outcomes_open(
	struct outcomes *o, const struct holding *before, const struct holding *after, int64_t at)
{
	uint32_t n = 1;

	o->before = before;
	o->after = after;
	o->times.n = 0;
	regions_reset(&o->regions);
	if (!add_time(o, at) || !add_side(o, before, at) || !add_side(o, after, at) ||
		!regions_settle(&o->regions))
		return false;
	qsort(o->times.at, o->times.n, sizeof *o->times.at, compare_times);
	for (uint32_t i = 1; i < o->times.n; i++)
		if (o->times.at[i] != o->times.at[n - 1])
			o->times.at[n++] = o->times.at[i];
	o->times.n = n;
	return true;
}

static struct verdict ask(const struct holding *h, const struct question *like, uint32_t account)
{
	struct question q = *like;

	if (account == ACCOUNT_ABSENT)
		return (struct verdict){ .answer = ANSWER_DENY, .grant = GRANT_NONE };
	q.account = account;
	return decide(h, &q);
}

static bool is_yes(enum answer answer)
{
	return answer == ANSWER_ALLOW || answer == ANSWER_ALLOW_2FA;
}

/* What one region's answer adds to what is known of a side at the first time. */
static void side_now(struct change_side *side, const struct verdict *v)
{
	bool asked = v->answer == ANSWER_ALLOW_2FA;

	if (asked && (!side->with || v->grace < side->grace))
		side->grace = v->grace;
	side->held |= is_yes(v->answer);
	side->with |= asked;
	side->without |= v->answer == ANSWER_ALLOW;
}

/* The kinds of change that show in one region at the first time. */
static unsigned kinds_in_region(enum answer before, enum answer after)
{
	if (before == after)
		return 0;
	if (!is_yes(before))
		return CHANGE_WIDER;
	if (!is_yes(after))
		return CHANGE_NARROWER;
	return after == ANSWER_ALLOW_2FA ? CHANGE_2FA_ADDED : CHANGE_2FA_DROPPED;
}

static uint8_t fate_of(enum answer before, enum answer after)
{
	return (uint8_t)((is_yes(before) ? FATE_HELD_BEFORE : 0) |
			 (is_yes(after) ? FATE_HELD_AFTER : 0) |
			 (before == ANSWER_ALLOW_2FA ? FATE_2FA_BEFORE : 0) |
			 (after == ANSWER_ALLOW_2FA ? FATE_2FA_AFTER : 0));
}

/* Nothing begins later, so what is held nowhere at a time is held nowhere ever after. */
static void side_later(struct change_side *side, int64_t time, bool held, bool asked)
{
	if (!held && side->until == WHEN_NEVER)
		side->until = time;
	if (!asked && side->asked_until == WHEN_NEVER)
		side->asked_until = time;
}

static unsigned settle_kinds(
	unsigned kinds, const struct change_side *before, const struct change_side *after)
{
	if (!before->held && !after->held)
		return 0;
	if (!before->held)
		return CHANGE_GAINED;
	if (!after->held)
		return CHANGE_LOST;
	if (before->until != after->until)
		kinds |= CHANGE_UNTIL;
	if (before->with && after->with && before->asked_until != after->asked_until)
		kinds |= CHANGE_2FA_UNTIL;
	if (before->with && after->with && before->grace != after->grace)
		kinds |= CHANGE_GRACE;
	return kinds != CHANGE_LATER ? kinds & ~CHANGE_LATER : kinds;
}

/* One permission, at all times and in all regions. */
static void compare_perm(struct outcomes *o, struct question *q, uint32_t before_account,
	uint32_t after_account, struct change *out, uint8_t *fates)
{
	struct change_side *before = &out->before, *after = &out->after;
	unsigned kinds = 0;

	*before = *after = (struct change_side){ .until = WHEN_NEVER, .asked_until = WHEN_NEVER };
	for (uint32_t t = 0; t < o->times.n; t++) {
		bool held[2] = { false, false }, asked[2] = { false, false };

		q->now = o->times.at[t];
		for (uint32_t r = 0; r < o->regions.all.n; r++) {
			struct verdict x, y;

			q->from = o->regions.all.at[r].from;
			x = ask(o->before, q, before_account);
			y = ask(o->after, q, after_account);
			held[0] |= is_yes(x.answer);
			held[1] |= is_yes(y.answer);
			asked[0] |= x.answer == ANSWER_ALLOW_2FA;
			asked[1] |= y.answer == ANSWER_ALLOW_2FA;
			if (x.answer != y.answer || x.grace != y.grace)
				kinds |= CHANGE_LATER;
			if (t > 0)
				continue;
			side_now(before, &x);
			side_now(after, &y);
			kinds |= kinds_in_region(x.answer, y.answer);
			fates[r] = fate_of(x.answer, y.answer);
		}
		side_later(before, q->now, held[0], asked[0]);
		side_later(after, q->now, held[1], asked[1]);
	}
	out->kinds = settle_kinds(kinds, before, after);
}

static bool same_side(const struct change_side *a, const struct change_side *b)
{
	return a->held == b->held && a->with == b->with && a->without == b->without &&
	       a->grace == b->grace && a->until == b->until && a->asked_until == b->asked_until;
}

/* Joins the permission to those that changed alike, or begins another set. */
static void join(const struct outcomes *o, struct change *all, uint32_t *n, struct change *new,
	uint64_t perm)
{
	for (uint32_t i = 0; i < *n; i++) {
		if (all[i].kinds != new->kinds || !same_side(&all[i].before, &new->before) ||
			!same_side(&all[i].after, &new->after) ||
			memcmp(all[i].fates, new->fates, o->regions.all.n) != 0)
			continue;
		all[i].perms |= perm;
		return;
	}
	new->perms = perm;
	all[(*n)++] = *new;
}

/* Everything that some grant of either side gives. */
static uint64_t held_somewhere(const struct outcomes *o)
{
	uint64_t perms = 0;

	for (uint32_t i = 0; i < o->before->grant_total; i++)
		perms |= o->before->grants[i].perms;
	for (uint32_t i = 0; i < o->after->grant_total; i++)
		perms |= o->after->grants[i].perms;
	return perms;
}

static bool fates_room(struct outcomes *o, size_t n)
{
	uint8_t *grown;

	if (n <= o->fates_cap)
		return true;
	grown = realloc(o->fates, n);
	if (grown == NULL)
		return false;
	o->fates = grown;
	o->fates_cap = n;
	return true;
}

bool outcomes_compare(struct outcomes *o, const struct change *as, uint32_t before_account,
	uint32_t after_account, change_visit *visit, void *data)
{
	struct change all[64], change = *as;
	uint64_t held = held_somewhere(o);
	uint32_t n = 0;
	size_t used = 0;
	uint8_t *fates;

	if (!fates_room(o, perm_rows * o->regions.all.n))
		return false;
	for (size_t i = 0; i < perm_rows; i++) {
		const struct perm_info *info = &perm_table[i];
		struct question q = { .perm = info->perm };

		if (info->scope != as->scope || info->derived ||
			(perm_givers(info->perm) & held) == 0)
			continue;
		fates = o->fates + used++ * o->regions.all.n;
		change.fates = fates;
		compare_perm(o, &q, before_account, after_account, &change, fates);
		if (change.kinds != 0)
			join(o, all, &n, &change, PERM_BIT(info->perm));
	}
	for (uint32_t i = 0; i < n; i++) {
		all[i].regions = &o->regions;
		visit(&all[i], data);
	}
	return true;
}

void outcomes_done(struct outcomes *o)
{
	regions_done(&o->regions);
	free(o->times.at);
	free(o->fates);
	*o = (struct outcomes){ .before = NULL };
}
