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

static const char *where(const struct wish_holding *h)
{
	if (h->account[0] == '\0')
		return strncmp(h->permission, "overall.", 8) == 0 ? "everything" : "the server";
	return strcmp(h->account, "*") == 0 ? "every account" : h->account;
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

/* The names that open something over SSH. */
void holdings_tell_logins(const struct dialogue *d)
{
	struct wish_reply reply = { .count = WISH_PAGE };
	unsigned seen = 0;

	while (reply.count == WISH_PAGE) {
		if (!page(d, seen, &reply))
			return;
		seen += reply.count;
		for (uint32_t i = 0; i < reply.count; i++) {
			const struct wish_holding *h = &reply.entry[i];

			if (h->reason != ADPERM_OK)
				continue;
			if (strcmp(h->permission, "server.ssh_users") == 0)
				printf("  ssh YOUR-LOGIN@%s      if you were given a login of your "
				       "own\n",
					d->server);
			else if (strcmp(h->permission, "account.ssh") == 0)
				printf("  ssh %s@%s\n",
					strcmp(h->account, "*") == 0 ? "ACCOUNT" : h->account,
					d->server);
		}
	}
	printf("  ssh adperm@%s      your keys, your second factor, what you hold\n", d->server);
}
