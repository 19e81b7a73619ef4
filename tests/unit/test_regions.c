/*
 * Regions: whatever networks there are, every address lies in the same networks as the one that
 * stands for its region.
 */
#include "lang/regions.h"
#include "tap.h"

#include <stdlib.h>

#define ROUNDS    2000
#define NETS_MAX  8
#define ADDRESSES 64

static uint64_t state = 1;

static uint32_t below(uint32_t n)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * UINT64_C(2685821657736338717)) >> 33) % n;
}

/* The last six bits of an IPv4 or IPv6 address differ, or of all of them if `low` is above that. */
static struct address make_address(enum family family, unsigned low)
{
	struct address a = { .family = family };
	unsigned last = family == FAMILY_IPV4 ? 3 : 15;

	memset(a.octet, low < ADDRESSES ? 10 : 200, last + 1);
	a.octet[last] = (uint8_t)(192 + low % ADDRESSES);
	return a;
}

static struct net make_net(enum family family)
{
	unsigned width = family == FAMILY_IPV4 ? 32 : 128, free_bits = below(8);
	struct address a = make_address(family, below(ADDRESSES));
	struct net net = { .family = family, .bits = (uint8_t)(width - free_bits) };

	if (free_bits == 7) {
		net.bits = 0;
		return net;
	}
	memcpy(net.octet, a.octet, sizeof net.octet);
	net.octet[width / 8 - 1] = (uint8_t)(net.octet[width / 8 - 1] & ~((1u << free_bits) - 1));
	return net;
}

static uint32_t members(const struct net *nets, uint32_t n, const struct address *a)
{
	uint32_t bits = 0;

	for (uint32_t i = 0; i < n; i++)
		bits |= (uint32_t)net_contains(&nets[i], a) << i;
	return bits;
}

/* Does some region stand for the address? */
static bool stood_for(
	const struct regions *r, const struct net *nets, uint32_t n, const struct address *a)
{
	uint32_t wanted = members(nets, n, a);

	for (uint32_t i = 0; i < r->all.n; i++)
		if (members(nets, n, &r->all.at[i].from) == wanted)
			return true;
	return false;
}

static unsigned round_of(struct regions *r)
{
	struct net nets[NETS_MAX];
	uint32_t n = below(NETS_MAX + 1);
	unsigned wrong = 0;

	for (uint32_t i = 0; i < n; i++)
		nets[i] = make_net(below(3) == 0 ? FAMILY_IPV6 : FAMILY_IPV4);
	regions_reset(r);
	if (!regions_add(r, nets, n) || !regions_settle(r))
		abort();
	for (unsigned low = 0; low <= ADDRESSES; low++) {
		struct address v4 = make_address(FAMILY_IPV4, low);
		struct address v6 = make_address(FAMILY_IPV6, low);

		wrong += !stood_for(r, nets, n, &v4);
		wrong += !stood_for(r, nets, n, &v6);
	}
	for (uint32_t i = 0; i + 1 < r->all.n; i++)
		wrong += !net_contains(&r->all.at[i].net, &r->all.at[i].from);
	for (uint32_t i = 0; i < r->all.n; i++)
		for (uint32_t k = 0; k < i; k++)
			wrong += members(nets, n, &r->all.at[i].from) ==
				 members(nets, n, &r->all.at[k].from);
	return wrong;
}

static void parse(const char *text, struct net *net)
{
	if (net_parse(slice_str(text), net) != NET_GOOD)
		abort();
}

int main(void)
{
	struct regions r = { .all = { .at = NULL } };
	unsigned wrong = 0;
	struct net nets[3];

	regions_settle(&r);
	is_int(r.all.n, 1, "without networks there is one region");
	is_int(r.all.at[0].net.family, FAMILY_UNKNOWN, "which is everywhere");

	parse("192.0.2.0/24", &nets[0]);
	parse("192.0.2.0/25", &nets[1]);
	parse("192.0.2.128/25", &nets[2]);
	regions_reset(&r);
	ok(regions_add(&r, nets, 3) && regions_settle(&r), "two halves and the whole");
	is_int(r.all.n, 3, "are the halves, and elsewhere");
	parse("255.255.255.255", &nets[1]);
	parse("0.0.0.0/0", &nets[0]);
	regions_reset(&r);
	ok(regions_add(&r, nets, 2) && regions_settle(&r), "the last address of all");
	is_int(r.all.n, 3, "ends nothing");

	for (unsigned i = 0; i < ROUNDS; i++)
		wrong += round_of(&r);
	is_int(wrong, 0, "every address has a region with the same networks, and no two are alike");
	regions_done(&r);
	return tap_done();
}
