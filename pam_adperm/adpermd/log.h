/*
 * The daemon's log: lines to standard error, where systemd (SyslogFacility=authpriv in the unit),
 * runit and a terminal expect them. Everything that came from outside goes through log_safe()
 * first. Never a code or a secret.
 */
#ifndef ADPERM_LOG_H
#define ADPERM_LOG_H

#include "base/slice.h"
#include <syslog.h>

/* Under a supervisor that reads them, lines begin with their priority ("<6>"), else with the name.
 */
void log_for_supervisor(bool yes);

/* One line, at LOG_ERR, LOG_WARNING, LOG_NOTICE or LOG_INFO of syslog.h. */
void log_line(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define LOG_SAFE_SIZE 272

/* Bytes from outside as printable ASCII, cut to the array. */
struct log_safe {
	char text[LOG_SAFE_SIZE];
};
struct log_safe log_safe(const char *bytes, size_t len);

/*
 * A limit for lines that somebody else can cause at will: true if one more may be written at
 * `now_s`; *missed then tells how many were not since the last. A limit begins as zeros.
 */
struct log_limit {
	int64_t second;
	unsigned lines, missed;
};
bool log_allowed(struct log_limit *limit, int64_t now_s, unsigned *missed);

#endif
