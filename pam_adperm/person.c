/* The person at the door; see person.h. */
#include "person.h"

#include "authinfo.h"
#include "base/clock.h"
#include "first_factor.h"
#include "local_users.h"
#include "switch/member.h"

#include <time.h>

/* What PAM_USER may be at a door. */
enum {
	IS_LOGIN = 1, /* a profile's login: the permission itself */
	IS_ACCOUNT =
		2,   /* a hosting account: its counterpart there, of whose key sshd has verified */
	IS_PAIR = 4, /* <account>_<login>: likewise, of that login's profile */
};

/*
 * The doors that are not simply a login's. PostgreSQL cuts names at 63 bytes before PAM sees them,
 * so a longer name could have been another one.
 */
static const struct door {
	const char *permission;
	unsigned names;
	size_t longest;
} doors[] = {
	{ "server.ssh_users", IS_LOGIN | IS_ACCOUNT, CALL_ITEM_SIZE - 2 },
	{ "server.database_users", IS_LOGIN | IS_PAIR, 62 },
	{ "account.ftp", IS_PAIR, CALL_ITEM_SIZE - 2 },
	{ "account.webdav", IS_PAIR, CALL_ITEM_SIZE - 2 },
};

static const struct door menu = { NULL, IS_LOGIN, CALL_ITEM_SIZE - 2 };

/* The permission is in full, which is never shorter than this prefix. */
static const struct door *door_find(const char *permission)
{
	static const char account[] = { 'a', 'c', 'c', 'o', 'u', 'n', 't', '.' };

	for (size_t i = 0; i < sizeof doors / sizeof doors[0]; i++)
		if (strcmp(doors[i].permission, permission) == 0)
			return &doors[i];
	return memcmp(permission, account, sizeof account) != 0 ? &menu : NULL;
}

bool person_has_door(const char *permission)
{
	return door_find(permission) != NULL;
}

/* The permission asked for on an account. */
static const char *on_account(const struct options *options)
{
	return options->counterpart[0] != '\0' ? options->counterpart : options->full;
}

/*
 * The ways to understand PAM_USER. Each returns ADPERM_OK and fills *c, ADPERM_UNMANAGED if the
 * name is no such thing, or why it could not tell.
 */
static enum adperm_reason as_login(struct call *c)
{
	enum adperm_reason reason =
		adperm_person(c->policy, ADPERM_LOGIN, c->name, NULL, 0, c->profile);

	return reason == ADPERM_UNKNOWN_PERSON ? ADPERM_UNMANAGED : reason;
}

static enum adperm_reason find_account(struct call *c, const char *name, size_t len)
{
	enum adperm_reason reason;
	int second_factor = 0;

	if (len == 0 || len >= sizeof c->account)
		return ADPERM_UNMANAGED;
	memcpy(c->account, name, len);
	c->account[len] = '\0';
	reason = adperm_account(c->policy, c->account, &second_factor);
	if (reason == ADPERM_OK)
		c->permission = on_account(&c->options);
	else
		c->account[0] = '\0';
	c->account_2fa = second_factor != 0;
	return reason == ADPERM_UNKNOWN_ACCOUNT ? ADPERM_UNMANAGED : reason;
}

static enum adperm_reason as_account(struct call *c)
{
	return find_account(c, c->user, strlen(c->user));
}

/* A login has no underscore, so the last one is the border. */
static enum adperm_reason as_pair(struct call *c)
{
	size_t login = strlen(c->user);
	enum adperm_reason reason;

	while (login > 0 && c->user[login - 1] != '_')
		login--;
	if (login == 0)
		return ADPERM_UNMANAGED;
	reason = find_account(c, c->user, login - 1);
	if (reason != ADPERM_OK)
		return reason;
	reason = adperm_person(c->policy, ADPERM_LOGIN, c->user + login, NULL, 0, c->profile);
	return reason == ADPERM_UNKNOWN_PERSON ? ADPERM_UNMANAGED : reason;
}

