/*
 * One policy in a directory, questions to it, and what tests of the directory have in common.
 */
#ifndef ADPERM_TESTS_DIRECTORY_H
#define ADPERM_TESTS_DIRECTORY_H

#include "../decide/engines.h"
#include "slapd.h"
#include "tap.h"

#include "cli/ldif.h"

#include <time.h>

#define NOW  INT64_C(1795000000) /* 2026-11-18 */
#define BASE "ou=p," SLAPD_SUFFIX
#define HOST "web1.acme.example"

static struct policy *policy;
static struct diags *diags;

static inline double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const struct asked_row {
	const char *login, *permission, *account, *from;
} table[] = {
	{ "ops", "server.ssh_users", NULL, NULL },
	{ "ops", "overall.billing", NULL, NULL },
	{ "alice", "server.ssh_users", NULL, NULL },
	{ "alice", "account.ssh", "acme", "203.0.113.7" },
	{ "alice", "account.ssh", "acme-shop", "192.0.2.1" },
	{ "bob", "server.ssh_users", NULL, NULL },
	{ "bob", "account.ssh", "acme", NULL },
	{ "carol", "server.ssh_users", NULL, NULL },
	{ "dora", "server.resources", NULL, "192.0.2.9" },
	{ "dora", "account.ssh", "acme", "192.0.2.9" },
	{ "dora", "account.ssh", "acme", "198.51.100.1" },
};

#define QUESTIONS (sizeof table / sizeof table[0])

static inline enum adperm_verdict ask_row(
	struct adperm *handle, const struct asked_row *row, struct adperm_answer *answer)
{
	const struct adperm_question q = { .who = ADPERM_LOGIN,
		.name = row->login,
		.permission = row->permission,
		.account = row->account,
		.from = row->from,
		.server = HOST,
		.time = NOW };

	return adperm_ask(handle, &q, answer);
}

static inline enum adperm_reason ask_login(struct adperm *handle, const char *login)
{
	const struct asked_row row = { login, "server.ssh_users", NULL, NULL };
	struct adperm_answer answer;

	ask_row(handle, &row, &answer);
	return answer.reason;
}

static inline struct adperm *directory(const char *name, const char *line, const char *conf)
{
	struct adperm *handle = NULL;

	if (switch_open(name, line, "ldap", conf, in_slapd("policy.cdb"), &handle) != ADPERM_OK)
		abort();
	return handle;
}

static inline struct adperm *plain(const char *name)
{
	return directory(name, "ldap", plain_conf(SLAPD_PORT, BASE));
}

static inline void told(struct adperm *handle, const char *part, const char *what)
{
	char why[ADPERM_WHY_SIZE];

	adperm_trouble(handle, why, sizeof why);
	if (!ok(strstr(why, part) != NULL, "%s", what))
		printf("#   told: %s\n", why);
}

/* A handle that answers nothing, and says why. */
static inline void none(struct adperm *handle, const char *part, const char *what)
{
	is_str(adperm_reason_word(ask_login(handle, "alice")), "policy_unavail", "%s", what);
	told(handle, part, "and it is told why");
	adperm_close(handle);
}

static inline void write_ldif(void)
{
	FILE *out = fopen(in_slapd("all.ldif"), "we");

	if (out == NULL)
		abort();
	fputs("dn: " SLAPD_SUFFIX
	      "\nobjectClass: organization\nobjectClass: dcObject\no: test\ndc: test\n\n"
	      "dn: " BASE "\nobjectClass: organizationalUnit\nou: p\n\n",
		out);
	ldif_print(policy, BASE, out);
	fclose(out);
}

static inline bool restart(const char *global, const char *database)
{
	slapd_stop(SIGTERM);
	slapd_configure(global, database);
	return slapd_start();
}

/* slapd with the policy, and the policy in memory. False: it does not run. */
static inline bool directory_begin(void)
{
	const char *const path = "tests/sources/directory.yaml";
	const char *build = getenv("BUILD");

	slapd_make(build != NULL ? build : "build");
	slapd_configure("", "");
	diags = diags_new();
	policy = policy_load(&path, 1, diags);
	diags_print(diags, stdout);
	if (policy == NULL)
		abort();
	write_ldif();
	return ok(slapd_load(in_slapd("all.ldif")) && slapd_start(), "slapd has the policy");
}

static inline void directory_end(void)
{
	slapd_clean_up();
	policy_free(policy);
	diags_free(diags);
}

#endif
