/*
 * The policy as it was written, as records (db/written.h). Of a slice only what reaches its server:
 * nothing in it names what is not there.
 */
#include "lang/emit_written.h"

static struct written_mark mark_of(const struct emit *e, struct mark at)
{
	return (struct written_mark){ slice_str(diags_file_name(e->p->diags, at.file)), at.line,
		at.col };
}

static void put(struct emit *e, enum written_part part, const void *from)
{
	written_put(&e->payload, &e->before, part, from);
}

static void put_nets(struct emit *e, struct span nets)
{
	for (uint32_t i = 0; i < nets.n; i++)
		record_put_net(&e->payload, &e->p->nets.at[nets.first + i]);
}

int emit_written_profile(struct emit *e, uint32_t index)
{
	const struct profile *who = &e->p->profiles.at[index];
	const struct access *access = profile_access(e->p, who);
	const struct written_profile part = {
		.flags = (uint8_t)((who->defined ? PROFILE_DEFINED : 0) |
				   (who->suspended ? PROFILE_SUSPENDED : 0) |
				   (who->machine ? PROFILE_MACHINE : 0)),
		.mark = mark_of(e, who->mark),
		.name = emit_text(e, who->name),
		.login = emit_text(e, who->login),
		.nets = access->nets.n,
		.keys = access->keys.n,
	};

	put(e, WRITTEN_PROFILE, &part);
	put_nets(e, access->nets);
	for (uint32_t i = 0; i < access->keys.n; i++) {
		const struct key *key = &e->p->keys.at[access->keys.first + i];
		struct written_key row = {
			.line = key->mark.line,
			.col = key->mark.col,
			.comment = emit_text(e, key->comment),
		};

		memcpy(row.digest, key->digest, sizeof row.digest);
		put(e, WRITTEN_KEY, &row);
	}
	return emit_put(e, RECORD_WRITTEN_PROFILE, e->email);
}

/* Of a slice only the owner of the server. */
int emit_written_owner(struct emit *e, uint32_t index)
{
	const struct owner *owner = &e->p->owners.at[index];
	const struct written_owner part = {
		.flag = (uint8_t)owner->require_2fa,
		.mark = mark_of(e, owner->mark),
		.flag_mark = mark_of(e, owner->flag_mark),
	};
	uint32_t server = e->options->server;

	if (server != NO_INDEX && e->p->servers.at[server].owner != index)
		return 0;
	put(e, WRITTEN_OWNER, &part);
	return emit_put(e, RECORD_WRITTEN_OWNER, emit_email(e, owner->profile));
}

int emit_written_server(struct emit *e, uint32_t index)
{
	const struct server *server = &e->p->servers.at[index];
	const struct written_server part = {
		.mark = mark_of(e, server->mark),
		.owner = emit_email(e, e->p->owners.at[server->owner].profile),
		.accounts = server->accounts.n,
	};

	put(e, WRITTEN_SERVER, &part);
	for (uint32_t i = 0; i < server->accounts.n; i++) {
		const struct account *account = &e->p->accounts.at[server->accounts.first + i];
		const struct written_account row = {
			.name = emit_text(e, account->name),
			.line = account->mark.line,
			.col = account->mark.col,
		};

		put(e, WRITTEN_ACCOUNT, &row);
	}
	return emit_put(e, RECORD_WRITTEN_SERVER, emit_text(e, server->name));
}

/* Of a slice the members that are in it; a group without any is left out. */
int emit_written_group(struct emit *e, uint32_t index)
{
	const struct group *group = &e->p->groups.at[index];
	const uint32_t *members = e->p->ids.at + group->members.first;
	struct written_group part = { .mark = mark_of(e, group->mark) };

	for (uint32_t i = 0; i < group->members.n; i++)
		part.members += emit_profile_in(e, members[i]);
	if (part.members == 0)
		return 0;
	put(e, WRITTEN_GROUP, &part);
	for (uint32_t i = 0; i < group->members.n; i++) {
		const struct written_name name = { 0, emit_email(e, members[i]) };

		if (emit_profile_in(e, members[i]))
			put(e, WRITTEN_NAME, &name);
	}
	return emit_put(e, RECORD_WRITTEN_GROUP, emit_text(e, group->name));
}

