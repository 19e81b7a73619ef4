/* The columns of the records as written, and the two directions over them; see written.h. */
#include "db/written.h"

enum column_type {
	COLUMN_U8 = 1,
	COLUMN_U32,
	COLUMN_I64,
	COLUMN_TEXT,
	COLUMN_DIGEST,
};

struct column {
	enum column_type type;
	size_t offset;
	uint8_t max; /* of COLUMN_U8 */
};

struct part {
	size_t size;              /* of its struct */
	struct column column[12]; /* the last has no type */
};

#define AT(record, member) offsetof(struct written_##record, member)
#define U8(record, member, max)                                                                    \
	{                                                                                          \
		COLUMN_U8, AT(record, member), max                                                 \
	}
#define U32(record, member)                                                                        \
	{                                                                                          \
		COLUMN_U32, AT(record, member), 0                                                  \
	}
#define I64(record, member)                                                                        \
	{                                                                                          \
		COLUMN_I64, AT(record, member), 0                                                  \
	}
#define TEXT(record, member)                                                                       \
	{                                                                                          \
		COLUMN_TEXT, AT(record, member), 0                                                 \
	}
#define MARK(record, member)                                                                       \
	TEXT(record, member.file), U32(record, member.line), U32(record, member.col)
#define DIGEST(record, member)                                                                     \
	{                                                                                          \
		COLUMN_DIGEST, AT(record, member), 0                                               \
	}

#define PROFILE_FLAGS (PROFILE_DEFINED | PROFILE_SUSPENDED | PROFILE_MACHINE)
#define GRANT_FLAGS   (WRITTEN_2FA | WRITTEN_DATE)
#define PERM_MAX      63

/* clang-format off */
static const struct part parts[WRITTEN_PARTS] = {
	[WRITTEN_PROFILE] = { sizeof(struct written_profile), {
		U8(profile, flags, PROFILE_FLAGS), MARK(profile, mark), TEXT(profile, name),
		TEXT(profile, login), U32(profile, nets), U32(profile, keys) } },
	[WRITTEN_KEY] = { sizeof(struct written_key), {
		DIGEST(key, digest), U32(key, line), U32(key, col), TEXT(key, comment) } },
	[WRITTEN_OWNER] = { sizeof(struct written_owner), {
		U8(owner, flag, 2), MARK(owner, mark), MARK(owner, flag_mark) } },
	[WRITTEN_SERVER] = { sizeof(struct written_server), {
		MARK(server, mark), TEXT(server, owner), U32(server, accounts) } },
	[WRITTEN_ACCOUNT] = { sizeof(struct written_account), {
		TEXT(account, name), U32(account, line), U32(account, col) } },
	[WRITTEN_GROUP] = { sizeof(struct written_group), {
		MARK(group, mark), U32(group, members) } },
	[WRITTEN_ROLE] = { sizeof(struct written_role), {
		MARK(role, mark), U32(role, items) } },
	[WRITTEN_ITEM] = { sizeof(struct written_item), {
		U8(item, perm[SCOPE_OVERALL], PERM_MAX), U8(item, perm[SCOPE_ACCOUNT], PERM_MAX),
		U8(item, perm[SCOPE_SERVER], PERM_MAX), TEXT(item, role) } },
	[WRITTEN_GRANTS_HEAD] = { sizeof(struct written_grants_head), {
		U32(grants_head, grants) } },
	[WRITTEN_GRANT] = { sizeof(struct written_grant), {
		TEXT(grant, owner), U8(grant, flags, GRANT_FLAGS), I64(grant, until),
		U32(grant, grace), TEXT(grant, note), MARK(grant, mark), U32(grant, nets),
		U32(grant, to), U32(grant, places) } },
	[WRITTEN_PLACE] = { sizeof(struct written_place), {
		U8(place, scope, SCOPE_SERVER), TEXT(place, target), U32(place, items) } },
	[WRITTEN_NAME] = { sizeof(struct written_name), {
		U8(name, group, 1), TEXT(name, name) } },
};
/* clang-format on */

/* What the first part of a kind is compared with. */
static const struct written_before nothing;

