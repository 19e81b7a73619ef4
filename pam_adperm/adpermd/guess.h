/*
 * Budgets of wrong guesses: buckets of a few, of which one comes back every so often, whatever
 * happens between. A right code does not refill one: else every login of the person would give an
 * attacker new guesses. The whole state of one is a point in time, so that it is one number in the
 * store. Pure.
 */
#ifndef ADPERM_GUESS_H
#define ADPERM_GUESS_H

#include <stdint.h>

/*
 * Each profile has one of each: BUDGET(NUMBER, SYMBOL, wrong guesses in a row, seconds until one
 * comes back, whose they are). The numbers are in the state.
 */
#define GUESS_BUDGETS(BUDGET)                                                                      \
	BUDGET(0, STRANGER, 5, 14400, "all places together from which no code was ever accepted")  \
	BUDGET(1, KNOWN, 5, 5400, "all places together from which one was")                        \
	BUDGET(2, RECOVERY, 5, 60,                                                                 \
		"recovery codes from strange places: these nobody guesses, but each costs "        \
		"some milliseconds to look at")                                                    \
	BUDGET(3, PEER, 5, 5400, "a peer other than root, whose word about places counts nothing") \
	BUDGET(4, CONFIRM, 5, 3600, "the secret that waits, which is forgotten with the last")     \
	BUDGET(5, RECOVERY_KNOWN, 5, 60, "recovery codes from known places")

enum guess_budget {
#define GUESS_ENUM(number, symbol, burst, regain, whose) GUESS_##symbol = (number),
	GUESS_BUDGETS(GUESS_ENUM)
#undef GUESS_ENUM
};

enum {
#define GUESS_NUMBERS(number, symbol, burst, regain, whose)                                        \
	GUESS_##symbol##_BURST = (burst), GUESS_##symbol##_REGAIN_S = (regain),                    \
	GUESS_##symbol##_A_DAY = (burst) + 86400 / (regain),
	GUESS_BUDGETS(GUESS_NUMBERS)
#undef GUESS_NUMBERS
};

/*
 * Three codes of a million are right at any moment. In the worst day fewer than one in ten thousand
 * who try all that the budgets give them find one; each listed peer besides root adds its own, and
 * each secret that waits, to whoever has come in with the first factor, that of CONFIRM.
 */
_Static_assert((GUESS_STRANGER_A_DAY + GUESS_KNOWN_A_DAY) * 3 * 10000 < 1000000,
	"the chance of guessing a code of six digits in a day is below 1 in 10,000");

/*
 * full_at is the time at which the bucket will be full again; any past time, as 0, is a full one.
 * Both take a full_at that lies too far ahead (the clock was set back) for an empty bucket.
 */

/* Seconds until a guess is taken; 0: now. Never more than the budget's seconds until one is back.
 */
uint32_t guess_wait(enum guess_budget budget, int64_t full_at, int64_t now);

/* The new full_at after a wrong guess. */
int64_t guess_spend(enum guess_budget budget, int64_t full_at, int64_t now);

#endif
