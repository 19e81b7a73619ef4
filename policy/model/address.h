/*
 * Numeric addresses and networks. An address that is not numeric is unknown, and an unknown address
 * is in no network. An IPv4-mapped IPv6 address is its IPv4 address.
 */
#ifndef ADPERM_MODEL_ADDRESS_H
#define ADPERM_MODEL_ADDRESS_H

#include "base/slice.h"

enum family { FAMILY_UNKNOWN = 0, FAMILY_IPV4 = 4, FAMILY_IPV6 = 6 };

struct address {
	enum family family;
	uint8_t octet[16]; /* IPv4: the first four */
};

struct net {
	enum family family;
	uint8_t bits; /* 0 to 32 or 128 */
	uint8_t octet[16];
};

enum net_problem {
	NET_GOOD = 0,
	NET_HOST_BITS, /* good, and masked: bits were set behind the prefix */
	NET_MALFORMED,
	NET_MAPPED, /* an IPv4-mapped network: write the IPv4 one */
	NET_ZONE,   /* fe80::1%eth0 */
	NET_ZEROS,  /* a leading zero: octal or decimal? */
};

/* The longest text of an address or network, with its NUL. */
#define ADDRESS_TEXT_SIZE 50

/* FAMILY_UNKNOWN and false if the text is not a numeric address. */
bool address_parse(struct slice text, struct address *out);

/* "192.0.2.0/24", "2001:db8::/32", or an address alone. */
enum net_problem net_parse(struct slice text, struct net *out);

/*@
  @ predicate in_net(struct net *net, struct address *address) =
  @   net->family != FAMILY_UNKNOWN && net->family == address->family &&
  @   net->bits <= (net->family == FAMILY_IPV4 ? 32 : 128) &&
  @   (\forall integer i; 0 <= i < net->bits / 8 ==> net->octet[i] == address->octet[i]) &&
  @   (net->bits % 8 == 0 || (net->octet[net->bits / 8] ^ address->octet[net->bits / 8]) >>
  @     (8 - net->bits % 8) == 0);
  @*/
/*@
  @ requires \valid_read(net) && \valid_read(address);
  @ assigns \nothing;
  @ ensures \result <==> in_net(net, address);
  @*/
bool net_contains(const struct net *net, const struct address *address);

/* Canonical text (RFC 5952), with the prefix unless it is a whole address. */
void net_text(const struct net *net, char out[static ADDRESS_TEXT_SIZE]);

#endif
