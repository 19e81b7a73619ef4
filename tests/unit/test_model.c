/* Names, addresses, networks and times: what is taken, what is refused, at every edge. */
#include "model/address.h"
#include "model/names.h"
#include "model/when.h"

#include "tap.h"

static struct slice repeat(char c, size_t n)
{
	static char at[512];

	memset(at, c, n);
	return slice_of(at, n);
}

static void names(void)
{
	static const char *const logins[] = { "a", "alice", "a-b-9", "x0" };
	static const char *const no_logins[] = { "", "A", "9a", "-a", "a_b", "a.b", "alice ",
		"t\xd1\x95t" };
	static const char *const hosts[] = { "a", "web1.acme.example", "1.2.3", "x-y.z" };
	static const char *const no_hosts[] = { "", ".", "a.", ".a", "a..b", "A", "-a", "a-",
		"a.-b", "a_b", "192.0.2.1" };
	static const char *const emails[] = { "a@b", "A.b+c@D-e.example", "o'x@y.z" };
	static const char *const no_emails[] = { "", "a", "@b", "a@", "a@b@c", ".a@b", "a.@b",
		"a..b@c", "\"a\"@b", "a@b_c", "a b@c", "\xc3\xa9@b", "a@[1.2.3.4]", "a@1.2.3.4",
		"a@b." };

	for (size_t i = 0; i < sizeof logins / sizeof logins[0]; i++)
		ok(name_is_login(slice_str(logins[i])), "login %s", logins[i]);
	for (size_t i = 0; i < sizeof no_logins / sizeof no_logins[0]; i++)
		ok(!name_is_login(slice_str(no_logins[i])), "no login, number %zu", i);
	ok(name_is_login(repeat('a', 32)) && !name_is_login(repeat('a', 33)),
		"logins have 32 bytes");
	ok(name_is_account(slice_str("_x-9")) && name_is_account(slice_str("a_b")),
		"accounts take _");
	ok(!name_is_account(slice_str("-a")) && !name_is_account(slice_str("9")),
		"but begin as they must");
	ok(name_is_label(slice_str("a_b-c")) && !name_is_label(slice_str("_a")),
		"groups and roles");
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
		ok(name_is_host(slice_str(hosts[i])), "host %s", hosts[i]);
	for (size_t i = 0; i < sizeof no_hosts / sizeof no_hosts[0]; i++)
		ok(!name_is_host(slice_str(no_hosts[i])), "no host, number %zu", i);
	ok(name_is_host(repeat('a', 63)) && !name_is_host(repeat('a', 64)), "a label has 63 bytes");
	for (size_t i = 0; i < sizeof emails / sizeof emails[0]; i++)
		ok(name_is_email(slice_str(emails[i])), "address %s", emails[i]);
	for (size_t i = 0; i < sizeof no_emails / sizeof no_emails[0]; i++)
		ok(!name_is_email(slice_str(no_emails[i])), "no address, number %zu", i);
	ok(!name_is_email(slice_of("a\0b@c", 5)), "no NUL in an address");
	ok(name_reserved(slice_str("root")) != NULL &&
			name_reserved(slice_str("postgres")) != NULL &&
			name_reserved(slice_str("adpermd")) != NULL &&
			name_reserved(slice_str(BREAKGLASS)) != NULL,
		"reserved names");
	ok(name_reserved(slice_str("acme")) == NULL && name_reserved(slice_str("roo")) == NULL &&
			name_reserved(slice_str("roots")) == NULL &&
			name_reserved(slice_str("")) == NULL,
		"free names");
}

