/* What the person holds; see dialogue.h. */
#include "self/dialogue.h"

#include "adperm.h"
#include "model/when.h"

#include <stdio.h>
#include <string.h>

#define LINES 16 /* of a list, until it waits for its reader */

static bool page(const struct dialogue *d, uint32_t from, struct wish_reply *reply)
{
	struct wish wish = { .op = WISH_HOLDINGS, .number = from };

	if (!talk_wish(d, &wish, reply))
		return false;
	if (reply->result == WISH_DONE)
		return true;
	talk_refused(reply);
	return false;
}

bool holdings_find(struct dialogue *d)
{
	struct wish_reply reply;

	if (!page(d, 0, &reply))
		return false;
	memcpy(d->profile, reply.profile, sizeof d->profile);
	memcpy(d->owner, reply.owner, sizeof d->owner);
	memcpy(d->server, reply.server, sizeof d->server);
	d->invited = reply.held != 0;
	d->until = reply.expires_at;
	d->flagged = reply.flagged != 0;
	d->enrolled = reply.enrolled != 0;
	return true;
}

static bool is_of(const struct wish_holding *h, const char *scope)
{
	return strncmp(h->permission, scope, strlen(scope)) == 0;
}

static const char *where(const struct wish_holding *h)
{
	if (is_of(h, "account."))
		return h->account[0] != '\0' ? h->account : "every account";
	return is_of(h, "server.") ? "the server" : "everything of theirs";
}

static void show(const struct wish_holding *h)
{
	char until[WHEN_SIZE] = "for good";

	if (h->until < WHEN_MAX)
		when_text(h->until, until);
	printf("  %-28s %-20.32s %-20s%s\n", h->permission, where(h), h->owned ? "your own" : until,
		h->flagged ? "  code" : "");
	if (h->reason != ADPERM_OK)
		printf("    but it does not count now: %s\n",
			adperm_reason_text((enum adperm_reason)h->reason));
}

enum dialogue_end holdings_show(const struct dialogue *d)
{
	struct wish_reply reply = { .count = WISH_PAGE };
	char line[8];
	unsigned shown = 0;

	printf("\nWhat %s has granted to you on %s:\n\n", d->owner, d->server);
	while (reply.count == WISH_PAGE) {
		if (!page(d, shown, &reply))
			return DIALOGUE_BROKE;
		for (uint32_t i = 0; i < reply.count; i++) {
			if (shown++ % LINES == LINES - 1 &&
				!talk_ask("  Enter goes on. ", line, sizeof line))
				return DIALOGUE_BROKE;
			show(&reply.entry[i]);
		}
	}
	puts(shown == 0      ? "  nothing"
		: d->flagged ? "\nFor those marked \"code\" you are asked for "
			       "a code of your phone."
			     : "");
	return DIALOGUE_ON;
}

/* What opens something over SSH, by itself or by what it brings along. */
static const struct {
	const char *permission;
	bool login, accounts;
} opens[] = {
	{ "", true, true }, /* an owner's */
	{ "overall.technical_servers", true, true },
	{ "overall.technical_accounts", false, true },
	{ "server.ssh_users", true, true },
	{ "account.ssh", false, true },
};

static void tell_login(const struct dialogue *d, const struct wish_holding *h)
{
	for (size_t i = 0; i < sizeof opens / sizeof opens[0]; i++) {
		if (h->reason != ADPERM_OK || strcmp(opens[i].permission, h->permission) != 0)
			continue;
		if (opens[i].login)
			printf("  ssh YOUR-LOGIN@%s, if you were given a login of your own\n",
				d->server);
		printf("  ssh %s@%s\n", h->account[0] != '\0' ? h->account : "ACCOUNT", d->server);
	}
}

void holdings_tell_logins(const struct dialogue *d)
{
	struct wish_reply reply = { .count = WISH_PAGE };
	uint32_t seen = 0;

	while (reply.count == WISH_PAGE) {
		if (!page(d, seen, &reply))
			return;
		seen += reply.count;
		for (uint32_t i = 0; i < reply.count; i++)
			tell_login(d, &reply.entry[i]);
	}
	printf("  ssh adperm@%s, for your keys, your second factor, and what you hold\n",
		d->server);
}
