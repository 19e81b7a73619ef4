/* The policy in memory as a source; see source_memory.h. Not for several threads at once. */
#include "lang/source_memory.h"

#include "lang/holding.h"

#include <stdlib.h>

struct memory {
	const struct policy *p;
	struct holder *holder;
};

static enum adperm_reason give_profile(
	const struct memory *m, uint32_t profile, char out[static ADPERM_EMAIL_SIZE])
{
	const char *email = policy_text(m->p, m->p->profiles.at[profile].email);

	memcpy(out, email, strlen(email) + 1);
	return ADPERM_OK;
}

static enum adperm_reason find_login(
	const void *state, struct slice login, char profile[static ADPERM_EMAIL_SIZE])
{
	const struct memory *m = state;
	uint32_t found = policy_find(m->p, NAME_LOGIN, login);

	return found == NO_INDEX ? ADPERM_UNKNOWN_PERSON : give_profile(m, found, profile);
}

static enum adperm_reason find_key(const void *state, const uint8_t digest[static SHA256_SIZE],
	struct slice blob, char profile[static ADPERM_EMAIL_SIZE])
{
	const struct memory *m = state;
	uint32_t found = policy_find(m->p, NAME_KEY, slice_of(digest, SHA256_SIZE));
	const struct key *key;

	if (found == NO_INDEX)
		return ADPERM_UNKNOWN_PERSON;
	key = &m->p->keys.at[found];
	if (blob.at != NULL && !slice_equal(blob, slice_of(m->p->pool + key->blob, key->len)))
		return ADPERM_UNKNOWN_PERSON;
	return give_profile(m, key->profile, profile);
}

static enum adperm_reason find_server(const void *state, struct slice server)
{
	const struct memory *m = state;

	return policy_find(m->p, NAME_SERVER, server) == NO_INDEX ? ADPERM_UNKNOWN_SERVER
								  : ADPERM_OK;
}

static enum adperm_reason find_account(
	const void *state, struct slice account, struct slice server, bool *ssh_2fa)
{
	const struct memory *m = state;
	uint32_t found = policy_find(m->p, NAME_ACCOUNT, account);
	const struct account *row;

	if (found == NO_INDEX)
		return ADPERM_UNKNOWN_ACCOUNT;
	row = &m->p->accounts.at[found];
	if (row->server != policy_find(m->p, NAME_SERVER, server))
		return ADPERM_UNKNOWN_ACCOUNT;
	*ssh_2fa = row->ssh_2fa;
	return ADPERM_OK;
}

static enum adperm_reason find_holding(
	const void *state, struct slice profile, struct slice server, struct held *held)
{
	const struct memory *m = state;
	uint32_t who = policy_find(m->p, NAME_PROFILE, profile);
	uint32_t where = policy_find(m->p, NAME_SERVER, server);

	if (who == NO_INDEX)
		return ADPERM_UNKNOWN_PERSON;
	if (where == NO_INDEX)
		return ADPERM_UNKNOWN_SERVER;
	if (!holder_collect(m->holder, m->p, who, where) ||
		!holder_build(
			m->holder, m->p, who, 0, m->holder->reaches.n, &held->holding, &held->text))
		return ADPERM_NOMEM;
	return ADPERM_OK;
}

static void close_memory(void *state)
{
	struct memory *m = state;

	holder_done(m->holder);
	free(m->holder);
	free(m);
}

static const struct source_ops memory_ops = {
	.name = "memory",
	.login = find_login,
	.key = find_key,
	.server = find_server,
	.account = find_account,
	.holding = find_holding,
	.close = close_memory,
};

bool source_memory_open(const struct policy *p, struct source *out)
{
	struct memory *m = malloc(sizeof *m);
	struct holder *holder = calloc(1, sizeof *holder);

	if (m == NULL || holder == NULL) {
		free(m);
		free(holder);
		return false;
	}
	*m = (struct memory){ p, holder };
	*out = (struct source){ .ops = &memory_ops, .state = m, .not_after = WHEN_NEVER };
	return true;
}
