/*
 * The policy as records; see emit.h. A slice has the people who hold something on its server, and
 * of what was written the part that reaches it.
 */
#include "lang/emit.h"

#include "db/writer.h"
#include "db/written.h"
#include "lang/holding.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct emit {
	const struct policy *p;
	const struct emit_options *options;
	struct db_writer writer;
	struct holder holder;
	struct buf payload;
	bool *profile_in, *grant_in; /* what belongs to the slice */
};

static struct slice text_of(const struct emit *e, uint32_t offset)
{
	return slice_str(policy_text(e->p, offset));
}

static struct slice email_of(const struct emit *e, uint32_t profile)
{
	return text_of(e, e->p->profiles.at[profile].email);
}

/* Puts the record that `payload` has been filled for. */
static int put(struct emit *e, enum record_kind kind, struct slice name)
{
	uint8_t key[RECORD_KEY_MAX];

	return db_writer_put(&e->writer, record_key(key, kind, name), &e->payload);
}

static bool server_in(const struct emit *e, uint32_t server)
{
	return e->options->server == NO_INDEX || e->options->server == server;
}

static int put_server(struct emit *e, uint32_t index)
{
	const struct server *server = &e->p->servers.at[index];
	const struct account *accounts = e->p->accounts.at + server->accounts.first;
	int ret;

	buf_text(&e->payload, email_of(e, e->p->owners.at[server->owner].profile));
	ret = put(e, RECORD_SERVER, text_of(e, server->name));
	for (uint32_t i = 0; ret == 0 && i < server->accounts.n; i++) {
		const struct account_record record = { .server = text_of(e, server->name),
			.ssh_2fa = accounts[i].ssh_2fa };

		record_put_account(&e->payload, &record);
		ret = put(e, RECORD_ACCOUNT, text_of(e, accounts[i].name));
	}
	buf_u32(&e->payload, server->accounts.n);
	for (uint32_t i = 0; i < server->accounts.n; i++)
		buf_text(&e->payload, text_of(e, accounts[i].name));
	return ret != 0 ? ret : put(e, RECORD_ACCOUNTS, text_of(e, server->name));
}

/* The holding of n reaches at `first`; without any, what is true of the profile anywhere. */
static int put_holding(struct emit *e, uint32_t profile, uint32_t first, uint32_t n)
{
	uint8_t key[RECORD_KEY_MAX];
	struct slice server = slice_of(NULL, 0);
	struct holding_text text;
	struct holding h;

	if (!holder_build(&e->holder, e->p, profile, first, n, &h, &text))
		return -ENOMEM;
	if (n > 0)
		server = text_of(e, e->p->servers.at[e->holder.reaches.at[first].server].name);
	record_put_holding(&e->payload, &h, &text);
	return db_writer_put(
		&e->writer, record_key_holding(key, email_of(e, profile), server), &e->payload);
}

static int put_holdings(struct emit *e, uint32_t profile)
{
	const struct reach *reaches = e->holder.reaches.at;
	uint32_t n = e->holder.reaches.n;
	int ret = put_holding(e, profile, 0, 0);

	for (uint32_t first = 0, end; ret == 0 && first < n; first = end) {
		for (end = first + 1; end < n && reaches[end].server == reaches[first].server;
			end++)
			;
		ret = put_holding(e, profile, first, end - first);
	}
	return ret;
}

static int put_keys(struct emit *e, uint32_t profile)
{
	const struct profile *who = &e->p->profiles.at[profile];
	int ret = 0;

	for (uint32_t i = 0; ret == 0 && i < who->keys.n; i++) {
		const struct key *key = &e->p->keys.at[who->keys.first + i];
		const struct key_record record = {
			.profile = email_of(e, profile),
			.type = text_of(e, key->type),
			.blob = slice_of(e->p->pool + key->blob, key->len),
		};

		record_put_key(&e->payload, &record);
		ret = put(e, RECORD_KEY, slice_of(key->digest, sizeof key->digest));
	}
	return ret;
}

