/* Where one profile stands on one server; see standing.h. */
#include "lang/standing.h"

bool standing_build(
	struct standing *s, const struct policy *p, uint32_t profile, uint32_t first, uint32_t n)
{
	s->p = p;
	s->profile = profile;
	s->reaches = n > 0 ? s->holder.reaches.at + first : NULL;
	s->server = n > 0 ? s->reaches[0].server : NO_INDEX;
	return holder_build(&s->holder, p, profile, first, n, &s->holding, &s->text);
}

bool standing_take(struct standing *s, const struct policy *p, uint32_t profile, uint32_t server)
{
	if (!holder_collect(&s->holder, p, profile, server) ||
		!standing_build(s, p, profile, 0, s->holder.reaches.n))
		return false;
	s->server = server;
	return true;
}

void standing_done(struct standing *s)
{
	holder_done(&s->holder);
	*s = (struct standing){ .p = NULL };
}

uint32_t standing_account(const struct standing *s, uint32_t account)
{
	if (account == NO_INDEX)
		return ACCOUNT_NONE;
	if (s->holder.account_number == NULL || s->holder.account_number[account] == 0)
		return ACCOUNT_OTHER;
	return s->holder.account_number[account];
}

struct way standing_way(const struct standing *s, const struct question *q, uint32_t grant)
{
	const struct grant *g = &s->holding.grants[grant];
	uint64_t givers = perm_givers(q->perm);
	struct way way = { .gives = decide_gives(g, q, givers) };

	if (way.gives) {
		way.dropped = decide_drops(&s->holding, g, q);
		way.by = g->perms & givers;
	}
	return way;
}

bool standing_regions(const struct standing *s, const struct question *q, struct regions *regions)
{
	const struct holding *h = &s->holding;
	uint64_t givers = perm_givers(q->perm);

	regions_reset(regions);
	if (!regions_add(regions, h->nets + h->net_first, h->net_count))
		return false;
	for (uint32_t i = 0; i < h->grant_total; i++)
		if (decide_gives(&h->grants[i], q, givers) &&
			!regions_add(
				regions, h->nets + h->grants[i].net_first, h->grants[i].net_count))
			return false;
	return regions_settle(regions);
}