static void networks(void)
{
	static const struct {
		const char *text;
		enum net_problem problem;
	} table[] = { { "192.0.2.0/24", NET_GOOD }, { "192.0.2.1", NET_GOOD },
		{ "0.0.0.0/0", NET_GOOD }, { "2001:db8::/32", NET_GOOD }, { "::/0", NET_GOOD },
		{ "192.0.2.1/24", NET_HOST_BITS }, { "2001:db8::1/64", NET_HOST_BITS },
		{ "192.0.2.0/33", NET_MALFORMED }, { "192.0.2.0/", NET_MALFORMED },
		{ "192.0.2.0/-1", NET_MALFORMED }, { "192.0.2.0/08", NET_ZEROS },
		{ "192.0.2/24", NET_MALFORMED }, { "::/129", NET_MALFORMED }, { "", NET_MALFORMED },
		{ "/24", NET_MALFORMED }, { "host", NET_MALFORMED }, { "192.0.02.0/24", NET_ZEROS },
		{ "010.0.0.1", NET_ZEROS }, { "::ffff:192.0.2.0/120", NET_MAPPED },
		{ "fe80::1%eth0", NET_ZONE } };
	struct net net;
	struct address a;
	char text[ADDRESS_TEXT_SIZE];

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		is_int(net_parse(slice_str(table[i].text), &net), table[i].problem,
			"network \"%s\"", table[i].text);
	net_parse(slice_str("192.0.2.77/25"), &net);
	net_text(&net, text);
	is_str(text, "192.0.2.0/25", "host bits are masked");
	ok(address_parse(slice_str("192.0.2.127"), &a) && net_contains(&net, &a),
		"the last address inside");
	ok(address_parse(slice_str("192.0.2.128"), &a) && !net_contains(&net, &a),
		"the first outside");
	ok(address_parse(slice_str("::ffff:192.0.2.1"), &a) && net_contains(&net, &a),
		"a mapped one inside");
	net_parse(slice_str("::/0"), &net);
	ok(!net_contains(&net, &a), "all of IPv6 holds no IPv4 address");
	net_parse(slice_str("2001:db8::/33"), &net);
	net_text(&net, text);
	is_str(text, "2001:db8::/33", "an IPv6 network as text");
	ok(address_parse(slice_str("2001:db8:7fff::1"), &a) && net_contains(&net, &a),
		"IPv6 inside");
	ok(address_parse(slice_str("2001:db8:8000::1"), &a) && !net_contains(&net, &a),
		"IPv6 outside");
	net_parse(slice_str("192.0.2.9"), &net);
	net_text(&net, text);
	is_str(text, "192.0.2.9", "one address has no prefix");
	ok(!address_parse(slice_str("LOCAL"), &a) && !net_contains(&net, &a),
		"an unknown one is nowhere");
	ok(!address_parse(slice_of("192.0.2.9\0", 10), &a), "no NUL in an address");
}

static void times(void)
{
	static const struct {
		const char *text;
		int64_t when; /* -1: refused */
	} table[] = { { "1970-01-01T00:00:00Z", 0 }, { "2027-01-31T18:00:00Z", 1801418400 },
		{ "2000-02-29T23:59:59Z", 951868799 }, { "9999-12-31T23:59:59Z", 253402300799 },
		{ "2100-02-29T00:00:00Z", -1 }, { "2027-02-30T00:00:00Z", -1 },
		{ "1969-12-31T23:59:59Z", -1 }, { "2027-01-31T24:00:00Z", -1 },
		{ "2027-01-31T23:60:00Z", -1 }, { "2027-01-31T23:59:60Z", -1 },
		{ "2027-01-31 18:00:00Z", -1 }, { "2027-01-31T18:00:00z", -1 },
		{ "2027-01-31T18:00:00", -1 }, { "2027-01-31T18:00:00+00:00", -1 },
		{ "2027-1-31T18:00:00Z", -1 }, { "", -1 } };
	int64_t when;
	bool date;
	uint32_t seconds;
	char text[WHEN_SIZE];

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		bool good = when_parse(slice_str(table[i].text), &when);

		is_int(good ? when : -1, table[i].when, "time \"%s\"", table[i].text);
		if (!good)
			continue;
		when_text(when, text);
		is_str(text, table[i].text, "and back");
	}
	ok(when_parse_end(slice_str("2027-01-31"), &when, &date) && date, "a date");
	when_text(when, text);
	is_str(text, "2027-02-01T00:00:00Z", "ends at the following midnight");
	ok(when_parse_end(slice_str("9999-12-31"), &when, &date) && when == WHEN_MAX,
		"the last date, too");
	when_text(when, text);
	is_str(text, "9999-12-31T23:59:59Z", "which no year has a number for");
	ok(when_parse_end(slice_str("2027-01-31T18:00:00Z"), &when, &date) && !date,
		"a time is no date");
	ok(!when_parse_end(slice_str("2027-13-01"), &when, &date), "nor is there a month 13");
	ok(duration_parse(slice_str("8h"), 86400, &seconds) && seconds == 28800, "8h");
	ok(duration_parse(slice_str("30m"), 86400, &seconds) && seconds == 1800, "30m");
	ok(duration_parse(slice_str("24h"), 86400, &seconds), "24h is the most");
	ok(!duration_parse(slice_str("25h"), 86400, &seconds), "25h is too much");
	ok(!duration_parse(slice_str("0h"), 86400, &seconds) &&
			!duration_parse(slice_str("8"), 86400, &seconds) &&
			!duration_parse(slice_str("h"), 86400, &seconds) &&
			!duration_parse(slice_str("8d"), 86400, &seconds) &&
			!duration_parse(slice_str("-8h"), 86400, &seconds) &&
			!duration_parse(slice_str(""), 86400, &seconds),
		"durations that are none");
}

int main(void)
{
	names();
	networks();
	times();
	return tap_done();
}
