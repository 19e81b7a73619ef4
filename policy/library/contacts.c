/*
 * Whom to tell; see adperm_contacts() in adperm.h. Being told is not logging in: from where
 * somebody may come, and with what proof, does not matter here.
 */
#include "library/array.h"
#include "library/follow.h"
#include "switch/ask.h"
#include "switch/hold.h"

struct contacts {
	const struct adperm *policy;
	const struct db *db;
	struct asked asked;
	struct array found; /* the owner is the first */
};

static enum adperm_reason add_owner(struct contacts *c)
{
	struct adperm_contact *row = array_add(&c->found, sizeof *row);
	uint8_t key[RECORD_KEY_MAX];
	struct db_value value;
	struct slice owner;
	enum adperm_reason why = ADPERM_OK;

	if (row == NULL)
		return ADPERM_NOMEM;
	if (db_find(c->db, record_key(key, RECORD_SERVER, c->asked.server), &value) != DB_FOUND ||
		!record_get_text(value.payload, &owner) || owner.len >= sizeof row->profile) {
		why = ADPERM_POLICY_CORRUPT;
	} else {
		memcpy(row->profile, owner.at, owner.len);
		row->owner = true;
	}
	db_value_done(&value);
	return why;
}

/* What the records say of the owner: where the ownership stands, and whether it is suspended. */
static void complete_owner(struct contacts *c, const struct held *held)
{
	struct adperm_contact *row = c->found.at;
	struct verdict v = { .answer = ANSWER_ALLOW, .grant = 0 };
	struct adperm_answer answer = { .verdict = ADPERM_ERROR };

	row->suspended = held->holding.suspended;
	while (v.grant < held->holding.grant_total && !held->holding.grants[v.grant].ownership)
		v.grant++;
	ask_give(&v, held, &answer);
	memcpy(row->source, answer.source, sizeof row->source);
}

/* The grants without their networks, to be freed. */
static struct grant *from_anywhere(struct held *held)
{
	struct grant *grants = calloc(held->holding.grant_total + 1, sizeof *grants);

	if (grants == NULL)
		return NULL;
	for (uint32_t i = 0; i < held->holding.grant_total; i++) {
		grants[i] = held->holding.grants[i];
		grants[i].net_count = 0;
	}
	held->holding.grants = grants;
	held->holding.net_count = 0;
	return grants;
}

static enum adperm_reason judge(struct contacts *c, const char *profile, struct held *held)
{
	struct grant *grants = from_anywhere(held);
	struct adperm_answer answer = { .verdict = ADPERM_ERROR };
	struct adperm_contact *row;
	struct verdict verdict;
	enum adperm_reason why = ADPERM_NOMEM;

	if (grants == NULL)
		return why;
	c->asked.question.renounced = false;
	why = ask_judge(c->policy, &c->asked, profile, held, &verdict);
	if (why == ADPERM_OK)
		ask_give(&verdict, held, &answer);
	if (answer.verdict == ADPERM_ALLOW || answer.verdict == ADPERM_ALLOW_2FA) {
		row = array_add(&c->found, sizeof *row);
		if (row != NULL) {
			memcpy(row->profile, profile, strlen(profile));
			memcpy(row->source, answer.source, sizeof row->source);
		}
		why = row != NULL ? ADPERM_OK : ADPERM_NOMEM;
	}
	free(grants);
	return why;
}

/* Somebody who holds something on the server. */
static enum adperm_reason look_at(struct contacts *c, struct slice name)
{
	struct held held = { .memory = { NULL } };
	char profile[ADPERM_EMAIL_SIZE];
	const struct adperm_contact *owner = c->found.at;
	enum adperm_reason why;

	if (name.len >= sizeof profile)
		return ADPERM_POLICY_CORRUPT;
	memcpy(profile, name.at, name.len);
	profile[name.len] = '\0';
	why = ask_load(c->policy, &c->asked, profile, &held);
	if (why == ADPERM_OK && strcmp(profile, owner->profile) == 0)
		complete_owner(c, &held);
	else if (why == ADPERM_OK)
		why = judge(c, profile, &held);
	held_done(&held);
	return why;
}

/* The key of a holding is its kind, the profile, NUL, the server. */
static bool is_holding_on(struct slice key, struct slice server, struct slice *profile)
{
	const uint8_t *end = key.len > 0 ? memchr(key.at, '\0', key.len) : NULL;

	if (end == NULL || key.at[0] != RECORD_HOLDING)
		return false;
	*profile = slice_of(key.at + 1, (size_t)(end - key.at) - 1);
	return slice_equal(slice_of(end + 1, key.len - profile->len - 2), server);
}

static enum adperm_reason add_others(struct contacts *c)
{
	uint32_t pos = DB_HEAD_SIZE;
	enum adperm_reason why = ADPERM_OK;
	enum db_result result = DB_FOUND;

	while (why == ADPERM_OK && result == DB_FOUND) {
		struct slice key, profile;
		struct db_value value;

		result = db_next(c->db, &pos, &key, &value);
		if (result == DB_FOUND && is_holding_on(key, c->asked.server, &profile))
			why = look_at(c, profile);
		db_value_done(&value);
	}
	return why == ADPERM_OK && result != DB_ABSENT ? source_db_reason(result) : why;
}

static int compare(const void *a, const void *b)
{
	const struct adperm_contact *x = a, *y = b;

	return strcmp(x->profile, y->profile);
}

static enum adperm_reason collect(struct contacts *c, const struct adperm_question *q)
{
	enum adperm_reason why = ask_place(c->policy, q, &c->asked);

	if (why == ADPERM_OK && c->db == NULL)
		why = ADPERM_POLICY_UNAVAIL;
	if (why == ADPERM_OK)
		why = add_owner(c);
	if (why == ADPERM_OK)
		why = add_others(c);
	if (why == ADPERM_OK)
		qsort((struct adperm_contact *)c->found.at + 1, c->found.n - 1,
			sizeof(struct adperm_contact), compare);
	return why;
}

enum adperm_reason adperm_contacts(struct adperm *policy, const struct adperm_question *q,
	struct adperm_contact **contacts, size_t *count)
{
	struct contacts c = { .policy = NULL };
	struct hold hold;
	enum adperm_reason why = hold_begin(policy, &hold);

	*contacts = NULL;
	*count = 0;
	if (why != ADPERM_OK)
		return why;
	c.policy = hold.now;
	c.db = follow_database(hold.now);
	if (hold.now->n != 1)
		c.db = NULL;
	why = collect(&c, q);
	hold_end(policy, &hold);
	if (why != ADPERM_OK) {
		free(c.found.at);
		return why;
	}
	*contacts = c.found.at;
	*count = c.found.n;
	return ADPERM_OK;
}
