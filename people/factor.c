/* The second factor; see factor.h. */
#include "people/factor.h"

#include "adpermd/client.h"

#define SERVICE "adperm-people"

_Static_assert(WISH_SECRET_TEXT == PROTO_SECRET_TEXT, "a secret passes through");
_Static_assert(WISH_RECOVERY_CODES == PROTO_RECOVERY_CODES, "so do recovery codes");
_Static_assert(WISH_RECOVERY_TEXT == PROTO_RECOVERY_TEXT, "all of each");

static enum wish_result result_of(const struct proto_reply *reply)
{
	switch (reply->result) {
	case PROTO_YES: return WISH_DONE;
	case PROTO_BAD_CODE:
	case PROTO_REPLAY: return WISH_BAD_CODE;
	case PROTO_NOT_ENROLLED: return WISH_NOT_ENROLLED;
	case PROTO_LOCKED: return WISH_LOCKED;
	case PROTO_CLOCK: return WISH_CLOCK;
	default: return WISH_NO_DAEMON;
	}
}

/* Fills in what each question has; *said is wiped by who asked, if it has a secret. */
static enum wish_result ask(
	const struct act *a, struct proto_request *request, struct proto_reply *said)
{
	const struct live_session *session = &a->asker->session;
	enum wish_result result = WISH_NO_DAEMON;

	request->generation = a->asker->generation;
	act_copy(request->service, sizeof request->service, SERVICE);
	act_copy(request->profile, sizeof request->profile, (const char *)a->profile.at);
	act_copy(request->from, sizeof request->from, session->rhost);
	act_copy(request->key, sizeof request->key, session->key);
	if (client_ask(a->auth, request, said) == CLIENT_OK) {
		result = result_of(said);
		a->reply->retry_after = said->retry_after;
	}
	explicit_bzero(request, sizeof *request);
	return result;
}

enum wish_result factor_find(const struct act *a, struct factor *out)
{
	struct proto_request request = { .op = PROTO_STATUS };
	struct proto_reply said = { .pending = 0 };
	enum wish_result result = ask(a, &request, &said);

	a->reply->retry_after = 0;
	*out = (struct factor){ .in_force = result == WISH_DONE, .waits = said.pending != 0 };
	return result == WISH_NOT_ENROLLED ? WISH_DONE : result;
}

enum wish_result factor_verify(const struct act *a)
{
	struct proto_request request = { .op = PROTO_VERIFY };
	struct proto_reply said;

	act_copy(request.code, sizeof request.code, a->wish->code);
	return ask(a, &request, &said);
}

enum wish_result factor_enroll(const struct act *a)
{
	struct proto_request request = { .op = PROTO_ENROLL, .replace = 1, .pending = 1 };
	struct proto_reply said = { .digits = 0 };
	enum wish_result result = ask(a, &request, &said);

	if (result == WISH_DONE) {
		act_copy(a->reply->secret, sizeof a->reply->secret, said.secret);
		a->reply->digits = said.digits;
		a->reply->algorithm = said.algorithm;
		a->reply->period = said.period;
	}
	explicit_bzero(&said, sizeof said);
	return result;
}

enum wish_result factor_confirm(const struct act *a)
{
	struct proto_request request = { .op = PROTO_CONFIRM };
	struct proto_reply said;

	act_copy(request.code, sizeof request.code, a->wish->code);
	return ask(a, &request, &said);
}

enum wish_result factor_recovery(const struct act *a)
{
	struct proto_request request = { .op = PROTO_RECOVERY };
	struct proto_reply said;
	enum wish_result result = ask(a, &request, &said);

	for (size_t i = 0; result == WISH_DONE && i < WISH_RECOVERY_CODES; i++)
		act_copy(a->reply->recovery[i], WISH_RECOVERY_TEXT, said.recovery[i]);
	explicit_bzero(&said, sizeof said);
	return result;
}

enum wish_result factor_remove(const struct act *a)
{
	static const struct proto_request parts[] = {
		{ .op = PROTO_REMOVE, .pending = 1 },
		{ .op = PROTO_REMOVE },
	};
	enum wish_result result = WISH_NOTHING;
	struct proto_reply said;

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		struct proto_request request = parts[i];
		enum wish_result one = ask(a, &request, &said);

		if (one != WISH_DONE && one != WISH_NOT_ENROLLED)
			return one;
		if (one == WISH_DONE)
			result = WISH_DONE;
	}
	return result;
}
