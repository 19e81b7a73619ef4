/* The rules that people make, and whose connection they would cut. */
#include "firewall_rules.h"
#include "own_connections.h"
#include "tap.h"

static bool parses(struct rules *rules, const char *text)
{
	unsigned line;

	return rules_parse(rules, slice_str(text), &line);
}

static bool blocked(const struct rules *rules, const char *from, uint16_t port)
{
	struct address address;

	return address_parse(slice_str(from), &address) &&
	       rules_block(rules, &address, port) != NULL;
}

static void file(void)
{
	static const char long_line[] =
		"block 192.0.2.1 port 25                                                        "
		"                                                                             \n";
	static const char *const wrong[] = {
		"block 192.0.2.1",
		"block\n",
		"deny 192.0.2.1\n",
		"block 192.0.2.1 25\n",
		"block 192.0.2.1 port\n",
		"block 192.0.2.1 port 0\n",
		"block 192.0.2.1 port 025\n",
		"block 192.0.2.1 port 65536\n",
		"block 192.0.2.1 port 25 drop\n",
		"block 192.0.2.1/24\n",
		"block 192.0.2.1/32\n",
		"block 192.0.2.1; drop\n",
		"block  192.0.2.1\n",
		"block 2001:DB8::1\n",
		"\n",
		long_line,
	};
	static struct rules rules;

	ok(parses(&rules, ""), "an empty file is no rules");
	is_int(rules.n, 0, "none");
	ok(parses(&rules, "allow 192.0.2.7\nblock 192.0.2.0/24 port 25\nblock 2001:db8::/32\n"),
		"a file of three");
	is_int(rules.n, 3, "has three");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		ok(!parses(&rules, wrong[i]), "no rule: %.*s", (int)strcspn(wrong[i], "\n"),
			wrong[i]);
}

static void order(void)
{
	static struct rules rules;
	struct rule rule;

	ok(rule_make(&rule, true, "192.0.2.0/24", "22") && rules_add(&rules, &rule), "a block");
	ok(blocked(&rules, "192.0.2.9", 22), "blocks");
	ok(blocked(&rules, "::ffff:192.0.2.9", 22), "the same address in IPv6, too");
	ok(!blocked(&rules, "192.0.2.9", 2222), "not at another port");
	ok(!blocked(&rules, "192.0.3.9", 22), "not another network");
	ok(!blocked(&rules, "2001:db8::9", 22), "not another family");
	ok(rule_make(&rule, false, "192.0.2.9", NULL) && rules_add(&rules, &rule), "an exception");
	ok(!blocked(&rules, "192.0.2.9", 22), "goes before");
	ok(blocked(&rules, "192.0.2.8", 22), "for itself alone");
	ok(rule_make(&rule, true, "192.0.2.9", NULL), "the same as a block");
	is_int(rules_find(&rules, &rule), 0, "is found, whatever it does");
	rules_remove(&rules, 0);
	ok(blocked(&rules, "192.0.2.9", 22), "without the exception");
	ok(rule_make(&rule, true, "0.0.0.0/0", NULL) && rules_add(&rules, &rule), "everybody");
	ok(blocked(&rules, "203.0.113.1", 1), "is everybody of IPv4");
	ok(!blocked(&rules, "2001:db8::1", 1), "and nobody of IPv6");
	while (rules_add(&rules, &rule))
		continue;
	is_int(rules.n, RULES_MAX, "there is an end to it");
}

static void sockets(void)
{
	static const char v4[] = "  12: 0100007F:0016 0A0200C0:D431 01 00000000:00000000 02:000A "
				 "00000000     0        "
				 "0 12345 2 0000 20 4 30 10 -1\n";
	static const char mapped[] =
		"   0: 0000000000000000FFFF00000100007F:0016 0000000000000000FFFF00000A0200C0:D431 "
		"01 "
		"00000000:00000000 02:000A 00000000     0        0 777 2 0000 20 4 30 10 -1\n";
	static const char v6[] =
		"   0: 00000000000000000000000001000000:08AE B80D0120000000000000000009000000:D431 "
		"01 "
		"00000000:00000000 02:000A 00000000     0        0 778 2 0000 20 4 30 10 -1\n";
	static const char *const others[] = {
		"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid "
		" "
		"timeout inode\n",
		"   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0 "
		"   "
		"    0 9 1 0000 100 0 0 10 0\n",
		"   0: 0100007F:0016 0A0200:D431 01 00000000:00000000 02:000A 00000000 0 0 1 2\n",
		"   0: 0100007F:0016\n",
		"",
	};
	struct connection c;
	unsigned long inode;
	struct net net = { .family = FAMILY_IPV4, .bits = 32, .octet = { 192, 0, 2, 10 } };
	struct net six = {
		.family = FAMILY_IPV6, .bits = 128, .octet = { 0x20, 1, 0x0d, 0xb8, [15] = 9 }
	};

	ok(connection_parse(v4, &c, &inode), "IPv4");
	ok(net_contains(&net, &c.from), "has its address");
	is_int(c.port, 22, "and our port");
	is_int(inode, 12345, "and its socket");
	ok(connection_parse(mapped, &c, &inode) && net_contains(&net, &c.from),
		"IPv4 at a socket of IPv6 is IPv4");
	ok(connection_parse(v6, &c, &inode) && net_contains(&six, &c.from), "IPv6");
	is_int(c.port, 2222, "and our port");
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		ok(!connection_parse(others[i], &c, &inode), "no connection: %.20s", others[i]);
}

int main(void)
{
	file();
	order();
	sockets();
	return tap_done();
}
