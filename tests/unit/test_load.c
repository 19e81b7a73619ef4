/*
 * What a loaded policy holds, row by row; that its digest depends on names and bytes and on nothing
 * else; and that a file that was cut off never means something else.
 */
#include "base/hash.h"
#include "lang/policy.h"
#include "tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char top[] = "/tmp/adperm-test.XXXXXX";

static const char whole[] =
	"# Everything the language has, once.\n"
	"---\n"
	"adperm: 1\n"
	"owners:\n"
	"  Ops@acme.example:\n"
	"    grants:\n"
	"      - to: group:devs\n"
	"        servers: {web1.acme.example: [role:web, ssh_users]}\n"
	"        accounts:\n"
	"          acme: [role:web, role:mail, resources]\n"
	"          shop: [account.ssh]\n"
	"        require_2fa: true\n"
	"        grace: 90m\n"
	"      - to: [Bob@agency.example, group:devs, dora@new.example]\n"
	"        overall: [billing, overall.technical_accounts]\n"
	"        expires: 2027-01-31\n"
	"        allow_from: [203.0.113.7, 2001:db8::/32]\n"
	"        note: incident \"4711\"\n"
	"      - {to: robot@acme.example, accounts: {acme: [ssh]}, expires: 2027-01-31T18:00:00Z}\n"
	"    require_2fa: true\n"
	"    servers:\n"
	"      web1.acme.example: {accounts: [acme, shop]}\n"
	"      web2.acme.example: {}\n"
	"roles:\n"
	"  mail: [emails, email_history]\n"
	"  web: [resources, migration]\n"
	"groups:\n"
	"  devs: [bob@agency.example, carol@agency.example]\n"
	"profiles:\n"
	"  bob@AGENCY.example:\n"
	"    name: \"Bob \\u00c9\"\n"
	"    login: bob\n"
	"    ssh_keys:\n"
	"      - ssh-ed25519 "
	"AAAAC3NzaC1lZDI1NTE5AAAAIEGB02Pox/ziUH9hYqgxOvm5h/LV7Qtb2wZK/BYcIXKF  bob's laptop\n"
	"      - ssh-ed25519 "
	"AAAAC3NzaC1lZDI1NTE5AAAAIMkrZsKjPehp4O0fwKmdMHDQIA40TAkAerIZqiwPasWV\n"
	"    allow_from: [192.0.2.0/24]\n"
	"  mallory@old.example: {suspended: true}\n"
	"  robot@acme.example: {kind: machine}\n"
	"...\n"
	"# the end\n";

