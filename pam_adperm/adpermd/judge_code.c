/*
 * Codes and recovery codes. Order matters: the record, the clock, the budget, the form of the code,
 * and only then the code.
 */
#include "adpermd/asking.h"

#include "adpermd/source.h"
#include <errno.h>

int asking_open(struct asking *a, enum standing standing, struct enrolment *e, size_t *secret_len)
{
	const struct judge *judge = a->judge;
	const char *profile = a->request->profile;
	int ret = store_find(judge->store, profile, standing, e);

	if (ret != 0)
		return ret;
	return seal_ring_open(judge->ring, profile, &e->kind, &e->sealed, judge->secret, secret_len)
		       ? 0
		       : -EBADMSG;
}

int asking_not_found(struct asking *a, int err)
{
	switch (err) {
	case -ENOENT: return settle(a, PROTO_NOT_ENROLLED);
	case -EBADMSG: return settle(a, PROTO_STORE_CORRUPT);
	default: return err;
	}
}

int64_t asking_mark(const struct asking *a, const struct enrolment *e)
{
	int64_t taken_at = store_taken_at(a->judge->store);
	int64_t latest = taken_at / e->kind.period + TOTP_WINDOW;

	return taken_at >= e->enrolled_at && latest > e->mark ? latest : e->mark;
}

bool asking_waits(const struct asking *a, const struct enrolment *e)
{
	return e->enrolled_at <= a->now && a->now - e->enrolled_at < PROTO_PENDING_S;
}

int asking_budget(struct asking *a, bool recovery, enum guess_budget *budget, int64_t *full_at)
{
	static const enum guess_budget of_peers[] = { GUESS_PEER, GUESS_RECOVERY };
	static const enum guess_budget of_places[][2] = {
		{ GUESS_STRANGER, GUESS_RECOVERY },
		{ GUESS_KNOWN, GUESS_RECOVERY_KNOWN },
	};
	struct store *store = a->judge->store;
	const char *profile = a->request->profile;
	char source[SOURCE_SIZE];
	int64_t last_at = 0;
	int ret = 0;

	if (a->peer == 0) {
		source_of(a->request->from, source);
		ret = store_source(store, profile, source, &last_at);
		*budget =
			of_places[last_at > 0 && a->now - last_at < SOURCE_REMEMBERED_S][recovery];
	} else {
		*budget = of_peers[recovery];
	}
	return ret == 0 ? store_guesses(store, profile, a->peer, *budget, full_at) : ret;
}

/* Somebody got in: the place is known from now on. Only root's word about places counts. */
static int note_source(struct asking *a)
{
	struct store *store = a->judge->store;
	char source[SOURCE_SIZE];
	int64_t last_at;
	int ret;

	if (a->peer != 0)
		return 0;
	source_of(a->request->from, source);
	ret = store_source(store, a->request->profile, source, &last_at);
	if (ret != 0 || (last_at <= a->now && a->now - last_at < SOURCE_NOTED_S))
		return ret;
	return store_set_source(store, a->request->profile, source, a->now);
}

static int came_in(struct asking *a)
{
	int ret = note_source(a);

	return ret == 0 ? asking_grace_begin(a) : ret;
}

/* Costs a guess of this budget, and the grace. */
static int wrong_code(struct asking *a, enum guess_budget budget, int64_t full_at)
{
	int ret = store_set_guesses(a->judge->store, a->request->profile, a->peer, budget,
		guess_spend(budget, full_at, a->now));

	settle(a, PROTO_BAD_CODE);
	return ret == 0 ? asking_grace_end(a) : ret;
}

/* Judges a code that has the right form against the secret in judge->secret. */
static int judge_code(struct asking *a, const struct enrolment *e, const char *code,
	size_t secret_len, enum guess_budget budget, int64_t full_at)
{
	struct store *store = a->judge->store;
	const char *profile = a->request->profile;
	int64_t step;
	int ret = totp_find_step(&e->kind, a->judge->secret, secret_len, a->now, code, &step);

	if (ret == -ENOENT)
		return wrong_code(a, budget, full_at);
	if (ret != 0)
		return settle(a, PROTO_STORE_CORRUPT);
	if (step <= asking_mark(a, e))
		return settle(a, PROTO_REPLAY);
	settle(a, PROTO_YES);
	ret = store_burn(store, profile, step, a->now);
	return ret == 0 ? came_in(a) : ret;
}

static int verify_code(struct asking *a)
{
	struct enrolment e;
	enum guess_budget budget;
	char code[TOTP_CODE_SIZE];
	size_t secret_len;
	int64_t full_at;
	int ret = asking_open(a, IN_FORCE, &e, &secret_len);

	if (ret != 0)
		return asking_not_found(a, ret);
	if (!totp_clock_sane(a->now, e.kind.period, asking_mark(a, &e)))
		return settle(a, PROTO_CLOCK);
	ret = asking_budget(a, false, &budget, &full_at);
	if (ret != 0)
		return ret;
	a->reply->retry_after = guess_wait(budget, full_at, a->now);
	if (a->reply->retry_after > 0)
		return settle(a, PROTO_LOCKED);
	if (!totp_code_parse(a->request->code, e.kind.digits, code))
		return settle(a, PROTO_BAD_CODE);
	ret = judge_code(a, &e, code, secret_len, budget, full_at);
	explicit_bzero(code, sizeof code);
	return ret;
}

