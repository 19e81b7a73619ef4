/*
 * The edges of policy/model that no policy and no login leads to: values that a decoder or the
 * language would have refused. What is asked with them is denied, or nothing.
 */
#include "model/decide.h"
#include "model/names.h"

#include "tap.h"

static const struct net everywhere = { .family = FAMILY_IPV4, .bits = 0 };

/* The answer of a person who holds one grant of server.ssh_users, limited to such networks. */
static enum answer answer_from(uint32_t first, uint32_t count)
{
	const struct grant grant = { .perms = PERM_BIT(PERM_SERVER_SSH_USERS),
		.until = WHEN_NEVER,
		.net_first = first,
		.net_count = count };
	const struct holding h = {
		.nets = &everywhere, .net_total = 1, .grants = &grant, .grant_total = 1
	};
	const struct question q = { .perm = PERM_SERVER_SSH_USERS,
		.from = { .family = FAMILY_IPV4 } };

	return decide(&h, &q).answer;
}

static void networks_that_are_not_there(void)
{
	is_int(answer_from(0, 1), ANSWER_ALLOW, "inside the one network");
	is_int(answer_from(1, 1), ANSWER_DENY, "a network behind the last");
	is_int(answer_from(2, 1), ANSWER_DENY, "further behind");
	is_int(answer_from(0, 2), ANSWER_DENY, "one too many");
	is_int(answer_from(1, UINT32_MAX), ANSWER_DENY, "so many that the sum wraps round");
}

static void networks_that_are_none(void)
{
	const struct address a = { .family = FAMILY_IPV4, .octet = { 192, 0, 2, 1 } };
	const struct net unknown = { .family = FAMILY_UNKNOWN };
	const struct net one = { .family = FAMILY_IPV6, .bits = 128, .octet = { 0x20, 1 } };
	const char long_one[60] = "2001:db8::1";
	struct address parsed;
	const struct net wide = { .family = FAMILY_IPV4, .bits = 33, .octet = { 192, 0, 2, 1 } };
	static const struct {
		const char *text;
		enum net_problem problem;
	} table[] = { { "192.0.2.0/1234", NET_MALFORMED }, { "192.0.2.0/2x", NET_MALFORMED },
		{ "2001:db8::/032", NET_MALFORMED }, { "0x1.2.3.4", NET_MALFORMED },
		{ "10.0.0.0/1/", NET_MALFORMED }, { "10.0.0.0/1:", NET_MALFORMED },
		{ "10.0.0.0/4294967304", NET_MALFORMED }, { "0.2.3.4/0", NET_HOST_BITS },
		{ "0/", NET_MALFORMED }, { "0.", NET_MALFORMED } };
	static const char *const same[] = { "2001:db8::/127", "2001:db8::/100", "2001:db8::/99",
		"2001:db8::/32", "2001:db8::1", "10.0.0.0/8", "0.0.0.0/0" };
	char text[ADDRESS_TEXT_SIZE];
	struct net net;

	ok(!net_contains(&unknown, &(struct address){ .family = FAMILY_UNKNOWN }),
		"an unknown network holds not even an unknown address");
	ok(!net_contains(&wide, &a), "33 bits of IPv4 hold nothing");
	ok(net_contains(&one, &(struct address){ .family = FAMILY_IPV6, .octet = { 0x20, 1 } }),
		"128 bits of IPv6 hold one address");
	is_int(net_parse(slice_of(NULL, 0), &net), NET_MALFORMED, "nothing at all is no network");
	ok(!address_parse(slice_of(NULL, 0), &parsed), "nor an address");
	ok(!address_parse(slice_of(long_one, sizeof long_one), &parsed),
		"nor is a text of 60 bytes");
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		is_int(net_parse(slice_str(table[i].text), &net), table[i].problem,
			"network \"%s\"", table[i].text);
	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
		net_parse(slice_str(same[i]), &net);
		net_text(&net, text);
		is_str(text, same[i], "and back");
	}
	net = (struct net){ .family = FAMILY_IPV6, .bits = 200 };
	net_text(&net, text);
	is_str(text, "::/200", "even a prefix that is none is shown whole");
}

