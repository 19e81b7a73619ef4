/*
 * The budget of wrong guesses: a bucket of a few, of which one comes back an hour, whatever happens
 * between. A right code does not refill it: else every login of the person would give an attacker
 * new guesses. Its whole state is one point in time, so that it is one number in the store. Pure.
 */
#ifndef ADPERM_GUESS_H
#define ADPERM_GUESS_H

#include <stdint.h>

#define GUESS_BURST    5    /* wrong guesses in a row */
#define GUESS_REGAIN_S 3600 /* seconds until one comes back */

/*
 * Three codes of a million are right at any moment. In the worst day fewer than one in ten thousand
 * who try all that the budget gives them find one; each listed peer besides root adds as much.
 */
_Static_assert((GUESS_BURST + 86400 / GUESS_REGAIN_S) * 3 * 10000 < 1000000,
	"the chance of guessing a code of six digits in a day is below 1 in 10,000");

/*
 * full_at is the time at which the bucket will be full again; any past time, as 0, is a full one.
 * Both take a full_at that lies too far ahead (the clock was set back) for an empty bucket.
 */

/* Seconds until a guess is taken; 0: now. Never more than GUESS_REGAIN_S. */
uint32_t guess_wait(int64_t full_at, int64_t now);

/* The new full_at after a wrong guess. */
int64_t guess_spend(int64_t full_at, int64_t now);

#endif
