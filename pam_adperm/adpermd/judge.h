/*
 * The answer to one well-formed or malformed request: a table of operations over the store. Who
 * asks and what time it is are arguments; the caller opens the transaction before, commits it
 * after, and only then sends the answer.
 */
#ifndef ADPERM_JUDGE_H
#define ADPERM_JUDGE_H

#include "adpermd/peers.h"
#include "adpermd/store.h"

struct judge {
	struct store *store;
	struct seal_ring *ring;
	const struct peers *peers;
	uint8_t *secret; /* PROTO_SECRET_MAX bytes of guarded memory, empty between requests */
	bool stale;      /* the state is an old copy: nothing that would change it is answered */
	int64_t latest;  /* time of any request since the start; if it is less now, no grace counts
			  */
};

/*
 * Whether these bytes are a request that can be answered at all: magic, version, and its size. The
 * caller has zeroed *request, so that what an older version lacks is zero.
 */
bool judge_is_request(const struct proto_request *request, size_t len);

/* Whether the answer takes milliseconds: then it should not hold up many others. */
bool judge_is_costly(const struct proto_request *request);

/*
 * Fills *reply. 0: commit, then send it. Negative: the store failed; roll back, and what is to be
 * said is judge_store_failed().
 */
int judge_request(struct judge *judge, uid_t peer, const struct proto_request *request, int64_t now,
	struct proto_reply *reply);

void judge_store_failed(const struct proto_request *request, struct proto_reply *reply);

/* "verify", or "?" for a number that is no operation; "bad_code" ... */
const char *judge_op_name(unsigned op);
const char *judge_result_word(uint32_t result);

#endif
