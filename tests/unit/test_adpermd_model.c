/*
 * t69: random operations of a few people against a reference that keeps, for each, the steps that
 * were taken, the guesses that were made and the recovery codes that are left. 20,000 of them;
 * where time does not matter (ADPERM_LONG=1), a million.
 */
#include "judging.h"

#define PEOPLE 5
#define PLACES 3

/* The budgets that a person has: strangers' and known places', of codes and recovery codes; a
 * peer's. */
enum { CODES = 0, RECOVERY = 2, PEER = 4, BUDGETS, PEER_UID = 101 };

/* Wrong codes that end a secret that waits. */
#define WRONG_MAX 5

static const struct {
	int64_t regain, capacity;
} limits[BUDGETS] = { { 14400, 5 * 14400 }, { 5400, 5 * 5400 }, { 60, 5 * 60 }, { 60, 5 * 60 },
	{ 5400, 5 * 5400 } };

struct model {
	char profile[32];
	bool enrolled, waiting;
	struct secret secret, pending;
	int64_t mark, asked_at;
	int wrong; /* codes at the secret that waits */
	int64_t full_at[BUDGETS];
	int64_t known_since[PLACES];
	unsigned left; /* recovery codes, as bits */
	char recovery[PROTO_RECOVERY_CODES][PROTO_RECOVERY_TEXT];
};

static const char *const places[PLACES] = { "192.0.2.10", "2001:db8:1:2::3", "" };
static struct model people[PEOPLE];
static int64_t now = NOON;
static int accepted;

static long one_of(long count)
{
	return random() % count;
}

static bool spent_out(const struct model *m, int budget)
{
	return m->full_at[budget] - now > limits[budget].capacity - limits[budget].regain;
}

static void spend(struct model *m, int budget)
{
	int64_t from = m->full_at[budget] > now ? m->full_at[budget] : now;

	m->full_at[budget] = from + limits[budget].regain;
}

static int64_t step_of(const struct secret *secret, const char *code)
{
	int64_t found = -1;

	for (int64_t step = now / 30 - 1; step <= now / 30 + 1; step++) {
		if (strcmp(code_at(secret, step * 30), code) == 0)
			found = step;
	}
	return found;
}

static void came_in(struct model *m, bool root, int place)
{
	accepted++;
	if (root && (m->known_since[place] == 0 || now - m->known_since[place] >= 86400))
		m->known_since[place] = now;
}

static bool is_known(const struct model *m, int place)
{
	return m->known_since[place] > 0 && now - m->known_since[place] < 90 * 86400;
}

static uint32_t model_verify(struct model *m, const char *code, bool root, int place)
{
	int budget = root ? CODES + is_known(m, place) : PEER;
	int64_t step;

	if (!m->enrolled)
		return PROTO_NOT_ENROLLED;
	if (spent_out(m, budget))
		return PROTO_LOCKED;
	step = step_of(&m->secret, code);
	if (step < 0) {
		spend(m, budget);
		return PROTO_BAD_CODE;
	}
	if (step <= m->mark)
		return PROTO_REPLAY;
	m->mark = step;
	came_in(m, root, place);
	return PROTO_YES;
}

static uint32_t model_recovery(struct model *m, int number, int place)
{
	int budget = RECOVERY + is_known(m, place);

	if (!m->enrolled)
		return PROTO_NOT_ENROLLED;
	if (spent_out(m, budget))
		return PROTO_LOCKED;
	if ((m->left & 1u << number) == 0) {
		spend(m, budget);
		return PROTO_BAD_CODE;
	}
	m->left &= ~(1u << number);
	came_in(m, true, place);
	return PROTO_YES;
}

static void forget(struct model *m)
{
	struct model fresh = { .enrolled = false };

	free(m->secret.bytes);
	free(m->pending.bytes);
	memcpy(fresh.profile, m->profile, sizeof fresh.profile);
	*m = fresh;
}

/* A new secret in force: what belonged to the one before is gone. */
static void put_in_force(struct model *m, struct secret secret, int64_t mark)
{
	free(m->secret.bytes);
	m->enrolled = true;
	m->secret = secret;
	m->mark = mark;
	m->left = 0;
	memset(m->full_at, 0, sizeof m->full_at);
}

static bool told(uint32_t got, uint32_t expected, const char *what)
{
	if (got != expected)
		printf("# %s at %lld: got %s, expected %s\n", what, (long long)now,
			judge_result_word(got), judge_result_word(expected));
	return got == expected;
}

static bool try_code(struct model *m)
{
	struct proto_request request;
	struct proto_reply reply;
	bool root = one_of(5) > 0;
	int place = (int)one_of(PLACES);
	char code[9] = "000000";
	uint32_t expected;

	if (m->enrolled && one_of(10) > 0)
		memcpy(code, code_at(&m->secret, now + 30 * (one_of(5) - 2)), 7);
	expected = model_verify(m, code, root, place);
	request = question(PROTO_VERIFY, m->profile, code);
	snprintf(request.service, sizeof request.service, "postgresql");
	snprintf(request.from, sizeof request.from, "%s", places[place]);
	return told(answer(&request, root ? 0 : PEER_UID, now, &reply), expected, "a code");
}

