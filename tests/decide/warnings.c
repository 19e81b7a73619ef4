/*
 * What lint says of second factors against what is decided, for random policies that are full of
 * them. Who is warned of is asked for one at some time or address, and let in without at another;
 * if anybody is, there is a warning; and what is said to change nothing changes no answer if it is
 * taken away. The seed of a disagreement is printed; `warnings SEED` runs that one alone.
 */
#include "lang/lint.h"
#include "lang/standing.h"
#include "random.h"
#include "rows.h"
#include "tap.h"

#define POLICIES  1000
#define GRANTS    6 /* at most, of one policy */
#define PLACES    3 /* the server and its two accounts */
#define ASKED     1u
#define NOT_ASKED 2u

static char path[] = "/tmp/adperm-warnings-XXXXXX";

static struct {
	unsigned vanishing, hidden, missed, invented, harmful;
} counts;

/* --- policies */

static void put_one(FILE *out)
{
	static const char *const overall[] = { "billing", "technical_servers",
		"technical_accounts" };
	static const char *const servers[] = { "ssh_users", "resources", "ssh_users, consumption",
		"database_users, resources" };
	static const char *const accounts[] = { "ssh", "databases", "sites, ssh",
		"resources, databases" };

	if (one_in(4))
		fputs("      - {to: \"group:g\"", out);
	else
		fprintf(out, "      - {to: p%u@x.example", below(3));
	switch (below(3)) {
	case 0: fprintf(out, ", overall: [%s]", PICK(overall)); break;
	case 1: fprintf(out, ", servers: {s.x.example: [%s]}", PICK(servers)); break;
	default:
		fprintf(out, ", accounts: {%s: [", one_in(2) ? "a" : "b");
		fprintf(out, "%s]}", PICK(accounts));
	}
	if (one_in(2))
		fputs(", require_2fa: true", out);
	if (one_in(3))
		fprintf(out, ", expires: \"%s\"", PICK(ends));
	if (one_in(3))
		put_nets(out);
	fputs("}\n", out);
}

static struct policy *some_policy(uint64_t seed, struct diags *diags)
{
	struct policy *p;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		abort();
	random_seed(seed);
	fputs("---\nadperm: 1\nprofiles:\n", out);
	for (unsigned i = 0; i < 3; i++) {
		fprintf(out, "  p%u@x.example: {login: p%u", i, i);
		if (one_in(3))
			put_nets(out);
		fputs("}\n", out);
	}
	fprintf(out,
		"groups: {g: [p1@x.example, p2@x.example]}\nowners:\n  p0@x.example:\n"
		"    require_2fa: %s\n    servers: {s.x.example: {accounts: [a, b]}}\n    "
		"grants:\n",
		one_in(2) ? "true" : "false");
	for (unsigned n = 1 + below(GRANTS); n > 0; n--)
		put_one(out);
	fputs("...\n", out);
	if (fclose(out) != 0)
		abort();
	p = rows_load(text, path, diags);
	free(text);
	if (p == NULL)
		abort();
	return p;
}

/* --- all questions that could have another answer */

/* Answers a question in some way; ends it all if that is false. */
typedef bool answer_visit(const struct holding *h, const struct question *q, void *data);

/* One permission at one place, from everywhere and at all times from now on. */
static bool ask_everywhere(
	const struct standing *s, struct question *q, int64_t now, answer_visit *visit, void *data)
{
	struct regions regions = { .all = { .at = NULL } };
	bool more = true;

	if (!standing_regions(s, q, &regions))
		abort();
	for (uint32_t t = 0; more && t <= s->holding.grant_total; t++) {
		q->now = t > 0 ? s->holding.grants[t - 1].until : now;
		for (uint32_t r = 0; more && q->now >= now && r < regions.all.n; r++) {
			q->from = regions.all.at[r].from;
			more = visit(&s->holding, q, data);
		}
	}
	regions_done(&regions);
	return more;
}

static void ask_all(const struct standing *s, int64_t now, bool menus, bool one_by_one,
	answer_visit *visit, void *data)
{
	bool more = true;

	for (size_t i = 0; more && i < perm_rows; i++) {
		const struct perm_info *info = &perm_table[i];

		for (uint32_t place = 0; more && place < PLACES; place++) {
			struct question q = { .perm = info->perm };

			if ((info->derived && !menus) ||
				(info->scope == SCOPE_ACCOUNT) != (place > 0))
				continue;
			q.account = place > 0 ? standing_account(s, place - 1) : ACCOUNT_NONE;
			more = ask_everywhere(s, &q, now, visit, data);
			if (one_by_one)
				more = visit(NULL, &q, data);
		}
	}
}

