/*
 * adpermd's side of the socket: frames from peers, each with the answer to it. The input is a list
 * of frames, each behind a byte for the peer and one for how far the clock goes on. Nobody is told
 * yes about a code who did not give one that was right, each answer is to its request, and what
 * changes the state is asked by root alone.
 */
#include "../unit/judging.h"
#include "fuzz.h"

#include <sys/stat.h>

enum { FRAMES = 8, SECRET = 20 };

/* Who may ask a little, beside root. */
static const char allowed[] = "client nobody service=sshd operations=verify\n";

static bool look_up(const char *name, uid_t *uid)
{
	*uid = 65534;
	return strcmp(name, "nobody") == 0;
}

static void finish(void)
{
	judging_remove();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct proto_request request;
	struct proto_reply reply;

	(void)argc;
	(void)argv;
	judging_begin();
	must(peers_parse("adperm.conf", allowed, sizeof allowed - 1, look_up, &peers) == 0);
	request = question(PROTO_ENROLL, alice, "");
	request.replace = 1;
	memset(request.secret, 's', SECRET);
	request.secret_len = SECRET;
	must(answer(&request, 0, NOON, &reply) == PROTO_YES);
	atexit(finish);
	return 0;
}

static bool is_result(uint32_t number)
{
	switch (number) {
#define IS_RESULT(number, symbol, word) case (number):
		PROTO_RESULTS(IS_RESULT)
#undef IS_RESULT
		return true;
	}
	return false;
}

static void judge_reply(const struct proto_request *r, uid_t peer, const struct proto_reply *reply)
{
	must(reply->magic == PROTO_MAGIC && reply->version == r->version && reply->op == r->op);
	must(memcmp(reply->rid, r->rid, sizeof r->rid) == 0);
	must(is_result(reply->result));
	must(proto_text_good(reply->secret, sizeof reply->secret));
	must(reply->count <= PROTO_PAGE);
	if (reply->result != PROTO_YES)
		must(reply->secret[0] == '\0' && reply->recovery[0][0] == '\0');
	if (peer == 0 || reply->result == PROTO_MALFORMED)
		return;
	must(reply->result == PROTO_REFUSED ||
		(peer == 65534 && (r->op == PROTO_VERIFY || r->op == PROTO_DIGITS) &&
			strcmp(r->service, "sshd") == 0));
}

/* A code that is right for a secret of now is not to be guessed but by luck: 3 in a million. */
static void judge_code(const struct proto_request *r, int64_t now, const struct proto_reply *reply)
{
	static const char secret[SECRET] = "ssssssssssssssssssss";
	char code[9];
	bool right = false;

	if (r->op != PROTO_VERIFY || reply->result != PROTO_YES || strcmp(r->profile, alice) != 0 ||
		reply->recovery_used != 0)
		return;
	for (int step = -1; step <= 1; step++) {
		oath_totp_generate(secret, sizeof secret, (time_t)now + 30 * step, 30, 0, 6, code);
		right |= strcmp(code, r->code) == 0;
	}
	must(right);
}

/* All that an input does is undone. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_of(slice_of(data, size));
	bool changed = false;
	int64_t now = NOON + 60;

	must(store_begin(judge.store) == 0);
	for (int i = 0; i < FRAMES && c.rest.len > 2; i++) {
		static const uid_t uids[] = { 0, 65534, 1000 };
		struct proto_request request = { .magic = 0 };
		struct proto_reply reply;
		uid_t peer = uids[cursor_u8(&c) % 3];
		size_t len = sizeof request;
		struct slice frame;

		now += cursor_u8(&c);
		len = c.rest.len < len ? proto_request_size(1) : len;
		frame = cursor_take(&c, c.rest.len < len ? c.rest.len : len);
		memcpy(&request, frame.at, frame.len);
		if (!judge_is_request(&request, frame.len) || judge_is_costly(&request))
			continue;
		must(judge_request(&judge, peer, &request, now, &reply) == 0);
		judge_reply(&request, peer, &reply);
		if (!changed)
			judge_code(&request, now, &reply);
		changed |= peer == 0 && request.op == PROTO_ENROLL;
		for (size_t b = 0; b < PROTO_SECRET_MAX; b++)
			must(judge.secret[b] == 0);
	}
	store_rollback(judge.store);
	return 0;
}
