/* What grants give; see rights.h. Values are written as in adperm.policy(5). */
#include "sources/ldap/rights.h"

#include "model/when.h"
#include "sources/ldap/schema.h"

/* The row of that account (empty: none), made on its first use. NULL: out of memory. */
static struct right *row_of(
	struct buf *rights, size_t first, LDAPMessage *grant, struct slice account)
{
	struct right *rows, row = { .grant = grant };

	for (size_t i = first; i < rights_count(rights); i++) {
		rows = (struct right *)(void *)rights->at;
		if (slice_equal(slice_str(rows[i].account), account))
			return &rows[i];
	}
	if (account.len >= sizeof row.account)
		return NULL;
	if (account.len > 0)
		memcpy(row.account, account.at, account.len);
	buf_bytes(rights, &row, sizeof row);
	rows = (struct right *)(void *)rights->at;
	return rights->failed ? NULL : &rows[rights_count(rights) - 1];
}

/* "acme-shop databases" into its two words. */
static bool split(struct slice value, struct slice *target, struct slice *perm)
{
	const uint8_t *blank = memchr(value.at, ' ', value.len);

	if (blank == NULL)
		return false;
	*target = slice_of(value.at, (size_t)(blank - value.at));
	*perm = slice_of(blank + 1, value.len - target->len - 1);
	return target->len > 0;
}

/* The permission of that scope, in either form; a menu that is derived cannot be granted. */
static uint64_t perm_bit(enum scope scope, struct slice name)
{
	bool ambiguous;
	enum perm perm = perm_in_scope(scope, name);
	const struct perm_info *info =
		perm_info((unsigned)(perm != PERM_NONE ? perm : perm_parse(name, &ambiguous)));

	return info != NULL && info->scope == scope && !info->derived ? PERM_BIT(info->perm) : 0;
}

/* Where the permissions of a scope stand, and where of them this is about. */
static const struct scope_row {
	enum scope scope;
	const char *attribute;
} scopes[] = {
	{ SCOPE_OVERALL, ATTR_OVERALL },
	{ SCOPE_SERVER, ATTR_ON_SERVER },
	{ SCOPE_ACCOUNT, ATTR_ON_ACCOUNT },
};

#define SCOPES (sizeof scopes / sizeof scopes[0])

static bool is_here(const struct collection *k, enum scope scope, struct slice target)
{
	switch (scope) {
	case SCOPE_OVERALL: return true;
	case SCOPE_SERVER: return slice_equal(target, slice_str(k->server));
	case SCOPE_ACCOUNT: return entry_has(k->c, k->server_entry, ATTR_ACCOUNT, target);
	}
	return false;
}

/* One value. What is about other places has to be understood too: it might be a misspelt one. */
static const char *add_value(const struct collection *k, const struct scope_row *row,
	struct slice value, LDAPMessage *grant, size_t first, struct buf *rights)
{
	struct slice target = slice_of(NULL, 0), name = value;
	struct right *right;
	uint64_t bit;

	if (row->scope != SCOPE_OVERALL && !split(value, &target, &name))
		return "is not a name, a blank and a permission";
	bit = perm_bit(row->scope, name);
	if (bit == 0)
		return "names no permission of this scope";
	if (!is_here(k, row->scope, target))
		return NULL;
	right = row_of(
		rights, first, grant, row->scope == SCOPE_ACCOUNT ? target : slice_of(NULL, 0));
	if (right == NULL)
		return "is too long, or there is no memory";
	right->perms |= bit;
	return NULL;
}

bool rights_add(const struct collection *k, LDAPMessage *grant, struct buf *rights)
{
	size_t first = rights_count(rights), given = 0;
	const char *wrong = NULL;

	for (size_t s = 0; s < SCOPES && wrong == NULL; s++) {
		struct values v = entry_values(k->c, grant, scopes[s].attribute);

		given += v.n;
		for (size_t i = 0; i < v.n && wrong == NULL; i++)
			wrong = add_value(k, &scopes[s], value_at(&v, i), grant, first, rights);
		entry_values_done(&v);
		if (wrong != NULL)
			return entry_wrong(k->c, grant, scopes[s].attribute, wrong);
	}
	return given > 0 || entry_wrong(k->c, grant, ATTR_ON_SERVER,
				    "or another list of permissions is missing");
}

bool from_take(struct connection *c, LDAPMessage *entry, struct from *from,
	struct adperm_source_list *list)
{
	struct values *v = &from->values;

	*from = (struct from){ .values = entry_values(c, entry, ATTR_FROM) };
	if (v->n == 0)
		return entry_wrong(c, entry, ATTR_FROM, "is not there: networks, or any");
	if (v->n > 1 || !slice_equal(value_at(v, 0), slice_str(WORD_ANY)))
		for (size_t i = 0; i < v->n; i++)
			buf_bytes(&from->at, &v->at[i]->bv_val, sizeof v->at[i]->bv_val);
	list->at = (const char *const *)(const void *)from->at.at;
	list->n = from->at.len / sizeof(const char *);
	return !from->at.failed;
}

void from_done(struct from *from)
{
	entry_values_done(&from->values);
	buf_done(&from->at);
}

static bool take_end(struct connection *c, LDAPMessage *grant, int64_t *until)
{
	char text[WHEN_SIZE];
	bool date;

	*until = ADPERM_SOURCE_NEVER;
	if (!entry_text(c, grant, ATTR_EXPIRES, true, text, sizeof text))
		return false;
	return strcmp(text, WORD_NEVER) == 0 || when_parse_end(slice_str(text), until, &date) ||
	       entry_wrong(c, grant, ATTR_EXPIRES, "is neither a date, a time nor never");
}

static bool take_grace(struct connection *c, LDAPMessage *grant, uint32_t *grace)
{
	char text[16];

	*grace = 0;
	if (!entry_text(c, grant, ATTR_GRACE, false, text, sizeof text))
		return false;
	return text[0] == '\0' || duration_parse(slice_str(text), WHEN_DAY, grace) ||
	       entry_wrong(c, grant, ATTR_GRACE, "is no time like 30m or 8h, or more than a day");
}

bool right_give(const struct collection *k, const struct right *right, struct adperm_record *record)
{
	const char *names[64];
	struct adperm_source_grant g = { .permissions = { names, 0 } };
	char file[ENTRY_FILE_SIZE];
	struct from from = { .values = { NULL, 0 } };
	bool flag = true;
	bool good = entry_bool(k->c, right->grant, ATTR_2FA, &flag) &&
		    take_grace(k->c, right->grant, &g.grace) &&
		    take_end(k->c, right->grant, &g.until) &&
		    entry_place(k->c, right->grant, ATTR_WRITTEN, file, &g.place.line) &&
		    from_take(k->c, right->grant, &from, &g.allow_from);

	for (unsigned perm = 1; perm < 64; perm++)
		if ((right->perms & PERM_BIT(perm)) != 0)
			names[g.permissions.n++] = perm_info(perm)->full;
	g.account = right->account[0] != '\0' ? right->account : NULL;
	g.require_2fa = flag;
	g.place.file = file;
	if (good)
		record->grant(record, &g);
	from_done(&from);
	return good;
}
