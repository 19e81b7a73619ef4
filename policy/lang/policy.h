/*
 * A whole policy in memory, as the files of a set say it: small numbered rows that refer to each
 * other by index, texts in one pool. The loader fills it (load.h), everything else only reads it.
 */
#ifndef ADPERM_LANG_POLICY_H
#define ADPERM_LANG_POLICY_H

#include "base/diag.h"
#include "model/decide.h"

#define NO_INDEX UINT32_MAX

/* A growing array of one type of row; `at` moves when it grows. */
#define ROWS(type)                                                                                 \
	struct {                                                                                   \
		type *at;                                                                          \
		uint32_t n, cap;                                                                   \
	}

/* Part of another array: [first .. first+n-1]. */
struct span {
	uint32_t first, n;
};

struct profile {        /* a person: under `profiles`, or only named by a grant, group or owner */
	uint32_t email; /* text; lower case */
	uint32_t name, login; /* texts, 0: none */
	uint32_t access;      /* index of its access, 0: neither keys nor networks */
	struct mark mark;     /* of the definition, or of the first mention */
	bool defined, suspended, machine;
	uint32_t owner; /* index into owners, or NO_INDEX */
};

/* There may be millions of them. */
_Static_assert(sizeof(struct profile) == 36, "a profile has no more padding than a byte");

/* What a profile may have beside: its keys, and the networks that it is usable from. */
struct access {
	struct span keys, nets;
};

struct key {
	uint32_t profile;
	uint32_t type, comment; /* texts; comment 0: none */
	uint32_t blob;          /* offset into the pool, len bytes */
	uint32_t len;
	uint8_t digest[32]; /* SHA-256 of the blob */
	struct mark mark;
};

struct group {
	uint32_t name;
	struct span members; /* of ids: profiles */
	struct mark mark;
};

/* One permission as written: PERM, a role, or in a role an id that several scopes may have. */
struct item {
	uint8_t perm[4];  /* by enum scope: the enum perm there, PERM_NONE if that scope lacks it */
	uint32_t role;    /* index into roles, or NO_INDEX */
	struct mark mark; /* of a role's items, for the error that names both places */
};

struct role {
	uint32_t name;
	struct span items;
	struct mark mark;
};

struct server {
	uint32_t name;
	uint32_t owner;       /* index into owners */
	struct span accounts; /* of accounts */
	struct mark mark;
};

struct account {
	uint32_t name;
	uint32_t server;
	bool ssh_2fa; /* some grant or ownership giving account.ssh here carries the flag; see
			 index.c */
	struct mark mark;
};

enum flag { FLAG_UNSET = 0, FLAG_FALSE, FLAG_TRUE };

struct owner {
	uint32_t profile;
	enum flag require_2fa; /* of the owner's own use */
	struct mark mark, flag_mark;
};

/* Where a grant holds, and what it gives there. */
struct place {
	enum scope scope;
	uint32_t target;   /* server or account index; 0 for overall */
	uint64_t perms;    /* PERM_BIT()s, roles spelt out */
	struct span items; /* of items, as written */
};

#define TO_GROUP 0x80000000u /* in ids of a grant's `to`: the rest is a group index */

struct policy_grant {
	uint32_t owner;
	struct span to;      /* of ids */
	struct span places;  /* of places */
	uint32_t note;       /* text, 0: none */
	struct mark mark;    /* the `-` item: what decisions cite */
	uint32_t terms : 31; /* index of its grant_terms */
	bool require_2fa : 1;
};

/* There may be millions of them. */
_Static_assert(sizeof(struct policy_grant) == 40, "a grant has no padding");

/* When and from where it holds; see same.h for who shares them. */
struct grant_terms {
	int64_t until;       /* WHEN_NEVER */
	struct span nets;    /* of nets; n 0: from anywhere */
	uint32_t grace : 30; /* seconds */
	bool until_is_date : 1;
};

/* Numbers sorted by what they belong to. */
struct index {
	uint32_t *start, *item;
};

struct policy {
	struct diags *diags; /* file names; not owned */
	uint8_t digest[32];  /* SHA-256 over names and bytes of the files: "built from" */

	char *pool; /* all texts, each ended by NUL; offset 0 is "" */
	uint32_t pool_len, pool_cap;

	ROWS(struct profile) profiles;
	ROWS(struct access) access; /* the first: nothing */
	ROWS(struct key) keys;
	ROWS(struct group) groups;
	ROWS(struct role) roles;
	ROWS(struct item) items;
	ROWS(struct owner) owners;
	ROWS(struct server) servers;
	ROWS(struct account) accounts;
	ROWS(struct policy_grant) grants;
	ROWS(struct grant_terms) terms; /* the first: always, from anywhere */
	ROWS(struct place) places;
	ROWS(struct net) nets;
	ROWS(uint32_t) ids;

	struct names *names; /* the hash of what is called what; see names functions below */

	/* Made by policy_index() after loading: what of x is [start[x] .. start[x+1]-1]. */
	struct index profile_grants; /* grants of a profile, ascending, groups followed */
	struct index owner_servers;
};

static inline const char *policy_text(const struct policy *p, uint32_t offset)
{
	return p->pool + offset;
}

static inline const struct access *profile_access(const struct policy *p, const struct profile *who)
{
	return &p->access.at[who->access];
}

static inline const struct grant_terms *grant_terms(
	const struct policy *p, const struct policy_grant *g)
{
	return &p->terms.at[g->terms];
}

/*
 * Reads a set of policy files: each of `paths` is a file or a directory of *.yaml. NULL after an
 * error, with all of them in `diags`; otherwise a complete, cross-checked, indexed policy.
 */
struct policy *policy_load(const char *const *paths, size_t n, struct diags *diags);

/* How files are read, which makes no difference to the rows, but in time and memory. */
struct load_how {
	unsigned threads;  /* that parse beside the caller's own, up to 16; 0: it does */
	size_t piece;      /* bytes that are read at a time, and parsed by one thread; from 64 */
	bool forget_names; /* as policy_forget_names() does, before there are indexes */
};

struct policy *policy_load_how(
	const char *const *paths, size_t n, struct diags *diags, const struct load_how *how);

/* One without anything in it, for a reader to fill. NULL: out of memory. */
struct policy *policy_new(struct diags *diags);
void policy_free(struct policy *p);

/* Kinds of names; each kind is a name space of its own. */
enum name_kind {
	NAME_PROFILE = 1, /* e-mail address, lower case */
	NAME_OWNER,       /* the same of an owner */
	NAME_LOGIN,       /* index of the profile */
	NAME_GROUP,
	NAME_ROLE,
	NAME_SERVER,
	NAME_ACCOUNT,
	NAME_KEY,  /* the 32 bytes of the digest */
	NAME_WORD, /* a text that many rows share; has no index */
};

/* The index of what is called so, or NO_INDEX. */
uint32_t policy_find(const struct policy *p, enum name_kind kind, struct slice text);

/* Gives back the memory of all names, a fifth of a policy: nothing is found any more. */
void policy_forget_names(struct policy *p);

/* Makes the indexes and the accounts' ssh_2fa. False: out of memory. policy_free() frees them. */
bool policy_index(struct policy *p);
void policy_index_free(struct policy *p);

#endif
