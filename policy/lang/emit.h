/*
 * Writes a policy as a compiled database: whole, or the slice that one server needs.
 */
#ifndef ADPERM_LANG_EMIT_H
#define ADPERM_LANG_EMIT_H

#include "lang/policy.h"

struct emit_options {
	uint32_t server; /* index of the server whose slice it is, or NO_INDEX for all */
	uint64_t generation;
	int64_t not_after; /* WHEN_NEVER */
};

/*
 * Writes into the empty file fd, which is then complete but not synced. 0 or a negative errno;
 * -EMSGSIZE: one profile holds more on one server than a record takes.
 */
int policy_emit(const struct policy *p, const struct emit_options *options, int fd);

/* The same with so many threads beside this one, which make no difference but in time. */
int policy_emit_on(
	const struct policy *p, const struct emit_options *options, int fd, unsigned threads);

#endif
