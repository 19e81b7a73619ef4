/*
 * Random policies and random questions to them. A seed means the same everywhere. Used by the
 * property tests.
 */
#ifndef ADPERM_TESTS_RANDOM_H
#define ADPERM_TESTS_RANDOM_H

#include "adperm.h"
#include "base/base64.h"
#include "base/sshkey.h"
#include "model/catalogue.h"
#include "model/when.h"

#include <stdio.h>

#define PEOPLE   8
#define SERVERS  3
#define ACCOUNTS 2 /* on each server */
#define KEY_SIZE 51

static uint64_t random_state;

static inline void random_seed(uint64_t seed)
{
	random_state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
}

/* xorshift64* */
static inline uint32_t below(uint32_t n)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)((random_state * UINT64_C(2685821657736338717)) >> 33) % n;
}

static inline bool one_in(uint32_t n)
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

static inline void key_blob(unsigned person, uint8_t out[static KEY_SIZE])
{
	memcpy(out, "\0\0\0\013ssh-ed25519\0\0\0\040", 19);
	memset(out + 19, (int)person + 1, 32);
}

/* Texts that other readers of YAML would take for something else, or that need escapes. */
static const char *const texts[] = { "because", "Jürgen Müller", "\"no\"", "\"4711\"", "\"null\"",
	"\"2027-01-31\"", "\"O'Brien: \\\"x\\\" #1\"", "\"tab\\there\"", "\"- dash\"",
	"\"back\\\\slash\"", "\"blank at the end \"", "\"{a: [b]}\"", "\"12:30:00\"", "\"~\"",
	"\"&x *x !x %x @x `x\"" };
static const char *const comments[] = { "", " alice@laptop", " two  blanks # and: more",
	" a \\\"quoted\\\" \\\\ comment", " line\\nbreak\\n", "  no" };

static inline void put_nets(FILE *out)
{
	const char *first = PICK(nets), *second = PICK(nets);

	fprintf(out, ", allow_from: [%s", first);
	if (one_in(2) && strcmp(first, second) != 0)
		fprintf(out, ", %s", second);
	fputs("]", out);
}

/* The last person is only mentioned by others. */
static inline void put_people(FILE *out)
{
	fputs("---\nadperm: 1\nprofiles:\n", out);
	for (unsigned i = 0; i < PEOPLE - 1; i++) {
		uint8_t blob[KEY_SIZE];
		char text[BASE64_LEN(KEY_SIZE) + 1];

		key_blob(i, blob);
		base64_encode(slice_of(blob, sizeof blob), text);
		fprintf(out, "  p%u@x.example: {kind: person", i);
		if (!one_in(4))
			fprintf(out, ", name: %s", PICK(texts));
		if (!one_in(5))
			fprintf(out, ", login: p%u", i);
		if (!one_in(5))
			fprintf(out, ", ssh_keys: [\"ssh-ed25519 %s%s\"]", text, PICK(comments));
		if (one_in(8))
			fputs(", suspended: true", out);
		if (one_in(5))
			put_nets(out);
		fputs("}\n", out);
	}
	fputs("groups:\n  g: [p0@x.example, p3@x.example]\n  h: [p7@x.example, p1@x.example, "
	      "p0@x.example]\n  on: [only-here@x.example]\n",
		out);
	fputs("roles:\n  r: [sites, ssh]\n  s: [resources, migration]\n"
	      "  t: [account.resources, technical_contact, server.ssh_users]\n...\n",
		out);
}

/* Permissions of one scope, now and then through a role, never one twice. */
static inline void put_perms(FILE *out, enum scope scope)
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
		fprintf(out, "%s%s", n++ > 0 ? ", " : "", one_in(2) ? row->id : row->full);
	}
	fputs(n > 0 ? "]" : "billing]", out);
}

/* One place, or several in any order of the scopes. */
static inline void put_places(FILE *out, unsigned owner)
{
	unsigned first = below(3), n = one_in(4) ? 2 : 1;

	for (unsigned i = 0; i < n; i++) {
		unsigned server = owner == 0 ? below(SERVERS - 1) : SERVERS - 1;

		switch ((first + i) % 3) {
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
			fprintf(out, ", accounts: {a%u-0: ", server);
			put_perms(out, SCOPE_ACCOUNT);
			if (one_in(2)) {
				fprintf(out, ", a%u-1: ", owner == 0 ? below(SERVERS - 1) : server);
				put_perms(out, SCOPE_ACCOUNT);
			}
			fputs("}", out);
		}
	}
}

static inline void put_grant(FILE *out, unsigned owner)
{
	fputs("      - {to: ", out);
	if (one_in(3))
		fputs(one_in(2) ? "\"group:g\"" : "[\"group:h\", p0@x.example, p5@x.example]", out);
	else
		fprintf(out, "p%u@x.example", below(PEOPLE));
	put_places(out, owner);
	if (one_in(3))
		fprintf(out, ", require_2fa: true%s", one_in(2) ? ", grace: 8h" : ", grace: 90m");
	if (one_in(4))
		fprintf(out, ", expires: \"%s\"", PICK(ends));
	if (one_in(4))
		put_nets(out);
	if (one_in(4))
		fprintf(out, ", note: %s", PICK(texts));
	fputs("}\n", out);
}

/* The servers [first .. end-1] of an owner and grants on what the owner has anywhere. */
static inline void put_owner(FILE *out, unsigned owner, bool flag, unsigned first, unsigned end)
{
	fprintf(out, "  p%u@x.example:\n", owner * 4);
	if (flag)
		fprintf(out, "    require_2fa: %s\n", one_in(4) ? "false" : "true");
	fputs("    servers:\n", out);
	for (unsigned s = first; s < end; s++)
		fprintf(out, "      s%u.x.example: {accounts: [a%u-0, a%u-1]}\n", s, s, s);
	if (one_in(3))
		fprintf(out, "      bare%u.x.example: {}\n", first);
	fputs("    grants:\n", out);
	for (unsigned n = 1 + below(7); n > 0; n--)
		put_grant(out, owner);
}

#define RANDOM_FILES 3

/* A policy, into that many files, in that order; the first owner stands in two of them. */
static inline void random_policy(FILE *out[static RANDOM_FILES])
{
	put_people(out[0]);
	fputs("---\nadperm: 1\nowners:\n", out[1]);
	put_owner(out[1], 0, one_in(3), 0, 1);
	put_owner(out[1], 1, one_in(3), SERVERS - 1, SERVERS);
	fputs("...\n", out[1]);
	fputs("---\nadperm: 1\nowners:\n", out[2]);
	if (one_in(2))
		fputs("  p6@x.example: {}\n", out[2]);
	put_owner(out[2], 0, false, 1, SERVERS - 1);
	fputs("...\n", out[2]);
}

/* A question and the texts it points to. */
struct asked {
	struct adperm_question q;
	char who[80], server[32], account[32];
};

static inline void random_question(struct asked *a)
{
	const struct perm_info *perm = &perm_table[below((uint32_t)perm_rows)];
	unsigned person = below(PEOPLE + 1), server = below(SERVERS), account;
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
	/* One call a statement: the order of arguments is the compiler's. */
	account = below(ACCOUNTS);
	if (one_in(20))
		server = below(SERVERS);
	snprintf(a->account, sizeof a->account, "a%u-%u", server, account);
	a->q.name = a->who;
	a->q.server = a->server;
	a->q.account = perm->scope == SCOPE_ACCOUNT ? a->account : NULL;
	when_parse(slice_str(PICK(times)), &a->q.time);
}

#endif
