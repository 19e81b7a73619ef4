/* What can be a code, and the question to adpermd whether it is right; asking burns it. */
#ifndef ADPERM_PAM_CODE_H
#define ADPERM_PAM_CODE_H

#include "call.h"

#define CODE_SIZE 64 /* bytes of a code as it may be typed, with its NUL */

/* What adpermd says besides yes or no. */
struct code_answer {
	uint32_t retry_after;   /* seconds until the next guess is taken, after ADPERM_LOCKED */
	bool recovery;          /* it was a recovery code ... */
	unsigned recovery_left; /* ... and so many are left */
};

/*
 * Whether adpermd could take this for a code or a recovery code of anybody, blanks and hyphens
 * aside. Nothing else need be sent there: it may be a password.
 */
bool code_has_form(const char *typed);

/* Whether it is so many digits and nothing else. */
bool code_is_digits(const char *typed, size_t len);

/* Whether it is a recovery code just as it was shown, in letters of either case. */
bool code_is_recovery(const char *typed);

/* ADPERM_OK if adpermd accepted the code for c->profile, else why not. */
enum adperm_reason code_verify(struct call *c, const char *code, struct code_answer *answer);

/*
 * Whether an earlier code of c->profile still counts here, as the policy's grace allows. Asked
 * before code_verify(), it lets a code that is accepted then begin a grace.
 */
bool code_grace(struct call *c);

/* Where from, as adpermd and adperm-people are told it: a numeric address, or "". */
const char *code_from(const struct call *c);

/* How many digits the codes of c->profile have; 6 if nobody can tell. */
unsigned code_digits(struct call *c);

#endif
