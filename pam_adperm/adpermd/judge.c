/*
 * One request, one answer; see judge.h. Order matters: what may be asked by whom, then the record,
 * the clock, the budget, the form of the code, and only then the code.
 */
#include "adpermd/judge.h"

#include "adpermd/guess.h"
#include <errno.h>
#include <sodium.h>

/* One request under way. */
struct asking {
	struct judge *judge;
	uid_t peer;
	const struct proto_request *request;
	int64_t now;
	struct proto_reply *reply;
	struct enrolment enrolment;
};

static int settle(struct asking *a, enum proto_result result)
{
	a->reply->result = result;
	return 0;
}

/* Judges a code that has the right form against the secret in judge->secret. */
static int judge_code(struct asking *a, const char *code, size_t secret_len, int64_t full_at)
{
	struct store *store = a->judge->store;
	const char *profile = a->request->profile;
	int64_t step;
	int ret = totp_find_step(
		&a->enrolment.kind, a->judge->secret, secret_len, a->now, code, &step);

	if (ret == -ENOENT) {
		settle(a, PROTO_BAD_CODE);
		return store_set_guesses(store, profile, a->peer, guess_spend(full_at, a->now));
	}
	if (ret != 0)
		return settle(a, PROTO_STORE_CORRUPT);
	if (step <= a->enrolment.mark)
		return settle(a, PROTO_REPLAY);
	settle(a, PROTO_YES);
	return store_burn(store, profile, step, a->now);
}

static int verify(struct asking *a)
{
	struct judge *judge = a->judge;
	const struct enrolment *e = &a->enrolment;
	const char *profile = a->request->profile;
	char code[TOTP_CODE_SIZE];
	size_t secret_len;
	int64_t full_at;
	int ret = store_find(judge->store, profile, &a->enrolment);

	if (ret == -ENOENT)
		return settle(a, PROTO_NOT_ENROLLED);
	if (ret == -EBADMSG || (ret == 0 && !seal_open(judge->key, profile, &e->kind, &e->sealed,
						    judge->secret, &secret_len)))
		return settle(a, PROTO_STORE_CORRUPT);
	if (ret == 0 && !totp_clock_sane(a->now, e->kind.period, e->mark)) {
		settle(a, PROTO_CLOCK);
		goto out;
	}
	if (ret == 0)
		ret = store_guesses(judge->store, profile, a->peer, &full_at);
	if (ret != 0)
		goto out;
	a->reply->retry_after = guess_wait(full_at, a->now);
	if (a->reply->retry_after > 0)
		settle(a, PROTO_LOCKED);
	else if (!totp_code_parse(a->request->code, e->kind.digits, code))
		settle(a, PROTO_BAD_CODE);
	else
		ret = judge_code(a, code, secret_len, full_at);
out:
	explicit_bzero(code, sizeof code);
	sodium_memzero(judge->secret, PROTO_SECRET_MAX);
	return ret;
}

static int enroll(struct asking *a)
{
	struct judge *judge = a->judge;
	const struct proto_request *request = a->request;
	struct enrolment *e = &a->enrolment;
	size_t len;
	int ret = store_find(judge->store, request->profile, e);

	if (ret != -ENOENT && ret != -EBADMSG && ret != 0)
		return ret;
	if (ret != -ENOENT && request->replace == 0)
		return settle(a, PROTO_EXISTS);
	*e = (struct enrolment){
		.kind = { request->digits, request->algorithm, request->period },
		.enrolled_at = a->now,
	};
	if (!totp_kind_fill(&e->kind))
		return settle(a, PROTO_MALFORMED);
	if (!totp_clock_sane(a->now, e->kind.period, 0))
		return settle(a, PROTO_CLOCK);
	len = totp_secret_size(e->kind.algorithm);
	randombytes_buf(judge->secret, len);
	seal_close(judge->key, request->profile, &e->kind, judge->secret, len, &e->sealed);
	ret = store_enroll(judge->store, request->profile, e);
	if (ret == 0) {
		totp_secret_text(judge->secret, len, a->reply->secret);
		a->reply->digits = e->kind.digits;
		a->reply->algorithm = e->kind.algorithm;
		a->reply->period = e->kind.period;
		settle(a, PROTO_YES);
	}
	sodium_memzero(judge->secret, PROTO_SECRET_MAX);
	return ret;
}

