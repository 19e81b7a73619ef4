/* The addresses that make a difference; see regions.h. */
#include "lang/regions.h"

#include "lang/rows.h"

#include <stdlib.h>

void regions_reset(struct regions *r)
{
	r->all.n = 0;
}

bool regions_add(struct regions *r, const struct net *nets, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct region *region = ROWS_ADD(&r->all);

		if (region == NULL)
			return false;
		*region = (struct region){ .net = nets[i] };
	}
	return true;
}

/* By family and address, the wider first: what is inside a network stands right behind it. */
static int compare(const void *a, const void *b)
{
	const struct net *x = &((const struct region *)a)->net;
	const struct net *y = &((const struct region *)b)->net;
	int order = x->family != y->family ? (x->family < y->family ? -1 : 1)
					   : memcmp(x->octet, y->octet, sizeof x->octet);

	return order != 0 ? order : (int)x->bits - (int)y->bits;
}

static struct address first_of(const struct net *net)
{
	struct address address = { .family = net->family };

	memcpy(address.octet, net->octet, sizeof address.octet);
	return address;
}

/* The first address behind a network; false: there is none. */
static bool behind(const struct net *net, struct address *out)
{
	unsigned bit = net->bits;

	*out = first_of(net);
	while (bit-- > 0) {
		uint8_t one = (uint8_t)(0x80 >> bit % 8);

		out->octet[bit / 8] = (uint8_t)(out->octet[bit / 8] ^ one);
		if ((out->octet[bit / 8] & one) != 0)
			return true;
	}
	return false;
}

/*
 * Looks in region i for an address that none of the narrower ones behind it has. False: they cover
 * all of it.
 */
static bool find_address(struct region *all, uint32_t n, uint32_t i)
{
	struct address at = first_of(&all[i].net);
	bool more = true;

	for (uint32_t k = i + 1; more && k < n; k++) {
		struct address inner = first_of(&all[k].net);

		if (!net_contains(&all[i].net, &inner))
			break;
		if (net_contains(&all[k].net, &at))
			more = behind(&all[k].net, &at);
	}
	all[i].from = at;
	return more && net_contains(&all[i].net, &at);
}

bool regions_settle(struct regions *r)
{
	struct region *all = r->all.at, *rest;
	uint32_t n = 0;

	if (r->all.n > 1)
		qsort(all, r->all.n, sizeof *all, compare);
	for (uint32_t i = 0; i < r->all.n; i++)
		if (n == 0 || compare(&all[n - 1], &all[i]) != 0)
			all[n++] = all[i];
	r->all.n = 0;
	/* What is kept moves to the front, where nothing that is still looked at stands. */
	for (uint32_t i = 0; i < n; i++)
		if (find_address(all, n, i))
			all[r->all.n++] = all[i];
	rest = ROWS_ADD(&r->all);
	if (rest == NULL)
		return false;
	*rest = (struct region){ .net = { .family = FAMILY_UNKNOWN } };
	return true;
}

void regions_done(struct regions *r)
{
	free(r->all.at);
	*r = (struct regions){ .all = { .at = NULL } };
}
