/*
 * Reads the records as written (db/written.h) into a policy; see from_db.h. What a record names has
 * to be there already, and everything has to be as the loader would have taken it: a database whose
 * checksums are right may still have been written by somebody else.
 */
#include "lang/from_db.h"

#include "base/sshkey.h"
#include "lang/from_db_take.h"
#include "lang/load.h"

/* A key's own record, which stands before its profile's. */
static bool read_key(struct from_db *f)
{
	struct key_record record;
	struct key *row;
	struct name *name, *type;
	struct key key = { .mark = { 0 } };

	if (!record_get_key(f->c.rest, &record) ||
		sshkey_check(record.type, record.blob) != SSHKEY_GOOD)
		return false;
	f->c = cursor_of(slice_of(NULL, 0));
	sha256_of(record.blob, key.digest);
	if (!slice_equal(f->name, slice_of(key.digest, sizeof key.digest)))
		return false;
	type = name_mention(f->p, NAME_WORD, record.type);
	key.type = type != NULL ? type->text : 0;
	name = type != NULL ? name_mention(f->p, NAME_KEY, f->name) : NULL;
	if (name == NULL || !pool_put(f->p, record.blob, &key.blob))
		return from_db_no_memory(f);
	if (name->index != NO_INDEX)
		return false;
	key.len = (uint32_t)record.blob.len;
	row = ROWS_ADD(&f->p->keys);
	if (row == NULL)
		return from_db_no_memory(f);
	*row = key;
	name->index = f->p->keys.n - 1;
	return true;
}

/* The keys that a profile names are those read since the last profile. */
static bool take_keys(
	struct from_db *f, uint32_t n, uint32_t profile, uint32_t file, struct access *access)
{
	struct policy *p = f->p;

	if (n != p->keys.n - f->free_keys)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		struct key *key = &p->keys.at[f->free_keys + i];
		struct written_key row;

		from_db_part(f, WRITTEN_KEY, &row);
		if (f->c.short_of || memcmp(row.digest, key->digest, sizeof row.digest) != 0 ||
			!from_db_text(f, row.comment, false, &key->comment))
			return false;
		key->profile = profile;
		key->mark = (struct mark){ file, row.line, row.col };
	}
	access->keys = (struct span){ f->free_keys, n };
	f->free_keys = p->keys.n;
	return true;
}

static bool is_lower_email(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] >= 'A' && text.at[i] <= 'Z')
			return false;
	}
	return name_is_email(text);
}

static bool is_free_login(struct slice text)
{
	return name_is_login(text) && name_reserved(text) == NULL;
}

static bool is_free_account(struct slice text)
{
	return name_is_account(text) && name_reserved(text) == NULL;
}

static bool read_profile(struct from_db *f)
{
	struct policy *p = f->p;
	struct written_profile part;
	struct profile row = { .owner = NO_INDEX };
	struct access access = { .keys = { 0, 0 } }, *own;
	uint32_t index = p->profiles.n;
	struct profile *added;
	struct name *name;

	from_db_part(f, WRITTEN_PROFILE, &part);
	name = from_db_name(f, NAME_PROFILE, f->name, is_lower_email, index);
	if (name == NULL)
		return false;
	row.email = name->text;
	if (part.login.len > 0) {
		name = from_db_name(f, NAME_LOGIN, part.login, is_free_login, index);
		if (name == NULL)
			return false;
		row.login = name->text;
	}
	row.defined = (part.flags & PROFILE_DEFINED) != 0;
	row.suspended = (part.flags & PROFILE_SUSPENDED) != 0;
	row.machine = (part.flags & PROFILE_MACHINE) != 0;
	if (!from_db_mark(f, &part.mark, &row.mark) ||
		!from_db_text(f, part.name, true, &row.name) ||
		!from_db_nets(f, part.nets, &access.nets) ||
		!take_keys(f, part.keys, index, row.mark.file, &access))
		return false;
	if (part.nets > 0 || part.keys > 0) {
		own = access_add(p);
		if (own == NULL)
			return from_db_no_memory(f);
		*own = access;
		row.access = p->access.n - 1;
	}
	added = ROWS_ADD(&p->profiles);
	if (added == NULL)
		return from_db_no_memory(f);
	*added = row;
	return true;
}

static bool read_owner(struct from_db *f)
{
	struct policy *p = f->p;
	struct written_owner part;
	struct owner row = { .profile = NO_INDEX };
	struct owner *added;

	from_db_part(f, WRITTEN_OWNER, &part);
	row.require_2fa = (enum flag)part.flag;
	if (!from_db_find(f, NAME_PROFILE, f->name, &row.profile) ||
		from_db_name(f, NAME_OWNER, f->name, is_lower_email, p->owners.n) == NULL ||
		!from_db_mark(f, &part.mark, &row.mark) ||
		!from_db_mark(f, &part.flag_mark, &row.flag_mark))
		return false;
	added = ROWS_ADD(&p->owners);
	if (added == NULL)
		return from_db_no_memory(f);
	*added = row;
	p->profiles.at[row.profile].owner = p->owners.n - 1;
	return true;
}

static bool take_accounts(struct from_db *f, uint32_t n, uint32_t server, uint32_t file)
{
	struct policy *p = f->p;

	for (uint32_t i = 0; i < n && !f->c.short_of; i++) {
		struct written_account part;
		struct name *name;
		struct account *row;

		from_db_part(f, WRITTEN_ACCOUNT, &part);
		name = from_db_name(f, NAME_ACCOUNT, part.name, is_free_account, p->accounts.n);
		if (name == NULL || policy_find(p, NAME_LOGIN, part.name) != NO_INDEX)
			return false;
		row = ROWS_ADD(&p->accounts);
		if (row == NULL)
			return from_db_no_memory(f);
		*row = (struct account){
			.name = name->text, .server = server, .mark = { file, part.line, part.col }
		};
	}
	return !f->c.short_of;
}

