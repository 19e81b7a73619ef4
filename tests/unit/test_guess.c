/* The budget of guesses, against a reference that counts them one by one. */
#include "adpermd/guess.h"
#include "tap.h"

#define NOON 1800000000

static void burst_then_one_an_hour(void)
{
	int64_t full_at = 0;

	for (int i = 0; i < GUESS_BURST; i++) {
		is_int(guess_wait(full_at, NOON), 0, "guess %d is taken", i + 1);
		full_at = guess_spend(full_at, NOON);
	}
	is_int(guess_wait(full_at, NOON), GUESS_REGAIN_S, "the next one has to wait an hour");
	is_int(guess_wait(full_at, NOON + 3599), 1, "a second before that, a second");
	is_int(guess_wait(full_at, NOON + 3600), 0, "then one is taken");
	full_at = guess_spend(full_at, NOON + 3600);
	is_int(guess_wait(full_at, NOON + 3600), GUESS_REGAIN_S, "and one only");
	is_int(guess_wait(full_at, NOON + 30 * 3600), 0, "a day later all is forgotten");
	is_int(guess_spend(full_at, NOON + 30 * 3600), NOON + 31 * 3600, "and the bucket was full");
}

static void worst_day(void)
{
	int64_t full_at = 0;
	int taken = 0;

	for (int64_t now = NOON; now <= NOON + 86400; now++) {
		while (guess_wait(full_at, now) == 0) {
			full_at = guess_spend(full_at, now);
			taken++;
		}
	}
	is_int(taken, 29, "t59 somebody who never stops has 29 guesses a day");
	ok(taken * 3 * 10000 < 1000000, "t59 fewer than one in ten thousand of them find a code");
}

static void clock_set_back(void)
{
	int64_t full_at = guess_spend(0, NOON + 86400 * 365);

	is_int(guess_wait(full_at, NOON), GUESS_REGAIN_S,
		"a clock set back by a year locks for an hour at most");
	full_at = guess_spend(full_at, NOON);
	is_int(full_at, NOON + GUESS_BURST * GUESS_REGAIN_S, "and the budget is never below empty");
	is_int(guess_wait(INT64_MAX, 0), GUESS_REGAIN_S, "the largest number is an empty bucket");
	is_int(guess_wait(-5, NOON), 0, "a past one is a full bucket");
}

int main(void)
{
	burst_then_one_an_hour();
	worst_day();
	clock_set_back();
	return tap_done();
}
