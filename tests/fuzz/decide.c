/*
 * The decision, for any holding and any question: what is allowed follows from a grant that gives
 * it and is not dropped, a flag on any such grant asks for the second factor, and grants that are
 * added or taken away do what their kind may do and nothing else.
 */
#include "model/decide.h"
#include "fuzz.h"

enum { GRANTS = 6, NETS = 4 };

struct asked {
	struct holding holding;
	struct question question;
	struct grant grants[GRANTS];
	struct net nets[NETS];
};

/* Only what the types and the decoders allow. */
static void take_net(struct cursor *c, struct net *net)
{
	uint8_t bits = cursor_u8(c);
	struct slice octets = cursor_take(c, sizeof net->octet);

	*net = (struct net){ .family = bits & 128 ? FAMILY_IPV6 : FAMILY_IPV4 };
	net->bits = (uint8_t)(bits % (net->family == FAMILY_IPV6 ? 129 : 33));
	if (octets.len == sizeof net->octet)
		memcpy(net->octet, octets.at, octets.len);
}

static void take_grant(struct cursor *c, struct grant *g)
{
	uint8_t flags = cursor_u8(c), nets = cursor_u8(c);

	*g = (struct grant){ .perms = cursor_u64(c),
		.account = cursor_u8(c) % 4,
		.ownership = (flags & 1) != 0,
		.require_2fa = (flags & 2) != 0,
		.grace = (flags & 2) != 0 ? cursor_u16(c) : 0,
		.until = (flags & 4) != 0 ? WHEN_NEVER : (int64_t)cursor_u32(c),
		.net_first = nets % NETS };
	g->net_count = (nets / NETS) % (NETS - g->net_first + 1);
}

static void take(struct cursor *c, struct asked *a)
{
	uint8_t flags = cursor_u8(c), nets = cursor_u8(c), from = cursor_u8(c);
	struct slice octets;

	memset(a, 0, sizeof *a);
	a->holding = (struct holding){ .suspended = (flags & 1) != 0,
		.machine = (flags & 2) != 0,
		.net_first = nets % NETS,
		.nets = a->nets,
		.net_total = NETS,
		.grants = a->grants,
		.grant_total = (flags >> 4) % (GRANTS + 1) };
	a->holding.net_count = (nets / NETS) % (NETS - a->holding.net_first + 1);
	a->question = (struct question){ .perm = (enum perm)cursor_u8(c),
		.account = cursor_u8(c) % 4,
		.now = (int64_t)cursor_u32(c),
		.renounced = (flags & 4) != 0 };
	a->question.from.family = from % 3 == 0   ? FAMILY_UNKNOWN
				  : from % 3 == 1 ? FAMILY_IPV4
						  : FAMILY_IPV6;
	octets = cursor_take(c, sizeof a->question.from.octet);
	if (octets.len == sizeof a->question.from.octet)
		memcpy(a->question.from.octet, octets.at, octets.len);
	for (size_t i = 0; i < NETS; i++)
		take_net(c, &a->nets[i]);
	for (size_t i = 0; i < a->holding.grant_total; i++)
		take_grant(c, &a->grants[i]);
}

static bool counts(const struct asked *a, const struct grant *g)
{
	return decide_gives(g, &a->question, perm_givers(a->question.perm)) &&
	       decide_drops(&a->holding, g, &a->question) == CAUSE_NONE;
}

static void judge(const struct asked *a, struct verdict v)
{
	bool allowed = v.answer == ANSWER_ALLOW || v.answer == ANSWER_ALLOW_2FA;
	bool any = false, flagged = false;

	must(allowed || v.answer == ANSWER_DENY || v.answer == ANSWER_ERROR);
	must((v.cause == CAUSE_NONE) == (v.answer != ANSWER_DENY));
	if (v.answer == ANSWER_ERROR)
		return;
	for (size_t i = 0; i < a->holding.grant_total; i++) {
		any |= counts(a, &a->grants[i]);
		flagged |= counts(a, &a->grants[i]) && a->grants[i].require_2fa;
	}
	if (decide_shut_out(&a->holding, &a->question) != CAUSE_NONE)
		any = flagged = false;
	must(allowed == any);
	must((v.answer == ANSWER_ALLOW_2FA) == flagged);
	if (allowed)
		must(v.grant < a->holding.grant_total && counts(a, &a->grants[v.grant]));
	if (a->holding.suspended)
		must(!allowed);
}

/* With the last grant and without it. */
static void judge_last(struct asked *a, struct verdict with)
{
	struct verdict without;

	if (a->holding.grant_total == 0 || with.answer == ANSWER_ERROR)
		return;
	without = (a->holding.grant_total--, decide(&a->holding, &a->question));
	judge(a, without);
	/* Another grant never takes away, and never the second factor. */
	if (without.answer == ANSWER_ALLOW_2FA)
		must(with.answer == ANSWER_ALLOW_2FA);
	if (without.answer == ANSWER_ALLOW)
		must(with.answer != ANSWER_DENY);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_of(slice_of(data, size));
	struct asked a;
	struct verdict v;

	take(&c, &a);
	v = decide(&a.holding, &a.question);
	judge(&a, v);
	judge_last(&a, v);
	return 0;
}
