/* The catalogue: names, scopes, and what brings what. */
#include "model/catalogue.h"

#include "tap.h"

static enum perm parse(const char *text)
{
	bool ambiguous;

	return perm_parse(slice_str(text), &ambiguous);
}

static void names(void)
{
	bool ambiguous;

	is_int(perm_rows, 36, "4 overall, 20 account, 10 server permissions and 2 menus");
	is_int(parse("account.ssh"), PERM_ACCOUNT_SSH, "the full form");
	is_int(parse("ssh"), PERM_ACCOUNT_SSH, "the short form where one scope has it");
	is_int(parse("ssh_users"), PERM_SERVER_SSH_USERS, "the short form of a server's");
	is_int(perm_parse(slice_str("resources"), &ambiguous), PERM_NONE,
		"resources is in two scopes");
	ok(ambiguous, "and that is said");
	is_int(perm_parse(slice_str("sssh"), &ambiguous), PERM_NONE,
		"no permission is called sssh");
	ok(!ambiguous, "and that is not ambiguous");
	is_int(parse("overall.ssh"), PERM_NONE, "a scope that lacks it");
	is_int(parse(""), PERM_NONE, "the empty name");
	ok(perm_info(0) == NULL && perm_info(63) == NULL, "numbers without a row");
	for (size_t i = 0; i < perm_rows; i++) {
		const struct perm_info *row = &perm_table[i];

		is_int(parse(row->full), row->perm, "%s is found by its full name", row->full);
		is_int(perm_in_scope(row->scope, slice_str(row->id)), row->perm, "%s by scope",
			row->full);
		ok(perm_info(row->perm) == row && row->perm < 64, "%s by number", row->full);
	}
}

static void bringing(void)
{
	uint64_t servers = PERM_BIT(PERM_OVERALL_TECHNICAL_SERVERS);
	uint64_t accounts = PERM_BIT(PERM_OVERALL_TECHNICAL_ACCOUNTS);

	is_int(perm_givers(PERM_OVERALL_BILLING), PERM_BIT(PERM_OVERALL_BILLING),
		"nothing brings billing");
	is_int(perm_givers(PERM_OVERALL_ACCOUNT_MANAGEMENT),
		PERM_BIT(PERM_OVERALL_ACCOUNT_MANAGEMENT), "nothing brings account management");
	is_int(perm_givers(PERM_SERVER_FIREWALL_RULES),
		PERM_BIT(PERM_SERVER_FIREWALL_RULES) | servers,
		"technical_servers brings firewall_rules");
	is_int(perm_givers(PERM_ACCOUNT_SITES), PERM_BIT(PERM_ACCOUNT_SITES) | accounts,
		"technical_accounts alone brings sites");
	is_int(perm_givers(PERM_ACCOUNT_SSH),
		PERM_BIT(PERM_ACCOUNT_SSH) | PERM_BIT(PERM_SERVER_SSH_USERS) | accounts | servers,
		"ssh comes by ssh_users, and so by technical_servers");
	is_int(perm_givers(PERM_SERVER_SSH_USERS), PERM_BIT(PERM_SERVER_SSH_USERS) | servers,
		"no account permission brings a server one");
	is_int(perm_givers(PERM_SERVER_CONFIGURATION),
		PERM_BIT(PERM_SERVER_CONFIGURATION) | perm_scope_bits(SCOPE_SERVER) | servers,
		"configuration is held with any server permission");
	is_int(perm_givers(PERM_ACCOUNT_SERVER_STATUS),
		PERM_BIT(PERM_ACCOUNT_SERVER_STATUS) | perm_scope_bits(SCOPE_ACCOUNT) | accounts |
			servers | PERM_BIT(PERM_SERVER_SSH_USERS) |
			PERM_BIT(PERM_SERVER_DATABASE_USERS) | PERM_BIT(PERM_SERVER_RESOURCES),
		"server_status is held with any account permission, brought ones too");
	is_int(perm_givers(PERM_NONE), 0, "nobody gives no permission");
	is_int(perm_counterpart(PERM_SERVER_SSH_USERS), PERM_ACCOUNT_SSH, "ssh_users and ssh");
	is_int(perm_counterpart(PERM_SERVER_DATABASE_USERS), PERM_ACCOUNT_DATABASES,
		"database_users and databases");
	is_int(perm_counterpart(PERM_SERVER_RESOURCES), PERM_ACCOUNT_RESOURCES,
		"the two resources");
	is_int(perm_counterpart(PERM_SERVER_MIGRATION), PERM_NONE, "migration has none");
	is_int(perm_counterpart(PERM_OVERALL_TECHNICAL_SERVERS), PERM_NONE,
		"nor has a whole scope");
}

static void digest(void)
{
	uint8_t now[SHA256_SIZE];

	catalogue_digest_compute(now);
	if (ok(memcmp(now, catalogue_digest, sizeof now) == 0, "the stored digest is the rows'"))
		return;
	printf("# in catalogue.c:");
	for (size_t i = 0; i < sizeof now; i++)
		printf(" 0x%02x,", now[i]);
	putchar('\n');
}

int main(void)
{
	digest();
	names();
	bringing();
	return tap_done();
}
