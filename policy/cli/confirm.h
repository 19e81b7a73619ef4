/*
 * An apply that is taken back unless somebody who has logged in since confirms it. What waits
 * stands in policy.confirm in the state directory; a process of its own session watches it. That
 * process does not outlive the machine: after a reboot nothing is taken back.
 */
#ifndef ADPERM_CLI_CONFIRM_H
#define ADPERM_CLI_CONFIRM_H

#include "cli/installed.h"

struct pending {
	uint64_t generation; /* that waits */
	uint64_t since; /* clock ticks since boot, as in /proc/PID/stat: when it was installed */
	uint64_t until; /* seconds since boot */
};

/* 0, -ENOENT if nothing waits, or another negative errno. */
int pending_read(const struct site *site, struct pending *pending);
int pending_write(const struct site *site, const struct pending *pending);
int pending_remove(const struct site *site);

/* One that waits from now on, for so many seconds. */
struct pending pending_from_now(uint64_t generation, uint32_t seconds);

/*
 * Starts the process that watches. `go_back` is called in it when the time is over and that
 * generation still waits, with `context`; nobody holds the lock then. 0 or a negative errno.
 */
int pending_watch(const struct site *site, uint64_t generation, void (*go_back)(void *context),
	void *context);
/* Is there such a process? */
bool pending_is_watched(const struct site *site);

/* Has this process come out of a login that began after the installation? */
bool login_is_newer(const struct pending *pending);

#endif