static void put_items(struct emit *e, struct span items)
{
	for (uint32_t i = 0; i < items.n; i++) {
		const struct item *item = &e->p->items.at[items.first + i];
		struct written_item row = { .role = slice_of(NULL, 0) };

		if (item->role != NO_INDEX)
			row.role = emit_text(e, e->p->roles.at[item->role].name);
		else
			memcpy(row.perm, item->perm, sizeof row.perm);
		put(e, WRITTEN_ITEM, &row);
	}
}

int emit_written_role(struct emit *e, uint32_t index)
{
	const struct role *role = &e->p->roles.at[index];
	const struct written_role part = { mark_of(e, role->mark), role->items.n };

	if (e->role_in != NULL && !e->role_in[index])
		return 0;
	put(e, WRITTEN_ROLE, &part);
	put_items(e, role->items);
	return emit_put(e, RECORD_WRITTEN_ROLE, emit_text(e, role->name));
}

static void put_targets(struct emit *e, struct span to)
{
	for (uint32_t i = 0; i < to.n; i++) {
		uint32_t id = e->p->ids.at[to.first + i];
		struct written_name part = { .group = (id & TO_GROUP) != 0 };

		part.name = part.group != 0 ? emit_text(e, e->p->groups.at[id & ~TO_GROUP].name)
					    : emit_email(e, id);
		put(e, WRITTEN_NAME, &part);
	}
}

bool emit_place_in(const struct emit *e, const struct place *place)
{
	switch (place->scope) {
	case SCOPE_SERVER: return emit_server_in(e, place->target);
	case SCOPE_ACCOUNT: return emit_server_in(e, e->p->accounts.at[place->target].server);
	case SCOPE_OVERALL: break;
	}
	return true;
}

static void put_place(struct emit *e, const struct place *place)
{
	struct written_place part = { .scope = (uint8_t)place->scope, .items = place->items.n };

	if (place->scope == SCOPE_SERVER)
		part.target = emit_text(e, e->p->servers.at[place->target].name);
	else if (place->scope == SCOPE_ACCOUNT)
		part.target = emit_text(e, e->p->accounts.at[place->target].name);
	put(e, WRITTEN_PLACE, &part);
	put_items(e, place->items);
}

static void put_grant(struct emit *e, const struct policy_grant *g)
{
	const struct place *places = e->p->places.at + g->places.first;
	const struct grant_terms *terms = grant_terms(e->p, g);
	struct written_grant part = {
		.owner = emit_email(e, e->p->owners.at[g->owner].profile),
		.note = emit_text(e, g->note),
		.mark = mark_of(e, g->mark),
		.flags = (uint8_t)((g->require_2fa ? WRITTEN_2FA : 0) |
				   (terms->until_is_date ? WRITTEN_DATE : 0)),
		.until = terms->until,
		.grace = terms->grace,
		.nets = terms->nets.n,
		.to = g->to.n,
	};

	for (uint32_t i = 0; i < g->places.n; i++)
		part.places += emit_place_in(e, &places[i]);
	put(e, WRITTEN_GRANT, &part);
	put_nets(e, terms->nets);
	put_targets(e, g->to);
	for (uint32_t i = 0; i < g->places.n; i++)
		if (emit_place_in(e, &places[i]))
			put_place(e, &places[i]);
}

/* The grants in the payload, whose number was not known when it was begun. */
static int put_grants(struct emit *e)
{
	uint8_t number[4];

	put_le32(number, e->grants - e->rows);
	if (!e->payload.failed)
		put_le32(e->payload.at + 1, e->rows);
	e->rows = 0;
	return emit_put(e, RECORD_WRITTEN_GRANTS, slice_of(number, sizeof number));
}

int emit_written_grants(struct emit *e, uint32_t index)
{
	/* Anything but 0, which would be left out. */
	static const struct written_grants_head head = { 1 };
	bool last = index + 1 == e->p->grants.n;

	if (e->grant_in == NULL || e->grant_in[index]) {
		if (e->rows++ == 0)
			put(e, WRITTEN_GRANTS_HEAD, &head);
		put_grant(e, &e->p->grants.at[index]);
		e->grants = e->grant_in == NULL ? index + 1 : e->grants + 1;
	}
	if (e->rows > 0 &&
		(last || e->grants % WRITTEN_GRANTS == 0 || e->payload.len >= WRITTEN_GRANTS_SIZE))
		return put_grants(e);
	return 0;
}
