/* The budget of guesses, against a reference that counts them one by one. */
#include "adpermd/guess.h"
#include "tap.h"

#define NOON 1800000000

static void burst_then_one_at_a_time(void)
{
	int64_t full_at = 0;

	for (int i = 0; i < GUESS_KNOWN_BURST; i++) {
		is_int(guess_wait(GUESS_KNOWN, full_at, NOON), 0, "guess %d is taken", i + 1);
		full_at = guess_spend(GUESS_KNOWN, full_at, NOON);
	}
	is_int(guess_wait(GUESS_KNOWN, full_at, NOON), GUESS_KNOWN_REGAIN_S,
		"the next one has to wait");
	is_int(guess_wait(GUESS_KNOWN, full_at, NOON + GUESS_KNOWN_REGAIN_S - 1), 1,
		"a second before that, a second");
	is_int(guess_wait(GUESS_KNOWN, full_at, NOON + GUESS_KNOWN_REGAIN_S), 0,
		"then one is taken");
	full_at = guess_spend(GUESS_KNOWN, full_at, NOON + GUESS_KNOWN_REGAIN_S);
	is_int(guess_wait(GUESS_KNOWN, full_at, NOON + GUESS_KNOWN_REGAIN_S), GUESS_KNOWN_REGAIN_S,
		"and one only");
	is_int(guess_wait(GUESS_KNOWN, full_at, NOON + 30 * 3600), 0,
		"a day later all is forgotten");
	is_int(guess_spend(GUESS_KNOWN, full_at, NOON + 30 * 3600),
		NOON + 30 * 3600 + GUESS_KNOWN_REGAIN_S, "and the bucket was full");
}

/* Guesses that somebody who never stops has in so many seconds. */
static int taken_in(enum guess_budget budget, int64_t seconds)
{
	int64_t full_at = 0;
	int taken = 0;

	for (int64_t now = NOON; now <= NOON + seconds; now++) {
		while (guess_wait(budget, full_at, now) == 0) {
			full_at = guess_spend(budget, full_at, now);
			taken++;
		}
	}
	return taken;
}

static void worst_day(void)
{
	int strangers = taken_in(GUESS_STRANGER, 86400), known = taken_in(GUESS_KNOWN, 86400);

	is_int(strangers, 11, "t59 strangers who never stop have 11 guesses a day");
	is_int(known, 21, "t59 known places have 21");
	ok((strangers + known) * 3 * 10000 < 1000000,
		"t59 fewer than one in ten thousand of them find a code");
	ok(taken_in(GUESS_STRANGER, 3600) + taken_in(GUESS_KNOWN, 3600) <= 10,
		"t59 no more than ten are looked at in an hour");
	ok(taken_in(GUESS_STRANGER, 30) <= 5, "t59 no more than five in thirty seconds");
}

static void clock_set_back(void)
{
	int64_t full_at = guess_spend(GUESS_PEER, 0, NOON + 86400 * 365);

	is_int(guess_wait(GUESS_PEER, full_at, NOON), GUESS_PEER_REGAIN_S,
		"a clock set back by a year locks no longer than at most");
	full_at = guess_spend(GUESS_PEER, full_at, NOON);
	is_int(full_at, NOON + GUESS_PEER_BURST * GUESS_PEER_REGAIN_S,
		"and the budget is never below empty");
	is_int(guess_wait(GUESS_PEER, INT64_MAX, 0), GUESS_PEER_REGAIN_S,
		"the largest number is an empty bucket");
	is_int(guess_wait(GUESS_PEER, -5, NOON), 0, "a past one is a full bucket");
}

int main(void)
{
	burst_then_one_at_a_time();
	worst_day();
	clock_set_back();
	return tap_done();
}
