/*
 * The decision itself, a row for what each of its conditions decides alone: holdings and questions
 * as no policy need have them. That each condition has its row is shown in docs/mcdc.md.
 */
#include "model/decide.h"

#include "tap.h"

#define SSH   PERM_BIT(PERM_SERVER_SSH_USERS)
#define NEVER WHEN_NEVER
#define NOON  1000

static const struct net nets[] = {
	{ .family = FAMILY_IPV4, .bits = 24, .octet = { 192, 0, 2 } },
	{ .family = FAMILY_IPV4, .bits = 24, .octet = { 203, 0, 113 } },
};

#define INSIDE                                                                                     \
	{                                                                                          \
		.family = FAMILY_IPV4, .octet = { 192, 0, 2, 7 }                                   \
	}
#define BESIDE                                                                                     \
	{                                                                                          \
		.family = FAMILY_IPV4, .octet = { 203, 0, 113, 7 }                                 \
	}
#define NOWHERE                                                                                    \
	{                                                                                          \
		.family = FAMILY_UNKNOWN                                                           \
	}

/* A question of server.ssh_users at NOON, unless it says otherwise. */
static const struct row {
	const char *shows;
	struct holding h; /* its networks are those above */
	struct grant grants[3];
	struct question q;
	enum answer answer;
	enum cause cause;
	uint32_t grant, grace;
} rows[] = {
	/* what is asked */
	{ "a server permission on no account is a question", { .grant_total = 1 },
		{ { SSH, .until = NEVER } }, { .from = INSIDE }, ANSWER_ALLOW, CAUSE_NONE, 0, 0 },
	{ "a server permission on an account is none", { .grant_total = 1 },
		{ { SSH, .until = NEVER } }, { .account = 1 }, ANSWER_ERROR, CAUSE_NONE, GRANT_NONE,
		0 },
	{ "an account permission on no account is none", { .grant_total = 1 },
		{ { ~0ULL, .until = NEVER } }, { .perm = PERM_ACCOUNT_SSH }, ANSWER_ERROR,
		CAUSE_NONE, GRANT_NONE, 0 },
	{ "a permission that is none is no question", { .grant_total = 1 },
		{ { ~0ULL, .until = NEVER } }, { .perm = (enum perm)63 }, ANSWER_ERROR, CAUSE_NONE,
		GRANT_NONE, 0 },
	/* who is shut out */
	{ "suspended", { .suspended = true, .grant_total = 1 }, { { SSH, .until = NEVER } },
		{ .from = INSIDE }, ANSWER_DENY, CAUSE_SUSPENDED, GRANT_NONE, 0 },
	{ "the profile's networks hold the address", { .net_count = 1, .grant_total = 1 },
		{ { SSH, .until = NEVER } }, { .from = INSIDE }, ANSWER_ALLOW, CAUSE_NONE, 0, 0 },
	{ "they do not", { .net_count = 1, .grant_total = 1 }, { { SSH, .until = NEVER } },
		{ .from = BESIDE }, ANSWER_DENY, CAUSE_ADDRESS, GRANT_NONE, 0 },
	{ "nobody knows the address", { .net_count = 2, .grant_total = 1 },
		{ { SSH, .until = NEVER } }, { .from = NOWHERE }, ANSWER_DENY, CAUSE_ADDRESS,
		GRANT_NONE, 0 },
	{ "the second of two holds it", { .net_count = 2, .grant_total = 1 },
		{ { SSH, .until = NEVER } }, { .from = BESIDE }, ANSWER_ALLOW, CAUSE_NONE, 0, 0 },
	{ "networks behind the last hold nothing",
		{ .net_first = 3, .net_count = UINT32_MAX - 2, .grant_total = 1 },
		{ { SSH, .until = NEVER } }, { .from = INSIDE }, ANSWER_DENY, CAUSE_ADDRESS,
		GRANT_NONE, 0 },
	{ "nor do one too many", { .net_first = 1, .net_count = 2, .grant_total = 1 },
		{ { SSH, .until = NEVER } }, { .from = INSIDE }, ANSWER_DENY, CAUSE_ADDRESS,
		GRANT_NONE, 0 },
	/* which grants give it */
	{ "nothing is held", { .grant_total = 0 }, { { SSH, .until = NEVER } }, { .from = INSIDE },
		ANSWER_DENY, CAUSE_NO_GRANT, GRANT_NONE, 0 },
	{ "another permission", { .grant_total = 1 },
		{ { PERM_BIT(PERM_SERVER_MIGRATION), .until = NEVER } }, { .from = INSIDE },
		ANSWER_DENY, CAUSE_NO_GRANT, GRANT_NONE, 0 },
	{ "on this account", { .grant_total = 1 }, { { SSH, .account = 2, .until = NEVER } },
		{ .perm = PERM_ACCOUNT_SSH, .account = 2 }, ANSWER_ALLOW, CAUSE_NONE, 0, 0 },
	{ "on another", { .grant_total = 1 }, { { SSH, .account = 2, .until = NEVER } },
		{ .perm = PERM_ACCOUNT_SSH, .account = 1 }, ANSWER_DENY, CAUSE_NO_GRANT, GRANT_NONE,
		0 },
	{ "on all of them", { .grant_total = 1 }, { { SSH, .until = NEVER } },
		{ .perm = PERM_ACCOUNT_SSH, .account = ACCOUNT_OTHER }, ANSWER_ALLOW, CAUSE_NONE, 0,
		0 },
	/* which of these are dropped */
	{ "given back", { .grant_total = 1 }, { { SSH, .until = NEVER } }, { .renounced = true },
		ANSWER_DENY, CAUSE_RENOUNCED, 0, 0 },
	{ "an owner gives nothing back", { .grant_total = 1 },
		{ { SSH, .ownership = true, .until = NEVER } }, { .renounced = true }, ANSWER_ALLOW,
		CAUSE_NONE, 0, 0 },
	{ "in its last second", { .grant_total = 1 }, { { SSH, .until = NOON + 1 } },
		{ .renounced = false }, ANSWER_ALLOW, CAUSE_NONE, 0, 0 },
	{ "a second later", { .grant_total = 1 }, { { SSH, .until = NOON } },
		{ .renounced = false }, ANSWER_DENY, CAUSE_EXPIRED, 0, 0 },
	{ "the grant's own network holds the address", { .grant_total = 1 },
		{ { SSH, .until = NEVER, .net_first = 1, .net_count = 1 } }, { .from = BESIDE },
		ANSWER_ALLOW, CAUSE_NONE, 0, 0 },
	{ "it does not", { .grant_total = 1 },
		{ { SSH, .until = NEVER, .net_first = 1, .net_count = 1 } }, { .from = INSIDE },
		ANSWER_DENY, CAUSE_ADDRESS, 0, 0 },
	{ "the first that is dropped stands for all", { .grant_total = 2 },
		{ { SSH, .until = NOON }, { SSH, .until = NEVER, .net_count = 1 } },
		{ .from = BESIDE }, ANSWER_DENY, CAUSE_EXPIRED, 0, 0 },
	/* what is left */
	{ "a grant behind one that is dropped", { .grant_total = 2 },
		{ { SSH, .until = NOON }, { SSH, .until = NEVER } }, { .from = INSIDE },
		ANSWER_ALLOW, CAUSE_NONE, 1, 0 },
	{ "the first of two", { .grant_total = 2 },
		{ { SSH, .until = NEVER }, { SSH, .until = NEVER } }, { .from = INSIDE },
		ANSWER_ALLOW, CAUSE_NONE, 0, 0 },
	{ "the flag behind none", { .grant_total = 2 },
		{ { SSH, .until = NEVER },
			{ SSH, .until = NEVER, .require_2fa = true, .grace = 60 } },
		{ .from = INSIDE }, ANSWER_ALLOW_2FA, CAUSE_NONE, 1, 60 },
	{ "none behind the flag", { .grant_total = 2 },
		{ { SSH, .until = NEVER, .require_2fa = true, .grace = 60 },
			{ SSH, .until = NEVER } },
		{ .from = INSIDE }, ANSWER_ALLOW_2FA, CAUSE_NONE, 0, 60 },
	{ "the shorter grace is the second's", { .grant_total = 2 },
		{ { SSH, .until = NEVER, .require_2fa = true, .grace = 60 },
			{ SSH, .until = NEVER, .require_2fa = true, .grace = 30 } },
		{ .from = INSIDE }, ANSWER_ALLOW_2FA, CAUSE_NONE, 0, 30 },
	{ "the shorter grace is the first's", { .grant_total = 2 },
		{ { SSH, .until = NEVER, .require_2fa = true, .grace = 30 },
			{ SSH, .until = NEVER, .require_2fa = true, .grace = 60 } },
		{ .from = INSIDE }, ANSWER_ALLOW_2FA, CAUSE_NONE, 0, 30 },
	{ "a flag that is dropped asks for nothing", { .grant_total = 2 },
		{ { SSH, .until = NOON, .require_2fa = true }, { SSH, .until = NEVER } },
		{ .from = INSIDE }, ANSWER_ALLOW, CAUSE_NONE, 1, 0 },
};

