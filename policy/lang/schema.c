/* The rows of the grammar, from the leaves to the root; see schema.h. */
#include "lang/schema.h"

const struct type_words type_words[] = {
	[TYPE_VERSION] = { "the version 1", "versions" },
	[TYPE_BOOL] = { "true or false", "booleans" },
	[TYPE_LINE] = { "a line of text", "lines of text" },
	[TYPE_EMAIL] = { "an e-mail address", "e-mail addresses" },
	[TYPE_LOGIN] = { "a login", "logins" },
	[TYPE_LABEL] = { "a name", "names" },
	[TYPE_HOST] = { "a server", "servers" },
	[TYPE_ACCOUNT] = { "an account", "accounts" },
	[TYPE_KIND] = { "person or machine", "kinds" },
	[TYPE_KEY] = { "an SSH key", "SSH keys" },
	[TYPE_NET] = { "an address or network", "addresses and networks" },
	[TYPE_PERSON] = { "an e-mail address or group:NAME", "people and groups" },
	[TYPE_PERM] = { "a permission", "permissions" },
	[TYPE_TIME] = { "a time", "times" },
	[TYPE_DURATION] = { "a duration", "durations" },
	[TYPE_POLICY] = { "the keys of a policy", "policies" },
	[TYPE_PROFILE] = { "the keys of a profile", "profiles" },
	[TYPE_OWNER] = { "the keys of an owner", "owners" },
	[TYPE_SERVER] = { "the keys of a server", "servers" },
	[TYPE_GRANT] = { "the keys of a grant", "grants" },
	[TYPE_TESTS] = { "the keys of a file of tests", "files of tests" },
	[TYPE_TEST] = { "the keys of a test", "tests" },
	[TYPE_WORD] = { "a word of a command", "words" },
	[TYPE_MENUS] = { "the keys of a file of menus", "files of menus" },
	[TYPE_MENU] = { "the keys of a menu", "menus" },
	[TYPE_ARGUMENT] = { "the keys of an argument", "arguments" },
};

static const struct field profile_keys[] = {
	{ .key = "name",
		SHAPE_SCALAR,
		TYPE_LINE,
		.take = profile_name,
		.help = "the name of the person, for people who read" },
	{ .key = "login",
		SHAPE_SCALAR,
		TYPE_LOGIN,
		.take = profile_login,
		.help = "Unix user name and database role of the person; unique over the whole "
			"policy" },
	{ .key = "ssh_keys",
		SHAPE_LIST,
		TYPE_KEY,
		.take = profile_key,
		.help = "public keys, each as the line of its .pub file; a key belongs to one "
			"profile" },
	{ .key = "allow_from",
		SHAPE_LIST,
		TYPE_NET,
		.take = profile_net,
		.help = "the profile is usable from these addresses only; without it, from "
			"anywhere" },
	{ .key = "suspended",
		SHAPE_SCALAR,
		TYPE_BOOL,
		.take = profile_suspended,
		.help = "true: the profile holds nothing" },
	{ .key = "kind",
		SHAPE_SCALAR,
		TYPE_KIND,
		.take = profile_kind,
		.help = "person, or machine: a robot, known by keys only, without a second "
			"factor" },
	{ .key = NULL },
};

static const struct field profile = {
	.shape = SHAPE_KEYS,
	.type = TYPE_PROFILE,
	.flags = FIELD_EMPTY,
	.keys = profile_keys,
};

static const struct field group = {
	.shape = SHAPE_LIST,
	.type = TYPE_EMAIL,
	.take = group_member,
};

static const struct field role = {
	.shape = SHAPE_LIST,
	.type = TYPE_PERM,
	.take = role_item,
};

static const struct field server_keys[] = {
	{ .key = "accounts",
		SHAPE_LIST,
		TYPE_ACCOUNT,
		FIELD_EMPTY,
		.defines = NAMES(ACCOUNT),
		.take = server_account,
		.help = "the hosting accounts on this server; each is a Unix user there" },
	{ .key = NULL },
};

static const struct field server = {
	.shape = SHAPE_KEYS,
	.type = TYPE_SERVER,
	.defines = NAMES(ACCOUNT),
	.flags = FIELD_EMPTY,
	.keys = server_keys,
};

static const struct field on_server = {
	.shape = SHAPE_LIST,
	.type = TYPE_PERM,
	.scope = SCOPE_SERVER,
	.open = grant_list,
	.take = grant_item,
};

static const struct field on_account = {
	.shape = SHAPE_LIST,
	.type = TYPE_PERM,
	.scope = SCOPE_ACCOUNT,
	.open = grant_list,
	.take = grant_item,
};