static bool read_server(struct from_db *f)
{
	struct policy *p = f->p;
	struct written_server part;
	struct server row = { .accounts = { p->accounts.n, 0 } };
	uint32_t index = p->servers.n;
	struct server *added;
	struct name *name;

	from_db_part(f, WRITTEN_SERVER, &part);
	name = from_db_name(f, NAME_SERVER, f->name, name_is_host, index);
	if (name == NULL)
		return false;
	row.name = name->text;
	if (!from_db_find(f, NAME_OWNER, part.owner, &row.owner) ||
		!from_db_mark(f, &part.mark, &row.mark))
		return false;
	row.accounts.n = part.accounts;
	added = ROWS_ADD(&p->servers);
	if (added == NULL)
		return from_db_no_memory(f);
	*added = row;
	return take_accounts(f, part.accounts, index, row.mark.file);
}

static bool read_group(struct from_db *f)
{
	struct policy *p = f->p;
	struct written_group part;
	struct group row = { .name = 0 };
	struct group *added;
	struct name *name;

	from_db_part(f, WRITTEN_GROUP, &part);
	name = from_db_name(f, NAME_GROUP, f->name, name_is_label, p->groups.n);
	if (name == NULL)
		return false;
	row.name = name->text;
	if (!from_db_mark(f, &part.mark, &row.mark) ||
		!from_db_ids(f, part.members, false, &row.members))
		return false;
	added = ROWS_ADD(&p->groups);
	if (added == NULL)
		return from_db_no_memory(f);
	*added = row;
	return true;
}

/* What becomes of each kind of record; NULL: it says again what the others do. */
static const struct {
	enum record_kind kind;
	bool (*read)(struct from_db *f);
} kinds[] = {
	{ RECORD_META, NULL },
	{ RECORD_HOLDING, NULL },
	{ RECORD_LOGIN, NULL },
	{ RECORD_ACCOUNT, NULL },
	{ RECORD_SERVER, NULL },
	{ RECORD_KEY, read_key },
	{ RECORD_WRITTEN_PROFILE, read_profile },
	{ RECORD_WRITTEN_OWNER, read_owner },
	{ RECORD_WRITTEN_SERVER, read_server },
	{ RECORD_WRITTEN_GROUP, read_group },
	{ RECORD_WRITTEN_ROLE, from_db_role },
	{ RECORD_WRITTEN_GRANTS, from_db_grants },
};

static bool read_record(struct from_db *f, struct slice key, struct slice payload)
{
	size_t i = 0;

	while (i < sizeof kinds / sizeof kinds[0] && (key.len == 0 || key.at[0] != kinds[i].kind))
		i++;
	if (i == sizeof kinds / sizeof kinds[0])
		return false;
	if (kinds[i].read == NULL)
		return true;
	f->name = slice_of(key.at + 1, key.len - 1);
	f->c = cursor_of(payload);
	f->before.there = 0;
	return kinds[i].read(f) && cursor_done(&f->c);
}

static enum db_result read_all(struct from_db *f, const struct db *db)
{
	uint32_t pos = DB_HEAD_SIZE;
	enum db_result result = DB_FOUND;

	while (result == DB_FOUND) {
		struct db_value value;
		struct slice key;

		result = db_next(db, &pos, &key, &value);
		if (result == DB_FOUND && !read_record(f, key, value.payload))
			result = f->no_memory ? DB_NOMEM : DB_CORRUPT;
		db_value_done(&value);
	}
	if (result != DB_ABSENT)
		return result;
	return f->free_keys == f->p->keys.n ? DB_FOUND : DB_CORRUPT;
}

/* What the loader says of a whole policy, counted, not told. */
static enum db_result check(struct policy *p)
{
	struct diags *unheard = diags_new();
	struct load l = { .p = p, .d = unheard };
	enum db_result result = DB_NOMEM;

	if (unheard != NULL) {
		check_policy(&l);
		result = l.stop ? DB_NOMEM : diags_errors(unheard) == 0 ? DB_FOUND : DB_CORRUPT;
	}
	diags_free(unheard);
	return result;
}

enum db_result policy_from_db(const char *path, enum trust trust, struct diags *diags,
	struct meta *meta, struct policy **out)
{
	struct from_db f = { .p = NULL };
	struct db db;
	enum db_result result = db_open(&db, path, trust);
	uint32_t server;
	bool slice;

	*out = NULL;
	if (result != DB_FOUND)
		return result;
	slice = db.meta.server.len > 0;
	f.p = policy_new(diags);
	result = f.p != NULL ? read_all(&f, &db) : DB_NOMEM;
	if (result == DB_FOUND && slice && !from_db_find(&f, NAME_SERVER, db.meta.server, &server))
		result = DB_CORRUPT;
	if (result == DB_FOUND)
		result = check(f.p);
	if (result == DB_FOUND && !policy_index(f.p))
		result = DB_NOMEM;
	if (result == DB_FOUND) {
		*meta = db.meta;
		meta->server = slice_of(NULL, 0);
		if (slice)
			meta->server = slice_str(policy_text(f.p, f.p->servers.at[server].name));
		memcpy(f.p->digest, db.meta.built_from, sizeof f.p->digest);
		*out = f.p;
	} else {
		policy_free(f.p);
	}
	db_close(&db);
	return result;
}
