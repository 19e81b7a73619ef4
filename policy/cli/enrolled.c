/* Who is enrolled for the second factor; see enrolled.h. */
#include "cli/enrolled.h"

#include "adpermd/client.h"
#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>

static int by_profile(const void *email, const void *entry)
{
	return strcmp(email, ((const struct proto_entry *)entry)->profile);
}

/* A question for each of many would take longer than reading all. */
enum enrolled enrolled_find(struct enrolled_list *list, const char *socket, const char *profile)
{
	const struct proto_entry *entry = NULL;
	struct totp_question q;

	if (!list->asked)
		list->silent = !totp_entries_read(&list->all, &q, socket);
	list->asked = true;
	if (list->silent)
		return ENROLLED_UNKNOWN;
	if (list->all.n > 0)
		entry = bsearch(profile, list->all.at, list->all.n, sizeof *entry, by_profile);
	return entry != NULL && entry->digits != 0 ? ENROLLED_YES : ENROLLED_NO;
}

void enrolled_done(struct enrolled_list *list)
{
	if (list->asked && !list->silent)
		totp_entries_done(&list->all);
	*list = (struct enrolled_list){ .asked = false };
}

static bool end_graces(const char *socket, const char *profile)
{
	struct proto_request request = { .op = PROTO_REVOKE };
	struct proto_reply reply;

	snprintf(request.service, sizeof request.service, "%s", TOTP_SERVICE);
	snprintf(request.profile, sizeof request.profile, "%s", profile);
	return client_ask(socket, &request, &reply) == CLIENT_OK && reply.result == PROTO_YES;
}

bool enrolled_end_graces(const struct policy *p, const char *socket)
{
	for (uint32_t i = 0; i < p->profiles.n; i++)
		if (p->profiles.at[i].suspended &&
			!end_graces(socket, policy_text(p, p->profiles.at[i].email)))
			return false;
	return true;
}

struct asking {
	const struct policy *p;
	const char *socket;
	struct diags *diags;
	bool *asked; /* by profile: warned of at most once */
	struct enrolled_list list;
};

/* What was written at `at` asks this person for a second factor. */
static void ask(struct asking *a, uint32_t profile, struct mark at)
{
	const struct profile *row = &a->p->profiles.at[profile];
	const char *email = policy_text(a->p, row->email);

	if (a->asked[profile] || row->suspended)
		return;
	a->asked[profile] = true;
	if (enrolled_find(&a->list, a->socket, email) == ENROLLED_NO)
		diag(a->diags, at, DIAG_NOT_ENROLLED,
			"%s is not enrolled for the second factor that is required here", email);
}

static void ask_grant(struct asking *a, const struct policy_grant *g)
{
	for (uint32_t i = 0; i < g->to.n; i++) {
		uint32_t id = a->p->ids.at[g->to.first + i];
		struct span members = { g->to.first + i, 1 };

		if ((id & TO_GROUP) != 0)
			members = a->p->groups.at[id & ~TO_GROUP].members;
		for (uint32_t m = 0; m < members.n; m++)
			ask(a, a->p->ids.at[members.first + m], g->mark);
	}
}

bool enrolled_lint(const struct policy *p, int64_t now, const char *socket, struct diags *diags)
{
	struct asking a = {
		.p = p,
		.socket = socket,
		.diags = diags,
		.asked = calloc((size_t)p->profiles.n + 1, sizeof(bool)),
	};
	bool good;

	for (uint32_t i = 0; a.asked != NULL && i < p->owners.n; i++)
		if (p->owners.at[i].require_2fa == FLAG_TRUE)
			ask(&a, p->owners.at[i].profile, p->owners.at[i].flag_mark);
	for (uint32_t i = 0; a.asked != NULL && i < p->grants.n; i++)
		if (p->grants.at[i].require_2fa && grant_terms(p, &p->grants.at[i])->until > now)
			ask_grant(&a, &p->grants.at[i]);
	if (a.asked == NULL)
		complain("lint: out of memory");
	else if (a.list.silent)
		complain("lint: adpermd does not answer at %s: who is enrolled is not known",
			socket);
	good = a.asked != NULL && !a.list.silent;
	enrolled_done(&a.list);
	free(a.asked);
	return good;
}
