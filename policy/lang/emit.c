/*
 * The policy as records; see emit.h. A slice has the people who hold something on its server, and
 * of what was written the part that reaches it.
 */
#include "lang/emit_written.h"

#include "base/ordered.h"

#include <errno.h>
#include <stdlib.h>

int emit_put(struct emit *e, enum record_kind kind, struct slice name)
{
	e->before.there = 0;
	return db_batch_put(e->batch, e->salt, record_key(e->key, kind, name), &e->payload);
}

static int put_server(struct emit *e, uint32_t index)
{
	const struct server *server = &e->p->servers.at[index];
	int ret;

	if (!emit_server_in(e, index))
		return 0;
	buf_text(&e->payload, emit_email(e, e->p->owners.at[server->owner].profile));
	ret = emit_put(e, RECORD_SERVER, emit_text(e, server->name));
	for (uint32_t i = 0; ret == 0 && i < server->accounts.n; i++) {
		const struct account *account = &e->p->accounts.at[server->accounts.first + i];
		const struct account_record record = { .server = emit_text(e, server->name),
			.ssh_2fa = account->ssh_2fa };

		record_put_account(&e->payload, &record);
		ret = emit_put(e, RECORD_ACCOUNT, emit_text(e, account->name));
	}
	return ret != 0 ? ret : emit_written_server(e, index);
}

/* The holding of n reaches at `first`; without any, what is true of the profile anywhere. */
static int put_holding(struct emit *e, uint32_t profile, uint32_t first, uint32_t n)
{
	struct slice server = slice_of(NULL, 0);
	struct holding_text text;
	struct holding h;

	if (!holder_build(&e->holder, e->p, profile, first, n, &h, &text))
		return -ENOMEM;
	if (n > 0)
		server = emit_text(e, e->p->servers.at[e->holder.reaches.at[first].server].name);
	record_put_holding(&e->payload, &h, &text);
	return db_batch_put(
		e->batch, e->salt, record_key_holding(e->key, e->email, server), &e->payload);
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
	const struct span keys = profile_access(e->p, &e->p->profiles.at[profile])->keys;
	int ret = 0;

	for (uint32_t i = 0; ret == 0 && i < keys.n; i++) {
		const struct key *key = &e->p->keys.at[keys.first + i];
		const struct key_record record = {
			.profile = e->email,
			.type = emit_text(e, key->type),
			.blob = slice_of(e->p->pool + key->blob, key->len),
		};

		record_put_key(&e->payload, &record);
		ret = emit_put(e, RECORD_KEY, slice_of(key->digest, sizeof key->digest));
	}
	return ret;
}

/* The grant belongs to the slice, and so do the roles that it uses there. */
static void take_grant_in(struct emit *e, uint32_t grant)
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

/* The profile belongs to the slice, and with it what it holds there. */
static void take_in(struct emit *e, uint32_t profile)
{
	e->profile_in[profile] = true;
	for (uint32_t i = 0; i < e->holder.reaches.n; i++)
		if (e->holder.reaches.at[i].grant != NO_INDEX)
			take_grant_in(e, e->holder.reaches.at[i].grant);
}

static int put_profile(struct emit *e, uint32_t profile)
{
	const struct profile *who = &e->p->profiles.at[profile];
	int ret;

	if (!holder_collect(&e->holder, e->p, profile, e->options->server))
		return -ENOMEM;
	if (e->options->server != NO_INDEX && e->holder.reaches.n == 0)
		return 0;
	if (e->profile_in != NULL)
		take_in(e, profile);
	e->email = emit_email(e, profile);
	ret = put_holdings(e, profile);
	if (ret == 0 && who->login != 0) {
		buf_text(&e->payload, e->email);
		ret = emit_put(e, RECORD_LOGIN, emit_text(e, who->login));
	}
	if (ret == 0)
		ret = put_keys(e, profile);
	return ret != 0 ? ret : emit_written_profile(e, profile);
}

/* Every kind of record in a fixed order, each in the order of the files; see db/written.h. */
static const struct pass {
	size_t rows; /* where the policy says how many there are */
	int (*put)(struct emit *e, uint32_t index);
} passes[] = {
	{ offsetof(struct policy, profiles.n), put_profile },
	{ offsetof(struct policy, owners.n), emit_written_owner },
	{ offsetof(struct policy, servers.n), put_server },
	{ offsetof(struct policy, groups.n), emit_written_group },
	{ offsetof(struct policy, roles.n), emit_written_role },
	{ offsetof(struct policy, grants.n), emit_written_grants },
};