/*
 * Of somebody who becomes another user: to a hosting account as its permission says, to a login
 * only if it is their own. Whatever else there is to become, no grant gives.
 */
static enum adperm_reason find_target(struct call *c)
{
	char owner[ADPERM_EMAIL_SIZE];
	enum adperm_reason reason = as_login(c);

	if (reason != ADPERM_OK)
		return reason;
	reason = as_account(c);
	if (reason != ADPERM_UNMANAGED)
		return reason;
	reason = adperm_person(c->policy, ADPERM_LOGIN, c->user, NULL, 0, owner);
	if (reason == ADPERM_UNKNOWN_PERSON ||
		(reason == ADPERM_OK && strcmp(owner, c->profile) != 0)) {
		c->hint = "target";
		return ADPERM_NO_GRANT;
	}
	return reason;
}

static enum adperm_reason find_name(struct call *c)
{
	static const struct {
		unsigned name;
		enum adperm_reason (*find)(struct call *);
	} ways[] = { { IS_LOGIN, as_login }, { IS_ACCOUNT, as_account }, { IS_PAIR, as_pair } };
	const struct door *door = door_find(c->options.full);
	enum adperm_reason reason = ADPERM_UNMANAGED;

	if (c->options.person == WHOSE_CALLER)
		return find_target(c);
	if (door == NULL || strlen(c->user) > door->longest)
		return ADPERM_UNMANAGED;
	for (size_t i = 0; i < sizeof ways / sizeof ways[0] && reason == ADPERM_UNMANAGED; i++)
		if ((door->names & ways[i].name) != 0)
			reason = ways[i].find(c);
	return reason;
}

/* One verified key: it must be the same profile's as the login and all keys before it. */
static enum adperm_reason take_key(struct call *c, struct slice key)
{
	char owner[ADPERM_EMAIL_SIZE] = "";
	enum adperm_reason reason;

	if (c->keys++ == 0)
		sha256_of(key, c->key_digest);
	reason = adperm_person(c->policy, ADPERM_KEY, NULL, key.at, key.len, owner);
	if (reason != ADPERM_OK)
		return reason;
	if (c->profile[0] == '\0')
		memcpy(c->profile, owner, sizeof c->profile);
	return strcmp(c->profile, owner) == 0 ? ADPERM_OK : ADPERM_FOREIGN_KEY;
}

static enum adperm_reason take_authinfo(struct call *c, const char *text)
{
	struct slice rest = slice_str(text);
	enum adperm_reason reason = ADPERM_OK;
	struct authinfo_key key;

	while (reason == ADPERM_OK) {
		switch (authinfo_next(&rest, &key)) {
		case AUTHINFO_END: return ADPERM_OK;
		case AUTHINFO_KEY: reason = take_key(c, key.plain); break;
		case AUTHINFO_BAD_KEY: reason = ADPERM_UNKNOWN_PERSON; break;
		case AUTHINFO_KBDINT: c->kbdint = true; break;
		case AUTHINFO_OTHER: break;
		}
	}
	return reason;
}

/* Seconds since 1970, or 0. */
static int64_t wall_clock(void)
{
	struct timespec now;

	return clock_gettime(CLOCK_REALTIME, &now) == 0 ? now.tv_sec : 0;
}

enum adperm_reason person_policy_holds(const struct call *c)
{
	int64_t end = adperm_not_after(c->policy), now = wall_clock();

	if (adperm_server(c->policy)[0] == '\0')
		return ADPERM_POLICY_WRONG_SERVER;
	if (now >= end)
		return ADPERM_POLICY_EXPIRED;
	return now < CLOCK_EPOCH && end != INT64_MAX ? ADPERM_CLOCK : ADPERM_OK;
}

/* An account whose user has not shown a key: nobody yet. */
static enum adperm_reason nobody_yet(struct call *c)
{
	enum adperm_reason reason = person_policy_holds(c);

