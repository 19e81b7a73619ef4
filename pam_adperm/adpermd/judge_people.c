/* Who is enrolled, and how: what root's tool asks. */
#include "adpermd/asking.h"

#include "adpermd/log.h"
#include <errno.h>
#include <sodium.h>

#define REKEY_AT_ONCE 200 /* secrets sealed anew in one request: a few milliseconds */

static void tell_kind(struct asking *a, const struct totp_kind *kind)
{
	a->reply->digits = kind->digits;
	a->reply->algorithm = kind->algorithm;
	a->reply->period = kind->period;
}

/* The secret that was given, or a new one, into judge->secret; 0 if the one given is none. */
static size_t take_secret(struct asking *a, const struct totp_kind *kind)
{
	const struct proto_request *request = a->request;
	size_t len = request->secret_len;

	if (len == 0) {
		len = totp_secret_size(kind->algorithm);
		randombytes_buf(a->judge->secret, len);
		totp_secret_text(a->judge->secret, len, a->reply->secret);
	} else if (len < TOTP_SECRET_MIN) {
		len = 0;
	} else {
		memcpy(a->judge->secret, request->secret, len);
	}
	return len;
}

/* Writes the record; one that waits has all its guesses, one in force ends the waiting of another.
 */
static int write_enrolment(struct asking *a, struct enrolment *e, size_t secret_len)
{
	const struct judge *judge = a->judge;
	const char *profile = a->request->profile;
	int ret;

	seal_close(&judge->ring->now, profile, &e->kind, judge->secret, secret_len, &e->sealed);
	if (a->request->pending != 0) {
		ret = store_set_guesses(judge->store, profile, a->peer, GUESS_CONFIRM, 0);
		return ret == 0 ? store_enroll(judge->store, profile, PENDING, e) : ret;
	}
	ret = store_remove_pending(judge->store, profile);
	return ret == 0 || ret == -ENOENT ? store_enroll(judge->store, profile, IN_FORCE, e) : ret;
}

/*
 * Up to which step nothing of a secret is accepted that takes the place of `before`. One that is
 * given may be the same: what was spent stays so, unless a wrong clock has spent it.
 */
static int64_t first_mark(
	const struct asking *a, const struct enrolment *before, const struct totp_kind *kind)
{
	int64_t given = a->request->mark, spent;

	/* A record that is not opened may say anything: its period is ours, or it is not used. */
	if (a->request->secret_len == 0 || kind->period != before->kind.period)
		return given;
	spent = asking_mark(a, before);
	return spent > given && totp_clock_sane(a->now, kind->period, spent) ? spent : given;
}

int answer_enroll(struct asking *a)
{
	const struct proto_request *request = a->request;
	struct enrolment e, before;
	size_t len;
	int ret = store_find(a->judge->store, request->profile, IN_FORCE, &before);

	if (ret != -ENOENT && ret != -EBADMSG && ret != 0)
		return ret;
	if (ret != -ENOENT && request->replace == 0)
		return settle(a, PROTO_EXISTS);
	e = (struct enrolment){
		.kind = { request->digits, request->algorithm, request->period },
		.mark = request->mark,
		.enrolled_at = a->now,
	};
	if (!totp_kind_fill(&e.kind))
		return settle(a, PROTO_MALFORMED);
	if (ret == 0)
		e.mark = first_mark(a, &before, &e.kind);
	if (!totp_clock_sane(a->now, e.kind.period, e.mark))
		return settle(a, PROTO_CLOCK);
	len = take_secret(a, &e.kind);
	if (len == 0)
		return settle(a, PROTO_MALFORMED);
	tell_kind(a, &e.kind);
	settle(a, PROTO_YES);
	return write_enrolment(a, &e, len);
}

/* How many recovery codes a profile has left. */
static int count_recovery(struct asking *a, const char *profile, uint8_t *left)
{
	struct recovery_set set;
	int ret = store_recovery(a->judge->store, profile, &set);

	*left = (uint8_t)recovery_count(&set);
	return ret;
}

int answer_status(struct asking *a)
{
	struct proto_reply *reply = a->reply;
	struct enrolment e;
	enum guess_budget budget;
	int64_t full_at;
	size_t len;
	int ret = store_find(a->judge->store, a->request->profile, PENDING, &e);

	if (ret != 0 && ret != -ENOENT && ret != -EBADMSG)
		return ret;
	reply->pending = ret == 0 && asking_waits(a, &e);
	ret = asking_open(a, IN_FORCE, &e, &len);
	if (ret != 0)
		return asking_not_found(a, ret);
	ret = asking_budget(a, false, &budget, &full_at);
	if (ret == 0)
		ret = count_recovery(a, a->request->profile, &reply->recovery_left);
	if (ret != 0)
		return ret;
	reply->retry_after = guess_wait(budget, full_at, a->now);
	reply->enrolled_at = e.enrolled_at;
	reply->last_used_at = e.last_used_at;
	tell_kind(a, &e.kind);
	return settle(a, PROTO_YES);
}

int answer_remove(struct asking *a)
{
	struct store *store = a->judge->store;
	int ret = a->request->pending != 0 ? store_remove_pending(store, a->request->profile)
					   : store_remove(store, a->request->profile);

	settle(a, PROTO_YES);
	return ret == 0 ? 0 : asking_not_found(a, ret);
}