static void put(const char *name, const char *text, size_t len)
{
	char path[256];
	int fd;

	snprintf(path, sizeof path, "%s/%s", top, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		perror(path);
	if (fd >= 0)
		close(fd);
}

/* Loads what lies under the name; its diagnostics stay for the marks. */
static struct policy *load(const char *name, struct diags **d)
{
	char path[256];
	const char *paths[1] = { path };

	snprintf(path, sizeof path, "%s/%s", top, name);
	*d = diags_new();
	return policy_load(paths, 1, *d);
}

static uint32_t find(const struct policy *p, enum name_kind kind, const char *text)
{
	return policy_find(p, kind, slice_str(text));
}

static const char *text_at(const struct policy *p, uint32_t offset)
{
	return policy_text(p, offset);
}

static void people(const struct policy *p)
{
	uint32_t at = find(p, NAME_PROFILE, "bob@agency.example");
	const struct profile *bob = &p->profiles.at[at];
	const struct access *access = profile_access(p, bob);
	const struct key *key = &p->keys.at[access->keys.first];
	uint8_t digest[SHA256_SIZE];

	ok(bob->defined && !bob->machine && !bob->suspended, "a profile is defined");
	is_str(text_at(p, bob->name), "Bob \xc3\x89", "with a name");
	is_str(text_at(p, bob->login), "bob", "and a login");
	is_int(find(p, NAME_LOGIN, "bob"), at, "which finds it");
	is_int(access->keys.n, 2, "it has two keys");
	is_str(text_at(p, key->type), "ssh-ed25519", "the first of a type");
	is_str(text_at(p, key->comment), "bob's laptop", "with a comment");
	is_str(text_at(p, key[1].comment), "", "the second without one");
	is_int(key->type, key[1].type, "equal types are one text");
	sha256_of(slice_of(p->pool + key->blob, key->len), digest);
	ok(memcmp(digest, key->digest, sizeof digest) == 0, "the digest is the blob's");
	is_int(policy_find(p, NAME_KEY, slice_of(digest, sizeof digest)), access->keys.first,
		"and finds the key");
	is_int(key->profile, at, "which knows its profile");
	is_int(access->nets.n, 1, "one network");
	is_int(p->nets.at[access->nets.first].bits, 24, "of 24 bits");
	is_int(bob->mark.line, 30, "the mark is that of the definition");

	at = find(p, NAME_PROFILE, "dora@new.example");
	ok(at != NO_INDEX && !p->profiles.at[at].defined, "a person only granted to is there");
	is_int(p->profiles.at[at].mark.line, 14, "with the place of the first mention");
	at = find(p, NAME_PROFILE, "mallory@old.example");
	ok(p->profiles.at[at].suspended, "a suspended one");
	at = find(p, NAME_PROFILE, "robot@acme.example");
	ok(p->profiles.at[at].machine, "a machine");
	is_int(find(p, NAME_PROFILE, "nobody@acme.example"), NO_INDEX, "and nobody else");
	is_int(p->profiles.n, 6, "six in all");
}

static void property(const struct policy *p)
{
	uint32_t at = find(p, NAME_OWNER, "ops@acme.example");
	const struct owner *owner = &p->owners.at[at];
	const struct server *server = &p->servers.at[find(p, NAME_SERVER, "web1.acme.example")];
	const struct account *shop = &p->accounts.at[find(p, NAME_ACCOUNT, "shop")];

	is_str(text_at(p, p->profiles.at[owner->profile].email), "ops@acme.example",
		"an owner is a profile, in lower case");
	is_int(p->profiles.at[owner->profile].owner, at, "which knows that it owns");
	ok(owner->require_2fa == FLAG_TRUE && owner->flag_mark.line == 20, "and has the flag");
	is_int(server->owner, at, "a server has its owner");
	is_int(server->accounts.n, 2, "and accounts");
	is_str(text_at(p, p->accounts.at[server->accounts.first].name), "acme", "in their order");
	is_str(text_at(p, p->servers.at[shop->server].name), "web1.acme.example",
		"an account has its server");
	is_int(p->servers.n, 2, "a server without accounts counts");
}

#define BITS(a) PERM_BIT(PERM_##a)

static void grants(const struct policy *p)
{
	const struct policy_grant *g = p->grants.at;
	const struct grant_terms *terms[3];
	const struct place *place = &p->places.at[g[0].places.first];
	const struct item *item = &p->items.at[place[1].items.first];

	for (size_t i = 0; i < 3; i++)
		terms[i] = grant_terms(p, &g[i]);
	is_int(p->grants.n, 3, "three grants");
	is_int(g[0].to.n, 1, "the first to one");
	is_int(p->ids.at[g[0].to.first], TO_GROUP | find(p, NAME_GROUP, "devs"), "group");
	is_int(g[0].places.n, 3, "on three places");
	ok(place[0].scope == SCOPE_SERVER &&
			place[0].target == find(p, NAME_SERVER, "web1.acme.example"),
		"a server that is defined later");
	ok(place[0].perms ==
			(BITS(SERVER_RESOURCES) | BITS(SERVER_MIGRATION) | BITS(SERVER_SSH_USERS)),
		"a role gives what its names mean on a server");
	ok(place[1].perms == (BITS(ACCOUNT_RESOURCES) | BITS(ACCOUNT_MIGRATION) |
				     BITS(ACCOUNT_EMAILS) | BITS(ACCOUNT_EMAIL_HISTORY)),
		"and what they mean on an account");
	is_int(item[0].role, find(p, NAME_ROLE, "web"), "the items are as written: a role");
	is_int(item[2].perm[SCOPE_ACCOUNT], PERM_ACCOUNT_RESOURCES, "and a permission");
	is_int(place[2].perms, BITS(ACCOUNT_SSH), "the full form of an id is the same");
	ok(g[0].require_2fa && terms[0]->grace == 5400 && terms[0]->until == WHEN_NEVER,
		"flag and grace");
	is_int(g[0].mark.line, 7, "a grant is where its dash is");

	is_int(g[1].to.n, 3, "a list of people and a group");
	is_int(p->ids.at[g[1].to.first], find(p, NAME_PROFILE, "bob@agency.example"),
		"addresses are compared in lower case");
	is_int(p->places.at[g[1].places.first].perms,
		BITS(OVERALL_BILLING) | BITS(OVERALL_TECHNICAL_ACCOUNTS), "overall permissions");
	ok(terms[1]->until == 1801440000 && terms[1]->until_is_date, "a date ends with its day");
	is_int(terms[1]->nets.n, 2, "two networks");
	is_str(text_at(p, g[1].note), "incident \"4711\"", "a note");
	ok(terms[2]->until == 1801418400 && !terms[2]->until_is_date, "a time is a time");
	ok(!g[2].require_2fa && terms[2]->grace == 0 && g[2].note == 0,
		"what is not written is not there");
}

static void digests(void)
{
	struct diags *d[4];
	struct policy *p[4];
	char path[256];

	snprintf(path, sizeof path, "%s/elsewhere", top);
	mkdir(path, 0700);
	put("elsewhere/whole.yaml", whole, sizeof whole - 1);
	put("other.yaml", whole, sizeof whole - 1);
	p[0] = load("whole.yaml", &d[0]);
	p[1] = load("elsewhere/whole.yaml", &d[1]);
	p[2] = load("other.yaml", &d[2]);
	put("elsewhere/whole.yaml", whole, sizeof whole - 2);
	p[3] = load("elsewhere", &d[3]);
	ok(memcmp(p[0]->digest, p[1]->digest, 32) == 0, "the digest does not know where files lie");
	ok(memcmp(p[0]->digest, p[2]->digest, 32) != 0, "but what they are called");
	ok(memcmp(p[0]->digest, p[3]->digest, 32) != 0, "and every byte");
	is_str(diags_file_name(d[1], p[1]->grants.at[0].mark.file), "whole.yaml",
		"positions are relative to a file");
	is_str(diags_file_name(d[3], p[3]->grants.at[0].mark.file), "whole.yaml",
		"and to a directory");
	for (int i = 0; i < 4; i++) {
		policy_free(p[i]);
		diags_free(d[i]);
	}
}

/* The same rows with the same texts; marks are not looked at. */
static bool means_the_same(const struct policy *a, const struct policy *b)
{
	bool same = a->pool_len == b->pool_len && memcmp(a->pool, b->pool, a->pool_len) == 0 &&
		    a->profiles.n == b->profiles.n && a->keys.n == b->keys.n &&
		    a->groups.n == b->groups.n && a->items.n == b->items.n &&
		    a->accounts.n == b->accounts.n && a->grants.n == b->grants.n &&
		    a->places.n == b->places.n && a->nets.n == b->nets.n && a->ids.n == b->ids.n;

	for (uint32_t i = 0; same && i < a->grants.n; i++) {
		const struct policy_grant *g = &a->grants.at[i], *h = &b->grants.at[i];
		const struct grant_terms *x = grant_terms(a, g), *y = grant_terms(b, h);

		same = g->require_2fa == h->require_2fa && x->until == y->until &&
		       x->grace == y->grace && x->nets.n == y->nets.n && g->to.n == h->to.n;
	}
	for (uint32_t i = 0; same && i < a->places.n; i++)
		same = a->places.at[i].perms == b->places.at[i].perms;
	return same;
}

/* A file that begins with --- and ends with ..., or less of it. */
static void cuts(const struct policy *p, const char *text, size_t size, const char *name)
{
	size_t failed = 0, end = (size_t)(strstr(text, "\n...") - text) + 4;
	bool good = p != NULL;

	for (size_t len = 0; len < size && good; len++) {
		struct diags *d;
		struct policy *cut;

		put("cut.yaml", text, len);
		cut = load("cut.yaml", &d);
		failed += cut == NULL;
		good = cut == NULL ? diags_errors(d) > 0 : means_the_same(p, cut);
		if (!good)
			printf("# cut after %zu bytes\n", len);
		policy_free(cut);
		diags_free(d);
	}
	ok(good, "t10_cut_at_every_byte_fails_or_means_the_same: %s", name);
	is_int(failed, end, "t10_every_cut_before_the_three_dots_fails: %s", name);
}

/* What may stand around a document, and what looks like its end and is none. */
static void cut_shapes(void)
{
#define GRANT "grants: [{to: a@x, overall: [billing], require_2fa: true}]"
	static const struct {
		const char *name, *text;
	} shapes[] = {
		{ "comments around it",
			"\xef\xbb\xbf# ---\n\n--- # c\nadperm: 1\nowners: {o@x: {" GRANT
			"}}\n... # c\n\n# ...\n" },
		{ "in braces, behind the mark",
			"--- {adperm: 1, owners: {o@x: {" GRANT ", require_2fa: true}}}\n...\n" },
		{ "CR LF", "---\r\nadperm: 1\r\nowners:\r\n  o@x:\r\n    " GRANT
			   "\r\n    require_2fa: true\r\n..." },
		{ "dots in texts", "---\nadperm: 1\nprofiles:\n  a@x: {name: 'a\n   ...\n   b'}\n"
				   "  b@x:\n    name: >-\n      a\n      ...\n  c@x:\n    name: "
				   "a\n     ... b\n...\n" },
	};
#undef GRANT

	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
		struct diags *d;
		struct policy *p;

		put("shape.yaml", shapes[i].text, strlen(shapes[i].text));
		p = load("shape.yaml", &d);
		cuts(p, shapes[i].text, strlen(shapes[i].text), shapes[i].name);
		policy_free(p);
		diags_free(d);
	}
}

