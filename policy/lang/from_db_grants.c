/* Roles and grants out of a database; see from_db_take.h. */
#include "lang/from_db_take.h"
#include "lang/same.h"

/* Each permission is one of its scope that can be granted; an item is a role or has some. */
static bool item_is_good(const struct written_item *item)
{
	bool any = false;

	for (unsigned scope = SCOPE_OVERALL; scope <= SCOPE_SERVER; scope++) {
		const struct perm_info *info = perm_info(item->perm[scope]);

		if (item->perm[scope] == PERM_NONE)
			continue;
		if (info == NULL || info->scope != (enum scope)scope || info->derived)
			return false;
		any = true;
	}
	return any == (item->role.len == 0);
}

static bool take_items(struct from_db *f, uint32_t n, struct mark at, struct span *items)
{
	struct policy *p = f->p;

	*items = (struct span){ p->items.n, n };
	for (uint32_t i = 0; i < n && !f->c.short_of; i++) {
		struct item item = { .role = NO_INDEX, .mark = at };
		struct written_item part;
		struct item *row;

		from_db_part(f, WRITTEN_ITEM, &part);
		if (!item_is_good(&part) ||
			(part.role.len > 0 && !from_db_find(f, NAME_ROLE, part.role, &item.role)))
			return false;
		memcpy(item.perm, part.perm, sizeof item.perm);
		row = ROWS_ADD(&p->items);
		if (row == NULL)
			return from_db_no_memory(f);
		*row = item;
	}
	return n > 0 && !f->c.short_of;
}

bool from_db_role(struct from_db *f)
{
	struct policy *p = f->p;
	struct written_role part;
	struct role row = { .name = 0 };
	struct role *added;
	struct name *name;

	from_db_part(f, WRITTEN_ROLE, &part);
	if (!from_db_mark(f, &part.mark, &row.mark) ||
		!take_items(f, part.items, row.mark, &row.items))
		return false;
	/* Named when its items are read: a role has no roles in it. */
	for (uint32_t i = 0; i < row.items.n; i++)
		if (p->items.at[row.items.first + i].role != NO_INDEX)
			return false;
	name = from_db_name(f, NAME_ROLE, f->name, name_is_label, p->roles.n);
	if (name == NULL)
		return false;
	row.name = name->text;
	added = ROWS_ADD(&p->roles);
	if (added == NULL)
		return from_db_no_memory(f);
	*added = row;
	return true;
}

/* Which server or account; it belongs to who grants. */
static bool take_target(
	struct from_db *f, const struct written_place *part, uint32_t owner, struct place *place)
{
	const struct policy *p = f->p;
	uint32_t server;

	switch (place->scope) {
	case SCOPE_OVERALL: return part->target.len == 0;
	case SCOPE_SERVER:
		return from_db_find(f, NAME_SERVER, part->target, &place->target) &&
		       p->servers.at[place->target].owner == owner;
	case SCOPE_ACCOUNT:
		if (!from_db_find(f, NAME_ACCOUNT, part->target, &place->target))
			return false;
		server = p->accounts.at[place->target].server;
		return p->servers.at[server].owner == owner;
	}
	return false;
}

/* What an item gives in a scope: all of a role has to be of that scope. */
static bool add_perms(const struct policy *p, const struct item *item, struct place *place)
{
	struct span all = { (uint32_t)(item - p->items.at), 1 };

	if (item->role != NO_INDEX)
		all = p->roles.at[item->role].items;
	for (uint32_t i = 0; i < all.n; i++) {
		uint8_t perm = p->items.at[all.first + i].perm[place->scope];

		if (perm == PERM_NONE)
			return false;
		place->perms |= PERM_BIT(perm);
	}
	return true;
}

static bool take_places(struct from_db *f, uint32_t n, const struct policy_grant *g)
{
	struct policy *p = f->p;

	for (uint32_t i = 0; i < n && !f->c.short_of; i++) {
		struct place place = { .target = 0 };
		struct written_place part;
		struct place *row;

		from_db_part(f, WRITTEN_PLACE, &part);
		place.scope = (enum scope)part.scope;
		if (!take_target(f, &part, g->owner, &place) ||
			!take_items(f, part.items, g->mark, &place.items))
			return false;
		for (uint32_t k = 0; k < place.items.n; k++)
			if (!add_perms(p, &p->items.at[place.items.first + k], &place))
				return false;
		row = ROWS_ADD(&p->places);
		if (row == NULL)
			return from_db_no_memory(f);
		*row = place;
	}
	return n > 0 && !f->c.short_of;
}

/* Times as they can be written: whole days, whole minutes, the years that have four digits. */
static bool times_are_good(const struct written_grant *part)
{
	bool date = (part->flags & WRITTEN_DATE) != 0;

	if (part->until == WHEN_NEVER ? date : part->until < 0 || part->until > WHEN_MAX)
		return false;
	if (date && (part->until == 0 || part->until % WHEN_DAY != 0))
		return false;
	return part->grace == 0 || ((part->flags & WRITTEN_2FA) != 0 && part->grace % 60 == 0 &&
					   part->grace <= WHEN_DAY);
}

static bool take_grant(struct from_db *f)
{
	struct policy *p = f->p;
	struct written_grant part;
	struct policy_grant row = { .places = { p->places.n, 0 } };
	struct grant_terms terms = { .until = WHEN_NEVER };
	struct policy_grant *added;

	from_db_part(f, WRITTEN_GRANT, &part);
	if (!times_are_good(&part))
		return false;
	terms.until = part.until;
	terms.grace = part.grace & 0x3fffffff; /* at most a day, which was checked */
	row.require_2fa = (part.flags & WRITTEN_2FA) != 0;
	terms.until_is_date = (part.flags & WRITTEN_DATE) != 0;
	row.places.n = part.places;
	if (!from_db_find(f, NAME_OWNER, part.owner, &row.owner) ||
		!from_db_mark(f, &part.mark, &row.mark) ||
		!from_db_text(f, part.note, true, &row.note) ||
		!from_db_nets(f, part.nets, &terms.nets) ||
		!from_db_ids(f, part.to, true, &row.to) || !take_places(f, part.places, &row))
		return false;
	row.terms = p->terms.n & (TO_GROUP - 1);
	added = ROWS_ADD(&p->grants);
	if (added == NULL || !terms_add(p, &terms))
		return from_db_no_memory(f);
	*added = row;
	terms_share(p, added);
	return true;
}

bool from_db_grants(struct from_db *f)
{
	struct written_grants_head head;

	from_db_part(f, WRITTEN_GRANTS_HEAD, &head);
	/* None is missing. */
	if (f->name.len != 4 || le32(f->name.at) != f->p->grants.n || head.grants == 0)
		return false;
	for (uint32_t i = 0; i < head.grants; i++)
		if (!take_grant(f))
			return false;
	return true;
}
