/*
 * The source `ldap` against a real slapd: random policies that were exported and loaded there give
 * the same answers as in memory, and whatever is lost on the way never gives more.
 */
#include "../decide/engines.h"
#include "../decide/random.h"
#include "../decide/rows.h"
#include "slapd.h"
#include "tap.h"

#include "cli/ldif.h"

#include <time.h>

#define POLICIES  10
#define QUESTIONS 60

static struct counts {
	unsigned differ, allow, allow_2fa, deny, error;
} counts;

static struct policy *make_policy(uint64_t seed, struct diags *diags)
{
	static const char *const names[RANDOM_FILES] = { "10.yaml", "20.yaml", "30.yaml" };
	char directory[256], path[300];
	const char *at = directory;
	FILE *out[RANDOM_FILES];

	snprintf(directory, sizeof directory, "%s/policy%u", slapd_dir, (unsigned)seed);
	mkdir(directory, 0755);
	for (unsigned i = 0; i < RANDOM_FILES; i++) {
		snprintf(path, sizeof path, "%s/%s", directory, names[i]);
		out[i] = fopen(path, "we");
	}
	random_seed(seed);
	random_policy(out);
	for (unsigned i = 0; i < RANDOM_FILES; i++)
		fclose(out[i]);
	return policy_load(&at, 1, diags);
}

static const char *base_of(uint64_t seed)
{
	static char base[64];

	snprintf(base, sizeof base, "ou=s%u," SLAPD_SUFFIX, (unsigned)seed);
	return base;
}

static void put_top(FILE *out)
{
	fputs("dn: " SLAPD_SUFFIX
	      "\nobjectClass: organization\nobjectClass: dcObject\no: test\ndc: test\n\n",
		out);
}

static void put_policy(const struct policy *p, uint64_t seed, FILE *out)
{
	fprintf(out, "dn: %s\nobjectClass: organizationalUnit\nou: s%u\n\n", base_of(seed),
		(unsigned)seed);
	if (!ldif_print(p, base_of(seed), out))
		abort();
}

static bool agrees(struct adperm *memory, struct adperm *directory, const struct asked *a)
{
	struct adperm_answer right, answer;

	adperm_ask(memory, &a->q, &right);
	adperm_ask(directory, &a->q, &answer);
	counts.allow += right.verdict == ADPERM_ALLOW;
	counts.allow_2fa += right.verdict == ADPERM_ALLOW_2FA;
	counts.deny += right.verdict == ADPERM_DENY;
	if (right.verdict == answer.verdict && right.reason == answer.reason &&
		right.grace == answer.grace && strcmp(right.source, answer.source) == 0 &&
		strcmp(right.profile, answer.profile) == 0)
		return true;
	if (counts.differ == 0) {
		char why[ADPERM_WHY_SIZE];

		adperm_trouble(directory, why, sizeof why);
		printf("# %s %s on %s: %s %s, but the directory says %s %s: %s\n", a->who,
			a->q.permission, a->server, adperm_reason_word(right.reason), right.source,
			adperm_reason_word(answer.reason), answer.source, why);
	}
	return false;
}

/* Every account of the policy has the same bit. */
static bool bits_agree(const struct policy *p, struct adperm *directory)
{
	bool good = true;

	for (uint32_t i = 0; i < p->accounts.n; i++) {
		const struct server *server = &p->servers.at[p->accounts.at[i].server];
		struct slice name = slice_str(policy_text(p, p->accounts.at[i].name));
		bool flag = false;

		good &= walk_account(directory, name, slice_str(policy_text(p, server->name)),
				&flag) == ADPERM_OK &&
			flag == p->accounts.at[i].ssh_2fa;
	}
	return good;
}

static void property(uint64_t policies, unsigned questions)
{
	struct diags *diags = diags_new();
	struct policy **p = calloc(policies + 1, sizeof *p);
	FILE *out = fopen(in_slapd("all.ldif"), "we");
	unsigned loaded = 0, bits = 0;

	if (out == NULL || p == NULL)
		abort();
	put_top(out);
	for (uint64_t seed = 1; seed <= policies; seed++) {
		p[seed] = make_policy(seed, diags);
		put_policy(p[seed], seed, out);
	}
	fclose(out);
	ok(slapd_load(in_slapd("all.ldif")), "what dump --ldif prints is loaded as it is");
	if (!ok(slapd_start(), "slapd starts"))
		return;
	for (uint64_t seed = 1; seed <= policies; seed++) {
		struct adperm *memory = engine_memory(p[seed]), *directory = NULL;

		enum adperm_reason why = switch_open("property", "ldap", "ldap",
			plain_conf(SLAPD_PORT, base_of(seed)), NULL, &directory);

		if (why != ADPERM_OK) {
			ok(false, "policy %u opens: %s", (unsigned)seed, adperm_reason_word(why));
			return;
		}
		loaded++;
		random_seed(seed);
		for (unsigned i = 0; i < questions; i++) {
			struct asked a;

			random_question(&a);
			counts.differ += !agrees(memory, directory, &a);
		}
		bits += bits_agree(p[seed], directory);
		adperm_close(memory);
		adperm_close(directory);
	}
	is_int(loaded, policies, "every policy opens");
	is_int(counts.differ, 0,
		"memory and directory agree on %u questions to each of %u policies, with reasons "
		"and lines",
		questions, (unsigned)policies);
	is_int(bits, policies, "and on who may need a second factor on each account");
	ok(counts.allow > 0 && counts.allow_2fa > 0 && counts.deny > 0,
		"all verdicts came up: allow %u, with 2FA %u, deny %u", counts.allow,
		counts.allow_2fa, counts.deny);
	for (uint64_t seed = 1; seed <= policies; seed++)
		policy_free(p[seed]);
	free(p);
	diags_free(diags);
}

int main(int argc, char **argv)
{
	const char *build = getenv("BUILD");

	slapd_make(build != NULL ? build : "build");
	slapd_configure("", "");
	property(argc > 1 ? strtoull(argv[1], NULL, 10) : POLICIES,
		argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : QUESTIONS);
	slapd_clean_up();
	return tap_done();
}