static bool try_recovery(struct model *m)
{
	int number = (int)one_of(PROTO_RECOVERY_CODES), place = (int)one_of(PLACES);
	const char *text =
		m->recovery[number][0] != '\0' ? m->recovery[number] : "aaaabbbbccccdddd";
	struct proto_request request = question(PROTO_VERIFY, m->profile, text);
	struct proto_reply reply;
	uint32_t expected = model_recovery(m, number, place);

	snprintf(request.from, sizeof request.from, "%s", places[place]);
	return told(answer(&request, 0, now, &reply), expected, "a recovery code");
}

static bool new_recovery(struct model *m)
{
	struct proto_request request = question(PROTO_RECOVERY, m->profile, "");
	struct proto_reply reply;
	bool good = told(answer(&request, 0, now, &reply),
		m->enrolled ? (uint32_t)PROTO_YES : PROTO_NOT_ENROLLED, "new recovery codes");

	if (m->enrolled) {
		memcpy(m->recovery, reply.recovery, sizeof m->recovery);
		m->left = (1u << PROTO_RECOVERY_CODES) - 1;
	}
	return good;
}

static bool enroll_at_once(struct model *m)
{
	put_in_force(m, enroll(m->profile, now), 0);
	m->waiting = false;
	return true;
}

static bool ask_for_pending(struct model *m)
{
	struct proto_request request = question(PROTO_ENROLL, m->profile, "");
	struct proto_reply reply;

	request.replace = request.pending = 1;
	if (!told(answer(&request, 0, now, &reply), PROTO_YES, "a secret that waits"))
		return false;
	free(m->pending.bytes);
	oath_base32_decode(reply.secret, strlen(reply.secret), &m->pending.bytes, &m->pending.len);
	m->waiting = true;
	m->asked_at = now;
	m->wrong = 0;
	return true;
}

static bool confirm(struct model *m)
{
	bool waits = m->waiting && now - m->asked_at < PROTO_PENDING_S;
	const char *code = waits && one_of(4) > 0 ? code_at(&m->pending, now) : "000000";
	struct proto_request request = question(PROTO_CONFIRM, m->profile, code);
	struct proto_reply reply;
	int64_t step = waits ? step_of(&m->pending, request.code) : -1;
	uint32_t expected = !waits ? PROTO_NOT_ENROLLED : step < 0 ? PROTO_BAD_CODE : PROTO_YES;

	if (expected == PROTO_YES) {
		put_in_force(m, m->pending, step);
		m->pending = (struct secret){ NULL, 0 };
		m->waiting = false;
	} else if (expected == PROTO_BAD_CODE && ++m->wrong == WRONG_MAX) {
		m->waiting = false;
	}
	return told(answer(&request, 0, now, &reply), expected, "a confirmation");
}

static bool remove_person(struct model *m)
{
	struct proto_request request = question(PROTO_REMOVE, m->profile, "");
	struct proto_reply reply;
	uint32_t expected = m->enrolled || m->waiting ? PROTO_YES : PROTO_NOT_ENROLLED;

	forget(m);
	return told(answer(&request, 0, now, &reply), expected, "a removal");
}

static bool unlock(struct model *m)
{
	struct proto_request request = question(PROTO_UNLOCK, m->profile, "");
	struct proto_reply reply;

	if (m->enrolled)
		memset(m->full_at, 0, sizeof m->full_at);
	return told(answer(&request, 0, now, &reply),
		m->enrolled ? (uint32_t)PROTO_YES : PROTO_NOT_ENROLLED, "an unlocking");
}

static bool restart(struct model *m)
{
	(void)m;
	store_close(judge.store);
	judging_open();
	return true;
}

/* How often each is done, of a thousand times. */
static const struct {
	long weight;
	bool (*run)(struct model *m);
} operations[] = {
	{ 944, try_code },
	{ 20, try_recovery },
	{ 2, new_recovery },
	{ 4, enroll_at_once },
	{ 8, ask_for_pending },
	{ 12, confirm },
	{ 2, remove_person },
	{ 6, unlock },
	{ 2, restart },
};

static bool one_operation(void)
{
	long dice = one_of(1000);
	size_t i = 0;

	now += one_of(20) == 0 ? one_of(7200) : one_of(20);
	for (; dice >= operations[i].weight; i++)
		dice -= operations[i].weight;
	return operations[i].run(&people[one_of(PEOPLE)]);
}

int main(void)
{
	const char *long_wanted = getenv("ADPERM_LONG");
	int count = long_wanted != NULL && strcmp(long_wanted, "1") == 0 ? 1000000 : 20000;
	bool same = true;
	int done = 0;

	judging_begin();
	peers = (struct peers){ .count = 1,
		.peer[0] = { .uid = PEER_UID,
			.operations = 1u << PROTO_VERIFY,
			.services = 1,
			.service[0] = "postgresql" } };
	srandom(69);
	for (int i = 0; i < PEOPLE; i++)
		snprintf(people[i].profile, sizeof people[i].profile, "m%d@acme.example", i);
	for (; done < count && same; done++)
		same = one_operation();
	ok(same, "t69 %d random operations are answered as the reference says, %d done", count,
		done);
	ok(accepted > count / 100, "t69 of which %d got somebody in", accepted);
	for (int i = 0; i < PEOPLE; i++)
		forget(&people[i]);
	judging_end();
	return tap_done();
}
