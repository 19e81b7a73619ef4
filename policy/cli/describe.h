/*
 * What a policy says, in the words and members that all reports use: terms of a grant, through what
 * it reaches somebody, what it gives. Texts of the policy are escaped where a terminal could take
 * them for something else.
 */
#ifndef ADPERM_CLI_DESCRIBE_H
#define ADPERM_CLI_DESCRIBE_H

#include "base/terminal.h"
#include "cli/json.h"
#include "cli/words.h"
#include "lang/policy.h"

/* A text as it is, but for control characters and whatever else may not stand in a policy. */
void show_text(FILE *out, const char *text);

/* Formatted words, in a colour of terminal.h ("": none) where colours are wanted. */
void show_coloured(FILE *out, const char *colour, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define SPELL_SIZE 24 /* "9999-12-31T23:59:59Z", "1440m" */

/* "8h", "90m", "45s". */
void spell_duration(uint32_t seconds, char out[static SPELL_SIZE]);
/* A time for people and programs: RFC 3339. */
void spell_time(int64_t when, char out[static SPELL_SIZE]);

/* "10-acme.yaml:31" */
void show_mark(FILE *out, const struct policy *p, struct mark mark);
void json_mark(struct json *j, const char *name, const struct policy *p, struct mark mark);

/* "192.0.2.0/24, 2001:db8::/32" */
void show_nets(FILE *out, const struct net *nets, uint32_t n);
void json_nets(struct json *j, const char *name, const struct net *nets, uint32_t n);

/* "server.ssh_users, server.resources": those of a set; with all of a scope, "all of server". */
void show_perms(FILE *out, uint64_t perms);
/* In another language. */
void show_perms_in(FILE *out, uint64_t perms, const struct words *words);
void json_perms(struct json *j, const char *name, uint64_t perms);

/* On what terms something is held: a grant's, or an owner's (ownership true). */
struct terms {
	uint32_t owner; /* index: who has granted, or owns */
	bool ownership, require_2fa, until_is_date;
	uint32_t grace, note;
	int64_t until;
	struct span nets;
	struct mark mark;
};

/* grant NO_INDEX: what the owner has of owning. */
struct terms terms_of(const struct policy *p, uint32_t grant, uint32_t owner);

/* "; with 2FA, grace 8h; until 2027-01-31; from 203.0.113.7 only": nothing if there are none. */
void terms_show(FILE *out, const struct policy *p, const struct terms *t);
/* In another language. */
void terms_show_in(
	FILE *out, const struct policy *p, const struct terms *t, const struct words *words);
/* The members source, owner, ownership, require_2fa, grace, expires, allow_from and note. */
void terms_json(struct json *j, const struct policy *p, const struct terms *t);

/* Does a grant name the profile itself, or some group of theirs? "directly", "group:devs". */
void show_through(FILE *out, const struct policy *p, uint32_t grant, uint32_t profile);
void json_through(
	struct json *j, const char *name, const struct policy *p, uint32_t grant, uint32_t profile);

bool group_has(const struct policy *p, uint32_t group, uint32_t profile);

static inline const char *email_text(const struct policy *p, uint32_t profile)
{
	return policy_text(p, p->profiles.at[profile].email);
}

static inline const char *owner_text(const struct policy *p, uint32_t owner)
{
	return email_text(p, p->owners.at[owner].profile);
}

static inline const char *server_text(const struct policy *p, uint32_t server)
{
	return policy_text(p, p->servers.at[server].name);
}

static inline const char *account_text(const struct policy *p, uint32_t account)
{
	return policy_text(p, p->accounts.at[account].name);
}

#endif
