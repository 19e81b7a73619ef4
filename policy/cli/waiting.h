/*
 * Things that are undone unless somebody who has logged in since confirms them: how long they wait,
 * who looks after them, and who may confirm.
 *
 * The time runs by the clock that nobody can set, which also counts while the machine sleeps. It
 * begins anew with each boot: after one it is over as soon as that clock or the time of day says
 * so, and also if the time of day has become earlier, which it never is.
 */
#ifndef ADPERM_CLI_WAITING_H
#define ADPERM_CLI_WAITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WAITING_MAX 86400 /* seconds that something may wait */
#define TERM_TEXT   160   /* bytes of a term in words, with its NUL */
#define BOOT_SIZE   37    /* a UUID and NUL */

struct moment {
	char boot[BOOT_SIZE]; /* which boot of the machine, see random(4) */
	uint64_t ticks;       /* since then, as in struct process */
	int64_t clock;        /* seconds since 1970 */
};

struct term {
	struct moment since;
	uint32_t seconds;
};

/* 0 or a negative errno. */
int moment_now(struct moment *now);

bool term_is_over(const struct term *term, const struct moment *now);

/* As lines of a file, "seconds 600\nboot ...\n"; and back: false if it is none. */
void term_put(const struct term *term, char out[static TERM_TEXT]);
bool term_take(const char *text, struct term *term);

/*
 * Starts a process of its own session that calls `is_done` with `context`, first after a second and
 * then once a second, until it says yes. 0 or a negative errno.
 */
typedef bool waiting_is_done(void *context);
int waiting_watch(waiting_is_done *is_done, void *context);

/* Has this process come out of a login that began after that moment? */
bool login_is_newer(const struct moment *since);

#endif
