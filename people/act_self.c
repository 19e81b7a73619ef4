/* What people do for themselves: see what they hold, and their second factor. */
#include "people/act.h"

#include "people/factor.h"
#include "switch/ask.h"

/* --- what they hold */

/* One permission of one grant, if it is among those of the page. */
static void tell_one(struct act *a, const struct grant *g, const char *permission, uint32_t number)
{
	const struct asker *asker = a->asker;
	const struct holding *holding = &asker->held.holding;
	struct wish_reply *reply = a->reply;
	enum cause cause = decide_shut_out(holding, &asker->question);
	struct wish_holding *entry;

	if (number < a->wish->number || reply->count == WISH_PAGE)
		return;
	entry = &reply->entry[reply->count++];
	if (cause == CAUSE_NONE)
		cause = decide_drops(holding, g, &asker->question);
	act_copy(entry->permission, sizeof entry->permission, permission);
	if (g->account != ACCOUNT_NONE && g->account <= asker->held.text.account_total) {
		struct slice name = asker->held.text.accounts[g->account - 1];

		memcpy(entry->account, name.at,
			name.len < sizeof entry->account ? name.len : sizeof entry->account - 1);
	}
	entry->reason = (uint32_t)ask_reason(cause);
	entry->until = g->until;
	entry->flagged = g->require_2fa;
	entry->owned = g->ownership;
}

/* As granted: what that brings along would be a long list. Ownership is one entry without a name.
 */
static void tell_grant(struct act *a, const struct grant *g, uint32_t *number)
{
	if (g->ownership) {
		tell_one(a, g, "", (*number)++);
		return;
	}
	for (size_t i = 0; i < perm_rows; i++) {
		const struct perm_info *info = &perm_table[i];
		struct grant one = *g;

		if ((g->perms & PERM_BIT(info->perm)) == 0)
			continue;
		if (info->scope != SCOPE_ACCOUNT)
			one.account = ACCOUNT_NONE;
		tell_one(a, &one, info->full, (*number)++);
	}
}

enum wish_result act_holdings(struct act *a)
{
	const struct holding *holding = &a->asker->held.holding;
	struct factor factor = { .in_force = false };
	uint32_t number = 0;

	for (uint32_t i = 0; i < holding->grant_total; i++)
		tell_grant(a, &holding->grants[i], &number);
	act_copy(a->reply->owner, sizeof a->reply->owner, a->asker->owner);
	act_copy(a->reply->server, sizeof a->reply->server, a->asker->server);
	a->reply->held = a->asker->kind == ASKER_INVITED;
	if (a->asker->kind == ASKER_INVITED)
		a->reply->expires_at = a->invitation.expires_at;
	a->reply->flagged = a->asker->flagged;
	/* It is shown; where adpermd is silent, nothing can be done with one anyway. */
	factor_find(a, &factor);
	a->reply->enrolled = factor.in_force;
	a->reply->proved = strcmp(a->asker->session.proved, "yes") == 0;
	return WISH_DONE;
}

/* --- the second factor */

/* One mailbox must not give both factors. */
static bool lacks_pin(const struct act *a)
{
	return a->asker->kind == ASKER_INVITED && a->asker->flagged &&
	       a->invitation.no_pin == WISH_PIN_UNFLAGGED;
}

/*
 * An invitation makes a first one, where a grant asks for it: NOTHING otherwise. One that is in
 * force takes more than an invitation to replace: its own code, before.
 */
enum wish_result act_enroll(struct act *a)
{
	struct factor factor;
	enum wish_result result;

	if (a->asker->kind != ASKER_INVITED)
		return factor_enroll(a);
	if (!a->asker->flagged)
		return WISH_NOTHING;
	if (lacks_pin(a))
		return WISH_NEEDS_PIN;
	result = factor_find(a, &factor);
	if (result != WISH_DONE)
		return result;
	return factor.in_force ? WISH_NOTHING : factor_enroll(a);
}

/*
 * The code is of the secret that waits, which is in force then. If none waits but one is in force,
 * an earlier activation got so far and no farther: then the code is one of that.
 */
static enum wish_result prove_factor(struct act *a)
{
	struct factor factor;
	enum wish_result result = factor_find(a, &factor);

	if (result != WISH_DONE)
		return result;
	if (!factor.waits && (a->asker->kind != ASKER_INVITED || !factor.in_force))
		return WISH_NO_SECRET;
	if (a->wish->code[0] == '\0')
		return WISH_NEEDS_CODE;
	result = factor.waits ? factor_confirm(a) : factor_verify(a);
	return result == WISH_DONE ? factor_recovery(a) : result;
}

/* A second factor opens nothing without a key, so that the key comes behind it. */
static enum wish_result spend(struct act *a)
{
	const struct invitation *i = &a->invitation;
	struct slice key = slice_of(i->key, i->key_len);
	enum wish_result result = WISH_DONE;

	if (key.len == 0 && !act_came_with_key(a))
		return WISH_NO_KEY;
	if (lacks_pin(a))
		return WISH_NEEDS_PIN;
	if (key.len > 0)
		result = book_may_add_key(a->book, a->profile, key);
	if (result != WISH_DONE && result != WISH_NOTHING)
		return result;
	if (a->asker->flagged) {
		result = prove_factor(a);
		if (result != WISH_DONE)
			return result;
	}
	if (key.len > 0)
		result = book_add_key(a->book, a->profile, key);
	return result == WISH_DONE || result == WISH_NOTHING
		       ? invitation_remove(a->book, a->profile)
		       : result;
}

enum wish_result act_activate(struct act *a)
{
	return a->asker->kind == ASKER_INVITED ? spend(a) : prove_factor(a);
}
