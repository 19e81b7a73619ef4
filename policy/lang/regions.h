/*
 * The addresses that make a difference: some networks cut all addresses into regions, and inside
 * one of them every decision that knows no other networks is the same. So what holds "from
 * anywhere" is found by asking decide() once a region.
 */
#ifndef ADPERM_LANG_REGIONS_H
#define ADPERM_LANG_REGIONS_H

#include "lang/policy.h"

struct region {
	struct net net; /* FAMILY_UNKNOWN: everywhere else, and where an address is not known */
	struct address from; /* one that is in this network and in no narrower one */
};

/* Zero it before the first use. */
struct regions {
	ROWS(struct region) all; /* the last one is "everywhere else" */
};

void regions_reset(struct regions *r);

/* Adds networks, in any order. False: out of memory. */
bool regions_add(struct regions *r, const struct net *nets, uint32_t n);

/* After the last network: makes `all`, in the order of addresses, each once. */
bool regions_settle(struct regions *r);

void regions_done(struct regions *r);

#endif
