/* Who is enrolled for the second factor; see enrolled.h. */
#include "cli/enrolled.h"

#include "adpermd/client.h"
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>

#define SERVICE "adperm" /* the name this tool gives itself to adpermd */

enum enrolled enrolled_ask(const char *socket, const char *profile)
{
	struct proto_request request = { .op = PROTO_STATUS };
	struct proto_reply reply;

	snprintf(request.service, sizeof request.service, "%s", SERVICE);
	snprintf(request.profile, sizeof request.profile, "%s", profile);
	if (client_ask(socket, &request, &reply) != CLIENT_OK)
		return ENROLLED_UNKNOWN;
	switch (reply.result) {
	case PROTO_YES: return ENROLLED_YES;
	case PROTO_NOT_ENROLLED: return ENROLLED_NO;
	default: return ENROLLED_UNKNOWN;
	}
}

static bool end_graces(const char *socket, const char *profile)
{
	struct proto_request request = { .op = PROTO_REVOKE };
	struct proto_reply reply;

	snprintf(request.service, sizeof request.service, "%s", SERVICE);
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
	bool silent; /* adpermd has not answered, and is not asked again */
};

/* What was written at `at` asks this person for a second factor. */
static void ask(struct asking *a, uint32_t profile, struct mark at)
{
	const struct profile *row = &a->p->profiles.at[profile];
	const char *email = policy_text(a->p, row->email);
	enum enrolled enrolled;

	if (a->asked[profile] || a->silent || row->suspended)
		return;
	a->asked[profile] = true;
	enrolled = enrolled_ask(a->socket, email);
	a->silent = enrolled == ENROLLED_UNKNOWN;
	if (enrolled == ENROLLED_NO)
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

	for (uint32_t i = 0; a.asked != NULL && i < p->owners.n; i++)
		if (p->owners.at[i].require_2fa == FLAG_TRUE)
			ask(&a, p->owners.at[i].profile, p->owners.at[i].flag_mark);
	for (uint32_t i = 0; a.asked != NULL && i < p->grants.n; i++)
		if (p->grants.at[i].require_2fa && p->grants.at[i].until > now)
			ask_grant(&a, &p->grants.at[i]);
	if (a.asked == NULL)
		complain("lint: out of memory");
	else if (a.silent)
		complain("lint: adpermd does not answer at %s: who is enrolled is not known",
			socket);
	free(a.asked);
	return a.asked != NULL && !a.silent;
}
