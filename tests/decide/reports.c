/*
 * What the reports say against what check says, for random policies and questions: the grants that
 * explain shows as counting lead to the verdict; inside a region of addresses every verdict is the
 * same; and diff tells a change if, and only if, some answer is another. The seed of a disagreement
 * is printed; `reports SEED` runs that one policy alone.
 */
#include "engines.h"
#include "lang/change.h"
#include "lang/load.h"
#include "lang/standing.h"
#include "random.h"
#include "tap.h"

#include <arpa/inet.h>

#define POLICIES  120
#define QUESTIONS 1500
#define PERSONS   10 /* p0 to p8, and nobody */

static struct {
	unsigned asked, fold, region, missed, invented, changes, differing;
} counts;

/* --- explain: the verdict follows from what became of each grant */

static enum adperm_verdict fold(const struct standing *s, const struct question *q)
{
	enum adperm_verdict verdict = ADPERM_DENY;

	if (decide_shut_out(&s->holding, q) != CAUSE_NONE)
		return ADPERM_DENY;
	for (uint32_t i = 0; i < s->holding.grant_total; i++) {
		struct way way = standing_way(s, q, i);

		if (!way.gives || way.dropped != CAUSE_NONE)
			continue;
		if (s->holding.grants[i].require_2fa)
			return ADPERM_ALLOW_2FA;
		verdict = ADPERM_ALLOW;
	}
	return verdict;
}

static uint32_t members(const struct regions *r, const struct address *a)
{
	uint32_t bits = 0;

	for (uint32_t i = 0; i + 1 < r->all.n; i++)
		bits |= (uint32_t)net_contains(&r->all.at[i].net, a) << i;
	return bits;
}

/* Has the region that the address is in the same verdict? */
static bool region_agrees(const struct standing *s, const struct question *q)
{
	struct regions regions = { .all = { .at = NULL } };
	enum answer right = decide(&s->holding, q).answer;
	bool found = false, good = true;

	if (!standing_regions(s, q, &regions))
		abort();
	for (uint32_t i = 0; i < regions.all.n; i++) {
		struct question there = *q;

		there.from = regions.all.at[i].from;
		if (members(&regions, &there.from) != members(&regions, &q->from))
			continue;
		found = true;
		good &= decide(&s->holding, &there).answer == right;
	}
	regions_done(&regions);
	return found && good;
}

static void explain(const struct policy *p, struct standing *s, const struct asked *a,
	const struct adperm_answer *answer)
{
	uint32_t who = policy_find(p, NAME_PROFILE, slice_str(answer->profile));
	uint32_t where = policy_find(p, NAME_SERVER, slice_str(a->server)), account = NO_INDEX;
	struct question q = { .now = a->q.time };
	bool ambiguous;

	if (a->q.account != NULL)
		account = policy_find(p, NAME_ACCOUNT, slice_str(a->q.account));
	if (who == NO_INDEX || where == NO_INDEX ||
		(account != NO_INDEX && p->accounts.at[account].server != where))
		return;
	if (!standing_take(s, p, who, where))
		abort();
	q.perm = perm_parse(slice_str(a->q.permission), &ambiguous);
	q.account = standing_account(s, account);
	if (a->q.from != NULL)
		address_parse(slice_str(a->q.from), &q.from);
	counts.asked++;
	counts.fold += fold(s, &q) != answer->verdict;
	counts.region += !region_agrees(s, &q);
}

/* --- diff: what was told, by person, place and permission */

enum { OVERALL = 0, SERVER = 1, ACCOUNT = 4, PLACES = 10 };

struct told {
	uint64_t perms[PERSONS][PLACES];
	bool known[PERSONS]; /* a key or login is another */
	struct adperm *before, *after;
	int64_t at;
};

static unsigned digit(const char *name)
{
	return (unsigned)(name[1] - '0');
}

static unsigned account_place(const char *account)
{
	return ACCOUNT + digit(account) * ACCOUNTS + (unsigned)(account[3] - '0');
}

/* Asks both sides the same; are the answers the same? */
static bool same_answer(const struct told *told, const struct adperm_question *q)
{
	struct adperm_answer x, y;

	adperm_ask(told->before, q, &x);
	adperm_ask(told->after, q, &y);
	return x.verdict == y.verdict && x.grace == y.grace;
}