static const struct field grant_keys[] = {
	{ .key = "to",
		SHAPE_ONE_OR_LIST,
		TYPE_PERSON,
		FIELD_REQUIRED,
		.take = grant_to,
		.help = "who gets it: e-mail addresses and group:NAME" },
	{ .key = "overall",
		SHAPE_LIST,
		TYPE_PERM,
		FIELD_SOME,
		SCOPE_OVERALL,
		.open = grant_overall,
		.take = grant_item,
		.help = "permissions on everything of the owner" },
	{ .key = "servers",
		SHAPE_NAMED,
		TYPE_HOST,
		FIELD_SOME,
		.inner = &on_server,
		.take = grant_server,
		.help = "permissions by server" },
	{ .key = "accounts",
		SHAPE_NAMED,
		TYPE_ACCOUNT,
		FIELD_SOME,
		.inner = &on_account,
		.take = grant_account,
		.help = "permissions by hosting account" },
	{ .key = "require_2fa",
		SHAPE_SCALAR,
		TYPE_BOOL,
		.take = grant_flag,
		.help = "true: usable only by somebody who has just proved a second factor" },
	{ .key = "grace",
		SHAPE_SCALAR,
		TYPE_DURATION,
		.take = grant_grace,
		.with = "require_2fa",
		.help = "with require_2fa, for how long the second factor is not asked for again "
			"from the same place: 30m, 8h, at most 24h" },
	{ .key = "expires",
		SHAPE_SCALAR,
		TYPE_TIME,
		.take = grant_expires,
		.help = "the last day it holds (UTC), 2027-01-31, or a time, "
			"2027-01-31T18:00:00Z" },
	{ .key = "allow_from",
		SHAPE_LIST,
		TYPE_NET,
		.take = grant_net,
		.help = "it holds for people who come from these addresses only; without it, from "
			"anywhere" },
	{ .key = "note",
		SHAPE_SCALAR,
		TYPE_LINE,
		.take = grant_note,
		.help = "free text, shown by explain and kept in the audit trail" },
	{ .key = NULL },
};

static const struct field grant = {
	.shape = SHAPE_KEYS,
	.type = TYPE_GRANT,
	.keys = grant_keys,
	.open = grant_open,
	.close = grant_close,
};

static const struct field owner_keys[] = {
	{ .key = "servers",
		SHAPE_NAMED,
		TYPE_HOST,
		FIELD_EMPTY,
		.defines = NAMES(SERVER) | NAMES(ACCOUNT),
		.inner = &server,
		.take = server_begin,
		.help = "the servers of this owner, by host name" },
	{ .key = "require_2fa",
		SHAPE_SCALAR,
		TYPE_BOOL,
		.take = owner_flag,
		.help = "true: the owner, too, is asked for a second factor to use what they own" },
	{ .key = "grants",
		SHAPE_ENTRIES,
		TYPE_GRANT,
		FIELD_EMPTY,
		.inner = &grant,
		.help = "what this owner gives to others" },
	{ .key = NULL },
};

static const struct field owner = {
	.shape = SHAPE_KEYS,
	.type = TYPE_OWNER,
	.defines = NAMES(SERVER) | NAMES(ACCOUNT),
	.flags = FIELD_EMPTY,
	.keys = owner_keys,
};

static const struct field root_keys[] = {
	{ .key = "adperm",
		SHAPE_SCALAR,
		TYPE_VERSION,
		FIELD_FIRST,
		.take = take_version,
		.help = "the version of the format; the first key of every file" },
	{ .key = "profiles",
		SHAPE_NAMED,
		TYPE_EMAIL,
		FIELD_EMPTY,
		.inner = &profile,
		.take = profile_begin,
		.help = "people, by e-mail address" },
	{ .key = "groups",
		SHAPE_NAMED,
		TYPE_LABEL,
		FIELD_EMPTY,
		.defines = NAMES(GROUP),
		.inner = &group,
		.take = group_begin,
		.help = "lists of people, by the name of the group" },
	{ .key = "roles",
		SHAPE_NAMED,
		TYPE_LABEL,
		FIELD_EMPTY,
		.defines = NAMES(ROLE),
		.inner = &role,
		.take = role_begin,
		.help = "lists of permissions, by the name of the role" },
	{ .key = "owners",
		SHAPE_NAMED,
		TYPE_EMAIL,
		FIELD_EMPTY,
		.defines = NAMES(SERVER) | NAMES(ACCOUNT),
		.inner = &owner,
		.take = owner_begin,
		.help = "owners of servers, by e-mail address; whoever owns a thing holds every "
			"permission on it" },
	{ .key = NULL },
};

const struct field schema_root = {
	.shape = SHAPE_KEYS,
	.type = TYPE_POLICY,
	.defines = NAMES(GROUP) | NAMES(ROLE) | NAMES(SERVER) | NAMES(ACCOUNT),
	.keys = root_keys,
};
