/*
 * What changes for people between two policies: not which lines are others, but who may do what,
 * where, from where, until when and with what proof. Holdings that are the same are passed over;
 * all others are asked of decide(), at every address and time that makes a difference, so that
 * nothing reported means that no question from `at` on gets another answer.
 */
#ifndef ADPERM_LANG_CHANGE_H
#define ADPERM_LANG_CHANGE_H

#include "lang/regions.h"

/* What became of some permissions in one place. */
#define CHANGE_GAINED      1u
#define CHANGE_LOST        2u
#define CHANGE_2FA_ADDED   4u /* from some address */
#define CHANGE_2FA_DROPPED 8u
#define CHANGE_WIDER       16u /* from addresses where it was not held */
#define CHANGE_NARROWER    32u
#define CHANGE_UNTIL       64u  /* it ends at another time */
#define CHANGE_2FA_UNTIL   128u /* the second factor stops being asked for at another time */
#define CHANGE_GRACE       256u
#define CHANGE_LATER       512u /* nothing of this, but some answer at a later time */

/* What became of that by which a person is known; `place` is the login, or the key's fingerprint.
 */
#define CHANGE_LOGIN_GAINED 1024u
#define CHANGE_LOGIN_LOST   2048u
#define CHANGE_KEY_GAINED   4096u
#define CHANGE_KEY_LOST     8192u
#define CHANGE_KNOWN_BY     (15u * CHANGE_LOGIN_GAINED)

/* On one side. */
struct change_side {
	bool held;           /* from some address */
	bool with, without;  /* there, with and without a second factor */
	uint32_t grace;      /* the shortest, seconds */
	int64_t until;       /* from then on it is held nowhere; WHEN_NEVER */
	int64_t asked_until; /* from then on no second factor is asked for */
};

/* What became of it in one region, as bits. */
#define FATE_HELD_BEFORE 1u
#define FATE_HELD_AFTER  2u
#define FATE_2FA_BEFORE  4u
#define FATE_2FA_AFTER   8u

struct change {
	const char *profile;
	enum scope scope;
	const char *place;           /* the owner for SCOPE_OVERALL, else the server */
	const char *const *accounts; /* for SCOPE_ACCOUNT, account_total of them */
	uint32_t account_total;
	uint64_t perms; /* PERM_BIT()s that all changed alike */
	unsigned kinds; /* of CHANGE_KNOWN_BY one alone; then nothing of this but profile and place
			   is set */
	struct change_side before, after;
	const struct regions *regions;
	const uint8_t *fates; /* one a region */
};

typedef void change_visit(const struct change *change, void *data);

/*
 * Visits every change for people from time `at` on, by e-mail address. False: out of memory.
 * Derived menus are left out: they change only with something else.
 */
bool policy_compare(const struct policy *before, const struct policy *after, int64_t at,
	change_visit *visit, void *data);

#endif
