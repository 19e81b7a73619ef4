/*
 * The walk over the sources: each look-up asks one after the other and does what switch.conf says
 * of the status that came. The end of the list is "not found", whatever came before it.
 */
#include "switch/handle.h"

/* A look-up with its words and where its answer goes. */
struct lookup {
	enum { LOGIN, KEY, SERVER, ACCOUNT, HOLDING } kind;
	struct slice name, server, blob;
	const uint8_t *digest;
	char *profile;
	bool *ssh_2fa;
	struct held *held;
	enum adperm_reason absent; /* what it is when no source has it */
};

static enum adperm_reason ask_source(const struct source *source, const struct lookup *l)
{
	switch (l->kind) {
	case LOGIN: return source->ops->login(source->state, l->name, l->profile);
	case KEY: return source->ops->key(source->state, l->digest, l->blob, l->profile);
	case SERVER: return source->ops->server(source->state, l->name);
	case ACCOUNT: return source->ops->account(source->state, l->name, l->server, l->ssh_2fa);
	case HOLDING: break;
	}
	held_done(l->held);
	return source->ops->holding(source->state, l->name, l->server, l->held);
}

static enum switch_status status_of(enum adperm_reason why, enum adperm_reason absent)
{
	if (why == ADPERM_OK)
		return STATUS_SUCCESS;
	if (why == absent)
		return STATUS_NOTFOUND;
	return why == ADPERM_NOMEM || why == ADPERM_POLICY_TRYAGAIN ? STATUS_TRYAGAIN
								    : STATUS_UNAVAIL;
}

static enum adperm_reason walk(const struct adperm *policy, const struct lookup *l)
{
	for (unsigned i = 0; i < policy->n; i++) {
		const struct handle_source *at = &policy->at[i];
		enum adperm_reason why = at->unavail;

		if (why == ADPERM_OK)
			why = ask_source(&at->source, l);
		if (!at->entry.proceed[status_of(why, l->absent)])
			return why;
	}
	return l->absent;
}

enum adperm_reason walk_login(
	const struct adperm *policy, struct slice login, char profile[static ADPERM_EMAIL_SIZE])
{
	return walk(policy, &(struct lookup){ .kind = LOGIN,
				    .name = login,
				    .profile = profile,
				    .absent = ADPERM_UNKNOWN_PERSON });
}

enum adperm_reason walk_key(const struct adperm *policy, const uint8_t digest[static SHA256_SIZE],
	struct slice blob, char profile[static ADPERM_EMAIL_SIZE])
{
	return walk(policy, &(struct lookup){ .kind = KEY,
				    .digest = digest,
				    .blob = blob,
				    .profile = profile,
				    .absent = ADPERM_UNKNOWN_PERSON });
}

enum adperm_reason walk_server(const struct adperm *policy, struct slice server)
{
	return walk(
		policy, &(struct lookup){
				.kind = SERVER, .name = server, .absent = ADPERM_UNKNOWN_SERVER });
}

enum adperm_reason walk_account(
	const struct adperm *policy, struct slice account, struct slice server, bool *ssh_2fa)
{
	return walk(policy, &(struct lookup){ .kind = ACCOUNT,
				    .name = account,
				    .server = server,
				    .ssh_2fa = ssh_2fa,
				    .absent = ADPERM_UNKNOWN_ACCOUNT });
}

enum adperm_reason walk_holding(
	const struct adperm *policy, struct slice profile, struct slice server, struct held *held)
{
	return walk(policy, &(struct lookup){ .kind = HOLDING,
				    .name = profile,
				    .server = server,
				    .held = held,
				    .absent = ADPERM_UNKNOWN_PERSON });
}
