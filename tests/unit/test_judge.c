/* Answers of adpermd at any time of any clock, over a real state. */
#include "adpermd/guess.h"
#include "adpermd/judge.h"
#include "tap.h"

#include <liboath/oath.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#define NOON 1800000000 /* a multiple of 30 and 60 */

static char dir[] = "/tmp/adperm-test.XXXXXX";
static struct judge judge;
static struct seal_key key;
static struct peers peers;
static const char alice[] = "alice@acme.example";

static struct proto_request question(unsigned op, const char *profile, const char *code)
{
	struct proto_request request = { .magic = PROTO_MAGIC,
		.version = PROTO_VERSION,
		.op = (uint16_t)op,
		.generation = 418,
		.service = "sshd" };

	snprintf(request.profile, sizeof request.profile, "%s", profile);
	snprintf(request.code, sizeof request.code, "%s", code);
	return request;
}

/* Asks in a transaction of its own, as the server does. */
static uint32_t answer(
	const struct proto_request *request, uid_t peer, int64_t now, struct proto_reply *reply)
{
	int ret = store_begin(judge.store);

	if (ret == 0)
		ret = judge_request(&judge, peer, request, now, reply);
	if (ret == 0)
		ret = store_commit(judge.store);
	if (ret != 0)
		store_rollback(judge.store);
	return ret == 0 ? reply->result : PROTO_STORE_FAILED;
}

static uint32_t verify(const char *profile, const char *code, int64_t now)
{
	struct proto_request request = question(PROTO_VERIFY, profile, code);
	struct proto_reply reply;

	return answer(&request, 0, now, &reply);
}

struct secret {
	char *bytes;
	size_t len;
};

static struct secret enroll(const char *profile, int64_t now)
{
	struct proto_request request = question(PROTO_ENROLL, profile, "");
	struct proto_reply reply;
	struct secret secret = { NULL, 0 };

	request.replace = 1;
	if (answer(&request, 0, now, &reply) != PROTO_YES ||
		oath_base32_decode(reply.secret, strlen(reply.secret), &secret.bytes,
			&secret.len) != OATH_OK) {
		printf("Bail out! cannot enrol\n");
		exit(1);
	}
	return secret;
}

static const char *code_at(const struct secret *secret, int64_t when)
{
	static char code[9];

	oath_totp_generate(secret->bytes, secret->len, (time_t)when, 30, 0, 6, code);
	return code;
}

static void t64_no_code_is_taken_twice_or_backwards(void)
{
	struct secret secret = enroll(alice, NOON);

	is_int(verify(alice, code_at(&secret, NOON - 60), NOON), PROTO_BAD_CODE,
		"t64 two steps ago");
	is_int(verify(alice, code_at(&secret, NOON + 60), NOON), PROTO_BAD_CODE,
		"t64 in two steps");
	is_int(verify(alice, code_at(&secret, NOON - 30), NOON), PROTO_YES, "t64 the last one");
	is_int(verify(alice, code_at(&secret, NOON - 30), NOON), PROTO_REPLAY, "t57 once");
	is_int(verify(alice, code_at(&secret, NOON), NOON), PROTO_YES, "t64 the present one");
	is_int(verify(alice, code_at(&secret, NOON + 30), NOON), PROTO_YES, "t64 the next one");
	is_int(verify(alice, code_at(&secret, NOON), NOON + 29), PROTO_REPLAY,
		"t64 and then none before it");
	is_int(verify(alice, code_at(&secret, NOON + 30), NOON + 30), PROTO_REPLAY,
		"t57 nor itself when its time has come");
	is_int(verify(alice, code_at(&secret, NOON + 60), NOON + 60), PROTO_YES,
		"t64 but the next");
	for (int i = 0; i < 3; i++)
		is_int(verify(alice, code_at(&secret, NOON + 3600 + 30 * i - 90),
			       NOON + 3600 + 30 * i),
			PROTO_BAD_CODE, "t64 an app three steps behind stays wrong");
	is_int(verify(alice, code_at(&secret, NOON + 3690), NOON + 3690), PROTO_YES,
		"t64 and moved nothing");
	free(secret.bytes);
}

static void t63_clock(void)
{
	struct secret secret = enroll(alice, NOON);
	static const int64_t wrong[] = { 0, -1, 29, 1000000000, CLOCK_EPOCH - 1, NOON - 601,
		NOON - 3600, NOON - 86400 * 180, INT64_MAX, INT64_MIN };

	is_int(verify(alice, code_at(&secret, NOON), NOON), PROTO_YES, "t63 at noon");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		is_int(verify(alice, code_at(&secret, NOON), wrong[i]), PROTO_CLOCK,
			"t63 when the clock says %lld", (long long)wrong[i]);
	is_int(verify(alice, code_at(&secret, NOON - 600), NOON - 600), PROTO_REPLAY,
		"t63 ten minutes back nothing old is taken");
	is_int(verify(alice, code_at(&secret, 4294967296), 4294967296), PROTO_YES, "t63 2106");
	is_int(verify(alice, code_at(&secret, NOON + 60), NOON + 60), PROTO_CLOCK,
		"t63 and back from there");
	free(secret.bytes);
}

