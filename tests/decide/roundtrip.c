/*
 * Every policy in this tree that loads: what is dumped, what is read back from its database, and
 * what is dumped from that and loaded again say the same, to the byte, and answer every question
 * that could be put to the policy the same. roundtrip [POLICY...]
 */
#include "db/written.h"
#include "engines.h"
#include "rows.h"
#include "tap.h"

#include <glob.h>

static char work[] = "/tmp/adperm-roundtrip-XXXXXX";
static char database[64], again[64], dumped[64];

/* One question to both; false if the answers differ. */
static bool same_answer(struct adperm *a, struct adperm *b, const struct adperm_question *q)
{
	struct adperm_answer one, other;

	adperm_ask(a, q, &one);
	adperm_ask(b, q, &other);
	return one.verdict == other.verdict && one.reason == other.reason &&
	       one.grace == other.grace && strcmp(one.profile, other.profile) == 0;
}

/* From anywhere that makes a difference, at any time that does. */
static unsigned ask_everywhere(
	const struct policy *p, struct adperm *a, struct adperm *b, struct adperm_question *q)
{
	unsigned differ = 0;

	for (uint32_t net = 0; net <= p->nets.n; net++) {
		char from[ADDRESS_TEXT_SIZE] = "203.0.113.99";

		if (net < p->nets.n)
			net_text(&p->nets.at[net], from);
		from[strcspn(from, "/")] = '\0';
		q->from = from;
		q->time = 0;
		differ += !same_answer(a, b, q);
	}
	q->from = NULL;
	for (uint32_t g = 0; g < p->grants.n; g++) {
		q->time = grant_terms(p, &p->grants.at[g])->until;
		if (q->time == WHEN_NEVER)
			continue;
		differ += !same_answer(a, b, q);
		q->time--;
		differ += !same_answer(a, b, q);
	}
	return differ;
}

/* Every permission on a server and on its accounts. */
static unsigned ask_server(const struct policy *p, struct adperm *a, struct adperm *b,
	struct adperm_question *q, const struct server *server)
{
	unsigned differ = 0;

	q->server = policy_text(p, server->name);
	for (size_t i = 0; i < perm_rows; i++) {
		q->permission = perm_table[i].full;
		q->account = NULL;
		if (perm_table[i].scope != SCOPE_ACCOUNT) {
			differ += ask_everywhere(p, a, b, q);
			continue;
		}
		for (uint32_t n = 0; n < server->accounts.n; n++) {
			q->account =
				policy_text(p, p->accounts.at[server->accounts.first + n].name);
			differ += ask_everywhere(p, a, b, q);
		}
	}
	return differ;
}

static unsigned ask_all(const struct policy *p, const struct policy *other)
{
	struct adperm *a = engine_memory(p), *b = engine_memory(other);
	struct adperm_question q = { .who = ADPERM_PROFILE };
	unsigned differ = 0;

	for (uint32_t i = 0; i < p->profiles.n; i++) {
		q.name = policy_text(p, p->profiles.at[i].email);
		for (uint32_t s = 0; s < p->servers.n; s++)
			differ += ask_server(p, a, b, &q, &p->servers.at[s]);
	}
	adperm_close(a);
	adperm_close(b);
	return differ;
}

/* p was loaded from `name`. */
static void compare(const struct policy *p, const char *name)
{
	struct diags *read_diags = diags_new(), *loaded_diags = diags_new();
	char *text = rows_text(p), *read_text, *loaded_text;
	struct policy *read, *loaded;

	ok(rows_emit(p, NO_INDEX, database), "%s compiles", name);
	read = rows_read(database, read_diags);
	loaded = rows_load(text, dumped, loaded_diags);
	if (ok(read != NULL, "%s: its database is read back", name) &&
		ok(loaded != NULL, "%s: what is dumped loads", name)) {
		read_text = rows_text(read);
		loaded_text = rows_text(loaded);
		is_str(read_text, text, "%s: the database dumps to the same text", name);
		is_str(loaded_text, text, "%s: so does what was dumped and loaded", name);
		ok(rows_emit(read, NO_INDEX, again) && same_bytes(database, again),
			"%s: what was read back compiles to the same bytes", name);
		is_int(ask_all(p, read) + ask_all(p, loaded), 0, "%s: all answers are the same",
			name);
		is_int(diags_warnings(loaded_diags), 0, "%s: what is dumped loads without a word",
			name);
		free(read_text);
		free(loaded_text);
	}
	policy_free(read);
	policy_free(loaded);
	diags_free(read_diags);
	diags_free(loaded_diags);
	free(text);
}