static int status(struct asking *a)
{
	struct judge *judge = a->judge;
	const struct enrolment *e = &a->enrolment;
	int64_t full_at;
	size_t len;
	int ret = store_find(judge->store, a->request->profile, &a->enrolment);

	if (ret == -ENOENT)
		return settle(a, PROTO_NOT_ENROLLED);
	if (ret == -EBADMSG || (ret == 0 && !seal_open(judge->key, a->request->profile, &e->kind,
						    &e->sealed, judge->secret, &len)))
		return settle(a, PROTO_STORE_CORRUPT);
	sodium_memzero(judge->secret, PROTO_SECRET_MAX);
	if (ret == 0)
		ret = store_guesses(judge->store, a->request->profile, a->peer, &full_at);
	if (ret != 0)
		return ret;
	a->reply->retry_after = guess_wait(full_at, a->now);
	a->reply->enrolled_at = e->enrolled_at;
	a->reply->last_used_at = e->last_used_at;
	a->reply->digits = e->kind.digits;
	a->reply->algorithm = e->kind.algorithm;
	a->reply->period = e->kind.period;
	return settle(a, PROTO_YES);
}

static int forget(struct asking *a)
{
	int ret = store_remove(a->judge->store, a->request->profile);

	if (ret == -ENOENT)
		return settle(a, PROTO_NOT_ENROLLED);
	settle(a, PROTO_YES);
	return ret;
}

/* What may be asked. Anything else is refused. */
typedef int answer_operation(struct asking *a);

static answer_operation *operation_of(unsigned op)
{
	static answer_operation *const operations[] = {
		[PROTO_VERIFY] = verify,
		[PROTO_ENROLL] = enroll,
		[PROTO_STATUS] = status,
		[PROTO_REMOVE] = forget,
	};

	return op < sizeof operations / sizeof operations[0] ? operations[op] : NULL;
}

/* A text of printable ASCII, at least min long. */
static bool printable(const char *text, size_t size, size_t min)
{
	if (!proto_text_good(text, size) || strlen(text) < min)
		return false;
	for (; *text != '\0'; text++) {
		if (*text < ' ' || *text > '~')
			return false;
	}
	return true;
}

/* An address as the policy writes it: in lower case, somebody at somewhere. */
static bool is_profile(const char *text, size_t size)
{
	const char *at;

	if (!printable(text, size, 3))
		return false;
	for (const char *c = text; *c != '\0'; c++) {
		if (*c == ' ' || (*c >= 'A' && *c <= 'Z'))
			return false;
	}
	at = strchr(text, '@');
	return at != NULL && at != text && at[1] != '\0' && strchr(at + 1, '@') == NULL;
}

static bool well_formed(const struct proto_request *r)
{
	static const uint8_t zero[sizeof r->unused];
	bool enrolls = r->op == PROTO_ENROLL;

	return printable(r->service, sizeof r->service, 1) &&
	       is_profile(r->profile, sizeof r->profile) && printable(r->from, sizeof r->from, 0) &&
	       printable(r->key, sizeof r->key, 0) && proto_text_good(r->code, sizeof r->code) &&
	       (r->op == PROTO_VERIFY || r->code[0] == '\0') &&
	       (enrolls || (r->digits | r->algorithm | r->period | r->replace) == 0) &&
	       r->replace <= 1 && memcmp(r->unused, zero, sizeof zero) == 0;
}

bool judge_is_request(const struct proto_request *request, size_t len)
{
	return len >= proto_request_size(1) && request->magic == PROTO_MAGIC &&
	       len == proto_request_size(request->version);
}

static void address_reply(const struct proto_request *request, struct proto_reply *reply)
{
	*reply = (struct proto_reply){ .magic = PROTO_MAGIC };
	reply->version = request->version;
	reply->op = request->op;
	reply->generation = request->generation;
	memcpy(reply->rid, request->rid, sizeof reply->rid);
	memcpy(reply->service, request->service, sizeof reply->service);
	memcpy(reply->profile, request->profile, sizeof reply->profile);
}

int judge_request(struct judge *judge, uid_t peer, const struct proto_request *request, int64_t now,
	struct proto_reply *reply)
{
	struct asking a = { judge, peer, request, now, reply, { .mark = 0 } };
	answer_operation *operation = operation_of(request->op);

	address_reply(request, reply);
	if (!well_formed(request))
		return settle(&a, PROTO_MALFORMED);
	if (operation == NULL || !peers_allow(judge->peers, peer, request->op, request->service))
		return settle(&a, PROTO_REFUSED);
	return operation(&a);
}

void judge_store_failed(const struct proto_request *request, struct proto_reply *reply)
{
	address_reply(request, reply);
	reply->result = PROTO_STORE_FAILED;
}

const char *judge_op_name(unsigned op)
{
	switch (op) {
#define PROTO_NAME(number, since, symbol, name, does)                                              \
	case (number): return name;
		PROTO_OPS(PROTO_NAME)
#undef PROTO_NAME
	}
	return "?";
}

const char *judge_result_word(uint32_t result)
{
	switch (result) {
#define PROTO_WORD(number, symbol, word)                                                           \
	case (number): return word;
		PROTO_RESULTS(PROTO_WORD)
#undef PROTO_WORD
	}
	return "?";
}
