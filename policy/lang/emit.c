/*
 * The policy as records; see emit.h. A slice has the people who hold something on its server, and
 * of what was written the part that reaches it.
 */
#include "lang/emit_written.h"

#include <errno.h>
#include <stdlib.h>

int emit_put(struct emit *e, enum record_kind kind, struct slice name)
{
	uint8_t key[RECORD_KEY_MAX];

	return db_writer_put(&e->writer, record_key(key, kind, name), &e->payload);
}

static int put_server(struct emit *e, uint32_t index)
{
	const struct server *server = &e->p->servers.at[index];
	const struct account *accounts = e->p->accounts.at + server->accounts.first;
	int ret;

	buf_text(&e->payload, emit_email(e, e->p->owners.at[server->owner].profile));
	ret = emit_put(e, RECORD_SERVER, emit_text(e, server->name));
	for (uint32_t i = 0; ret == 0 && i < server->accounts.n; i++) {
		const struct account_record record = { .server = emit_text(e, server->name),
			.ssh_2fa = accounts[i].ssh_2fa };

		record_put_account(&e->payload, &record);
		ret = emit_put(e, RECORD_ACCOUNT, emit_text(e, accounts[i].name));
	}
	return ret != 0 ? ret : emit_written_server(e, index);
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
		server = emit_text(e, e->p->servers.at[e->holder.reaches.at[first].server].name);
	record_put_holding(&e->payload, &h, &text);
	return db_writer_put(
		&e->writer, record_key_holding(key, emit_email(e, profile), server), &e->payload);
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
			.profile = emit_email(e, profile),
			.type = emit_text(e, key->type),
			.blob = slice_of(e->p->pool + key->blob, key->len),
		};

		record_put_key(&e->payload, &record);
		ret = emit_put(e, RECORD_KEY, slice_of(key->digest, sizeof key->digest));
	}
	return ret;
}

/* The grant belongs to the slice, and so do the roles that it uses there. */
static void take_in(struct emit *e, uint32_t grant)
{
	const struct policy_grant *g = &e->p->grants.at[grant];

	e->grant_in[grant] = true;
	for (uint32_t i = 0; i < g->places.n; i++) {
		const struct place *place = &e->p->places.at[g->places.first + i];

		for (uint32_t n = 0; emit_place_in(e, place) && n < place->items.n; n++) {
			uint32_t role = e->p->items.at[place->items.first + n].role;

			if (role != NO_INDEX)
				e->role_in[role] = true;
		}
	}
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
			take_in(e, e->holder.reaches.at[i].grant);
	ret = put_holdings(e, profile);
	if (ret == 0 && who->login != 0) {
		buf_text(&e->payload, emit_email(e, profile));
		ret = emit_put(e, RECORD_LOGIN, emit_text(e, who->login));
	}
	if (ret == 0)
		ret = put_keys(e, profile);
	return ret != 0 ? ret : emit_written_profile(e, profile);
}

/* Every kind of record in a fixed order, each in the order of the files; see db/written.h. */
static int put_all(struct emit *e)
{
	const struct policy *p = e->p;
	bool whole = e->options->server == NO_INDEX;
	int ret = 0;

	for (uint32_t i = 0; ret == 0 && i < p->profiles.n; i++)
		ret = put_profile(e, i);
	for (uint32_t i = 0; ret == 0 && i < p->owners.n; i++)
		ret = emit_written_owner(e, i);
	for (uint32_t i = 0; ret == 0 && i < p->servers.n; i++)
		ret = emit_server_in(e, i) ? put_server(e, i) : 0;
	for (uint32_t i = 0; ret == 0 && i < p->groups.n; i++)
		ret = emit_written_group(e, i);
	for (uint32_t i = 0; ret == 0 && i < p->roles.n; i++)
		ret = whole || e->role_in[i] ? emit_written_role(e, i) : 0;
	for (uint32_t i = 0; ret == 0 && i < p->grants.n; i++)
		ret = whole || e->grant_in[i] ? emit_written_grant(e, i) : 0;
	return ret;
}

int policy_emit(const struct policy *p, const struct emit_options *options, int fd)
{
	struct emit e = {
		.p = p,
		.options = options,
		.profile_in = calloc((size_t)p->profiles.n + 1, sizeof(bool)),
		.grant_in = calloc((size_t)p->grants.n + 1, sizeof(bool)),
		.role_in = calloc((size_t)p->roles.n + 1, sizeof(bool)),
	};
	struct meta meta = { .generation = options->generation, .not_after = options->not_after };
	int ret = -ENOMEM;

	memcpy(meta.built_from, p->digest, sizeof meta.built_from);
	if (options->server != NO_INDEX)
		meta.server = emit_text(&e, p->servers.at[options->server].name);
	if (e.profile_in != NULL && e.grant_in != NULL && e.role_in != NULL)
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
	free(e.role_in);
	return ret;
}
