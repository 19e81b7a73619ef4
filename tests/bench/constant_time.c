/*
 * t66: whether the time that a wrong code takes tells how much of it is right, after dudect
 * (Reparaz, Balasch, Verbauwhede 2017): two kinds of wrong codes in random order, Welch's t over a
 * million of them, the slowest tenth left out. It must be found thrice: other work on the machine
 * makes a difference now and then. Speaks TAP.
 */
#include "../unit/tap.h"
#include "adpermd/totp.h"

#include <liboath/oath.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#define MEASURED 1000000
#define NOON     1800000000
#define LIMIT    4.5 /* of |t|; more is a difference */
#define ROUNDS   3

static const uint8_t secret[] = "12345678901234567890";
static const struct totp_kind kind = { 6, PROTO_SHA1, 30 };

struct measured {
	uint8_t near; /* 1: all digits but the last are right */
	uint32_t ns;
};

static uint32_t time_of(const char *code)
{
	struct timespec begin, end;
	int64_t step;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	totp_find_step(&kind, secret, sizeof secret - 1, NOON, code, &step);
	clock_gettime(CLOCK_MONOTONIC, &end);
	return (uint32_t)((end.tv_sec - begin.tv_sec) * 1000000000 + end.tv_nsec - begin.tv_nsec);
}

/* Another digit, which is right at that place of no code of the window. */
static char other_digit(char windows[3][9], int place)
{
	char digit = '0';

	while (windows[0][place] == digit || windows[1][place] == digit ||
		windows[2][place] == digit)
		digit++;
	return digit;
}

static int by_time(const void *a, const void *b)
{
	uint32_t x = ((const struct measured *)a)->ns, y = ((const struct measured *)b)->ns;

	return (x > y) - (x < y);
}

static double welch(const struct measured *all, size_t count)
{
	double sum[2] = { 0, 0 }, squares[2] = { 0, 0 }, n[2] = { 0, 0 }, mean[2], variance[2];

	for (size_t i = 0; i < count; i++) {
		sum[all[i].near] += all[i].ns;
		squares[all[i].near] += (double)all[i].ns * all[i].ns;
		n[all[i].near]++;
	}
	for (int k = 0; k < 2; k++) {
		mean[k] = sum[k] / n[k];
		variance[k] = squares[k] / n[k] - mean[k] * mean[k];
	}
	printf("# %.1f ns with no digit right, %.1f ns with all but one\n", mean[0], mean[1]);
	return (mean[0] - mean[1]) / sqrt(variance[0] / n[0] + variance[1] / n[1]);
}

static double measure(struct measured *all, char codes[2][9])
{
	for (size_t i = 0; i < MEASURED; i++) {
		all[i].near = random() & 1;
		all[i].ns = time_of(codes[all[i].near]);
	}
	qsort(all, MEASURED, sizeof *all, by_time);
	return welch(all, MEASURED / 10 * 9);
}

int main(void)
{
	struct measured *all = calloc(MEASURED, sizeof *all);
	char windows[3][9], codes[2][9] = { "", "" };
	double t = LIMIT;

	oath_init();
	for (int i = 0; i < 3; i++)
		oath_totp_generate((const char *)secret, sizeof secret - 1, NOON + 30 * (i - 1), 30,
			0, 6, windows[i]);
	for (int place = 0; place < 6; place++)
		codes[0][place] = other_digit(windows, place);
	memcpy(codes[1], windows[1], sizeof codes[1]);
	codes[1][5] = other_digit(windows, 5);
	srandom(66);
	for (int round = 0; round < ROUNDS && fabs(t) >= LIMIT; round++)
		t = measure(all, codes);
	ok(fabs(t) < LIMIT, "t66 a million wrong codes take the same time however near: t = %.2f",
		t);
	free(all);
	return tap_done();
}