/* Policies with errors are for other tests. */
static bool run(const char *path)
{
	struct diags *diags = diags_new();
	struct policy *p = policy_load(&path, 1, diags);
	bool loads = p != NULL;

	if (loads)
		compare(p, path);
	policy_free(p);
	diags_free(diags);
	return loads;
}

static unsigned run_all(void)
{
	static const char *const patterns[] = { "conf/*.yaml", "tests/decide/*.yaml",
		"tests/demo/policy", "tests/pam/policies/*.yaml", "tests/unit/*.yaml",
		"tests/golden/*/*.yaml", "tests/golden/errors/*/" };
	unsigned n = 0;

	for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
		glob_t found;

		if (glob(patterns[i], 0, NULL, &found) != 0) {
			ok(false, "%s: there are policies", patterns[i]);
			continue;
		}
		for (size_t k = 0; k < found.gl_pathc; k++)
			n += run(found.gl_pathv[k]);
		globfree(&found);
	}
	return n;
}

/* Grants for several records, which end after so many grants or so many bytes. */
static struct policy *many_grants(struct diags *diags)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct policy *p;

	if (out == NULL)
		abort();
	fputs("---\nadperm: 1\ngroups: {g: [p1@x.example, p2@x.example]}\nowners:\n  o@x.example:\n"
	      "    servers: {s.x.example: {}, t.x.example: {}}\n    grants:\n",
		out);
	for (int i = 0; i < 3 * WRITTEN_GRANTS + 40; i++) {
		fprintf(out, "      - {to: [%s], servers: {%s.x.example: [ssh_users]}",
			i % 7 == 0   ? "group:g"
			: i % 2 == 0 ? "p1@x.example"
				     : "p3@x.example",
			i % 3 == 0 ? "t" : "s");
		/* Long ones among the first, flags here and there. */
		if (i < WRITTEN_GRANTS && i % 2 == 0)
			fprintf(out, ", note: %0400d", i);
		fprintf(out, ", allow_from: [10.%d.0.0/16]%s}\n", i % 256,
			i % 5 == 0 ? ", require_2fa: true, grace: 8h" : "");
	}
	fputs("...\n", out);
	if (fclose(out) != 0)
		abort();
	p = rows_load(text, dumped, diags);
	free(text);
	return p;
}

static unsigned grant_records(const char *path)
{
	uint32_t pos = DB_HEAD_SIZE;
	enum db_result result = DB_FOUND;
	unsigned n = 0;
	struct db db;

	if (db_open(&db, path, TRUST_CALLER) != DB_FOUND)
		return 0;
	while (result == DB_FOUND) {
		struct db_value value;
		struct slice key;

		result = db_next(&db, &pos, &key, &value);
		n += result == DB_FOUND && key.at[0] == RECORD_WRITTEN_GRANTS;
		db_value_done(&value);
	}
	db_close(&db);
	return n;
}

static void run_many(void)
{
	struct diags *diags = diags_new();
	struct policy *p = many_grants(diags);

	if (ok(p != NULL, "many grants load")) {
		compare(p, "many grants");
		is_int(grant_records(database), 5, "a record ends after so many grants, or bytes");
		ok(rows_emit(p, 1, again) && policy_db_check(again, TRUST_CALLER) == DB_FOUND,
			"a slice of them is what its own rows compile to");
		is_int(grant_records(again), 2, "and numbers its grants anew");
	}
	policy_free(p);
	diags_free(diags);
}

int main(int argc, char **argv)
{
	if (mkdtemp(work) == NULL)
		abort();
	snprintf(database, sizeof database, "%s/policy.cdb", work);
	snprintf(again, sizeof again, "%s/again.cdb", work);
	snprintf(dumped, sizeof dumped, "%s/dumped.yaml", work);
	for (int i = 1; i < argc; i++)
		ok(run(argv[i]), "%s loads", argv[i]);
	if (argc == 1) {
		run_many();
		ok(run_all() >= 20, "there were enough policies");
	}
	unlink(database);
	unlink(again);
	unlink(dumped);
	rmdir(work);
	return tap_done();
}