/* What is told of this moment must show where it is told of. */
static bool is_true(const struct told *told, const struct change *c, const char *account)
{
	char address[INET6_ADDRSTRLEN];
	struct adperm_question q = { .who = ADPERM_PROFILE,
		.name = c->profile,
		.account = account,
		.server = c->place,
		.time = told->at };

	for (size_t i = 0; i < perm_rows; i++) {
		if ((c->perms & PERM_BIT(perm_table[i].perm)) == 0)
			continue;
		q.permission = perm_table[i].full;
		for (uint32_t r = 0; r < c->regions->all.n; r++) {
			const struct address *from = &c->regions->all.at[r].from;
			unsigned before = c->fates[r] & (FATE_HELD_BEFORE | FATE_2FA_BEFORE);
			unsigned after = c->fates[r] & (FATE_HELD_AFTER | FATE_2FA_AFTER);

			q.from = NULL;
			if (from->family != FAMILY_UNKNOWN)
				q.from = inet_ntop(from->family == FAMILY_IPV4 ? AF_INET : AF_INET6,
					from->octet, address, sizeof address);
			if (after != before << 1 && same_answer(told, &q))
				return false;
		}
	}
	return true;
}

static void note(const struct change *c, void *data)
{
	struct told *told = data;
	uint64_t *perms = told->perms[digit(c->profile)];

	counts.changes++;
	if ((c->kinds & CHANGE_KNOWN_BY) != 0) {
		told->known[digit(c->profile)] = true;
		return;
	}
	/* A server without accounts that no question is about. */
	if (c->scope != SCOPE_OVERALL && c->place[0] != 's')
		return;
	if (c->scope == SCOPE_OVERALL)
		perms[OVERALL] |= c->perms;
	if (c->scope == SCOPE_SERVER) {
		perms[SERVER + digit(c->place)] |= c->perms;
		counts.invented += !is_true(told, c, NULL);
	}
	for (uint32_t i = 0; i < c->account_total; i++) {
		perms[account_place(c->accounts[i])] |= c->perms;
		counts.invented += !is_true(told, c, c->accounts[i]);
	}
}

/* If the answers differ, something must have been told of it. */
static void check_told(const struct told *told, const struct asked *a)
{
	char profile[ADPERM_EMAIL_SIZE];
	struct adperm_answer answer;
	const struct perm_info *info;
	unsigned place;
	uint64_t perms;
	bool ambiguous;

	if (same_answer(told, &a->q))
		return;
	counts.differing++;
	info = perm_info((unsigned)perm_parse(slice_str(a->q.permission), &ambiguous));
	adperm_ask(told->before, &a->q, &answer);
	snprintf(profile, sizeof profile, "%s", answer.profile);
	adperm_ask(told->after, &a->q, &answer);
	if (strcmp(profile, answer.profile) != 0) {
		counts.missed += (profile[0] == '\0' || !told->known[digit(profile)]) &&
				 (answer.profile[0] == '\0' || !told->known[digit(answer.profile)]);
		return;
	}
	place = info->scope == SCOPE_OVERALL  ? OVERALL
		: info->scope == SCOPE_SERVER ? SERVER + digit(a->server)
					      : account_place(a->account);
	perms = told->perms[digit(answer.profile)][place];
	counts.missed += info->derived ? perms == 0 : (perms & PERM_BIT(info->perm)) == 0;
}

/* --- two policies that differ a little */

static struct policy *load(const char *path, struct diags *diags)
{
	struct policy *p = policy_load(&path, 1, diags);

	if (p == NULL)
		diags_print(diags, stdout);
	return p;
}

/* The terms of a grant, which it shares no more. */
static struct grant_terms *own_terms(struct policy *p, struct policy_grant *g)
{
	struct grant_terms terms = *grant_terms(p, g);

	if (!terms_add(p, &terms))
		abort();
	g->terms = (p->terms.n - 1) & (TO_GROUP - 1);
	return &p->terms.at[g->terms];
}

/* The access of a profile, which may be no row of its own. */
static struct access *own_access(struct policy *p, struct profile *who)
{
	const struct access access = *profile_access(p, who);
	struct access *own = access_add(p);

	if (own == NULL)
		abort();
	*own = access;
	who->access = p->access.n - 1;
	return own;
}

