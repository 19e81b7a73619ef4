/*
 * One request, one answer; see judge.h. What may be asked, in what form and by whom, is decided
 * here, before anything is looked at.
 */
#include "adpermd/asking.h"

#include <sodium.h>

/* What a request may say besides its profile; everything else of it must be zero. */
enum takes {
	TAKES_CODE = 1,
	TAKES_KIND = 2,    /* digits, algorithm, period, replace, mark */
	TAKES_SECRET = 4,  /* secret, secret_len */
	TAKES_PENDING = 8, /* pending */
	TAKES_CURSOR = 16, /* the profile may be empty */
	TAKES_NOBODY = 32, /* the profile must be empty */
	TAKES_TERMS = 64,  /* grace, terms */
	TAKES_AFTER = 128, /* after */
	CHANGES = 256,     /* makes no sense on an old copy of the state */
};

struct operation {
	answer_operation *answer;
	unsigned flags; /* enum takes */
};

/* What may be asked. Anything else is refused. */
static const struct operation operations[] = {
	[PROTO_VERIFY] = { answer_verify, TAKES_CODE | TAKES_TERMS | CHANGES },
	[PROTO_ENROLL] = { answer_enroll, TAKES_KIND | TAKES_SECRET | TAKES_PENDING | CHANGES },
	[PROTO_STATUS] = { answer_status, 0 },
	[PROTO_REMOVE] = { answer_remove, TAKES_PENDING | CHANGES },
	[PROTO_DIGITS] = { answer_digits, 0 },
	[PROTO_CONFIRM] = { answer_confirm, TAKES_CODE | CHANGES },
	[PROTO_RECOVERY] = { answer_recovery, CHANGES },
	[PROTO_UNLOCK] = { answer_unlock, CHANGES },
	[PROTO_LIST] = { answer_list, TAKES_CURSOR },
	[PROTO_REKEY] = { answer_rekey, TAKES_SECRET | TAKES_NOBODY | CHANGES },
	[PROTO_GRACE] = { answer_grace, TAKES_TERMS | CHANGES },
	[PROTO_GRACES] = { answer_graces, TAKES_CURSOR | TAKES_AFTER },
	[PROTO_REVOKE] = { answer_revoke, CHANGES },
};

#define PROTO_ROW(number, since, symbol, name, does)                                               \
	_Static_assert((number) < sizeof operations / sizeof operations[0], "an operation a row");
PROTO_OPS(PROTO_ROW)
#undef PROTO_ROW

static const struct operation *operation_of(unsigned op)
{
	return op < sizeof operations / sizeof operations[0] && operations[op].answer != NULL
		       ? &operations[op]
		       : NULL;
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

static bool all_zero(const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	uint8_t any = 0;

	for (size_t i = 0; i < len; i++)
		any |= at[i];
	return any == 0;
}

static bool profile_good(const struct proto_request *r, unsigned flags)
{
	bool empty = all_zero(r->profile, sizeof r->profile);

	if ((flags & TAKES_NOBODY) != 0)
		return empty;
	return (empty && (flags & TAKES_CURSOR) != 0) || is_profile(r->profile, sizeof r->profile);
}

static bool grace_well_formed(const struct proto_request *r, unsigned flags)
{
	bool terms = (flags & TAKES_TERMS) != 0;

	return (terms || (r->grace == 0 && all_zero(r->terms, sizeof r->terms))) &&
	       r->grace <= PROTO_GRACE_MAX_S && all_zero(r->unused_3, sizeof r->unused_3) &&
	       r->after >= 0 && (r->after == 0 || (flags & TAKES_AFTER) != 0);
}

static bool well_formed(const struct proto_request *r, unsigned flags)
{
	return printable(r->service, sizeof r->service, 1) && profile_good(r, flags) &&
	       printable(r->from, sizeof r->from, 0) && printable(r->key, sizeof r->key, 0) &&
	       proto_text_good(r->code, sizeof r->code) &&
	       (r->code[0] == '\0' || (flags & TAKES_CODE) != 0) &&
	       ((r->digits | r->algorithm | r->period | r->replace | r->mark) == 0 ||
		       (flags & TAKES_KIND) != 0) &&
	       r->replace <= 1 && r->mark >= 0 && r->secret_len <= sizeof r->secret &&
	       (r->secret_len == 0 || (flags & TAKES_SECRET) != 0) &&
	       all_zero(r->secret + r->secret_len, sizeof r->secret - r->secret_len) &&
	       (r->pending == 0 || (r->pending == 1 && (flags & TAKES_PENDING) != 0)) &&
	       grace_well_formed(r, flags) && all_zero(r->unused, sizeof r->unused) &&
	       all_zero(r->unused_2, sizeof r->unused_2);
}

bool judge_is_request(const struct proto_request *request, size_t len)
{
	return len >= proto_request_size(1) && request->magic == PROTO_MAGIC &&
	       len == proto_request_size(request->version);
}

bool judge_is_costly(const struct proto_request *request)
{
	struct recovery_code code;
	bool costly = request->op == PROTO_RECOVERY || request->op == PROTO_REKEY;

	if (request->op == PROTO_VERIFY && proto_text_good(request->code, sizeof request->code)) {
		costly = recovery_parse(request->code, &code);
		explicit_bzero(&code, sizeof code);
	}
	return costly;
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
	struct asking a = { judge, peer, request, now, reply };
	const struct operation *operation = operation_of(request->op);
	int ret;

	address_reply(request, reply);
	if (now > judge->latest)
		judge->latest = now;
	if (!well_formed(request, operation != NULL ? operation->flags : ~(unsigned)TAKES_NOBODY))
		return settle(&a, PROTO_MALFORMED);
	if (operation == NULL || !peers_allow(judge->peers, peer, request->op, request->service))
		return settle(&a, PROTO_REFUSED);
	if (judge->stale && (operation->flags & CHANGES) != 0)
		return settle(&a, PROTO_STORE_ROLLBACK);
	ret = operation->answer(&a);
	sodium_memzero(judge->secret, PROTO_SECRET_MAX);
	return ret;
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
