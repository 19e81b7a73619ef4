/*
 * The policy as it was written, kept in the database for the tool: who is who, owners and servers,
 * groups, roles, and grants with their notes and places. A decision never reads these records; the
 * holdings stand for themselves.
 *
 * A record is a sequence of parts, each with fixed columns: the first part, then as many of the
 * others as it says. A part is a bit for each column (in whole bytes, the first column lowest), and
 * those columns whose bits are set: in the others it is as the part of its kind before it in the
 * record, and the first as one of zeros. One table of columns (written.c) both puts and takes them.
 *
 *	P e-mail   profile, net ..., key ...
 *	O e-mail   owner
 *	S server   server, account ...
 *	G group    group, name (an e-mail) ...
 *	R role     role, item ...
 *	g number   grants, then for each grant, net ..., name ..., place ...;
 *	           each place is followed by its items; the number (4 bytes) is that of the first,
 *	           counted in this database
 *
 *	profile   flags 1, mark, text name, text login, nets 4, keys 4
 *	key       digest 32, line 4, column 4, text comment
 *	owner     flag 1 (0 unset, 1 false, 2 true), mark, mark of the flag
 *	server    mark, text owner, accounts 4
 *	account   text name, line 4, column 4
 *	group     mark, members 4
 *	role      mark, items 4
 *	item      overall 1, account 1, server 1 (a permission there, or 0), text role
 *	grants    grants 4
 *	grant     text owner, flags 1, until 8, grace 4, text note, mark, nets 4, to 4, places 4
 *	place     scope 1, text server or account ("" for overall), items 4
 *	name      group 1 (1: of a group, 0: an e-mail), text name
 *	net       as format.h has it, without bits
 *	mark      text file, line 4, column 4
 *
 * They stand in the file in an order in which nothing is named before it is there: profiles (each
 * behind its keys' records), owners, servers, groups, roles, grants, each kind in the order of the
 * policy. A record of grants ends with one whose number, plus one, is a multiple of
 * WRITTEN_GRANTS, or earlier, with that which makes it WRITTEN_GRANTS_SIZE bytes or more.
 */
#ifndef ADPERM_DB_WRITTEN_H
#define ADPERM_DB_WRITTEN_H

#include "db/record.h"

#define PROFILE_DEFINED   1
#define PROFILE_SUSPENDED 2
#define PROFILE_MACHINE   4
#define WRITTEN_2FA       1
#define WRITTEN_DATE      2

#define WRITTEN_GRANTS      256
#define WRITTEN_GRANTS_SIZE 32768

enum written_part {
	WRITTEN_PROFILE,
	WRITTEN_KEY,
	WRITTEN_OWNER,
	WRITTEN_SERVER,
	WRITTEN_ACCOUNT,
	WRITTEN_GROUP,
	WRITTEN_ROLE,
	WRITTEN_ITEM,
	WRITTEN_GRANTS_HEAD,
	WRITTEN_GRANT,
	WRITTEN_PLACE,
	WRITTEN_NAME,
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

struct written_grants_head {
	uint32_t grants;
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

struct written_name {
	uint8_t group;
	struct slice name;
};

/* The last part of each kind in a record being put or taken. `there`, a bit a kind: 0 at its start.
 */
struct written_before {
	uint32_t there;
	union {
		struct written_profile profile;
		struct written_key key;
		struct written_owner owner;
		struct written_server server;
		struct written_account account;
		struct written_group group;
		struct written_role role;
		struct written_item item;
		struct written_grants_head grants_head;
		struct written_grant grant;
		struct written_place place;
		struct written_name name;
	} of[WRITTEN_PARTS];
};

/* Puts one part, which is the struct of that name; its texts have to stay until the record ends. */
void written_put(
	struct buf *out, struct written_before *before, enum written_part part, const void *from);

/*
 * Takes one part from the front into the struct of that name; its texts point into the bytes. A
 * value outside its range makes the cursor short, so that one check, cursor_done(), judges a whole
 * record; a loop over parts ends when the cursor is short.
 */
void written_take(
	struct cursor *c, struct written_before *before, enum written_part part, void *into);

#endif
