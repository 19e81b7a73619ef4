/*
 * adperm explain: the answer of check, and every grant that was considered on the way to it. All of
 * it is asked of decide() and its parts.
 */
#include "cli/describe.h"
#include "cli/place.h"
#include "cli/question.h"

#include "lang/standing.h"

#include <stdlib.h>
#include <string.h>

struct arguments {
	struct question_options question;
	bool json;
};

/* One explanation: the question as check asks it and as decide() does. */
struct explain {
	const struct policy *p;
	const struct adperm_question *asked;
	struct adperm_answer answer;
	struct standing standing;
	struct question q;
	struct regions regions;
};

static const char *const cause_words[] = {
	[CAUSE_NONE] = "counts",
	[CAUSE_NO_GRANT] = "other",
	[CAUSE_SUSPENDED] = "suspended",
	[CAUSE_ADDRESS] = "address",
	[CAUSE_EXPIRED] = "expired",
	[CAUSE_RENOUNCED] = "renounced",
};

/* What became of a grant, as one of the words above. */
static enum cause fate_of(const struct explain *x, const struct way *way)
{
	enum cause shut = decide_shut_out(&x->standing.holding, &x->q);

	if (!way->gives)
		return CAUSE_NO_GRANT;
	return shut != CAUSE_NONE ? shut : way->dropped;
}

static uint32_t owner_here(const struct explain *x)
{
	return x->p->servers.at[x->standing.server].owner;
}

static struct terms terms_at(const struct explain *x, uint32_t i)
{
	return terms_of(x->p, x->standing.reaches[i].grant, owner_here(x));
}

/* --- for people */

static void show_account(const struct explain *x, uint32_t i)
{
	uint32_t account = x->standing.holding.grants[i].account;

	if (account == ACCOUNT_NONE)
		return;
	fputs(" on ", stdout);
	fwrite(x->standing.text.accounts[account - 1].at, 1,
		x->standing.text.accounts[account - 1].len, stdout);
}

/* What a grant gives: the permission itself, or what brings it along; or something else. */
static void show_gift(const struct explain *x, uint32_t i, const struct way *way)
{
	const struct grant *g = &x->standing.holding.grants[i];
	uint64_t self = PERM_BIT(x->q.perm);

	if (g->ownership) {
		fputs("owner of the server", stdout);
		return;
	}
	show_perms(stdout, way->gives ? way->by : g->perms);
	show_account(x, i);
	if (way->gives && (way->by & self) == 0)
		printf(", which brings %s", perm_info((unsigned)x->q.perm)->full);
}

static const char *fate_colour(enum cause fate)
{
	if (fate == CAUSE_NONE)
		return TERMINAL_GREEN;
	return fate == CAUSE_NO_GRANT ? "" : TERMINAL_RED;
}

static void show_grant(const struct explain *x, uint32_t i)
{
	struct way way = standing_way(&x->standing, &x->q, i);
	enum cause fate = fate_of(x, &way);
	struct terms terms = terms_at(x, i);

	fputs("  ", stdout);
	show_coloured(stdout, fate_colour(fate), "%-9s ", cause_words[fate]);
	show_mark(stdout, x->p, terms.mark);
	fputs("  ", stdout);
	show_gift(x, i, &way);
	if (!terms.ownership) {
		printf("; by %s, ", owner_text(x->p, terms.owner));
		show_through(stdout, x->p, x->standing.reaches[i].grant, x->standing.profile);
	}
	terms_show(stdout, x->p, &terms);
	putchar('\n');
}

/* --- where and from when the answer is another */

typedef void turn_visit(const struct explain *x, struct verdict verdict, int64_t from,
	const struct region *region, void *data);