/* Who somebody is, for the tool. */
static int put_written_profile(struct emit *e, uint32_t profile)
{
	const struct profile *who = &e->p->profiles.at[profile];
	const struct written_profile record = {
		.flags = (uint8_t)((who->defined ? PROFILE_DEFINED : 0) |
				   (who->suspended ? PROFILE_SUSPENDED : 0) |
				   (who->machine ? PROFILE_MACHINE : 0)),
		.name = text_of(e, who->name),
		.login = text_of(e, who->login),
		.nets = e->p->nets.at + who->nets.first,
		.net_total = who->nets.n,
	};

	written_put_profile(&e->payload, &record);
	buf_u32(&e->payload, who->keys.n);
	for (uint32_t i = 0; i < who->keys.n; i++)
		buf_bytes(&e->payload, e->p->keys.at[who->keys.first + i].digest, SHA256_SIZE);
	return put(e, RECORD_PROFILE, email_of(e, profile));
}

static int put_profile(struct emit *e, uint32_t profile)
{
	const struct profile *who = &e->p->profiles.at[profile];
	int ret;

	if (!holder_collect(&e->holder, e->p, profile, e->options->server))
		return -ENOMEM;
	if (e->options->server != NO_INDEX && e->holder.reaches.n == 0)
		return 0;
	e->profile_in[profile] = true;
	for (uint32_t i = 0; i < e->holder.reaches.n; i++)
		if (e->holder.reaches.at[i].grant != NO_INDEX)
			e->grant_in[e->holder.reaches.at[i].grant] = true;
	ret = put_holdings(e, profile);
	if (ret == 0 && who->login != 0) {
		buf_text(&e->payload, email_of(e, profile));
		ret = put(e, RECORD_LOGIN, text_of(e, who->login));
	}
	if (ret == 0)
		ret = put_keys(e, profile);
	return ret != 0 ? ret : put_written_profile(e, profile);
}

static int put_group(struct emit *e, uint32_t index)
{
	const struct group *group = &e->p->groups.at[index];
	uint32_t n = 0;

	for (uint32_t i = 0; i < group->members.n; i++)
		n += e->profile_in[e->p->ids.at[group->members.first + i]];
	buf_u32(&e->payload, n);
	for (uint32_t i = 0; i < group->members.n; i++) {
		uint32_t profile = e->p->ids.at[group->members.first + i];

		if (e->profile_in[profile])
			buf_text(&e->payload, email_of(e, profile));
	}
	if (n == 0) {
		buf_reset(&e->payload);
		return 0;
	}
	return put(e, RECORD_GROUP, text_of(e, group->name));
}

/* A permission as it was written: "role:NAME", or its id, with the scope if only one has it. */
static void put_item(struct emit *e, const struct item *item)
{
	char words[64];
	const struct perm_info *info = NULL;
	int scopes = 0;

	if (item->role != NO_INDEX) {
		snprintf(words, sizeof words, "role:%s",
			policy_text(e->p, e->p->roles.at[item->role].name));
		buf_text(&e->payload, slice_str(words));
		return;
	}
	for (unsigned scope = SCOPE_OVERALL; scope <= SCOPE_SERVER; scope++) {
		if (item->perm[scope] == PERM_NONE)
			continue;
		info = perm_info(item->perm[scope]);
		scopes++;
	}
	if (info != NULL)
		buf_text(&e->payload, slice_str(scopes == 1 ? info->full : info->id));
}

static void put_items(struct emit *e, struct span items)
{
	buf_u32(&e->payload, items.n);
	for (uint32_t i = 0; i < items.n; i++)
		put_item(e, &e->p->items.at[items.first + i]);
}

static int put_role(struct emit *e, uint32_t index)
{
	const struct role *role = &e->p->roles.at[index];

	put_items(e, role->items);
	return put(e, RECORD_ROLE, text_of(e, role->name));
}

static int put_owner(struct emit *e, uint32_t index)
{
	const struct index *servers = &e->p->owner_servers;
	const struct owner *owner = &e->p->owners.at[index];
	uint32_t n = 0;

	for (uint32_t i = servers->start[index]; i < servers->start[index + 1]; i++)
		n += server_in(e, servers->item[i]);
	buf_u8(&e->payload, (uint8_t)owner->require_2fa);
	buf_u32(&e->payload, n);
	for (uint32_t i = servers->start[index]; i < servers->start[index + 1]; i++)
		if (server_in(e, servers->item[i]))
			buf_text(&e->payload, text_of(e, e->p->servers.at[servers->item[i]].name));
	if (n == 0 && e->options->server != NO_INDEX) {
		buf_reset(&e->payload);
		return 0;
	}
	return put(e, RECORD_OWNER, email_of(e, owner->profile));
}

