/*
 * The dialogue in which people look after themselves: those whom an invitation lets in, and those
 * who log in with a key. In lines, on any terminal. It has no rights: whatever changes is a wish to
 * adperm-people, which knows from the login who asks, and judges everything again.
 */
#ifndef ADPERM_SELF_DIALOGUE_H
#define ADPERM_SELF_DIALOGUE_H

#include "people/exchange.h"

#include <stdbool.h>
#include <stddef.h>

#define DIALOGUE_IDLE_S 300 /* to answer a question in, unless it is to be less */

struct dialogue {
	const char *socket; /* of adperm-people */
	int idle;           /* seconds to answer a question in */
	char profile[WISH_EMAIL_SIZE], owner[WISH_EMAIL_SIZE], server[WISH_EMAIL_SIZE];
	bool invited;      /* has no more than an invitation ... */
	int64_t until;     /* ... which ends then, seconds since 1970 */
	bool flagged;      /* some grant asks for a second factor */
	bool enrolled;     /* there is one in force */
	char logins[2048]; /* lines that say how to use what is held, once that was shown */
};

/* How a part of it ends. */
enum dialogue_end {
	DIALOGUE_ON,    /* the next question */
	DIALOGUE_BROKE, /* the person broke off, or nobody answers: told already */
	DIALOGUE_DONE,
};

/* --- talk.c */

/* Asks for a line, cut to `size`; false: none is to come any more, or none came in time. */
bool talk_ask(const struct dialogue *d, const char *prompt, char *line, size_t size);
/* Only "y" or "yes" is one. */
bool talk_agrees(const struct dialogue *d, const char *prompt);

/*
 * A wish of that kind, granted or not: false, with what to do said, if nobody answers. If a second
 * factor must be proved for it, asks for a code, which is wiped, and wishes again. The caller
 * wipes what is secret in *reply.
 */
bool talk_wish(const struct dialogue *d, struct wish *wish, struct wish_reply *reply);
/* Says why a wish was not granted. */
void talk_refused(const struct wish_reply *reply);

/* --- the parts */

/* Finds out who it is, and what for; false: told why not. */
bool holdings_find(struct dialogue *d);
/* All that the person was given here. */
enum dialogue_end holdings_show(struct dialogue *d);

/* Reads a key that is pasted and has it taken by that wish; Enter alone takes none: *given. */
enum dialogue_end keys_take(const struct dialogue *d, enum wish_op op, bool *given);
/* The keys that are registered, with their numbers; the one that waits, if any, is told in *waits.
 */
enum dialogue_end keys_show(const struct dialogue *d, unsigned *total, bool *waits);
enum dialogue_end keys_remove(const struct dialogue *d);

/* A new second factor, up to its recovery codes. */
enum dialogue_end factor_enroll(struct dialogue *d);
/* Puts in force what waits; `code` "" without a second factor. *reply is wiped by the caller. */
bool factor_activate(const struct dialogue *d, const char *code, struct wish_reply *reply);

/* The two ways through it. */
enum dialogue_end invited_run(struct dialogue *d);
enum dialogue_end menu_run(struct dialogue *d);

#endif
