/*
 * Points in time: seconds since 1970-01-01T00:00:00Z, without leap seconds, years 1970 to 9999.
 * Written as RFC 3339 in UTC; a bare date means the end of that day.
 */
#ifndef ADPERM_MODEL_WHEN_H
#define ADPERM_MODEL_WHEN_H

#include "base/slice.h"

#define WHEN_NEVER INT64_MAX
#define WHEN_MAX   INT64_C(253402300800) /* the midnight that ends the year 9999 */
#define WHEN_DAY   86400
#define WHEN_SIZE  21 /* "2027-01-31T18:00:00Z" and a NUL */

/* "2027-01-31T18:00:00Z". */
bool when_parse(struct slice text, int64_t *out);

/* The same, or "2027-01-31": the midnight that ends that day. *date tells which it was. */
bool when_parse_end(struct slice text, int64_t *out, bool *date);

/* As when_parse() reads it; WHEN_MAX, which nothing can be asked as of, as the second before. */
void when_text(int64_t when, char out[static WHEN_SIZE]);

/* "30m", "8h": minutes or hours, in seconds; at most `max`. */
bool duration_parse(struct slice text, uint32_t max, uint32_t *out);

#endif