static void permissions_that_are_none(void)
{
	const enum perm none = (enum perm)(perm_rows + 1);
	char long_name[100];
	bool ambiguous;

	memset(long_name, 'x', sizeof long_name);

	ok(perm_info(PERM_NONE) == NULL && perm_info((unsigned)none) == NULL, "no row");
	for (unsigned number = 1; number <= perm_rows; number++)
		ok(perm_info(number) != NULL && (unsigned)perm_info(number)->perm == number,
			"row %u", number);
	is_str(perm_meaning(none), "", "no meaning");
	ok(perm_meaning(PERM_ACCOUNT_SSH)[0] != '\0', "what is one has a meaning");
	ok(perm_in_scope(SCOPE_ACCOUNT, slice_of("ssh\0", 4)) == PERM_NONE,
		"a NUL is no part of one");
	for (size_t len = 1; len <= sizeof long_name; len++)
		ok(perm_parse(slice_of(long_name, len), &ambiguous) == PERM_NONE, "%zu bytes", len);
	ok(perm_is_menu(PERM_SERVER_FIREWALL_RULES), "a menu");
	ok(!perm_is_menu(none) && !perm_is_menu(PERM_ACCOUNT_SITES) &&
			!perm_is_menu(PERM_SERVER_SSH_USERS) &&
			!perm_is_menu(PERM_SERVER_DATABASE_USERS),
		"what is no menu");
	ok(perm_givers(none) == 0, "nobody gives it");
	is_str(scope_name((enum scope)0), "", "no scope has no name");
	ok(perm_scope_bits((enum scope)99) == 0, "and grants nothing");
}

static void names_at_their_edges(void)
{
	static char longest[300];
	char out[4];

	memset(longest, 'a', sizeof longest);
	for (size_t dot = 63; dot < sizeof longest; dot += 64)
		longest[dot] = '.';
	ok(name_is_host(slice_of(longest, HOST_MAX)) &&
			!name_is_host(slice_of(longest, HOST_MAX + 1)),
		"a host has 253 bytes");
	longest[1] = '@';
	ok(name_is_email(slice_of(longest, EMAIL_MAX)) &&
			!name_is_email(slice_of(longest, EMAIL_MAX + 1)),
		"an address has 254");
	memset(longest, 'a', sizeof longest);
	longest[64] = '@';
	ok(name_is_email(slice_of(longest, 66)) && name_is_email(slice_str("a1@b")),
		"64 bytes and digits before the @");
	longest[64] = 'a';
	longest[65] = '@';
	ok(!name_is_email(slice_of(longest, 67)), "65 bytes");
	ok(!name_is_email(slice_of(NULL, 0)) && !name_is_host(slice_of(NULL, 0)), "none at all");
	ok(!name_is_login(slice_of("a\0b", 3)), "a NUL in a login");
	ok(!name_is_email(slice_of("a@b\0c", 5)), "and in the host of an address");
	ok(!name_lower(slice_str("four"), out, sizeof out), "no room for the NUL");
	ok(name_lower(slice_str("Sir"), out, sizeof out) && strcmp(out, "sir") == 0, "just room");
	ok(!name_lower(slice_of("a\0b", 3), out, sizeof out), "a NUL inside");
	ok(name_reserved(slice_of(longest, UNIX_MAX + 1)) == NULL, "too long to be reserved");
}

static void times_that_are_none(void)
{
	static const char *const table[] = { "2027-01-00T00:00:00Z", "2027/01-01T00:00:00Z",
		"2027-01/01T00:00:00Z", "2027-00-01T00:00:00Z", "2027-01-01T00.00:00Z",
		"2027-01-01T00:00.00Z", "2027-01-01T00:00:00z", "2027-01-01T0x:00:00Z",
		"2027-01-01T00:0x:00Z", "2027-01-01T00:00:0xZ", "2027-01-01 00:00:00Z",
		"2027-04-31T00:00:00Z", "1900-02-29T00:00:00Z", "2027-02-29T00:00:00Z",
		"2028-04-31T00:00:00Z", "2027-13-01T00:00:00Z", "202/-01-01T00:00:00Z",
		"2027-01-01T00:00:00Zx" };
	const char cut[] = { '2', '0', '2', '7', '-', '0', '1', '-', '0' };
	int64_t when;
	uint32_t seconds;

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		ok(!when_parse(slice_str(table[i]), &when), "time \"%s\"", table[i]);
	for (size_t len = 0; len <= sizeof cut; len++)
		ok(!when_parse(slice_of(cut, len), &when), "its first %zu bytes", len);
	ok(when_parse(slice_str("2000-02-29T00:00:00Z"), &when) &&
			when_parse(slice_str("2028-02-29T00:00:00Z"), &when),
		"leap days");
	ok(!duration_parse(slice_str("10000h"), UINT32_MAX, &seconds) &&
			!duration_parse(slice_str("1xh"), UINT32_MAX, &seconds) &&
			!duration_parse(slice_str("08h"), UINT32_MAX, &seconds) &&
			!duration_parse(slice_of(NULL, 0), UINT32_MAX, &seconds),
		"durations that are none");
}

int main(void)
{
	networks_that_are_not_there();
	networks_that_are_none();
	permissions_that_are_none();
	names_at_their_edges();
	times_that_are_none();
	return tap_done();
}