/* What was dropped is told apart, whatever the answer. */
static void dropped(void)
{
	const struct grant grants[] = {
		{ SSH, .until = NOON },
		{ SSH, .until = NEVER, .net_count = 1 },
		{ SSH, .until = NEVER, .ownership = true },
	};
	const struct holding h = {
		.nets = nets, .net_total = 2, .grants = grants, .grant_total = 3
	};
	struct question q = { .perm = PERM_SERVER_SSH_USERS, .now = NOON, .from = BESIDE };
	struct verdict v = decide(&h, &q);

	ok(v.dropped_expired && v.dropped_address && !v.dropped_renounced,
		"one by time, one by place");
	q.renounced = true;
	v = decide(&h, &q);
	ok(!v.dropped_expired && !v.dropped_address && v.dropped_renounced, "both given back");
}

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		struct holding h = row->h;
		struct question q = row->q;
		struct verdict v;

		h.nets = nets;
		h.net_total = sizeof nets / sizeof nets[0];
		h.grants = row->grants;
		q.now = NOON;
		q.perm = q.perm == PERM_NONE ? PERM_SERVER_SSH_USERS : q.perm;
		v = decide(&h, &q);
		if (!ok(v.answer == row->answer && v.cause == row->cause && v.grant == row->grant &&
				    v.grace == row->grace,
			    "%s", row->shows))
			printf("#   got answer=%d cause=%d grant=%u grace=%u\n", (int)v.answer,
				(int)v.cause, v.grant, v.grace);
	}
	dropped();
	return tap_done();
}
