/*
 * The policy as it was written, kept in the database for the tool: who is who, owners and servers,
 * groups, roles, and grants with their notes and places. A decision never reads these records; the
 * holdings stand for themselves.
 *
 * A record is a sequence of parts, each with fixed columns: the first part, then as many of the
 * others as it says. One table of columns (written.c) both puts and takes them.
 *
 *	P e-mail   profile, net ..., key ...
 *	O e-mail   owner
 *	S server   server, account ...
 *	G group    group, name (an e-mail) ...
 *	R role     role, item ...
 *	g number   grant, net ..., name (an e-mail or "group:NAME") ..., place ...;
 *	           each place is followed by its items; the number (4 bytes) counts the grants of
 *this database
 *
 *	profile   flags 1, mark, text name, text login, nets 4, keys 4
 *	key       digest 32, line 4, column 4, text comment
 *	owner     flag 1 (0 unset, 1 false, 2 true), mark, mark of the flag
 *	server    mark, text owner, accounts 4
 *	account   text name, line 4, column 4
 *	group     mark, members 4
 *	role      mark, items 4
 *	item      overall 1, account 1, server 1 (a permission there, or 0), text role
 *	grant     text owner, flags 1, until 8, grace 4, text note, mark, nets 4, to 4, places 4
 *	place     scope 1, text server or account ("" for overall), items 4
 *	name      text
 *	mark      text file, line 4, column 4
 *
 * They stand in the file in an order in which nothing is named before it is there: profiles (each
 * behind its keys' records), owners, servers, groups, roles, grants, each kind in the order of the
 * policy.
 */
#ifndef ADPERM_DB_WRITTEN_H
#define ADPERM_DB_WRITTEN_H

#include "db/record.h"

#define PROFILE_DEFINED   1
#define PROFILE_SUSPENDED 2
#define PROFILE_MACHINE   4
#define WRITTEN_2FA       1
#define WRITTEN_DATE      2

enum written_part {
	WRITTEN_PROFILE,
	WRITTEN_KEY,
	WRITTEN_OWNER,
	WRITTEN_SERVER,
	WRITTEN_ACCOUNT,
	WRITTEN_GROUP,
	WRITTEN_ROLE,
	WRITTEN_ITEM,
	WRITTEN_GRANT,
	WRITTEN_PLACE,
	WRITTEN_NAME, /* a struct slice */
	WRITTEN_NET,  /* a struct net */
	WRITTEN_PARTS,
};

struct written_mark {
	struct slice file;
	uint32_t line, col;
};

struct written_profile {
	uint8_t flags;
	struct written_mark mark;
	struct slice name, login;
	uint32_t nets, keys;
};

struct written_key {
	uint8_t digest[SHA256_SIZE];
	uint32_t line, col; /* in the profile's file */
	struct slice comment;
};

struct written_owner {
	uint8_t flag;
	struct written_mark mark, flag_mark;
};

struct written_server {
	struct written_mark mark;
	struct slice owner;
	uint32_t accounts;
};

struct written_account {
	struct slice name;
	uint32_t line, col; /* in the server's file */
};

struct written_group {
	struct written_mark mark;
	uint32_t members;
};

struct written_role {
	struct written_mark mark;
	uint32_t items;
};

struct written_item {
	uint8_t perm[SCOPE_SERVER + 1]; /* by enum scope; [0] is nothing */
	struct slice role;
};

struct written_grant {
	struct slice owner, note;
	struct written_mark mark;
	uint8_t flags;
	int64_t until;
	uint32_t grace, nets, to, places;
};

struct written_place {
	uint8_t scope;
	struct slice target;
	uint32_t items;
};

/* Puts one part, which is the struct of that name. */
void written_put(struct buf *out, enum written_part part, const void *from);

/*
 * Takes one part from the front into the struct of that name, zeroed first; its texts point into
 * the bytes. A value outside its range makes the cursor short, so that one check, cursor_done(),
 * judges a whole record; a loop over parts ends when the cursor is short.
 */
void written_take(struct cursor *c, enum written_part part, void *into);

#endif
