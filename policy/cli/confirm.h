/*
 * An apply that waits to be confirmed. What waits stands in policy.confirm in the state directory,
 * and is carried out by whoever first finds that its time is over: a process that watches, `adperm
 * confirm
 * --expired` as a timer and the next boot call it, or the next apply.
 */
#ifndef ADPERM_CLI_CONFIRM_H
#define ADPERM_CLI_CONFIRM_H

#include "cli/installed.h"
#include "cli/waiting.h"

struct pending {
	uint64_t generation;         /* that waits */
	struct term term;            /* since it was installed */
	bool is_first;               /* nothing was installed before */
	uint8_t before[SHA256_SIZE]; /* else: of the database that was, all bytes */
};

/* 0, -ENOENT if nothing waits, -EBADMSG if what stands there cannot be understood, or another. */
int pending_read(const struct site *site, struct pending *pending);
int pending_write(const struct site *site, const struct pending *pending);
int pending_remove(const struct site *site);

#endif
