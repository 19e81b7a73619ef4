/*
 * An apply that is taken back unless somebody who has logged in since confirms it. What waits
 * stands in policy.confirm in the state directory, and is carried out by whoever first finds that
 * its time is over: a process that watches, `adperm confirm --expired` as a timer and the next boot
 * call it, or the next apply.
 *
 * The time runs by the clock that nobody can set, which also counts while the machine sleeps. It
 * begins anew with each boot: after one it is over as soon as that clock or the time of day says
 * so, and also if the time of day has become earlier, which it never is.
 */
#ifndef ADPERM_CLI_CONFIRM_H
#define ADPERM_CLI_CONFIRM_H

#include "cli/installed.h"

#define BOOT_SIZE 37 /* a UUID and NUL */

struct moment {
	char boot[BOOT_SIZE]; /* which boot of the machine, see random(4) */
	uint64_t ticks;       /* since then, as in struct process */
	int64_t clock;        /* seconds since 1970 */
};

struct pending {
	uint64_t generation;         /* that waits */
	uint32_t seconds;            /* how long */
	struct moment since;         /* when it was installed */
	bool is_first;               /* nothing was installed before */
	uint8_t before[SHA256_SIZE]; /* else: of the database that was, all bytes */
};

/* 0 or a negative errno. */
int moment_now(struct moment *now);

/* 0, -ENOENT if nothing waits, -EBADMSG if what stands there cannot be understood, or another. */
int pending_read(const struct site *site, struct pending *pending);
int pending_write(const struct site *site, const struct pending *pending);
int pending_remove(const struct site *site);

/* Is the time over? */
bool pending_is_over(const struct pending *pending, const struct moment *now);

/*
 * Starts the process that watches. When the time of that generation is over, `go_back` is called in
 * it with `context`, until it says that it is done; nobody holds the lock then. 0 or a negative
 * errno.
 */
typedef bool pending_go_back(void *context);
int pending_watch(
	const struct site *site, uint64_t generation, pending_go_back *go_back, void *context);

/* Has this process come out of a login that began after the installation? */
bool login_is_newer(const struct pending *pending);

#endif
