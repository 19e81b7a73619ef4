/*
 * The catalogue of permissions: numbers, names, scopes, and what brings what. The rows are in
 * permissions.def; nothing else is ever a permission. Zero is no permission.
 */
#ifndef ADPERM_MODEL_CATALOGUE_H
#define ADPERM_MODEL_CATALOGUE_H

#include "base/hash.h"

enum scope {
	SCOPE_OVERALL = 1, /* the owner */
	SCOPE_ACCOUNT,
	SCOPE_SERVER,
};

enum perm {
	PERM_NONE = 0,
#define PERM(number, scope, symbol, id, meaning) PERM_##scope##_##symbol = (number),
#define MENU(number, scope, symbol, id, meaning) PERM_##scope##_##symbol = (number),
#define BRINGS(giver, given)
#define BRINGS_ALL(giver, scope)
#include "model/permissions.def"
};

/* Some permissions: bit p for enum perm p. */
#define PERM_BIT(perm) ((uint64_t)1 << (perm))

struct perm_info {
	enum perm perm;
	enum scope scope;
	bool derived; /* a menu that cannot be granted */
	/* Arrays, not pointers: the table needs no relocation in every login process. */
	char id[20];
	char full[32]; /* "account.ssh" */
};

/* The rows in order; perm_rows of them. */
extern const struct perm_info perm_table[];
extern const size_t perm_rows;

/*@ axiomatic catalogue {
  @   logic integer scope_of(integer perm); // 0: no permission
  @   logic integer givers_of(integer perm);
  @ }
  @*/

/* The row of a permission, NULL for a number that is none. */
/*@ assigns \nothing;
  @ ensures \result == \null <==> scope_of(number) == 0;
  @ ensures \result != \null ==>
  @   \valid_read(\result) && \result->scope == scope_of(number);
  @*/
const struct perm_info *perm_info(unsigned number);

/* What it lets a person do, in a few words. */
const char *perm_meaning(enum perm perm);

/* The permission called `id` in that scope, PERM_NONE if it has none. */
enum perm perm_in_scope(enum scope scope, struct slice id);

/*
 * The permission that a text names: "account.ssh" always, "ssh" where only one scope has it.
 * PERM_NONE otherwise; *ambiguous then tells whether several scopes have it.
 */
enum perm perm_parse(struct slice text, bool *ambiguous);

/* "overall", "account", "server". */
const char *scope_name(enum scope scope);

/* The permissions that can be granted in a scope, as bits. */
uint64_t perm_scope_bits(enum scope scope);

/*
 * Every permission whose holder thereby holds `perm`: itself, and all that bring it, transitively;
 * for a menu, all that make it held.
 */
/*@ assigns \nothing;
  @ ensures \result == givers_of((unsigned)perm);
  @*/
uint64_t perm_givers(enum perm perm);

/* Server permission to its counterpart on an account (ssh_users to ssh ...) or PERM_NONE. */
enum perm perm_counterpart(enum perm perm);

/*
 * Is it the door of an admin menu: a permission of a server, other than the two whose doors are
 * sshd and the databases?
 */
bool perm_is_menu(enum perm perm);

/*
 * SHA-256 over the rows: a database made for another catalogue is refused. The constant is checked
 * against the computed value by the unit test.
 */
extern const uint8_t catalogue_digest[SHA256_SIZE];
void catalogue_digest_compute(uint8_t out[static SHA256_SIZE]);

#endif
