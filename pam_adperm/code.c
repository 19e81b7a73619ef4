/* Asking adpermd; see code.h. */
#include "code.h"

#include "adpermd/client.h"
#include "base/sshkey.h"

#include <arpa/inet.h>

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

/* False if the text is too long for its field; a shortened one would be another person's. */
static bool put(char *field, size_t size, const char *text)
{
	size_t len = strlen(text);

	if (len >= size)
		return false;
	memcpy(field, text, len);
	return true;
}

static bool is_numeric(const char *address)
{
	unsigned char octets[16];

	return inet_pton(AF_INET, address, octets) == 1 ||
	       inet_pton(AF_INET6, address, octets) == 1;
}

static bool fill(struct proto_request *request, const struct call *c, const char *code)
{
	request->op = PROTO_VERIFY;
	request->generation = c->answer.generation;
	if (c->keys > 0)
		sshkey_fingerprint(c->key_digest, request->key);
	return put(request->service, sizeof request->service, c->service) &&
	       put(request->profile, sizeof request->profile, c->profile) &&
	       put(request->from, sizeof request->from, is_numeric(c->rhost) ? c->rhost : "") &&
	       put(request->code, sizeof request->code, code);
}

enum adperm_reason code_verify(struct call *c, const char *code, uint32_t *retry_after)
{
	struct proto_request request = { .op = 0 };
	struct proto_reply reply;
	enum adperm_reason reason = ADPERM_DAEMON_PROTOCOL;

	*retry_after = 0;
	if (!fill(&request, c, code))
		goto out;
	reason = problem_of(client_ask(c->options.socket, &request, &reply));
	memcpy(c->rid, request.rid, sizeof c->rid);
	if (reason == ADPERM_OK) {
		reason = reason_of(reply.result);
		*retry_after = reply.retry_after;
	}
out:
	explicit_bzero(&request, sizeof request);
	return reason;
}