int answer_recovery(struct asking *a)
{
	struct store *store = a->judge->store;
	struct recovery_set set;
	struct enrolment e;
	int ret = store_find(store, a->request->profile, IN_FORCE, &e);

	if (ret != 0)
		return asking_not_found(a, ret);
	ret = recovery_make(&set, a->reply->recovery);
	if (ret == 0)
		ret = store_set_recovery(store, a->request->profile, &set);
	a->reply->recovery_left = PROTO_RECOVERY_CODES;
	settle(a, PROTO_YES);
	return ret;
}

int answer_unlock(struct asking *a)
{
	struct store *store = a->judge->store;
	struct enrolment e;
	int ret = store_find(store, a->request->profile, IN_FORCE, &e);

	if (ret != 0)
		return asking_not_found(a, ret);
	settle(a, PROTO_YES);
	return store_forget_guesses(store, a->request->profile);
}

/* One line of a list: what strangers would have to wait is told, as the longest there is. */
static int fill_entry(struct asking *a, struct proto_entry *entry, const struct enrolment *e)
{
	int64_t full_at;
	int ret = store_guesses(a->judge->store, entry->profile, 0, GUESS_STRANGER, &full_at);

	if (ret == 0)
		ret = count_recovery(a, entry->profile, &entry->recovery_left);
	entry->enrolled_at = e->enrolled_at;
	entry->last_used_at = e->last_used_at;
	entry->retry_after = guess_wait(GUESS_STRANGER, full_at, a->now);
	entry->digits = e->kind.digits;
	entry->algorithm = e->kind.algorithm;
	entry->period = e->kind.period;
	return ret;
}

int answer_list(struct asking *a)
{
	struct proto_reply *reply = a->reply;
	const char *after = a->request->profile;
	int ret = 0;

	while (reply->count < PROTO_PAGE && ret == 0) {
		struct proto_entry *entry = &reply->entry[reply->count];
		struct enrolment e;

		ret = store_next(a->judge->store, after, entry->profile, &e);
		if (ret == -ENOENT)
			break;
		if (ret == -EBADMSG)
			e = (struct enrolment){ .mark = 0 };
		else if (ret != 0)
			return ret;
		ret = fill_entry(a, entry, &e);
		after = entry->profile;
		reply->count++;
	}
	settle(a, PROTO_YES);
	return ret == -ENOENT ? 0 : ret;
}

/* The new key becomes the first of the ring, and the one before opens what it has sealed. */
static int turn_ring(struct asking *a, struct seal_key *key)
{
	struct seal_ring *ring = a->judge->ring;
	uint32_t left = 0;
	int ret = 0;

	if (ring->before.secret != NULL)
		ret = store_count_sealed_by(a->judge->store, ring->before.id, &left);
	if (ret != 0 || left > 0) {
		seal_key_done(key);
		return ret != 0 ? ret : -EBUSY;
	}
	seal_key_done(&ring->before);
	ring->before = ring->now;
	ring->now = *key;
	return 0;
}

/* One secret that the key before has sealed. What it does not open was damaged, and stays so. */
static int reseal_one(struct asking *a)
{
	const struct judge *judge = a->judge;
	char profile[PROTO_PROFILE_SIZE];
	enum standing standing;
	struct enrolment e;
	size_t len;
	int ret = store_sealed_by(judge->store, judge->ring->before.id, profile, &standing, &e);

	if (ret != 0 && ret != -EBADMSG)
		return ret;
	if (ret == 0 &&
		seal_ring_open(judge->ring, profile, &e.kind, &e.sealed, judge->secret, &len)) {
		seal_close(&judge->ring->now, profile, &e.kind, judge->secret, len, &e.sealed);
		return store_reseal(judge->store, profile, standing, &e.sealed);
	}
	log_line(LOG_WARNING, "the record of %s is damaged: it is not sealed anew",
		log_safe(profile, strlen(profile)).text);
	return store_lose(judge->store, profile, standing);
}

static int reseal_some(struct asking *a)
{
	struct judge *judge = a->judge;
	int ret = 0;

	for (int i = 0; i < REKEY_AT_ONCE && ret == 0; i++)
		ret = reseal_one(a);
	if (ret == 0 || ret == -ENOENT)
		ret = store_count_sealed_by(judge->store, judge->ring->before.id, &a->reply->left);
	settle(a, PROTO_YES);
	return ret;
}

int answer_rekey(struct asking *a)
{
	struct seal_ring *ring = a->judge->ring;
	struct seal_key key = { .secret = NULL };
	uint8_t bytes[SEAL_KEY_SIZE];
	int ret;

	if (a->request->secret_len != sizeof bytes)
		return settle(a, PROTO_MALFORMED);
	memcpy(bytes, a->request->secret, sizeof bytes);
	ret = seal_key_init(&key, bytes);
	if (ret != 0)
		return ret;
	if (memcmp(key.id, ring->now.id, sizeof key.id) == 0)
		seal_key_done(&key);
	else
		ret = turn_ring(a, &key);
	if (ret == -EBUSY)
		return settle(a, PROTO_BUSY);
	if (ret != 0)
		return ret;
	return ring->before.secret != NULL ? reseal_some(a) : settle(a, PROTO_YES);
}