	if (reason != ADPERM_OK)
		return reason;
	if (c->phase != PHASE_ACCOUNT)
		return ADPERM_UNKNOWN_PERSON;
	if (!c->account_2fa || c->options.late == LATE_SESSION)
		c->waiver = WAIVER_LATE;
	return ADPERM_LATE;
}

static enum adperm_reason ask(struct call *c)
{
	const struct adperm_question question = {
		.who = ADPERM_PROFILE,
		.name = c->profile,
		.permission = c->permission,
		.account = c->account[0] != '\0' ? c->account : NULL,
		.from = c->has_rhost ? c->rhost : NULL,
		.time = wall_clock(),
	};
	enum adperm_verdict verdict;

	if (question.time < CLOCK_EPOCH)
		return ADPERM_CLOCK;
	verdict = adperm_ask(c->policy, &question, &c->answer);
	if (verdict == ADPERM_ALLOW || verdict == ADPERM_ALLOW_2FA)
		return ADPERM_OK;
	/* A denial without a reason must not end as OK. */
	return c->answer.reason != ADPERM_OK ? c->answer.reason : ADPERM_BAD_QUESTION;
}

/*
 * Root and the local users may be left to the other modules, once the policy is known to be sound
 * and not to name them.
 */
static enum adperm_reason unmanaged(struct call *c)
{
	enum adperm_reason reason;
	bool listed = strcmp(c->name, "root") == 0;

	if (c->options.unmanaged != UNMANAGED_IGNORE)
		return ADPERM_UNMANAGED;
	reason = person_policy_holds(c);
	if (reason != ADPERM_OK)
		return reason;
	if (!listed)
		reason = local_users_has(c->options.local_users, c->name, &listed);
	if (listed)
		c->waiver = WAIVER_IGNORE;
	return reason == ADPERM_OK ? ADPERM_UNMANAGED : reason;
}

static enum adperm_reason open_policy(struct call *c)
{
	const struct adperm_options options = {
		.db = c->options.db,
		.switch_conf = c->options.switch_conf,
		.people = c->options.people,
		.server = c->options.server,
		.sources = c->options.sources,
	};

	return adperm_open(&options, &c->policy);
}

enum adperm_reason person_take_keys(struct call *c)
{
	const char *authinfo = pam_getenv(c->pamh, "SSH_AUTH_INFO_0");
	enum adperm_reason reason = open_policy(c);

	return reason == ADPERM_OK && authinfo != NULL ? take_authinfo(c, authinfo) : reason;
}

enum adperm_reason person_is_member(struct call *c)
{
	const struct adperm_question question = {
		.who = ADPERM_PROFILE,
		.name = c->profile,
		.from = c->has_rhost ? c->rhost : NULL,
		.time = wall_clock(),
	};

	enum adperm_reason reason = ADPERM_CLOCK;

	if (question.time >= CLOCK_EPOCH)
		reason = member_ask(c->policy, &question, &c->answer);
	memcpy(c->profile, c->answer.profile, sizeof c->profile);
	return reason;
}

enum adperm_reason person_decide(struct call *c)
{
	const char *authinfo = pam_getenv(c->pamh, "SSH_AUTH_INFO_0");
	enum adperm_reason reason;

	if (!c->has_user)
		return ADPERM_UNMANAGED;
	reason = open_policy(c);
	if (reason == ADPERM_OK)
		reason = find_name(c);
	if (reason == ADPERM_UNMANAGED)
		return unmanaged(c);
	if (reason == ADPERM_OK && authinfo != NULL)
		reason = take_authinfo(c, authinfo);
	if (reason != ADPERM_OK)
		return reason;
	if (c->phase == PHASE_AUTH && !c->options.split && !first_factor_vouched(c))
		return ADPERM_NO_FIRST_FACTOR;
	if (c->profile[0] == '\0')
		return nobody_yet(c);
	return ask(c);
}