static void budgets(void)
{
	struct secret secret = enroll(alice, NOON);
	struct proto_request request = question(PROTO_STATUS, alice, "");
	struct proto_reply reply;
	char wrong[9] = "000000";

	while (strcmp(code_at(&secret, NOON), wrong) == 0 ||
		strcmp(code_at(&secret, NOON - 30), wrong) == 0 ||
		strcmp(code_at(&secret, NOON + 30), wrong) == 0)
		wrong[5]++;
	verify(alice, code_at(&secret, NOON), NOON);
	for (int i = 0; i < 20; i++)
		is_int(verify(alice, code_at(&secret, NOON), NOON), PROTO_REPLAY,
			"a spent code costs no guess");
	for (int i = 0; i < GUESS_BURST; i++)
		is_int(verify(alice, wrong, NOON), PROTO_BAD_CODE, "t60 guess %d", i + 1);
	is_int(verify(alice, wrong, NOON), PROTO_LOCKED, "t60 no more");
	is_int(verify(alice, code_at(&secret, NOON), NOON), PROTO_LOCKED,
		"t60 a spent code tells nothing then");
	is_int(answer(&request, 0, NOON, &reply), PROTO_YES, "status tells");
	is_int(reply.retry_after, GUESS_REGAIN_S, "for how long");
	is_int(verify(alice, code_at(&secret, NOON + 3600), NOON + 3600), PROTO_YES,
		"t60 an hour later the right one is taken");
	free(secret.bytes);
}

static void t62_records(void)
{
	struct secret secret = enroll(alice, NOON);
	struct secret other = enroll("bob@acme.example", NOON);
	struct enrolment mine, his, empty;
	const uint8_t nothing[15] = { 0 };

	store_begin(judge.store);
	store_find(judge.store, alice, &mine);
	store_find(judge.store, "bob@acme.example", &his);
	store_enroll(judge.store, alice, &his);
	store_commit(judge.store);
	is_int(verify(alice, code_at(&other, NOON), NOON), PROTO_STORE_CORRUPT,
		"t62 another person's record in her place");
	is_int(verify("bob@acme.example", code_at(&other, NOON), NOON), PROTO_YES,
		"t67 leaves that person alone");
	empty = mine;
	seal_close(&key, alice, &empty.kind, nothing, 0, &empty.sealed);
	store_begin(judge.store);
	store_enroll(judge.store, alice, &empty);
	store_commit(judge.store);
	is_int(verify(alice, "328482", NOON), PROTO_STORE_CORRUPT, "t62 an empty secret");
	seal_close(&key, alice, &empty.kind, nothing, sizeof nothing, &empty.sealed);
	store_begin(judge.store);
	store_enroll(judge.store, alice, &empty);
	store_commit(judge.store);
	is_int(verify(alice, "328482", NOON), PROTO_STORE_CORRUPT, "t62 a secret of 15 bytes");
	store_begin(judge.store);
	store_enroll(judge.store, alice, &mine);
	store_commit(judge.store);
	is_int(verify(alice, code_at(&secret, NOON), NOON), PROTO_YES, "t62 her own again");
	free(secret.bytes);
	free(other.bytes);
}

static void enrolments(void)
{
	struct proto_request request = question(PROTO_ENROLL, "new@acme.example", "");
	struct proto_request remove = question(PROTO_REMOVE, "new@acme.example", "");
	struct proto_reply reply, again;

	is_int(verify("new@acme.example", "123456", NOON), PROTO_NOT_ENROLLED, "not enrolled");
	request.digits = 7;
	is_int(answer(&request, 0, NOON, &reply), PROTO_MALFORMED, "no codes of seven digits");
	ok(reply.secret[0] == '\0', "and no secret");
	request.digits = 8;
	request.algorithm = PROTO_SHA512;
	request.period = 60;
	is_int(answer(&request, 0, 1000, &reply), PROTO_CLOCK, "nobody enrols in 1970");
	is_int(answer(&request, 0, NOON, &reply), PROTO_YES, "enrolled");
	ok(reply.digits == 8 && reply.algorithm == PROTO_SHA512 && reply.period == 60 &&
			strlen(reply.secret) == 103 && reply.generation == 418,
		"as asked for");
	is_int(answer(&request, 0, NOON, &again), PROTO_EXISTS, "not by mistake a second time");
	ok(again.secret[0] == '\0', "without a secret in the answer");
	request.replace = 1;
	is_int(answer(&request, 0, NOON, &again), PROTO_YES, "but on purpose");
	ok(strcmp(reply.secret, again.secret) != 0, "with another secret");
	is_int(answer(&remove, 0, NOON, &reply), PROTO_YES, "removed");
	is_int(answer(&remove, 0, NOON, &reply), PROTO_NOT_ENROLLED, "once");
	ok(sodium_is_zero(judge.secret, PROTO_SECRET_MAX), "t83 no secret stays behind");
}

