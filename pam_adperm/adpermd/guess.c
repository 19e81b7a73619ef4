/* The budget of wrong guesses; see guess.h. */
#include "adpermd/guess.h"

/* Seconds until the bucket is full. */
static int64_t missing(int64_t full_at, int64_t now)
{
	if (full_at <= now)
		return 0;
	if (full_at - now > GUESS_BURST * GUESS_REGAIN_S)
		return GUESS_BURST * GUESS_REGAIN_S;
	return full_at - now;
}

uint32_t guess_wait(int64_t full_at, int64_t now)
{
	int64_t over = missing(full_at, now) - (GUESS_BURST - 1) * GUESS_REGAIN_S;

	return over > 0 ? (uint32_t)over : 0;
}

int64_t guess_spend(int64_t full_at, int64_t now)
{
	int64_t spent = missing(full_at, now) + GUESS_REGAIN_S;

	return now + (spent > GUESS_BURST * GUESS_REGAIN_S ? GUESS_BURST * GUESS_REGAIN_S : spent);
}
