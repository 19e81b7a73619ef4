/* The daemon's log; see log.h. */
#include "adpermd/log.h"

#include "base/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define LINES_A_SECOND 20

static bool for_supervisor;

void log_for_supervisor(bool yes)
{
	for_supervisor = yes;
}

void log_line(int priority, const char *format, ...)
{
	char words[1280], line[1312];
	va_list args;
	int len;

	va_start(args, format);
	vsnprintf(words, sizeof words, format, args);
	va_end(args);
	if (for_supervisor)
		len = snprintf(line, sizeof line, "<%d>%s\n", priority, words);
	else
		len = snprintf(line, sizeof line, "adpermd: %s\n", words);
	/* One write, so that lines of several processes do not mix. Who cannot log goes on working.
	 */
	if (len > 0 && write(STDERR_FILENO, line, (size_t)len) < 0)
		return;
}

struct log_safe log_safe(const char *bytes, size_t len)
{
	struct log_safe safe;
	struct text t = text_over(safe.text, sizeof safe.text);

	text_add_escaped(&t, slice_of(bytes, len), sizeof safe.text);
	return safe;
}

bool log_allowed(struct log_limit *limit, int64_t now_s, unsigned *missed)
{
	if (limit->second != now_s) {
		limit->second = now_s;
		limit->lines = 0;
	}
	if (limit->lines >= LINES_A_SECOND) {
		limit->missed++;
		return false;
	}
	limit->lines++;
	*missed = limit->missed;
	limit->missed = 0;
	return true;
}
