/* Answers of adpermd at any time of any clock, over a real state. */
#include "judging.h"

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
	for (int i = 0; i < GUESS_STRANGER_BURST; i++)
		is_int(verify(alice, wrong, NOON), PROTO_BAD_CODE, "t60 guess %d", i + 1);
	is_int(verify(alice, wrong, NOON), PROTO_LOCKED, "t60 no more");
	is_int(verify(alice, code_at(&secret, NOON), NOON), PROTO_LOCKED,
		"t60 a spent code tells nothing then");
	is_int(answer(&request, 0, NOON, &reply), PROTO_YES, "status tells");
	is_int(reply.retry_after, GUESS_KNOWN_REGAIN_S, "for how long");
	is_int(verify(alice, code_at(&secret, NOON + 5400), NOON + 5400), PROTO_YES,
		"t60 then the right one is taken");
	free(secret.bytes);
}

static void t62_records(void)
{
	struct secret secret = enroll(alice, NOON);
	struct secret other = enroll("bob@acme.example", NOON);
	struct enrolment mine, his, empty;
	const uint8_t nothing[15] = { 0 };

	store_begin(judge.store);
	store_find(judge.store, alice, IN_FORCE, &mine);
	store_find(judge.store, "bob@acme.example", IN_FORCE, &his);
	store_enroll(judge.store, alice, IN_FORCE, &his);
	store_commit(judge.store);
	is_int(verify(alice, code_at(&other, NOON), NOON), PROTO_STORE_CORRUPT,
		"t62 another person's record in her place");
	is_int(verify("bob@acme.example", code_at(&other, NOON), NOON), PROTO_YES,
		"t67 leaves that person alone");
	empty = mine;
	seal_close(&ring.now, alice, &empty.kind, nothing, 0, &empty.sealed);
	store_begin(judge.store);
	store_enroll(judge.store, alice, IN_FORCE, &empty);
	store_commit(judge.store);
	is_int(verify(alice, "328482", NOON), PROTO_STORE_CORRUPT, "t62 an empty secret");
	seal_close(&ring.now, alice, &empty.kind, nothing, sizeof nothing, &empty.sealed);
	store_begin(judge.store);
	store_enroll(judge.store, alice, IN_FORCE, &empty);
	store_commit(judge.store);
	is_int(verify(alice, "328482", NOON), PROTO_STORE_CORRUPT, "t62 a secret of 15 bytes");
	store_begin(judge.store);
	store_enroll(judge.store, alice, IN_FORCE, &mine);
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

int main(void)
{
	judging_begin();
	t64_no_code_is_taken_twice_or_backwards();
	t63_clock();
	budgets();
	t62_records();
	enrolments();
	words();
	judging_end();
	return tap_done();
}