/* Compares a recovery code with what is left of them; a wrong one costs a guess at these only. */
static int judge_recovery(struct asking *a, const struct recovery_code *code,
	enum guess_budget budget, int64_t full_at)
{
	struct store *store = a->judge->store;
	const char *profile = a->request->profile;
	struct recovery_set set;
	unsigned number;
	int ret = store_recovery(store, profile, &set);

	if (ret == 0)
		ret = recovery_find(&set, code, &number);
	if (ret == -ENOENT)
		return wrong_code(a, budget, full_at);
	if (ret != 0)
		return ret;
	settle(a, PROTO_YES);
	a->reply->recovery_used = 1;
	a->reply->recovery_left = (uint8_t)(recovery_count(&set) - 1);
	ret = store_burn_recovery(store, profile, number);
	if (ret == 0)
		ret = store_burn(store, profile, 0, a->now);
	return ret == 0 ? came_in(a) : ret;
}

static int verify_recovery(struct asking *a, const struct recovery_code *code)
{
	struct enrolment e;
	enum guess_budget budget;
	int64_t full_at;
	int ret = store_find(a->judge->store, a->request->profile, IN_FORCE, &e);

	if (ret != 0)
		return asking_not_found(a, ret);
	ret = asking_budget(a, true, &budget, &full_at);
	if (ret != 0)
		return ret;
	a->reply->retry_after = guess_wait(budget, full_at, a->now);
	return a->reply->retry_after > 0 ? settle(a, PROTO_LOCKED)
					 : judge_recovery(a, code, budget, full_at);
}

int answer_verify(struct asking *a)
{
	struct recovery_code code;
	int ret;

	if (!recovery_parse(a->request->code, &code))
		return verify_code(a);
	ret = verify_recovery(a, &code);
	explicit_bzero(&code, sizeof code);
	return ret;
}

/* Puts the secret that waited in force, its first step spent. */
static int put_in_force(struct asking *a, struct enrolment *e, int64_t step)
{
	struct store *store = a->judge->store;
	int ret;

	e->mark = step;
	e->enrolled_at = a->now;
	settle(a, PROTO_YES);
	ret = store_enroll(store, a->request->profile, IN_FORCE, e);
	return ret == 0 ? store_remove_pending(store, a->request->profile) : ret;
}

_Static_assert(GUESS_CONFIRM_REGAIN_S >= PROTO_PENDING_S, "none comes back while one waits");

/*
 * A secret that waits has few guesses, and is forgotten with the last: who confirms one is shown
 * recovery codes, so that it must not be cheaper to guess than one in force.
 */
static int wrong_confirmation(struct asking *a)
{
	struct store *store = a->judge->store;
	const char *profile = a->request->profile;
	int64_t full_at;
	int ret = store_guesses(store, profile, a->peer, GUESS_CONFIRM, &full_at);

	settle(a, PROTO_BAD_CODE);
	if (ret != 0)
		return ret;
	full_at = guess_spend(GUESS_CONFIRM, full_at, a->now);
	ret = store_set_guesses(store, profile, a->peer, GUESS_CONFIRM, full_at);
	return ret == 0 && guess_wait(GUESS_CONFIRM, full_at, a->now) > 0
		       ? store_remove_pending(store, profile)
		       : ret;
}

int answer_confirm(struct asking *a)
{
	struct enrolment e;
	char code[TOTP_CODE_SIZE];
	size_t secret_len;
	int64_t step;
	int ret = asking_open(a, PENDING, &e, &secret_len);

	if (ret == 0 && !asking_waits(a, &e))
		ret = -ENOENT;
	if (ret != 0)
		return asking_not_found(a, ret);
	if (!totp_clock_sane(a->now, e.kind.period, asking_mark(a, &e)))
		return settle(a, PROTO_CLOCK);
	if (!totp_code_parse(a->request->code, e.kind.digits, code))
		return settle(a, PROTO_BAD_CODE);
	ret = totp_find_step(&e.kind, a->judge->secret, secret_len, a->now, code, &step);
	explicit_bzero(code, sizeof code);
	if (ret == -ENOENT)
		return wrong_confirmation(a);
	if (ret != 0)
		return settle(a, PROTO_STORE_CORRUPT);
	if (step <= asking_mark(a, &e))
		return settle(a, PROTO_REPLAY);
	return put_in_force(a, &e, step);
}

/* Who is not enrolled, or damaged, is treated as an app would: one more digit tells nobody more. */
int answer_digits(struct asking *a)
{
	struct enrolment e;
	struct totp_kind usual = { .digits = 0 };
	int ret = store_find(a->judge->store, a->request->profile, IN_FORCE, &e);

	if (ret != 0 && ret != -ENOENT && ret != -EBADMSG)
		return ret;
	totp_kind_fill(&usual);
	a->reply->digits = ret == 0 ? e.kind.digits : usual.digits;
	return settle(a, PROTO_YES);
}
