/*
 * A source that answers each look-up of a login, server or holding with the kind of garbage that
 * the name asks for. The tests see to it that none of it is believed.
 */
#include "adperm_source.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define ONE_DAY 86400

/* Others of it are built that say they were made for another version, or have less in them. */
#ifndef HOSTILE_ABI
#define HOSTILE_ABI ADPERM_SOURCE_ABI
#endif
#ifndef HOSTILE_SIZE
#define HOSTILE_SIZE sizeof(struct adperm_source)
#endif

static const char long_text[70000] = { [0 ... 69999] = 'a' }; /* and no NUL */

static int opened;

static enum adperm_source_status open_hostile(
	const char *config, struct adperm_record *record, void **state)
{
	if (strstr(config, "/refused/") != NULL) {
		record->trouble(record, "not today\n\033[31m");
		return ADPERM_SOURCE_UNAVAIL;
	}
	if (strstr(config, "/stateless/") == NULL)
		*state = &opened;
	return ADPERM_SOURCE_SUCCESS;
}

static int is(const char *name, const char *word)
{
	return strcmp(name, word) == 0;
}

static void wait_for(int64_t nanoseconds)
{
	const struct timespec pause = { nanoseconds / 1000000000, nanoseconds % 1000000000 };

	nanosleep(&pause, NULL);
}

static enum adperm_source_status find_login(
	void *state, const char *login, struct adperm_record *record)
{
	(void)state;
	if (is(login, "good"))
		record->person(record, "p@x.example");
	if (is(login, "null"))
		record->person(record, NULL);
	if (is(login, "empty"))
		record->person(record, "");
	if (is(login, "endless"))
		record->person(record, long_text);
	if (is(login, "upper"))
		record->person(record, "P@x.example");
	if (is(login, "nobody"))
		record->person(record, "no address");
	if (is(login, "newline"))
		record->person(record, "p@x.example\n");
	if (is(login, "twice"))
		for (int i = 0; i < 2; i++)
			record->person(record, "p@x.example");
	if (is(login, "other"))
		record->account(record, 0);
	if (is(login, "grant")) {
		const struct adperm_source_grant grant = { .until = ADPERM_SOURCE_NEVER };

		record->person(record, "p@x.example");
		record->grant(record, &grant);
	}
	if (is(login, "found-not")) {
		record->person(record, "p@x.example");
		return ADPERM_SOURCE_NOTFOUND;
	}
	if (is(login, "notfound"))
		return ADPERM_SOURCE_NOTFOUND;
	if (is(login, "unavail")) {
		record->trouble(record, long_text);
		return ADPERM_SOURCE_UNAVAIL;
	}
	if (is(login, "tryagain"))
		return ADPERM_SOURCE_TRYAGAIN;
	if (is(login, "status"))
		return (enum adperm_source_status)4711;
	if (is(login, "late")) {
		record->person(record, "p@x.example");
		wait_for(ADPERM_SOURCE_SECONDS * INT64_C(1000000000) + 500000000);
	}
	return ADPERM_SOURCE_SUCCESS;
}

static enum adperm_source_status find_server(
	void *state, const char *server, struct adperm_record *record)
{
	(void)state;
	if (is(server, "person.example"))
		record->person(record, "p@x.example");
	return ADPERM_SOURCE_SUCCESS;
}

static enum adperm_source_status find_account(
	void *state, const char *account, const char *server, struct adperm_record *record)
{
	(void)state;
	(void)server;
	if (!is(account, "nothing"))
		record->account(record, 0);
	return ADPERM_SOURCE_SUCCESS;
}

/* A holding that is in order, and then whatever the server's name spoils. */
static enum adperm_source_status find_holding(
	void *state, const char *email, const char *server, struct adperm_record *record)
{
	const char *permissions[2] = { "server.ssh_users", "server.consumption" };
	const char *networks[2] = { "192.0.2.0/24", "2001:db8::/32" };
	struct adperm_source_profile p = {
		.email = email, .owner = "o@x.example", .place = { "hostile", 1 }, .grants = 1
	};
	struct adperm_source_grant g = { .permissions = { permissions, 2 },
		.until = ADPERM_SOURCE_NEVER,
		.place = { "hostile", 2 } };
	struct adperm_source_grant owned = {
		.ownership = 1, .until = ADPERM_SOURCE_NEVER, .place = { "hostile", 3 }
	};
	size_t times = 1;

	(void)state;
	if (is(server, "nothing.example"))
		return ADPERM_SOURCE_SUCCESS;
	if (is(server, "stranger.example"))
		p.email = "q@x.example";
	if (is(server, "ownerless.example"))
		p.owner = NULL;
	if (is(server, "owner.example"))
		p.owner = email;
	if (is(server, "file-endless.example"))
		p.place.file = long_text;
	if (is(server, "file-control.example"))
		p.place.file = "a\nb";
	if (is(server, "net-null.example"))
		p.allow_from = (struct adperm_source_list){ NULL, 3 };
	if (is(server, "net-none.example")) {
		networks[1] = "everywhere";
		p.allow_from = (struct adperm_source_list){ networks, 2 };
	}
	if (is(server, "fewer.example"))
		p.grants = 2;
	if (is(server, "more.example"))
		times = 2;
	if (is(server, "huge.example"))
		p.grants = times = 1000000;
	if (is(server, "permissions-none.example"))
		g.permissions.n = 0;
	if (is(server, "permissions-null.example"))
		permissions[1] = NULL;
	if (is(server, "permission-short.example"))
		permissions[0] = "ssh_users";
	if (is(server, "permission-unknown.example"))
		permissions[0] = "server.everything";
	if (is(server, "permission-menu.example"))
		permissions[0] = "server.configuration";
	if (is(server, "permission-scope.example"))
		permissions[0] = "account.ssh";
	if (is(server, "account-none.example"))
		g.account = "../root";
	if (is(server, "account-scope.example"))
		g.account = "acme";
	if (is(server, "ended.example"))
		g.until = -1;
	if (is(server, "grace.example"))
		g.grace = 60;
	if (is(server, "grace-long.example")) {
		g.require_2fa = 1;
		g.grace = ONE_DAY + 1;
	}
	if (is(server, "machine.example"))
		p.machine = g.require_2fa = 1;
	if (is(server, "usurper.example"))
		g = owned;
	if (is(server, "grant-null.example")) {
		record->profile(record, &p);
		record->grant(record, NULL);
		return ADPERM_SOURCE_SUCCESS;
	}
	if (is(server, "grant-first.example"))
		record->grant(record, &g);
	record->profile(record, is(server, "profile-null.example") ? NULL : &p);
	for (size_t i = 0; i < times; i++)
		record->grant(record, &g);
	if (is(server, "profile-twice.example"))
		record->profile(record, &p);
	return ADPERM_SOURCE_SUCCESS;
}

static void close_hostile(void *state)
{
	(void)state;
}

const struct adperm_source adperm_source = {
	.abi = HOSTILE_ABI,
	.size = HOSTILE_SIZE,
	.open = open_hostile,
	.login = find_login,
	.server = find_server,
	.account = find_account,
	.holding = find_holding,
	.close = close_hostile,
};