/* The part of the kind before, in this record; the next one finds `now` there. */
static const uint8_t *before_of(const struct written_before *before, enum written_part part)
{
	const struct written_before *from = (before->there >> part & 1) != 0 ? before : &nothing;

	return (const uint8_t *)&from->of[part];
}

static void remember(struct written_before *before, enum written_part part, const void *now)
{
	memcpy(&before->of[part], now, parts[part].size);
	before->there |= 1u << part;
}

static bool is_same_text(const struct slice *one, const struct slice *other)
{
	/* Most are one text of the policy, and need not be looked at. */
	return (one->at == other->at && one->len == other->len) || slice_equal(*one, *other);
}

static bool is_same(enum column_type type, const void *one, const void *other)
{
	switch (type) {
	case COLUMN_U8: return *(const uint8_t *)one == *(const uint8_t *)other;
	case COLUMN_U32: return *(const uint32_t *)one == *(const uint32_t *)other;
	case COLUMN_I64: return *(const int64_t *)one == *(const int64_t *)other;
	case COLUMN_TEXT: return is_same_text(one, other);
	case COLUMN_DIGEST: return memcmp(one, other, SHA256_SIZE) == 0;
	}
	return false;
}

static void put_column(struct buf *out, enum column_type type, const void *from)
{
	switch (type) {
	case COLUMN_U8: buf_u8(out, *(const uint8_t *)from); break;
	case COLUMN_U32: buf_u32(out, *(const uint32_t *)from); break;
	case COLUMN_I64: buf_u64(out, *(const uint64_t *)from); break;
	case COLUMN_TEXT: buf_text(out, *(const struct slice *)from); break;
	case COLUMN_DIGEST: buf_bytes(out, from, SHA256_SIZE); break;
	}
}

void written_put(
	struct buf *out, struct written_before *before, enum written_part part, const void *from)
{
	const struct column *columns = parts[part].column;
	const uint8_t *now = from, *then = before_of(before, part);
	bool wide = columns[8].type != 0;
	size_t bits = out->len;
	unsigned differ = 0;

	/* Known when the columns are behind it. */
	buf_u8(out, 0);
	if (wide)
		buf_u8(out, 0);
	for (unsigned i = 0; columns[i].type != 0; i++) {
		const uint8_t *column = now + columns[i].offset;

		if (is_same(columns[i].type, column, then + columns[i].offset))
			continue;
		differ |= 1u << i;
		put_column(out, columns[i].type, column);
	}
	if (!out->failed)
		out->at[bits] = (uint8_t)differ;
	if (!out->failed && wide)
		out->at[bits + 1] = (uint8_t)(differ >> 8);
	remember(before, part, from);
}

static void take_column(struct cursor *c, const struct column *column, void *into)
{
	struct slice digest;

	switch (column->type) {
	case COLUMN_U8:
		*(uint8_t *)into = cursor_u8(c);
		c->short_of |= *(uint8_t *)into > column->max;
		break;
	case COLUMN_U32: *(uint32_t *)into = cursor_u32(c); break;
	case COLUMN_I64: *(int64_t *)into = (int64_t)cursor_u64(c); break;
	case COLUMN_TEXT: *(struct slice *)into = cursor_text(c); break;
	case COLUMN_DIGEST:
		digest = cursor_take(c, SHA256_SIZE);
		if (!c->short_of)
			memcpy(into, digest.at, SHA256_SIZE);
		break;
	}
}

void written_take(
	struct cursor *c, struct written_before *before, enum written_part part, void *into)
{
	const struct column *columns = parts[part].column;
	unsigned differ = cursor_u8(c), n = 0;

	while (columns[n].type != 0)
		n++;
	if (n > 8)
		differ |= (unsigned)cursor_u8(c) << 8;
	c->short_of |= differ >> n != 0;
	memcpy(into, before_of(before, part), parts[part].size);
	for (unsigned i = 0; i < n; i++)
		if ((differ >> i & 1) != 0)
			take_column(c, &columns[i], (uint8_t *)into + columns[i].offset);
	remember(before, part, into);
}
