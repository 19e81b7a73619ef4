/*
 * One request under way, and the operations that answer one: 0 if *reply is to be sent once all is
 * committed, a negative errno if the store failed. Shared by the judge's files only.
 */
#ifndef ADPERM_ASKING_H
#define ADPERM_ASKING_H

#include "adpermd/judge.h"

struct asking {
	struct judge *judge;
	uid_t peer;
	const struct proto_request *request;
	int64_t now; /* seconds since 1970 */
	struct proto_reply *reply;
};

typedef int answer_operation(struct asking *a);

static inline int settle(struct asking *a, enum proto_result result)
{
	a->reply->result = result;
	return 0;
}

/*
 * Finds a record and opens its secret into judge->secret, which the caller wipes. 0; -ENOENT: there
 * is none; -EBADMSG: it is damaged; or the store failed.
 */
int asking_open(struct asking *a, enum standing standing, struct enrolment *e, size_t *secret_len);

/* Tells -ENOENT and -EBADMSG of the above; the store's failures are passed on. */
int asking_not_found(struct asking *a, int err);

/* Nothing up to this step of the record's is accepted: it is spent, or may be. */
int64_t asking_mark(const struct asking *a, const struct enrolment *e);

/* Whether a secret waits for its confirmation, and has not waited for too long. */
bool asking_waits(const struct asking *a, const struct enrolment *e);

/* The budget that a wrong code, or recovery code, of now would be taken from. */
int asking_budget(struct asking *a, bool recovery, enum guess_budget *budget, int64_t *full_at);

/*
 * judge_grace.c: places where an earlier code still counts. A code was right: it shall count here
 * for as long as the request says; or wrong, and then none counts anywhere.
 */
int asking_grace_begin(struct asking *a);
int asking_grace_end(struct asking *a);
answer_operation answer_grace, answer_graces, answer_revoke;

/* judge_code.c: codes. */
answer_operation answer_verify, answer_confirm, answer_digits;

/* judge_people.c: who is enrolled. */
answer_operation answer_enroll, answer_status, answer_remove, answer_recovery, answer_unlock,
	answer_list, answer_rekey;

#endif
