/*
 * Random policies and random questions: the policy in memory, the whole database and the server's
 * slice must give the same verdict, the same grace and the same line. The seed of a disagreement is
 * printed; `property SEED` runs that one policy alone and leaves it in /tmp.
 */
#include "engines.h"
#include "tap.h"

#include "base/base64.h"
#include "base/sshkey.h"

#define POLICIES  150
#define QUESTIONS 400
#define PEOPLE    8
#define SERVERS   3
#define ACCOUNTS  2 /* on each server */
#define KEY_SIZE  51

static uint64_t state;

/* xorshift64*, so that a seed means the same everywhere. */
static uint32_t below(uint32_t n)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)((state * UINT64_C(2685821657736338717)) >> 33) % n;
}

static bool one_in(uint32_t n)
{
	return below(n) == 0;
}

static const char *const nets[] = { "192.0.2.0/24", "192.0.2.128/25", "198.51.100.7",
	"\"2001:db8::/32\"", "\"2001:db8:1::/48\"", "0.0.0.0/0" };
static const char *const addresses[] = { "192.0.2.1", "192.0.2.200", "198.51.100.7", "203.0.113.1",
	"2001:db8:1::5", "2001:db8:2::5", "::ffff:192.0.2.200", "not-numeric", NULL };
static const char *const times[] = { "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z",
	"2027-01-31T12:00:00Z", "2027-02-01T00:00:00Z", "2030-01-01T00:00:00Z" };
static const char *const ends[] = { "2026-12-31", "2027-01-31", "2027-01-31T12:00:00Z" };

#define PICK(list) ((list)[below((uint32_t)(sizeof(list) / sizeof *(list)))])

static void key_blob(unsigned person, uint8_t out[static KEY_SIZE])
{
	memcpy(out, "\0\0\0\013ssh-ed25519\0\0\0\040", 19);
	memset(out + 19, (int)person + 1, 32);
}

static void put_nets(FILE *out)
{
	fprintf(out, ", allow_from: [%s", PICK(nets));
	if (one_in(2))
		fprintf(out, ", %s", PICK(nets));
	fputs("]", out);
}

static void put_people(FILE *out)
{
	fputs("profiles:\n", out);
	for (unsigned i = 0; i < PEOPLE - 1; i++) {
		uint8_t blob[KEY_SIZE];
		char text[BASE64_LEN(KEY_SIZE) + 1];

		key_blob(i, blob);
		base64_encode(slice_of(blob, sizeof blob), text);
		fprintf(out, "  p%u@x.example: {name: Person %u", i, i);
		if (!one_in(5))
			fprintf(out, ", login: p%u", i);
		if (!one_in(5))
			fprintf(out, ", ssh_keys: [\"ssh-ed25519 %s\"]", text);
		if (one_in(8))
			fputs(", suspended: true", out);
		if (one_in(5))
			put_nets(out);
		fputs("}\n", out);
	}
	fputs("groups:\n  g: [p0@x.example, p3@x.example]\n  h: [p7@x.example, p1@x.example, "
	      "p0@x.example]\n",
		out);
	fputs("roles:\n  r: [sites, ssh]\n  s: [resources, migration]\n", out);
}

/* Permissions of one scope, now and then through a role, never one twice. */
static void put_perms(FILE *out, enum scope scope)
{
	unsigned n = 0;

	fputs("[", out);
	if (scope != SCOPE_OVERALL && one_in(4)) {
		fputs(scope == SCOPE_ACCOUNT && one_in(2) ? "\"role:r\"" : "\"role:s\"", out);
		n++;
	}
	for (size_t i = 0; i < perm_rows; i++) {
		const struct perm_info *row = &perm_table[i];
		bool wanted = one_in(scope == SCOPE_OVERALL ? 3 : 12) ||
			      row->perm == PERM_ACCOUNT_SSH || row->perm == PERM_SERVER_SSH_USERS;

		if (row->scope != scope || row->derived || !wanted || n >= 4)
			continue;
		fprintf(out, "%s%s", n++ > 0 ? ", " : "", row->id);
	}
	fputs(n > 0 ? "]" : "billing]", out);
}

static void put_grant(FILE *out, unsigned owner)
{
	unsigned server = owner == 0 ? below(SERVERS - 1) : SERVERS - 1;

	fputs("      - {to: ", out);
	if (one_in(3))
		fputs(one_in(2) ? "\"group:g\"" : "[\"group:h\", p0@x.example, p5@x.example]", out);
	else
		fprintf(out, "p%u@x.example", below(PEOPLE));
	switch (below(3)) {
	case 0:
		fputs(", overall: ", out);
		put_perms(out, SCOPE_OVERALL);
		break;
	case 1:
		fprintf(out, ", servers: {s%u.x.example: ", server);
		put_perms(out, SCOPE_SERVER);
		fputs("}", out);
		break;
	default:
		fprintf(out, ", accounts: {a%u-%u: ", server, below(ACCOUNTS));
		put_perms(out, SCOPE_ACCOUNT);
		fputs("}", out);
	}
	if (one_in(3))
		fprintf(out, ", require_2fa: true%s", one_in(2) ? ", grace: 8h" : "");
	if (one_in(4))
		fprintf(out, ", expires: \"%s\"", PICK(ends));
	if (one_in(4))
		put_nets(out);
	if (one_in(4))
		fputs(", note: because", out);
	fputs("}\n", out);
}

