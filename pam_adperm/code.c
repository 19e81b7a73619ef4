/* Asking adpermd; see code.h. */
#include "code.h"

#include "adpermd/client.h"
#include "base/sshkey.h"
#include "base/text.h"

#include <arpa/inet.h>

#define SHORT_CODE 6
#define LONG_CODE  8

/* A recovery code is groups of characters with hyphens between them. */
enum { GROUP = 4, GROUPS = PROTO_RECOVERY_TEXT / (GROUP + 1), RECOVERY = GROUP * GROUPS };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The alphabet of RFC 4648, in either case. */
static bool is_base32(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7');
}

/* How many characters at the front are such. */
static size_t run_of(bool (*such)(char), const char *text)
{
	size_t len = 0;

	while (such(text[len]))
		len++;
	return len;
}

bool code_is_digits(const char *typed, size_t len)
{
	return run_of(is_digit, typed) == len && typed[len] == '\0';
}

/* Counted where it stands: a copy would have to be wiped. */
bool code_has_form(const char *typed)
{
	size_t len = 0, digits = 0, base32 = 0;

	for (; *typed != '\0'; typed++) {
		if (*typed == ' ' || *typed == '-')
			continue;
		len++;
		digits += is_digit(*typed);
		base32 += is_base32(*typed);
	}
	if (len == RECOVERY)
		return base32 == len;
	return (len == SHORT_CODE || len == LONG_CODE) && digits == len;
}

bool code_is_recovery(const char *typed)
{
	for (int group = 0; group < GROUPS; group++) {
		if (run_of(is_base32, typed) != GROUP)
			return false;
		typed += GROUP;
		if (*typed++ != (group < GROUPS - 1 ? '-' : '\0'))
			return false;
	}
	return true;
}

static const struct {
	enum proto_result result;
	enum adperm_reason reason;
} reasons[] = {
	{ PROTO_YES, ADPERM_OK },
	{ PROTO_BAD_CODE, ADPERM_BAD_CODE },
	{ PROTO_REPLAY, ADPERM_REPLAY },
	{ PROTO_NOT_ENROLLED, ADPERM_NOT_ENROLLED },
	{ PROTO_LOCKED, ADPERM_LOCKED },
	{ PROTO_REFUSED, ADPERM_DAEMON_REFUSED },
	{ PROTO_MALFORMED, ADPERM_DAEMON_PROTOCOL },
	{ PROTO_CLOCK, ADPERM_CLOCK },
	{ PROTO_STORE_CORRUPT, ADPERM_STORE_CORRUPT },
	{ PROTO_STORE_FAILED, ADPERM_STORE_FAILED },
	{ PROTO_STORE_ROLLBACK, ADPERM_STORE_ROLLBACK },
};

static enum adperm_reason reason_of(uint32_t result)
{
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (reasons[i].result == result)
			return reasons[i].reason;
	return ADPERM_DAEMON_PROTOCOL;
}

static enum adperm_reason problem_of(enum client_problem problem)
{
	switch (problem) {
	case CLIENT_OK: return ADPERM_OK;
	case CLIENT_UNREACHABLE: return ADPERM_DAEMON_UNREACHABLE;
	case CLIENT_UNTRUSTED: return ADPERM_DAEMON_UNTRUSTED;
	case CLIENT_PROTOCOL: return ADPERM_DAEMON_PROTOCOL;
	}
	return ADPERM_DAEMON_PROTOCOL;
}

static bool is_numeric(const char *address)
{
	unsigned char octets[16];

	return inet_pton(AF_INET, address, octets) == 1 ||
	       inet_pton(AF_INET6, address, octets) == 1;
}

const char *code_from(const struct call *c)
{
	return is_numeric(c->rhost) ? c->rhost : "";
}

/* False if a text is too long for its field; a shortened one would be another person's. */
static bool fill(
	struct proto_request *request, enum proto_op op, const struct call *c, const char *code)
{
	request->op = (uint16_t)op;
	request->generation = c->answer.generation;
	if (c->keys > 0)
		sshkey_fingerprint(c->key_digest, request->key);
	return text_set(request->service, sizeof request->service, c->service) &&
	       text_set(request->profile, sizeof request->profile, c->profile) &&
	       text_set(request->from, sizeof request->from, code_from(c)) &&
	       text_set(request->code, sizeof request->code, code);
}

static void fill_grace(struct proto_request *request, const struct call *c)
{
	_Static_assert(sizeof request->terms == sizeof c->answer.terms, "terms are terms");
	request->grace = c->answer.grace;
	memcpy(request->terms, c->answer.terms, sizeof request->terms);
}

bool code_grace(struct call *c)
{
	struct proto_request request = { .op = 0 };
	struct proto_reply reply;

	if (c->answer.grace == 0 || !is_numeric(c->rhost) || !fill(&request, PROTO_GRACE, c, ""))
		return false;
	fill_grace(&request, c);
	if (client_ask(c->options.socket, &request, &reply) != CLIENT_OK)
		return false;
	c->grace_known = reply.result == PROTO_YES || reply.result == PROTO_NO_GRACE;
	if (reply.result != PROTO_YES)
		return false;
	memcpy(c->rid, request.rid, sizeof c->rid);
	return true;
}

enum adperm_reason code_verify(struct call *c, const char *code, struct code_answer *answer)
{
	struct proto_request request = { .op = 0 };
	struct proto_reply reply;
	enum adperm_reason reason = ADPERM_DAEMON_PROTOCOL;

	*answer = (struct code_answer){ .recovery = false };
	if (!fill(&request, PROTO_VERIFY, c, code))
		goto out;
	if (c->grace_known)
		fill_grace(&request, c);
	reason = problem_of(client_ask(c->options.socket, &request, &reply));
	memcpy(c->rid, request.rid, sizeof c->rid);
	if (reason == ADPERM_OK) {
		reason = reason_of(reply.result);
		answer->retry_after = reply.retry_after;
		answer->recovery = reply.recovery_used != 0;
		answer->recovery_left = reply.recovery_left;
	}
out:
	explicit_bzero(&request, sizeof request);
	return reason;
}

unsigned code_digits(struct call *c)
{
	struct proto_request request = { .op = 0 };
	struct proto_reply reply;

	if (!fill(&request, PROTO_DIGITS, c, "") ||
		client_ask(c->options.socket, &request, &reply) != CLIENT_OK)
		return SHORT_CODE;
	return reply.result == PROTO_YES && reply.digits == LONG_CODE ? LONG_CODE : SHORT_CODE;
}