/* --- a second factor that is asked for here and not there */

struct seen {
	unsigned now; /* of one permission at one place */
	bool wavers;
};

static bool note_answer(const struct holding *h, const struct question *q, void *data)
{
	struct seen *seen = data;
	enum answer answer = h != NULL ? decide(h, q).answer : ANSWER_DENY;

	seen->now |= answer == ANSWER_ALLOW_2FA ? ASKED : answer == ANSWER_ALLOW ? NOT_ASKED : 0;
	seen->wavers |= seen->now == (ASKED | NOT_ASKED);
	if (h == NULL)
		seen->now = 0;
	return !seen->wavers;
}

static bool wavers(const struct policy *p, uint32_t profile, int64_t now)
{
	struct standing s = { .p = NULL };
	struct seen seen = { 0, false };

	if (!standing_take(&s, p, profile, 0))
		abort();
	ask_all(&s, now, false, true, note_answer, &seen);
	standing_done(&s);
	return seen.wavers;
}

/* --- a grant that can go */

struct without {
	struct grant grants[GRANTS * PLACES + 1];
	struct holding holding;
	bool differs;
};

static bool compare_answers(const struct holding *h, const struct question *q, void *data)
{
	struct without *w = data;
	struct verdict with = decide(h, q), without = decide(&w->holding, q);

	w->differs |= with.answer != without.answer || with.grace != without.grace;
	return !w->differs;
}

static bool matters(const struct policy *p, uint32_t grant, uint32_t profile, int64_t now)
{
	struct standing s = { .p = NULL };
	struct without w = { .differs = false };
	uint32_t n = 0;

	if (!standing_take(&s, p, profile, 0) || s.holding.grant_total > GRANTS * PLACES + 1)
		abort();
	for (uint32_t i = 0; i < s.holding.grant_total; i++)
		if (s.reaches[i].grant != grant)
			w.grants[n++] = s.holding.grants[i];
	w.holding = s.holding;
	w.holding.grants = w.grants;
	w.holding.grant_total = n;
	ask_all(&s, now, true, false, compare_answers, &w);
	standing_done(&s);
	return w.differs;
}

/* --- what lint says */

static void judge_hidden(const struct policy *p, struct mark at, int64_t now)
{
	counts.hidden++;
	for (uint32_t g = 0; g < p->grants.n; g++)
		for (uint32_t i = 0; p->grants.at[g].mark.line == at.line && i < p->profiles.n; i++)
			counts.harmful += matters(p, g, i, now);
}

static void run_seed(uint64_t seed)
{
	struct diags *diags = diags_new();
	struct policy *p = some_policy(seed, diags);
	bool warned = false, wavered = false;
	int64_t now;

	if (!when_parse(slice_str(times[0]), &now) || !policy_lint(p, now, diags))
		abort();
	for (size_t d = 0; d < diags_kept(diags); d++) {
		struct diag_view view = diags_at(diags, d);

		if (view.id == DIAG_FLAG_HIDDEN)
			judge_hidden(p, view.at, now);
		warned |= view.id == DIAG_FLAG_VANISHES;
		counts.vanishing += view.id == DIAG_FLAG_VANISHES;
		for (uint32_t i = 0; view.id == DIAG_FLAG_VANISHES && i < p->profiles.n; i++)
			if (strstr(view.words, policy_text(p, p->profiles.at[i].email)) != NULL)
				counts.invented += !wavers(p, i, now);
	}
	for (uint32_t i = 0; i < p->profiles.n; i++)
		wavered |= wavers(p, i, now);
	counts.missed += wavered && !warned;
	policy_free(p);
	diags_free(diags);
}

int main(int argc, char **argv)
{
	uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	uint64_t last = argc > 1 ? first : POLICIES;
	int fd = mkstemp(path);

	if (fd < 0)
		abort();
	close(fd);
	for (uint64_t seed = first; seed <= last; seed++) {
		unsigned before = counts.missed + counts.invented + counts.harmful;

		run_seed(seed);
		if (counts.missed + counts.invented + counts.harmful != before)
			printf("# seed %llu\n", (unsigned long long)seed);
	}
	unlink(path);
	ok(argc > 1 || (counts.vanishing > 0 && counts.hidden > 0),
		"%u second factors vanish, %u grants are hidden", counts.vanishing, counts.hidden);
	is_int(counts.missed, 0, "where one vanishes lint says so");
	is_int(counts.invented, 0, "and of nobody else");
	is_int(counts.harmful, 0, "what changes nothing changes no answer");
	return tap_done();
}
