/* Numeric addresses and networks; see address.h. */
#include "model/address.h"

#include <arpa/inet.h>

#define IPV4_BITS 32
#define IPV6_BITS 128

static const uint8_t mapped_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

/* The text in a NUL-terminated array; false if too long or with a NUL inside. */
static bool copy_text(struct slice text, char out[static ADDRESS_TEXT_SIZE])
{
	if (text.len == 0 || text.len >= ADDRESS_TEXT_SIZE ||
		memchr(text.at, '\0', text.len) != NULL)
		return false;
	memcpy(out, text.at, text.len);
	out[text.len] = '\0';
	return true;
}

/* An address as written, without folding mapped ones. */
static bool parse_as_written(struct slice text, struct address *out)
{
	char copy[ADDRESS_TEXT_SIZE];

	*out = (struct address){ .family = FAMILY_UNKNOWN };
	if (!copy_text(text, copy))
		return false;
	if (inet_pton(AF_INET, copy, out->octet) == 1)
		out->family = FAMILY_IPV4;
	else if (inet_pton(AF_INET6, copy, out->octet) == 1)
		out->family = FAMILY_IPV6;
	return out->family != FAMILY_UNKNOWN;
}

static bool is_mapped(const struct address *a)
{
	return a->family == FAMILY_IPV6 &&
	       memcmp(a->octet, mapped_prefix, sizeof mapped_prefix) == 0;
}

bool address_parse(struct slice text, struct address *out)
{
	if (!parse_as_written(text, out)) {
		*out = (struct address){ .family = FAMILY_UNKNOWN };
		return false;
	}
	if (is_mapped(out)) {
		memmove(out->octet, out->octet + sizeof mapped_prefix, 4);
		memset(out->octet + 4, 0, sizeof out->octet - 4);
		out->family = FAMILY_IPV4;
	}
	return true;
}

/* A decimal prefix length without leading zeros, at most `max`. */
static bool prefix_parse(struct slice text, unsigned max, uint8_t *out)
{
	unsigned value = 0;

	if (text.len == 0 || text.len > 3 || (text.len > 1 && text.at[0] == '0'))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		value = value * 10 + (unsigned)(text.at[i] - '0');
	}
	*out = (uint8_t)value;
	return value <= max;
}

/* Does a decimal group of an IPv4 address begin with a zero it does not need? */
static bool leading_zero(struct slice text)
{
	if (memchr(text.at, '.', text.len) == NULL)
		return false;
	for (size_t i = 0; i + 1 < text.len; i++) {
		bool starts = i == 0 || text.at[i - 1] == '.' || text.at[i - 1] == '/';

		if (starts && text.at[i] == '0' && text.at[i + 1] >= '0' && text.at[i + 1] <= '9')
			return true;
	}
	return false;
}

/* Clears the bits behind the prefix; tells whether any was set. */
static bool mask(struct net *net)
{
	bool cleared = false;

	for (unsigned bit = net->bits; bit < 8 * sizeof net->octet; bit++) {
		uint8_t one = (uint8_t)(0x80 >> bit % 8);

		if ((net->octet[bit / 8] & one) == 0)
			continue;
		net->octet[bit / 8] = (uint8_t)(net->octet[bit / 8] & ~one);
		cleared = true;
	}
	return cleared;
}

enum net_problem net_parse(struct slice text, struct net *out)
{
	const uint8_t *slash = text.len > 0 ? memchr(text.at, '/', text.len) : NULL;
	size_t head = slash != NULL ? (size_t)(slash - text.at) : text.len;
	struct address address;
	unsigned max;

	*out = (struct net){ .family = FAMILY_UNKNOWN };
	if (text.len > 0 && memchr(text.at, '%', text.len) != NULL)
		return NET_ZONE;
	if (text.len > 0 && leading_zero(text))
		return NET_ZEROS;
	if (!parse_as_written(slice_of(text.at, head), &address))
		return NET_MALFORMED;
	max = address.family == FAMILY_IPV4 ? IPV4_BITS : IPV6_BITS;
	out->bits = (uint8_t)max;
	if (slash != NULL &&
		!prefix_parse(slice_of(slash + 1, text.len - head - 1), max, &out->bits))
		return NET_MALFORMED;
	if (is_mapped(&address))
		return NET_MAPPED;
	out->family = address.family;
	memcpy(out->octet, address.octet, sizeof out->octet);
	return mask(out) ? NET_HOST_BITS : NET_GOOD;
}

bool net_contains(const struct net *net, const struct address *address)
{
	unsigned whole = net->bits / 8, rest = net->bits % 8;

	if (net->family == FAMILY_UNKNOWN || net->family != address->family ||
		net->bits > (net->family == FAMILY_IPV4 ? IPV4_BITS : IPV6_BITS))
		return false;
	/*@ loop invariant 0 <= i <= whole;
	  @ loop invariant
	  @   \forall integer j; 0 <= j < i ==> net->octet[j] == address->octet[j];
	  @ loop assigns i;
	  @ loop variant whole - i;
	  @*/
	for (unsigned i = 0; i < whole; i++)
		if (net->octet[i] != address->octet[i])
			return false;
	return rest == 0 || (net->octet[whole] ^ address->octet[whole]) >> (8 - rest) == 0;
}

void net_text(const struct net *net, char out[static ADDRESS_TEXT_SIZE])
{
	bool ipv4 = net->family == FAMILY_IPV4;
	unsigned bits = net->bits;
	size_t len;

	/* It knows both, and there is room: it cannot fail. */
	inet_ntop(ipv4 ? AF_INET : AF_INET6, net->octet, out, ADDRESS_TEXT_SIZE);
	if (bits == (ipv4 ? IPV4_BITS : IPV6_BITS))
		return;
	len = strlen(out);
	out[len++] = '/';
	for (unsigned unit = bits >= 100 ? 100 : bits >= 10 ? 10 : 1; unit > 0; unit /= 10)
		out[len++] = (char)('0' + bits / unit % 10);
	out[len] = '\0';
}