static void put_policy(FILE *out)
{
	fputs("---\nadperm: 1\n", out);
	put_people(out);
	fputs("owners:\n", out);
	for (unsigned owner = 0; owner < 2; owner++) {
		fprintf(out, "  p%u@x.example:\n", owner * 4);
		if (one_in(3))
			fputs("    require_2fa: true\n", out);
		fputs("    servers:\n", out);
		for (unsigned s = owner == 0 ? 0 : SERVERS - 1;
			s < (owner == 0 ? SERVERS - 1 : SERVERS); s++)
			fprintf(out, "      s%u.x.example: {accounts: [a%u-0, a%u-1]}\n", s, s, s);
		fputs("    grants:\n", out);
		for (unsigned n = 1 + below(14); n > 0; n--)
			put_grant(out, owner);
	}
	fputs("...\n", out);
}

/* A question and the texts it points to. */
struct asked {
	struct adperm_question q;
	char who[80], server[32], account[32];
};

static void make_question(struct asked *a)
{
	const struct perm_info *perm = &perm_table[below((uint32_t)perm_rows)];
	unsigned person = below(PEOPLE + 1), server = below(SERVERS);
	uint8_t blob[KEY_SIZE], digest[SHA256_SIZE];
	char fingerprint[SSHKEY_FINGERPRINT_SIZE];

	*a = (struct asked){ .q = { .permission = perm->full, .from = PICK(addresses) } };
	switch (below(3)) {
	case 0:
		a->q.who = ADPERM_PROFILE;
		snprintf(a->who, sizeof a->who, "p%u@x.example", person);
		break;
	case 1:
		a->q.who = ADPERM_LOGIN;
		snprintf(a->who, sizeof a->who, "p%u", person);
		break;
	default:
		a->q.who = ADPERM_FINGERPRINT;
		key_blob(person, blob);
		sha256_of(slice_of(blob, sizeof blob), digest);
		sshkey_fingerprint(digest, fingerprint);
		snprintf(a->who, sizeof a->who, "%s", fingerprint);
	}
	snprintf(a->server, sizeof a->server, "s%u.x.example", server);
	snprintf(a->account, sizeof a->account, "a%u-%u", one_in(20) ? below(SERVERS) : server,
		below(ACCOUNTS));
	a->q.name = a->who;
	a->q.server = a->server;
	a->q.account = perm->scope == SCOPE_ACCOUNT ? a->account : NULL;
	when_parse(slice_str(PICK(times)), &a->q.time);
}

static bool same(const struct adperm_answer *a, const struct adperm_answer *b, bool slice)
{
	bool yes = a->verdict == ADPERM_ALLOW || a->verdict == ADPERM_ALLOW_2FA;

	if (a->verdict != b->verdict || a->grace != b->grace)
		return false;
	/* A slice need not know who holds nothing there; of a yes it knows everything. */
	if (slice && !yes)
		return a->reason == b->reason || b->reason == ADPERM_UNKNOWN_PERSON;
	return a->reason == b->reason && strcmp(a->source, b->source) == 0 &&
	       strcmp(a->profile, b->profile) == 0;
}

struct counts {
	unsigned differ, allow, allow_2fa, deny;
};

static void ask_policy(const struct policy *p, struct counts *counts)
{
	struct adperm *memory = engine_memory(p), *whole = engine_database(p, NO_INDEX);
	struct adperm *slices[SERVERS];

	for (unsigned s = 0; s < SERVERS; s++) {
		char name[32];

		snprintf(name, sizeof name, "s%u.x.example", s);
		slices[s] = engine_database(p, policy_find(p, NAME_SERVER, slice_str(name)));
	}
	for (unsigned i = 0; i < QUESTIONS; i++) {
		struct adperm_answer in_memory, in_whole, in_slice;
		struct asked a;

		make_question(&a);
		adperm_ask(memory, &a.q, &in_memory);
		adperm_ask(whole, &a.q, &in_whole);
		adperm_ask(slices[a.server[1] - '0'], &a.q, &in_slice);
		counts->differ +=
			!same(&in_memory, &in_whole, false) || !same(&in_memory, &in_slice, true);
		counts->allow += in_memory.verdict == ADPERM_ALLOW;
		counts->allow_2fa += in_memory.verdict == ADPERM_ALLOW_2FA;
		counts->deny += in_memory.verdict == ADPERM_DENY;
	}
	for (unsigned s = 0; s < SERVERS; s++)
		adperm_close(slices[s]);
	adperm_close(memory);
	adperm_close(whole);
}

static bool run_seed(uint64_t seed, struct counts *counts, bool keep)
{
	char path[] = "/tmp/adperm-property-XXXXXX.yaml";
	const char *const paths[] = { path };
	struct diags *diags = diags_new();
	int fd = mkstemps(path, 5);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
	struct policy *p;
	unsigned before = counts->differ;

	if (out == NULL || diags == NULL)
		abort();
	state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
	put_policy(out);
	fclose(out);
	p = policy_load(paths, 1, diags);
	if (p != NULL)
		ask_policy(p, counts);
	else
		diags_print(diags, stdout);
	if (keep)
		printf("# %s\n", path);
	else
		unlink(path);
	if (p == NULL || counts->differ != before)
		printf("# seed %llu\n", (unsigned long long)seed);
	policy_free(p);
	diags_free(diags);
	return p != NULL;
}

int main(int argc, char **argv)
{
	uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	uint64_t last = argc > 1 ? first : POLICIES;
	struct counts counts = { 0 };
	unsigned loaded = 0;

	for (uint64_t seed = first; seed <= last; seed++)
		loaded += run_seed(seed, &counts, argc > 1);
	is_int(loaded, last - first + 1, "every random policy loads");
	is_int(counts.differ, 0,
		"memory, database and slice agree on %u questions to each of %u policies",
		QUESTIONS, loaded);
	ok(counts.allow > 0 && counts.allow_2fa > 0 && counts.deny > 0,
		"all verdicts came up: allow %u, with 2FA %u, deny %u", counts.allow,
		counts.allow_2fa, counts.deny);
	return tap_done();
}