static int compare_times(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/*
 * The ends of the grants that give what is asked, in order, as far as somebody can ask as of them;
 * *n of them. NULL: out of memory.
 */
static int64_t *collect_ends(const struct explain *x, size_t *n)
{
	const struct holding *h = &x->standing.holding;
	int64_t *ends = calloc((size_t)h->grant_total + 1, sizeof *ends);

	*n = 0;
	for (uint32_t i = 0; ends != NULL && i < h->grant_total; i++)
		if (h->grants[i].until < WHEN_MAX && h->grants[i].until > x->q.now &&
			decide_gives(&h->grants[i], &x->q, perm_givers(x->q.perm)))
			ends[(*n)++] = h->grants[i].until;
	if (ends != NULL)
		qsort(ends, *n, sizeof *ends, compare_times);
	return ends;
}

/* Visits every moment from which on, at the same address, the answer is another than before. */
static bool turns_in_time(const struct explain *x, turn_visit *visit, void *data)
{
	enum answer before = decide(&x->standing.holding, &x->q).answer;
	struct question later = x->q;
	size_t n;
	int64_t *ends = collect_ends(x, &n);

	for (size_t i = 0; ends != NULL && i < n; i++) {
		struct verdict verdict;

		later.now = ends[i];
		verdict = decide(&x->standing.holding, &later);
		if (verdict.answer != before)
			visit(x, verdict, ends[i], NULL, data);
		before = verdict.answer;
	}
	free(ends);
	return ends != NULL;
}

/* Visits every region where the answer, at the same time, is another than the one given. */
static bool turns_in_place(struct explain *x, turn_visit *visit, void *data)
{
	enum answer here = decide(&x->standing.holding, &x->q).answer;
	struct question there = x->q;

	if (!standing_regions(&x->standing, &x->q, &x->regions))
		return false;
	for (uint32_t i = 0; i < x->regions.all.n; i++) {
		struct verdict verdict;

		there.from = x->regions.all.at[i].from;
		verdict = decide(&x->standing.holding, &there);
		if (verdict.answer != here)
			visit(x, verdict, 0, &x->regions.all.at[i], data);
	}
	return true;
}

static enum adperm_verdict verdict_of(enum answer answer)
{
	switch (answer) {
	case ANSWER_ALLOW: return ADPERM_ALLOW;
	case ANSWER_ALLOW_2FA: return ADPERM_ALLOW_2FA;
	case ANSWER_DENY: return ADPERM_DENY;
	case ANSWER_ERROR: break;
	}
	return ADPERM_ERROR;
}

/* Does a narrower network that counts stand in this one? It is the next, and has its own answer. */
static bool has_narrower(const struct region *region)
{
	return net_contains(&region->net, &region[1].from);
}

static void show_turn(const struct explain *x, struct verdict verdict, int64_t from,
	const struct region *region, void *data)
{
	char text[ADDRESS_TEXT_SIZE];
	enum adperm_verdict now = x->answer.verdict, then = verdict_of(verdict.answer);

	(void)data;
	if (region == NULL) {
		spell_time(from, text);
		printf("from %s on: ", text);
	} else if (region->net.family == FAMILY_UNKNOWN) {
		fputs(x->regions.all.n > 1 ? "from any other address: " : "from anywhere: ",
			stdout);
	} else {
		net_text(&region->net, text);
		printf("from %s%s: ", has_narrower(region) ? "the rest of " : "", text);
	}
	fputs(adperm_verdict_text(then), stdout);
	if (now == ADPERM_ALLOW_2FA && then == ADPERM_ALLOW)
		fputs(", without a second factor", stdout);
	putchar('\n');
}

static void show_question(const struct explain *x)
{
	char at[SPELL_SIZE];

	show_text(stdout, x->answer.profile[0] != '\0' ? x->answer.profile : x->asked->name);
	printf(", %s", x->answer.permission);
	if (x->asked->account != NULL) {
		fputs(" on ", stdout);
		show_text(stdout, x->asked->account);
	}
	if (x->p != NULL)
		printf(x->asked->account != NULL ? " of %s" : " on %s",
			server_text(x->p, x->standing.server));
	if (x->asked->from != NULL)
		printf(" from %s", x->asked->from);
	spell_time(x->asked->time, at);
	printf(" at %s\n", at);
}

/* At the door of a database server that tells nobody's address. */
static void show_without_address(const struct explain *x)
{
	struct question nowhere = x->q;

	if (x->q.perm != PERM_SERVER_DATABASE_USERS && x->q.perm != PERM_ACCOUNT_DATABASES)
		return;
	nowhere.from = (struct address){ .family = FAMILY_UNKNOWN };
	printf("by MariaDB, which never says from where: %s\n",
		adperm_verdict_text(verdict_of(decide(&x->standing.holding, &nowhere).answer)));
}

static bool explain_text(struct explain *x)
{
	uint32_t n = x->standing.holding.grant_total;
	bool good;

	show_question(x);
	for (uint32_t i = 0; i < n; i++)
		show_grant(x, i);
	if (n == 0 && x->answer.reason == ADPERM_NO_GRANT)
		puts("  holds nothing on this server");
	answer_print(&x->answer);
	good = x->p == NULL ||
	       (turns_in_time(x, show_turn, NULL) && turns_in_place(x, show_turn, NULL));
	if (good && x->regions.all.n > 1)
		show_without_address(x);
	return good;
}

/* --- for programs */

static void json_grant(struct json *j, const struct explain *x, uint32_t i)
{
	const struct grant *g = &x->standing.holding.grants[i];
	struct way way = standing_way(&x->standing, &x->q, i);
	enum cause fate = fate_of(x, &way);
	struct terms terms = terms_at(x, i);
	const struct reach *reach = &x->standing.reaches[i];

	json_object(j, NULL);
	json_bool(j, "counts", fate == CAUSE_NONE);
	json_string(j, "why", fate == CAUSE_NONE ? NULL : cause_words[fate]);
	json_string(j, "account",
		g->account == ACCOUNT_NONE
			? NULL
			: account_text(x->p, x->p->places.at[reach->place].target));
	json_perms(j, "gives", g->ownership ? PERM_BIT(x->q.perm) : way.gives ? way.by : g->perms);
	json_bool(j, "brings", way.gives && !g->ownership && (way.by & PERM_BIT(x->q.perm)) == 0);
	json_through(j, "through", x->p, reach->grant, x->standing.profile);
	terms_json(j, x->p, &terms);
	json_object_end(j);
}

static void json_turn(const struct explain *x, struct verdict verdict, int64_t from,
	const struct region *region, void *data)
{
	char text[ADDRESS_TEXT_SIZE] = "elsewhere";
	struct json *j = data;

	(void)x;
	if (region == NULL)
		spell_time(from, text);
	else if (region->net.family != FAMILY_UNKNOWN)
		net_text(&region->net, text);
	json_object(j, NULL);
	json_string(j, "at", region == NULL ? text : NULL);
	json_string(j, "from", region == NULL ? NULL : text);
	json_string(j, "verdict", adperm_verdict_word(verdict_of(verdict.answer)));
	json_object_end(j);
}

static bool explain_json(struct explain *x)
{
	struct json j = json_to(stdout);
	bool good;

	json_object(&j, NULL);
	answer_json(&j, &x->answer);
	json_array(&j, "grants");
	for (uint32_t i = 0; i < x->standing.holding.grant_total; i++)
		json_grant(&j, x, i);
	json_array_end(&j);
	json_array(&j, "turns");
	good = x->p == NULL ||
	       (turns_in_time(x, json_turn, &j) && turns_in_place(x, json_turn, &j));
	json_array_end(&j);
	json_object_end(&j);
	return good;
}

/* --- from the question to the rows */

/* Finds what the answer is about in the rows; without it there is nothing to show besides. */
static bool find_rows(
	struct explain *x, const struct policy *p, const struct adperm *handle, const char *people)
{
	const char *server = x->asked->server != NULL ? x->asked->server : adperm_server(handle);
	uint32_t where = policy_find(p, NAME_SERVER, slice_str(server));
	uint32_t who = policy_find(p, NAME_PROFILE, slice_str(x->answer.profile));
	struct place_people changed = { .directory = people };
	uint32_t account = NO_INDEX;
	bool ambiguous;

	if (x->asked->account != NULL)
		account = policy_find(p, NAME_ACCOUNT, slice_str(x->asked->account));
	if (where == NO_INDEX || who == NO_INDEX ||
		(x->asked->account != NULL &&
			(account == NO_INDEX || p->accounts.at[account].server != where)))
		return true;
	if (!standing_take(&x->standing, p, who, where))
		return false;
	x->p = p;
	x->q = (struct question){ .perm = perm_parse(slice_str(x->asked->permission), &ambiguous),
		.account = standing_account(&x->standing, account),
		.now = x->asked->time };
	if (x->asked->from != NULL)
		address_parse(slice_str(x->asked->from), &x->q.from);
	x->q.renounced = place_renounced(&changed, p, who, p->servers.at[where].owner);
	return true;
}

static int explain(const struct arguments *a, struct adperm *handle, const struct policy *p)
{
	struct adperm_question asked;
	struct explain x = { .asked = &asked };
	bool good;

	if (!question_settle("explain", &a->question, &asked))
		return EXIT_ERROR;
	if (adperm_ask(handle, &asked, &x.answer) == ADPERM_ERROR)
		return answer_exit("explain", &x.answer);
	good = find_rows(&x, p, handle, a->question.people) &&
	       (a->json ? explain_json(&x) : explain_text(&x));
	standing_done(&x.standing);
	regions_done(&x.regions);
	return good ? answer_exit("explain", &x.answer) : complain("explain: out of memory");
}

static const struct command_option options[] = {
	QUESTION_OPTIONS(struct arguments, question),
	OPTION_FLAG(struct arguments, json, "json", 0, "all of it as a JSON object"),
	{ .name = NULL },
};

static int run(int argc, char **argv)
{
	struct arguments a = { .json = false };
	struct opened opened, rows = { .handle = NULL };
	const char *path;
	int first, code;

	if (!arguments_parse(&cmd_explain, &a, argc, argv, &first, &code))
		return code;
	if (first < argc)
		return complain_surplus(&cmd_explain, argv[first]);
	a.question.people = people_meant(a.question.people, a.question.policy);
	path = policy_meant(a.question.policy);
	if (!open_policy(path, a.question.people, NULL, &opened))
		return EXIT_ERROR;
	if (opened.policy != NULL || open_rows(path, &rows))
		code = explain(
			&a, opened.handle, opened.policy != NULL ? opened.policy : rows.policy);
	else
		code = EXIT_ERROR;
	close_policy(&rows);
	close_policy(&opened);
	return code;
}

const struct command cmd_explain = {
	.name = "explain",
	.synopsis = "[--policy PATH] (--profile EMAIL | --login NAME | --key SHA256:...) "
		    "--permission ID\n"
		    "                      [--server HOST] [--account NAME] [--from ADDRESS] [--at "
		    "TIME]",
	.summary = "Answer as check does, and show every grant that was considered",
	.run = run,
	.options = options,
};
