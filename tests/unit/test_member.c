/* Who may come to the door at which people help themselves: a table of what they hold. */
#include "model/member.h"

#include "tap.h"

#define NOW 1000

static const struct net home = { .family = FAMILY_IPV4, .octet = { 192, 0, 2 }, .bits = 24 };

/* What is held: up to two grants, and the profile itself. */
static const struct {
	const char *says;
	struct grant grants[2];
	uint32_t total;
	bool suspended, kept, renounced; /* `kept` to its network */
	const char *from;
	enum answer answer;
	enum cause cause;
} rows[] = {
	{ "nothing", .answer = ANSWER_DENY, .cause = CAUSE_NO_GRANT },
	{ "a grant, whatever it gives", { { .perms = 1, .until = WHEN_NEVER } }, 1,
		.answer = ANSWER_ALLOW },
	{ "one on an account", { { .account = 3, .until = WHEN_NEVER } }, 1,
		.answer = ANSWER_ALLOW },
	{ "ownership", { { .ownership = true, .until = WHEN_NEVER } }, 1, .answer = ANSWER_ALLOW },
	{ "a flagged one", { { .require_2fa = true, .until = WHEN_NEVER } }, 1,
		.answer = ANSWER_ALLOW_2FA },
	{ "a plain and a flagged one: the strictest wins",
		{ { .until = WHEN_NEVER }, { .require_2fa = true, .until = WHEN_NEVER } }, 2,
		.answer = ANSWER_ALLOW_2FA },
	{ "in any order", { { .require_2fa = true, .until = WHEN_NEVER }, { .until = WHEN_NEVER } },
		2, .answer = ANSWER_ALLOW_2FA },
	{ "one that has ended", { { .until = NOW } }, 1, .answer = ANSWER_DENY,
		.cause = CAUSE_EXPIRED },
	{ "one that ends next", { { .until = NOW + 1 } }, 1, .answer = ANSWER_ALLOW },
	{ "one that has ended, and one that has not",
		{ { .until = NOW, .require_2fa = true }, { .until = WHEN_NEVER } }, 2,
		.answer = ANSWER_ALLOW },
	{ "one from here", { { .until = WHEN_NEVER, .net_count = 1 } }, 1, .from = "192.0.2.7",
		.answer = ANSWER_ALLOW },
	{ "one from elsewhere", { { .until = WHEN_NEVER, .net_count = 1 } }, 1,
		.from = "203.0.113.7", .answer = ANSWER_DENY, .cause = CAUSE_ADDRESS },
	{ "one from somewhere, and nobody knows from where",
		{ { .until = WHEN_NEVER, .net_count = 1 } }, 1, .answer = ANSWER_DENY,
		.cause = CAUSE_ADDRESS },
	{ "the first that was dropped says why",
		{ { .until = NOW }, { .until = WHEN_NEVER, .net_count = 1 } }, 2,
		.answer = ANSWER_DENY, .cause = CAUSE_EXPIRED },
	{ "what was given back", { { .until = WHEN_NEVER } }, 1, .renounced = true,
		.answer = ANSWER_DENY, .cause = CAUSE_RENOUNCED },
	{ "which ownership cannot be", { { .ownership = true, .until = WHEN_NEVER } }, 1,
		.renounced = true, .answer = ANSWER_ALLOW },
	{ "a suspended profile", { { .until = WHEN_NEVER } }, 1, .suspended = true,
		.answer = ANSWER_DENY, .cause = CAUSE_SUSPENDED },
	{ "a profile that is kept to its network", { { .until = WHEN_NEVER } }, 1, .kept = true,
		.from = "203.0.113.7", .answer = ANSWER_DENY, .cause = CAUSE_ADDRESS },
	{ "and is there", { { .until = WHEN_NEVER } }, 1, .kept = true, .from = "192.0.2.7",
		.answer = ANSWER_ALLOW },
};

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct holding holding = {
			.suspended = rows[i].suspended,
			.net_count = rows[i].kept ? 1 : 0,
			.nets = &home,
			.net_total = 1,
			.grants = rows[i].grants,
			.grant_total = rows[i].total,
		};
		struct question question = { .now = NOW, .renounced = rows[i].renounced };
		struct verdict verdict;

		if (rows[i].from != NULL)
			address_parse(slice_str(rows[i].from), &question.from);
		verdict = member_judge(&holding, &question);
		is_int(verdict.answer, rows[i].answer, "%s", rows[i].says);
		is_int(verdict.cause, rows[i].cause, "and why");
	}
	return tap_done();
}
