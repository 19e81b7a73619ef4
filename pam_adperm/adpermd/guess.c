/* The budgets of wrong guesses; see guess.h. */
#include "adpermd/guess.h"

static const struct {
	int64_t burst, regain_s;
} budgets[] = {
#define GUESS_ROW(number, symbol, burst, regain, whose) [number] = { (burst), (regain) },
	GUESS_BUDGETS(GUESS_ROW)
#undef GUESS_ROW
};

static int64_t no_more_than(int64_t value, int64_t limit)
{
	return value < limit ? value : limit;
}

/* Seconds until the bucket is full. */
static int64_t missing(enum guess_budget budget, int64_t full_at, int64_t now)
{
	if (full_at <= now)
		return 0;
	return no_more_than(full_at - now, budgets[budget].burst * budgets[budget].regain_s);
}

uint32_t guess_wait(enum guess_budget budget, int64_t full_at, int64_t now)
{
	int64_t over = missing(budget, full_at, now) -
		       (budgets[budget].burst - 1) * budgets[budget].regain_s;

	return over > 0 ? (uint32_t)over : 0;
}

int64_t guess_spend(enum guess_budget budget, int64_t full_at, int64_t now)
{
	int64_t spent = missing(budget, full_at, now) + budgets[budget].regain_s;

	return now + no_more_than(spent, budgets[budget].burst * budgets[budget].regain_s);
}