static void words(void)
{
	static const struct {
		uint32_t result;
		const char *word;
	} rows[] = { { PROTO_NONE, "?" }, { PROTO_YES, "ok" }, { PROTO_BAD_CODE, "bad_code" },
		{ PROTO_STORE_FAILED, "store_failed" }, { 99, "?" } };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		is_str(judge_result_word(rows[i].result), rows[i].word, "result %u",
			rows[i].result);
	is_str(judge_op_name(PROTO_VERIFY), "verify", "an operation");
	is_str(judge_op_name(0), "?", "none");
	is_str(judge_op_name(65535), "?", "nor this");
}

/*
 * t69: random operations of a few people against a reference that keeps, for each, the steps that
 * were taken and the guesses that were made.
 */
struct model {
	bool enrolled;
	struct secret secret;
	int64_t mark, full_at;
};

static uint32_t model_verify(struct model *m, const char *code, int64_t now)
{
	int64_t missing = m->full_at > now ? m->full_at - now : 0;
	int64_t found = -1;

	if (!m->enrolled)
		return PROTO_NOT_ENROLLED;
	if (missing > 4 * 3600)
		return PROTO_LOCKED;
	for (int64_t step = now / 30 - 1; step <= now / 30 + 1; step++) {
		if (strcmp(code_at(&m->secret, step * 30), code) == 0)
			found = step;
	}
	if (found < 0)
		m->full_at = now + missing + 3600;
	if (found > m->mark) {
		m->mark = found;
		return PROTO_YES;
	}
	return found < 0 ? PROTO_BAD_CODE : PROTO_REPLAY;
}

static void t69_model(void)
{
	enum { PEOPLE = 5, STEPS = 20000 };
	struct model people[PEOPLE] = { { .enrolled = false } };
	int64_t now = NOON;
	int wrong = 0, accepted = 0;

	srandom(69);
	for (int i = 0; i < STEPS && wrong == 0; i++) {
		struct model *m = &people[random() % PEOPLE];
		char profile[32], code[9] = "000000";
		struct proto_request remove;
		struct proto_reply reply;
		long dice = random() % 1000;

		snprintf(profile, sizeof profile, "m%d@acme.example", (int)(m - people));
		now += random() % 20 == 0 ? random() % 7200 : random() % 20;
		if (dice < 4) {
			free(m->secret.bytes);
			*m = (struct model){ .enrolled = true, .secret = enroll(profile, now) };
		} else if (dice < 6) {
			remove = question(PROTO_REMOVE, profile, "");
			wrong += answer(&remove, 0, now, &reply) !=
				 (m->enrolled ? (uint32_t)PROTO_YES : PROTO_NOT_ENROLLED);
			free(m->secret.bytes);
			*m = (struct model){ .enrolled = false };
		} else {
			uint32_t expected, got;

			if (m->enrolled && dice < 900)
				memcpy(code, code_at(&m->secret, now + 30 * (random() % 5 - 2)), 7);
			expected = model_verify(m, code, now);
			got = verify(profile, code, now);
			accepted += got == PROTO_YES;
			if (got != expected) {
				printf("# operation %d: got %u, expected %u\n", i, got, expected);
				wrong++;
			}
		}
	}
	is_int(wrong, 0, "t69 %d random operations are answered as the reference says", STEPS);
	ok(accepted > STEPS / 100, "t69 of which %d were accepted", accepted);
	for (int i = 0; i < PEOPLE; i++)
		free(people[i].secret.bytes);
}

int main(void)
{
	uint8_t bytes[SEAL_KEY_SIZE] = { 42 };
	char path[64];

	if (sodium_init() < 0 || oath_init() != OATH_OK || mkdtemp(dir) == NULL ||
		seal_key_init(&key, bytes) != 0 || store_open(dir, &judge.store) != 0)
		return 1;
	judge.key = &key;
	judge.peers = &peers;
	judge.secret = sodium_malloc(PROTO_SECRET_MAX);
	sodium_memzero(judge.secret, PROTO_SECRET_MAX);
	t64_no_code_is_taken_twice_or_backwards();
	t63_clock();
	budgets();
	t62_records();
	enrolments();
	words();
	t69_model();
	store_close(judge.store);
	sodium_free(judge.secret);
	seal_key_done(&key);
	snprintf(path, sizeof path, "%s/" STORE_FILE, dir);
	unlink(path);
	ok(rmdir(dir) == 0, "nothing is left");
	return tap_done();
}
