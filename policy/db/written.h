/*
 * The policy as it was written, kept in the database for the tool: who is who, groups, roles, and
 * grants with their notes. A decision never reads these records; the holdings stand for themselves.
 *
 *	profile   flags 1 (1 defined, 2 suspended, 4 machine), text name, text login, nets 4, net
 *..., keys 4, SHA-256 ... group     members 4, text profile ... role      items 4, text permission
 *... owner     flag 1 (0 unset, 1 false, 2 true), servers 4, text server ... accounts  accounts 4,
 *text account ...                        key: the server grant     text owner, flags 1 (1
 *require_2fa, 2 until a date), until 8, grace 4, text note, text file, line 4, nets 4, net ..., to
 *4, text ..., places 4, place ... place     scope 1, text server or account ("" for overall), items
 *4, text ...
 *
 * In `to` a group is written "group:NAME", in items a role "role:NAME".
 */
#ifndef ADPERM_DB_WRITTEN_H
#define ADPERM_DB_WRITTEN_H

#include "db/record.h"

#define PROFILE_DEFINED   1
#define PROFILE_SUSPENDED 2
#define PROFILE_MACHINE   4
#define WRITTEN_2FA       1
#define WRITTEN_DATE      2

struct written_profile {
	uint8_t flags;
	struct slice name, login;
	const struct net *nets;
	uint32_t net_total;
};

struct written_grant {
	struct slice owner, note, file;
	uint32_t line, grace;
	int64_t until;
	uint8_t flags;
	const struct net *nets;
	uint32_t net_total;
};

/*
 * The fixed parts. The lists that follow (a profile's key digests, a grant's people and places) are
 * each begun with buf_u32() and their number, and are put one by one.
 */
void written_put_profile(struct buf *out, const struct written_profile *profile);
void written_put_grant(struct buf *out, const struct written_grant *grant);

#endif