static void put_places(struct emit *e, const struct policy_grant *g)
{
	const struct policy *p = e->p;

	buf_u32(&e->payload, g->places.n);
	for (uint32_t i = 0; i < g->places.n; i++) {
		const struct place *place = &p->places.at[g->places.first + i];
		uint32_t target = 0;

		if (place->scope == SCOPE_SERVER)
			target = p->servers.at[place->target].name;
		else if (place->scope == SCOPE_ACCOUNT)
			target = p->accounts.at[place->target].name;
		buf_u8(&e->payload, (uint8_t)place->scope);
		buf_text(&e->payload, text_of(e, target));
		put_items(e, place->items);
	}
}

static int put_grant(struct emit *e, uint32_t index)
{
	const struct policy_grant *g = &e->p->grants.at[index];
	const struct written_grant record = {
		.owner = email_of(e, e->p->owners.at[g->owner].profile),
		.note = text_of(e, g->note),
		.file = slice_str(diags_file_name(e->p->diags, g->mark.file)),
		.line = g->mark.line,
		.grace = g->grace,
		.until = g->until,
		.flags = (uint8_t)((g->require_2fa ? WRITTEN_2FA : 0) |
				   (g->until_is_date ? WRITTEN_DATE : 0)),
		.nets = e->p->nets.at + g->nets.first,
		.net_total = g->nets.n,
	};
	uint8_t number[4];

	written_put_grant(&e->payload, &record);
	buf_u32(&e->payload, g->to.n);
	for (uint32_t i = 0; i < g->to.n; i++) {
		uint32_t id = e->p->ids.at[g->to.first + i];
		char group[64];

		if ((id & TO_GROUP) == 0) {
			buf_text(&e->payload, email_of(e, id));
			continue;
		}
		snprintf(group, sizeof group, "group:%s",
			policy_text(e->p, e->p->groups.at[id & ~TO_GROUP].name));
		buf_text(&e->payload, slice_str(group));
	}
	put_places(e, g);
	put_le32(number, index);
	return put(e, RECORD_GRANT, slice_of(number, sizeof number));
}

/* Every kind of record in a fixed order, each in the order of the files. */
static int put_all(struct emit *e)
{
	const struct policy *p = e->p;
	int ret = 0;

	for (uint32_t i = 0; ret == 0 && i < p->servers.n; i++)
		ret = server_in(e, i) ? put_server(e, i) : 0;
	for (uint32_t i = 0; ret == 0 && i < p->profiles.n; i++)
		ret = put_profile(e, i);
	for (uint32_t i = 0; ret == 0 && i < p->groups.n; i++)
		ret = put_group(e, i);
	for (uint32_t i = 0; ret == 0 && i < p->roles.n; i++)
		ret = put_role(e, i);
	for (uint32_t i = 0; ret == 0 && i < p->owners.n; i++)
		ret = put_owner(e, i);
	for (uint32_t i = 0; ret == 0 && i < p->grants.n; i++)
		ret = e->options->server == NO_INDEX || e->grant_in[i] ? put_grant(e, i) : 0;
	return ret;
}

int policy_emit(const struct policy *p, const struct emit_options *options, int fd)
{
	struct emit e = {
		.p = p,
		.options = options,
		.profile_in = calloc((size_t)p->profiles.n + 1, sizeof(bool)),
		.grant_in = calloc((size_t)p->grants.n + 1, sizeof(bool)),
	};
	struct meta meta = { .generation = options->generation, .not_after = options->not_after };
	int ret = -ENOMEM;

	memcpy(meta.built_from, p->digest, sizeof meta.built_from);
	if (options->server != NO_INDEX)
		meta.server = text_of(&e, p->servers.at[options->server].name);
	if (e.profile_in != NULL && e.grant_in != NULL)
		ret = db_writer_start(&e.writer, fd, &meta);
	if (ret == 0)
		ret = put_all(&e);
	if (ret == 0)
		ret = db_writer_finish(&e.writer);
	db_writer_done(&e.writer);
	holder_done(&e.holder);
	buf_done(&e.payload);
	free(e.profile_in);
	free(e.grant_in);
	return ret;
}