static void cut_files(void)
{
	static const char *const files[] = { "conf/policy.example.yaml",
		"tests/golden/reported/odd.yaml", "tests/golden/reported/acme.yaml" };
	static char text[16384];

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct diags *d = diags_new();
		struct policy *p = policy_load(&files[i], 1, d);
		FILE *in = fopen(files[i], "re");
		size_t size = in != NULL ? fread(text, 1, sizeof text - 1, in) : 0;

		text[size] = '\0';
		cuts(p, text, size, files[i]);
		if (in != NULL)
			fclose(in);
		policy_free(p);
		diags_free(d);
	}
}

/* Grants share the rows of what they give if it is the same, as written; never if it is not. */
static void sharing(void)
{
	static const char text[] =
		"---\nadperm: 1\nroles:\n  a: [ssh]\n  b: [ssh]\nowners:\n  o@x.example:\n"
		"    servers: {s1.x.example: {accounts: [x, y]}}\n    grants:\n"
		"      - {to: a@x.example, accounts: {x: [ssh], y: [ftp]}}\n"
		"      - {to: b@x.example, accounts: {x: [account.ssh], y: [ftp]}, note: n}\n"
		"      - {to: a@x.example, accounts: {y: [ftp], x: [ssh]}}\n"
		"      - {to: a@x.example, accounts: {x: [ssh], y: [ssh]}}\n"
		"      - {to: a@x.example, accounts: {x: [ssh]}}\n"
		"      - {to: a@x.example, accounts: {x: ['role:a']}}\n"
		"      - {to: a@x.example, accounts: {x: ['role:b']}}\n"
		"      - {to: a@x.example, accounts: {x: ['role:b']}, require_2fa: true}\n"
		"      - {to: a@x.example, accounts: {x: [ftp, ssh]}}\n"
		"      - {to: a@x.example, accounts: {x: [ssh, ftp]}}\n"
		"      - {to: a@x.example, overall: [billing]}\n...\n";
	static const uint32_t like[] = { 0, 0, 2, 3, 4, 5, 6, 6, 8, 9, 10 };
	const size_t n = sizeof like / sizeof like[0];
	struct diags *d;
	struct policy *p;
	bool good;

	put("cut.yaml", text, sizeof text - 1);
	p = load("cut.yaml", &d);
	good = p != NULL && p->grants.n == n;
	for (uint32_t i = 0; good && i < n; i++)
		for (uint32_t k = 0; k < n; k++)
			good = good &&
			       (like[i] == like[k]) == (p->grants.at[i].places.first ==
							       p->grants.at[k].places.first);
	ok(good, "equal grants share their rows, others do not");
	policy_free(p);
	diags_free(d);
}

