/* Finding whom to tell; see contacts.h. */
#include "cli/contacts.h"

#include "cli/cli.h"
#include "cli/describe.h"
#include "cli/progress.h"

#include "lang/rows.h"

#include <stdlib.h>
#include <string.h>

static bool add(struct contacts *c, uint32_t profile, bool owner, struct mark mark)
{
	struct contact *row = ROWS_ADD(&c->rows);

	if (row != NULL)
		*row = (struct contact){ profile, owner, mark };
	return row != NULL;
}

/* Takes the networks out of what has just been built. */
static void forget_nets(struct standing *s)
{
	s->holding.net_count = 0;
	for (uint32_t i = 0; i < s->holding.grant_total; i++)
		s->holder.grants.at[i].net_count = 0;
}

/* Is the profile told about the server of the n reaches at `first`? */
static bool ask_server(struct contacts *c, uint32_t profile, uint32_t first, uint32_t n, bool *told)
{
	struct verdict verdict;

	if (!standing_build(&c->standing, c->p, profile, first, n))
		return false;
	forget_nets(&c->standing);
	c->q.account = standing_account(&c->standing, c->place.account);
	verdict = decide(&c->standing.holding, &c->q);
	*told = verdict.answer == ANSWER_ALLOW || verdict.answer == ANSWER_ALLOW_2FA;
	return !*told ||
	       add(c, profile, false,
		       terms_of(c->p, c->standing.reaches[verdict.grant].grant, c->owner).mark);
}

static bool ask_profile(struct contacts *c, uint32_t profile)
{
	const struct holder *holder = &c->standing.holder;
	bool told = false, good;

	if (c->p->profiles.at[profile].owner == c->owner)
		return true;
	good = holder_collect(&c->standing.holder, c->p, profile, c->place.server);
	c->q.renounced = place_renounced(&c->people, c->p, profile, c->owner);
	for (uint32_t first = 0, end; good && !told && first < holder->reaches.n; first = end) {
		uint32_t server = holder->reaches.at[first].server;

		for (end = first + 1;
			end < holder->reaches.n && holder->reaches.at[end].server == server; end++)
			;
		if (c->p->servers.at[server].owner == c->owner)
			good = ask_server(c, profile, first, end - first, &told);
	}
	return good;
}

static const struct policy *sorted_policy; /* qsort() passes nothing along */

/* The owner first, then by address. */
static int compare_rows(const void *a, const void *b)
{
	const struct contact *x = a, *y = b;

	if (x->owner != y->owner)
		return x->owner ? -1 : 1;
	return strcmp(email_text(sorted_policy, x->profile), email_text(sorted_policy, y->profile));
}

/* Whose the place is, and which it is. False: the complaint is printed. */
static bool settle_place(const char *command, const struct contacts_asked *a, struct contacts *c)
{
	c->place = (struct place_found){ NO_INDEX, NO_INDEX };
	if ((a->owner != NULL) == (a->server != NULL || a->account != NULL)) {
		complain("%s: name a --server, an --account or an --owner", command);
		return false;
	}
	if (a->owner != NULL) {
		c->owner = place_owner(command, c->p, a->owner);
		return c->owner != NO_INDEX;
	}
	if (!place_find(command, c->p, a->server, a->account, &c->place))
		return false;
	c->owner = c->p->servers.at[c->place.server].owner;
	return true;
}

static bool settle(const char *command, const struct contacts_asked *a, struct contacts *c)
{
	if (!settle_place(command, a, c) || !place_time(command, a->at, &c->q.now))
		return false;
	if (a->topic != NULL && strcmp(a->topic, "billing") == 0) {
		c->q.perm = PERM_OVERALL_BILLING;
		c->place.account = NO_INDEX;
		return true;
	}
	c->q.perm =
		a->account != NULL ? PERM_ACCOUNT_TECHNICAL_CONTACT : PERM_SERVER_TECHNICAL_CONTACT;
	if (a->topic != NULL && strcmp(a->topic, "technical") == 0)
		return true;
	complain("%s: --topic is technical or billing", command);
	return false;
}

bool contacts_find(const char *command, const struct contacts_asked *asked, struct contacts *c)
{
	const struct policy *p = c->p;
	bool good;

	if (!settle(command, asked, c))
		return false;
	good = add(c, p->owners.at[c->owner].profile, true, p->owners.at[c->owner].mark);
	progress_begin("asking", "about everybody");
	for (uint32_t i = 0; good && i < p->profiles.n; i++)
		good = ask_profile(c, i);
	progress_end();
	sorted_policy = p;
	if (good)
		qsort(c->rows.at, c->rows.n, sizeof *c->rows.at, compare_rows);
	else
		complain("%s: out of memory", command);
	return good;
}

void contacts_done(struct contacts *c)
{
	standing_done(&c->standing);
	free(c->rows.at);
}