/* Changes a few fields of rows, of kinds that no index is made of. */
static void change_rows(struct policy *p)
{
	for (unsigned n = 1 + below(3); n > 0; n--) {
		struct policy_grant *g = &p->grants.at[below(p->grants.n)];
		struct grant_terms *terms = own_terms(p, g);
		const struct grant_terms *other = grant_terms(p, &p->grants.at[below(p->grants.n)]);
		struct profile *profile = &p->profiles.at[below(p->profiles.n)];

		switch (below(8)) {
		case 0: g->require_2fa = !g->require_2fa; break;
		case 1: terms->until = one_in(2) ? WHEN_NEVER : other->until; break;
		case 2: terms->nets = other->nets; break;
		case 3: terms->grace = g->require_2fa ? other->grace + 60 : 0; break;
		case 4:
			p->places.at[g->places.first].perms ^=
				PERM_BIT(one_in(2) ? PERM_ACCOUNT_SSH : PERM_SERVER_RESOURCES);
			break;
		case 5: profile->suspended = !profile->suspended; break;
		case 6: own_access(p, profile)->nets = other->nets; break;
		default:
			p->owners.at[0].require_2fa =
				p->owners.at[0].require_2fa == FLAG_TRUE ? FLAG_FALSE : FLAG_TRUE;
		}
	}
}

static void write_policy(const char *path)
{
	FILE *out[RANDOM_FILES];
	char *text[RANDOM_FILES];
	size_t len[RANDOM_FILES];
	char name[64];

	for (unsigned i = 0; i < RANDOM_FILES; i++)
		out[i] = open_memstream(&text[i], &len[i]);
	random_policy(out);
	for (unsigned i = 0; i < RANDOM_FILES; i++) {
		FILE *file;

		fclose(out[i]);
		snprintf(name, sizeof name, "%s/%u.yaml", path, i);
		file = fopen(name, "we");
		if (file == NULL || fwrite(text[i], 1, len[i], file) != len[i] || fclose(file) != 0)
			abort();
		free(text[i]);
	}
}

static void remove_policy(const char *path)
{
	char name[64];

	for (unsigned i = 0; i < RANDOM_FILES; i++) {
		snprintf(name, sizeof name, "%s/%u.yaml", path, i);
		unlink(name);
	}
	rmdir(path);
}

static void ask_both(const struct policy *before, const struct policy *after)
{
	struct told *told = calloc(1, sizeof *told);
	struct standing standing = { .p = NULL };

	if (told == NULL)
		abort();
	told->before = engine_memory(before);
	told->after = engine_memory(after);
	when_parse(slice_str(times[0]), &told->at);
	if (!policy_compare(before, after, told->at, note, told))
		abort();
	for (unsigned i = 0; i < QUESTIONS; i++) {
		struct adperm_answer answer;
		struct asked a;

		random_question(&a);
		adperm_ask(told->before, &a.q, &answer);
		explain(before, &standing, &a, &answer);
		check_told(told, &a);
	}
	standing_done(&standing);
	adperm_close(told->before);
	adperm_close(told->after);
	free(told);
}

/* Against itself changed a little, and against quite another policy. */
static void run_seed(uint64_t seed, bool other)
{
	char one[] = "/tmp/adperm-reports-XXXXXX", two[] = "/tmp/adperm-reports-XXXXXX";
	struct diags *diags = diags_new();
	struct policy *before, *after;

	if (diags == NULL || mkdtemp(one) == NULL || mkdtemp(two) == NULL)
		abort();
	random_seed(seed);
	write_policy(one);
	write_policy(two);
	before = load(one, diags);
	after = load(other ? two : one, diags);
	if (before == NULL || after == NULL)
		abort();
	if (!other)
		change_rows(after);
	ask_both(before, after);
	policy_free(before);
	policy_free(after);
	diags_free(diags);
	remove_policy(one);
	remove_policy(two);
}

int main(int argc, char **argv)
{
	uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	uint64_t last = argc > 1 ? first : POLICIES;

	for (uint64_t seed = first; seed <= last; seed++) {
		unsigned before = counts.fold + counts.region + counts.missed + counts.invented;

		run_seed(seed, seed % 4 == 0);
		if (counts.fold + counts.region + counts.missed + counts.invented != before)
			printf("# seed %llu\n", (unsigned long long)seed);
	}
	ok(counts.asked > 0, "%u questions could be explained", counts.asked);
	is_int(counts.fold, 0, "what explain shows as counting leads to the verdict");
	is_int(counts.region, 0, "every address is answered as its region");
	ok(counts.changes > 0 && counts.differing > 0, "%u changes, %u answers that differ",
		counts.changes, counts.differing);
	is_int(counts.missed, 0, "of every answer that differs diff tells");
	is_int(counts.invented, 0, "and of no other");
	return tap_done();
}