/* Grants share the terms that hold always, or of the one before, and nothing else's. */
static void sharing_terms(void)
{
	static const char text[] =
		"---\nadperm: 1\nowners:\n  o@x.example:\n    servers: {s1.x.example: {}}\n    "
		"grants:\n"
		"      - {to: a@x.example, overall: [billing]}\n"
		"      - {to: a@x.example, overall: [billing], allow_from: [192.0.2.1, "
		"2001:db8::/32]}\n"
		"      - {to: b@x.example, overall: [billing], allow_from: [192.0.2.1, "
		"2001:db8::/32]}\n"
		"      - {to: a@x.example, overall: [billing], allow_from: [192.0.2.1, "
		"2001:db8::/33]}\n"
		"      - {to: a@x.example, overall: [billing], allow_from: [192.0.2.1]}\n"
		"      - {to: a@x.example, overall: [billing], require_2fa: true}\n"
		"      - {to: a@x.example, overall: [billing], expires: 2027-01-31}\n"
		"      - {to: a@x.example, overall: [billing], expires: '2027-02-01T00:00:00Z'}\n"
		"      - {to: a@x.example, overall: [billing], require_2fa: true, grace: 1h}\n"
		"      - {to: b@x.example, overall: [billing], require_2fa: true, grace: "
		"60m}\n...\n";
	static const uint32_t terms[] = { 0, 1, 1, 2, 3, 0, 4, 5, 6, 6 };
	const size_t n = sizeof terms / sizeof terms[0];
	struct diags *d;
	struct policy *p;
	bool good;

	put("cut.yaml", text, sizeof text - 1);
	p = load("cut.yaml", &d);
	good = p != NULL && p->grants.n == n;
	for (uint32_t i = 0; good && i < n; i++)
		good = p->grants.at[i].terms == terms[i];
	ok(good && p->terms.n == 7 && p->nets.n == 5, "so do grants on equal terms");
	policy_free(p);
	diags_free(d);
}

int main(void)
{
	struct diags *d;
	struct policy *p;

	if (mkdtemp(top) == NULL) {
		perror(top);
		return 1;
	}
	put("whole.yaml", whole, sizeof whole - 1);
	p = load("whole.yaml", &d);
	if (!ok(p != NULL && diags_errors(d) == 0 && diags_warnings(d) == 0, "it loads")) {
		diags_print(d, stdout);
		return tap_done();
	}
	people(p);
	property(p);
	grants(p);
	digests();
	cuts(p, whole, sizeof whole - 1, "everything the language has");
	cut_files();
	cut_shapes();
	sharing();
	sharing_terms();
	policy_free(p);
	policy_free(NULL);
	diags_free(d);
	for (size_t i = 0; i < 5; i++) {
		static const char *const names[] = { "elsewhere/whole.yaml", "elsewhere",
			"cut.yaml", "other.yaml", "shape.yaml", "whole.yaml" };
		char path[256];

		snprintf(path, sizeof path, "%s/%s", top, names[i]);
		remove(path);
	}
	rmdir(top);
	return tap_done();
}
