/* What the person holds; see dialogue.h. */
#include "self/dialogue.h"

#include "adperm.h"
#include "base/text.h"
#include "model/when.h"

#include <stdio.h>
#include <string.h>

#define LINES      16   /* of a list, until it waits for its reader */
#define LOGIN_LINE 1024 /* bytes that one login may need */

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

/* How to log in with what is held; where they are many, the first will do. */
static void note_login(const struct dialogue *d, const struct wish_holding *h, struct text *out)
{
	for (size_t i = 0; i < sizeof opens / sizeof opens[0]; i++) {
		if (h->reason != ADPERM_OK || strcmp(opens[i].permission, h->permission) != 0 ||
			out->len + LOGIN_LINE > sizeof d->logins)
			continue;
		text_add(out, opens[i].login ? "  ssh YOUR-LOGIN@" : "");
		text_add(out, opens[i].login ? d->server : "");
		text_add(out, opens[i].login ? ", if you were given a login of your own\n" : "");
		text_add(out, "  ssh ");
		text_add(out, h->account[0] != '\0' ? h->account : "ACCOUNT");
		text_add(out, "@");
		text_add(out, d->server);
		text_add(out, "\n");
	}
}

enum dialogue_end holdings_show(struct dialogue *d)
{
	struct wish_reply reply = { .count = WISH_PAGE };
	char line[8];
	struct text logins = text_over(d->logins, sizeof d->logins);
	unsigned shown = 0;

	printf("\nWhat %s has granted to you on %s:\n\n", d->owner, d->server);
	while (reply.count == WISH_PAGE) {
		if (!page(d, shown, &reply))
			return DIALOGUE_BROKE;
		for (uint32_t i = 0; i < reply.count; i++) {
			if (shown++ % LINES == LINES - 1 &&
				!talk_ask(d, "  Enter goes on. ", line, sizeof line))
				return DIALOGUE_BROKE;
			show(&reply.entry[i]);
			note_login(d, &reply.entry[i], &logins);
		}
	}
	puts(shown == 0      ? "  nothing"
		: d->flagged ? "\nFor those marked \"code\" you are asked for "
			       "a code of your phone."
			     : "");
	return DIALOGUE_ON;
}
