/*
 * A test program is a main() that checks things and ends with `return tap_done();`. Output is TAP
 * (Test Anything Protocol), one line a check.
 *
 *	ok(slice_sub(whole, 1, 2, &part), "a part inside is given");
 *	is_int(part.len, 2, "and has its length");
 *	is_str(name, "acme", "the name is kept");
 */
#ifndef ADPERM_TESTS_TAP_H
#define ADPERM_TESTS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;

__attribute__((format(printf, 4, 5), unused)) static bool tap_check(
	bool good, const char *file, int line, const char *format, ...)
{
	va_list args;

	printf("%sok %d - ", good ? "" : "not ", ++tap_count);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	if (!good) {
		tap_failed++;
		printf("#   at %s:%d\n", file, line);
	}
	return good;
}

#define ok(condition, ...) tap_check((condition), __FILE__, __LINE__, __VA_ARGS__)

#define is_int(got, expected, ...)                                                                 \
	do {                                                                                       \
		long long tap_got = (long long)(got), tap_expected = (long long)(expected);        \
		if (!ok(tap_got == tap_expected, __VA_ARGS__))                                     \
			printf("#   got %lld, expected %lld\n", tap_got, tap_expected);            \
	} while (0)

#define is_str(got, expected, ...)                                                                 \
	do {                                                                                       \
		const char *tap_got = (got), *tap_expected = (expected);                           \
		if (!ok(tap_got != NULL && strcmp(tap_got, tap_expected) == 0, __VA_ARGS__))       \
			printf("#   got \"%s\", expected \"%s\"\n", tap_got ? tap_got : "(null)",  \
				tap_expected);                                                     \
	} while (0)

__attribute__((unused)) static void tap_skip(const char *why, const char *what)
{
	printf("ok %d - %s # SKIP %s\n", ++tap_count, what, why);
}

__attribute__((unused)) static int tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed > 0;
}

#endif