#define STEP_ROWS 512

/* No record of grants is begun in one step and ended in another. */
_Static_assert(STEP_ROWS % WRITTEN_GRANTS == 0, "a step is of whole records");

struct emission {
	const struct policy *p;
	const struct pass *pass;
	struct db_writer writer;
	struct emit emits[THREADS_MAX];         /* by thread */
	struct db_batch batches[ORDERED_SLOTS]; /* by slot */
};

static uint32_t pass_rows(const struct policy *p, const struct pass *pass)
{
	uint32_t n;

	memcpy(&n, (const uint8_t *)p + pass->rows, sizeof n);
	return n;
}

static int make_records(void *data, uint32_t step, unsigned slot, unsigned thread)
{
	struct emission *all = data;
	struct emit *e = &all->emits[thread];
	uint32_t rows = pass_rows(all->p, all->pass), first = step * STEP_ROWS;
	int ret = 0;

	e->batch = &all->batches[slot];
	for (uint32_t i = first; ret == 0 && i < rows && i - first < STEP_ROWS; i++)
		ret = all->pass->put(e, i);
	return ret;
}

static int take_records(void *data, uint32_t step, unsigned slot)
{
	struct emission *all = data;

	(void)step;
	return db_writer_add(&all->writer, &all->batches[slot]);
}

static int put_all(struct emission *all, unsigned threads)
{
	struct ordered work = {
		.data = all, .threads = threads, .make = make_records, .take = take_records
	};
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < sizeof passes / sizeof passes[0]; i++) {
		all->pass = &passes[i];
		work.steps = pass_rows(all->p, all->pass) / STEP_ROWS + 1;
		ret = ordered_run(&work);
	}
	return ret;
}

/* What belongs to a slice is found out on the way, by one thread. */
static bool slice_start(const struct policy *p, struct emit *e)
{
	e->profile_in = calloc((size_t)p->profiles.n + 1, sizeof(bool));
	e->grant_in = calloc((size_t)p->grants.n + 1, sizeof(bool));
	e->role_in = calloc((size_t)p->roles.n + 1, sizeof(bool));
	return e->profile_in != NULL && e->grant_in != NULL && e->role_in != NULL;
}

static void batches_free(struct emission *all)
{
	for (size_t i = 0; i < ORDERED_SLOTS; i++)
		db_batch_done(&all->batches[i]);
}

static void emission_free(struct emission *all)
{
	db_writer_done(&all->writer);
	batches_free(all);
	for (size_t i = 0; i < THREADS_MAX; i++) {
		holder_done(&all->emits[i].holder);
		buf_done(&all->emits[i].payload);
	}
	free(all->emits[0].profile_in);
	free(all->emits[0].grant_in);
	free(all->emits[0].role_in);
	free(all);
}

int policy_emit_on(
	const struct policy *p, const struct emit_options *options, int fd, unsigned threads)
{
	struct meta meta = { .generation = options->generation, .not_after = options->not_after };
	struct emission *all = calloc(1, sizeof *all);
	bool slice = options->server != NO_INDEX;
	int ret = -ENOMEM;

	if (all == NULL)
		return ret;
	all->p = p;
	for (size_t i = 0; i < THREADS_MAX; i++) {
		all->emits[i].p = p;
		all->emits[i].options = options;
		all->emits[i].salt = all->writer.salt;
	}
	memcpy(meta.built_from, p->digest, sizeof meta.built_from);
	if (slice)
		meta.server = slice_str(policy_text(p, p->servers.at[options->server].name));
	if (!slice || slice_start(p, &all->emits[0]))
		ret = db_writer_start(&all->writer, fd, &meta);
	if (ret == 0)
		ret = put_all(all, slice ? 0 : threads);
	/* The tables need as much again. */
	batches_free(all);
	if (ret == 0)
		ret = db_writer_finish(&all->writer, threads);
	emission_free(all);
	return ret;
}

int policy_emit(const struct policy *p, const struct emit_options *options, int fd)
{
	return policy_emit_on(p, options, fd, threads_count());
}
