/* All that somebody was given on a server; see adperm_holdings() in adperm.h. */
#include "library/array.h"
#include "switch/ask.h"
#include "switch/hold.h"

/* Everything that the elements have in common. */
struct holdings {
	const struct adperm *policy;
	struct asked asked;
	char profile[ADPERM_EMAIL_SIZE];
	struct held held;
	struct array found;
};

/* Does a grant give what is asked, by naming the account, or (ACCOUNT_NONE) without naming any? */
static bool given_on(const struct holdings *h, uint32_t account)
{
	uint64_t givers = perm_givers(h->asked.question.perm);

	for (uint32_t i = 0; i < h->held.holding.grant_total; i++) {
		const struct grant *g = &h->held.holding.grants[i];

		if (g->account == account && decide_gives(g, &h->asked.question, givers))
			return true;
	}
	return false;
}

static enum adperm_reason add(
	struct holdings *h, const struct perm_info *info, struct slice account)
{
	struct adperm_held *row = array_add(&h->found, sizeof *row);
	struct verdict verdict;
	enum adperm_reason why;

	if (row == NULL || account.len >= sizeof row->account)
		return ADPERM_NOMEM;
	h->asked.question.renounced = false;
	why = ask_judge(h->policy, &h->asked, h->profile, &h->held, &verdict);
	if (why != ADPERM_OK)
		return why;
	if (account.len > 0)
		memcpy(row->account, account.at, account.len);
	memcpy(row->answer.profile, h->profile, sizeof h->profile);
	memcpy(row->answer.permission, info->full, strlen(info->full));
	row->answer.generation = h->policy->generation;
	ask_give(&verdict, &h->held, &row->answer);
	return ADPERM_OK;
}

/* One permission of an account, on each that is named with it and on all others. */
static enum adperm_reason add_accounts(struct holdings *h, const struct perm_info *info)
{
	const struct holding_text *text = &h->held.text;
	enum adperm_reason why = ADPERM_OK;

	for (uint32_t i = 0; why == ADPERM_OK && i < text->account_total; i++) {
		h->asked.question.account = i + 1;
		if (given_on(h, i + 1))
			why = add(h, info, text->accounts[i]);
	}
	h->asked.question.account = ACCOUNT_OTHER;
	if (why == ADPERM_OK && given_on(h, ACCOUNT_NONE))
		why = add(h, info, slice_str("*"));
	return why;
}

static enum adperm_reason add_all(struct holdings *h)
{
	enum adperm_reason why = ADPERM_OK;

	for (size_t i = 0; why == ADPERM_OK && i < perm_rows; i++) {
		const struct perm_info *info = &perm_table[i];

		h->asked.question.perm = info->perm;
		h->asked.question.account = ACCOUNT_NONE;
		if (info->scope == SCOPE_ACCOUNT)
			why = add_accounts(h, info);
		else if (given_on(h, ACCOUNT_NONE))
			why = add(h, info, slice_of(NULL, 0));
	}
	return why;
}

static enum adperm_reason collect(struct holdings *h, const struct adperm_question *q)
{
	enum adperm_reason why = ask_when(h->policy, q, &h->asked);

	ask_where(q, &h->asked);
	if (why == ADPERM_OK)
		why = ask_server(h->policy, q->server, &h->asked);
	if (why == ADPERM_OK)
		why = ask_person(h->policy, q, h->profile);
	if (why == ADPERM_OK)
		why = ask_load(h->policy, &h->asked, h->profile, &h->held);
	return why == ADPERM_OK ? add_all(h) : why;
}

enum adperm_reason adperm_holdings(struct adperm *policy, const struct adperm_question *q,
	struct adperm_held **held, size_t *count)
{
	struct holdings h = { .policy = NULL };
	struct hold hold;
	enum adperm_reason why = hold_begin(policy, &hold);

	*held = NULL;
	*count = 0;
	if (why != ADPERM_OK)
		return why;
	h.policy = hold.now;
	why = collect(&h, q);
	held_done(&h.held);
	hold_end(policy, &hold);
	if (why != ADPERM_OK) {
		free(h.found.at);
		return why;
	}
	*held = h.found.at;
	*count = h.found.n;
	return ADPERM_OK;
}

void adperm_free(void *array)
{
	free(array);
}
