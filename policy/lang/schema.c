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
};

static const struct field profile_keys[] = {
	{ .key = "name", SHAPE_SCALAR, TYPE_LINE, .take = profile_name },
	{ .key = "login", SHAPE_SCALAR, TYPE_LOGIN, .take = profile_login },
	{ .key = "ssh_keys", SHAPE_LIST, TYPE_KEY, .take = profile_key },
	{ .key = "allow_from", SHAPE_LIST, TYPE_NET, .take = profile_net },
	{ .key = "suspended", SHAPE_SCALAR, TYPE_BOOL, .take = profile_suspended },
	{ .key = "kind", SHAPE_SCALAR, TYPE_KIND, .take = profile_kind },
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
	{ .key = "accounts", SHAPE_LIST, TYPE_ACCOUNT, FIELD_EMPTY, .take = server_account },
	{ .key = NULL },
};

static const struct field server = {
	.shape = SHAPE_KEYS,
	.type = TYPE_SERVER,
	.flags = FIELD_EMPTY,
	.keys = server_keys,
};

/* What is granted on one server or account. */
static const struct field permissions = {
	.shape = SHAPE_LIST,
	.type = TYPE_PERM,
	.open = grant_list,
	.take = grant_item,
};

static const struct field grant_keys[] = {
	{ .key = "to", SHAPE_ONE_OR_LIST, TYPE_PERSON, FIELD_REQUIRED, .take = grant_to },
	{ .key = "overall", SHAPE_LIST, TYPE_PERM, .open = grant_overall, .take = grant_item },
	{ .key = "servers", SHAPE_NAMED, TYPE_HOST, .inner = &permissions, .take = grant_server },
	{ .key = "accounts",
		SHAPE_NAMED,
		TYPE_ACCOUNT,
		.inner = &permissions,
		.take = grant_account },
	{ .key = "require_2fa", SHAPE_SCALAR, TYPE_BOOL, .take = grant_flag },
	{ .key = "grace", SHAPE_SCALAR, TYPE_DURATION, .take = grant_grace },
	{ .key = "expires", SHAPE_SCALAR, TYPE_TIME, .take = grant_expires },
	{ .key = "allow_from", SHAPE_LIST, TYPE_NET, .take = grant_net },
	{ .key = "note", SHAPE_SCALAR, TYPE_LINE, .take = grant_note },
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
		.inner = &server,
		.take = server_begin },
	{ .key = "require_2fa", SHAPE_SCALAR, TYPE_BOOL, .take = owner_flag },
	{ .key = "grants", SHAPE_ENTRIES, TYPE_GRANT, FIELD_EMPTY, .inner = &grant },
	{ .key = NULL },
};

static const struct field owner = {
	.shape = SHAPE_KEYS,
	.type = TYPE_OWNER,
	.flags = FIELD_EMPTY,
	.keys = owner_keys,
};

static const struct field root_keys[] = {
	{ .key = "adperm", SHAPE_SCALAR, TYPE_VERSION, FIELD_FIRST, .take = take_version },
	{ .key = "profiles",
		SHAPE_NAMED,
		TYPE_EMAIL,
		FIELD_EMPTY,
		.inner = &profile,
		.take = profile_begin },
	{ .key = "groups",
		SHAPE_NAMED,
		TYPE_LABEL,
		FIELD_EMPTY,
		.inner = &group,
		.take = group_begin },
	{ .key = "roles",
		SHAPE_NAMED,
		TYPE_LABEL,
		FIELD_EMPTY,
		.inner = &role,
		.take = role_begin },
	{ .key = "owners",
		SHAPE_NAMED,
		TYPE_EMAIL,
		FIELD_EMPTY,
		.inner = &owner,
		.take = owner_begin },
	{ .key = NULL },
};

const struct field schema_root = {
	.shape = SHAPE_KEYS,
	.type = TYPE_POLICY,
	.keys = root_keys,
};
