/* A hash table of grants by what they give where; see same.h. */
#include "lang/same.h"

#include "base/hash_fast.h"
#include "lang/rows.h"

#include <stdlib.h>

#define SLOTS_FIRST 64

static uint32_t hash_of(const struct policy *p, struct span places)
{
	uint64_t hash = places.n;

	for (uint32_t i = places.first; i < places.first + places.n; i++) {
		const struct place *place = &p->places.at[i];

		hash = hash_mix(hash, place->perms);
		hash = hash_mix(hash, (uint64_t)place->target << 2 | place->scope);
		for (uint32_t k = 0; k < place->items.n; k++)
			hash = hash_mix(hash, p->items.at[place->items.first + k].role);
	}
	return (uint32_t)hash;
}

static bool same_items(const struct policy *p, struct span a, struct span b)
{
	if (a.n != b.n)
		return false;
	for (uint32_t i = 0; i < a.n; i++) {
		const struct item *x = &p->items.at[a.first + i], *y = &p->items.at[b.first + i];

		if (x->role != y->role || memcmp(x->perm, y->perm, sizeof x->perm) != 0)
			return false;
	}
	return true;
}

static bool same_places(const struct policy *p, struct span a, struct span b)
{
	if (a.n != b.n)
		return false;
	for (uint32_t i = 0; i < a.n; i++) {
		const struct place *x = &p->places.at[a.first + i], *y = &p->places.at[b.first + i];

		if (x->scope != y->scope || x->target != y->target || x->perms != y->perms ||
			!same_items(p, x->items, y->items))
			return false;
	}
	return true;
}

/* The slot of a grant that has the same places, or the free one for this. */
static uint32_t slot_of(const struct same *s, const struct policy *p, struct span places)
{
	uint32_t slot = hash_of(p, places) & (s->slot_n - 1);

	while (s->slots[slot] != 0 &&
		!same_places(p, p->grants.at[s->slots[slot] - 1].places, places))
		slot = (slot + 1) & (s->slot_n - 1);
	return slot;
}

/* Keeps half of the slots free. */
static bool room(struct same *s, const struct policy *p)
{
	struct same more = { .slot_n = s->slot_n == 0 ? SLOTS_FIRST : 2 * s->slot_n,
		.used = s->used };

	if (s->slots != NULL && s->used < s->slot_n / 2)
		return true;
	more.slots = calloc(more.slot_n, sizeof *more.slots);
	if (more.slots == NULL)
		return false;
	for (uint32_t i = 0; s->slots != NULL && i < s->slot_n; i++)
		if (s->slots[i] != 0)
			more.slots[slot_of(&more, p, p->grants.at[s->slots[i] - 1].places)] =
				s->slots[i];
	free(s->slots);
	*s = more;
	return true;
}

void same_share(struct same *s, struct policy *p, uint32_t grant, uint32_t places, uint32_t items)
{
	struct policy_grant *g = &p->grants.at[grant];
	uint32_t slot;

	if (!room(s, p))
		return;
	slot = slot_of(s, p, g->places);
	if (s->slots[slot] == 0) {
		s->slots[slot] = grant + 1;
		s->used++;
		return;
	}
	g->places = p->grants.at[s->slots[slot] - 1].places;
	p->places.n = places;
	p->items.n = items;
}

void same_done(struct same *s)
{
	free(s->slots);
	*s = (struct same){ .slots = NULL };
}

bool terms_add(struct policy *p, const struct grant_terms *terms)
{
	struct grant_terms *row = ROWS_ADD(&p->terms);

	if (row != NULL)
		*row = *terms;
	return row != NULL;
}

static bool same_net(const struct net *a, const struct net *b)
{
	return a->family == b->family && a->bits == b->bits &&
	       memcmp(a->octet, b->octet, sizeof a->octet) == 0;
}

static bool same_terms(
	const struct policy *p, const struct grant_terms *a, const struct grant_terms *b)
{
	bool same = a->until == b->until && a->until_is_date == b->until_is_date &&
		    a->grace == b->grace && a->nets.n == b->nets.n;

	for (uint32_t i = 0; same && i < a->nets.n; i++)
		same = same_net(&p->nets.at[a->nets.first + i], &p->nets.at[b->nets.first + i]);
	return same;
}

void terms_share(struct policy *p, struct policy_grant *g)
{
	const struct grant_terms *own = grant_terms(p, g);
	const uint32_t others[] = { 0, g->terms - 1u };

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		if (!same_terms(p, own, &p->terms.at[others[i]]))
			continue;
		p->nets.n -= own->nets.n;
		p->terms.n--;
		g->terms = others[i] & (TO_GROUP - 1);
		return;
	}
}
