/*
 * What is done for a request that was judged to be one and to be allowed: a function for each
 * operation of wish.h. It runs with the book locked. What goes on at adpermd with what goes into
 * the book is in such an order that a kill in between has given nobody anything, and that the
 * request can be repeated.
 */
#ifndef ADPERM_PEOPLE_ACT_H
#define ADPERM_PEOPLE_ACT_H

#include "people/asker.h"
#include "people/book.h"
#include "people/invitation.h"

struct act {
	struct book *book;
	const struct asker *asker;
	const char *auth; /* the socket of adpermd */
	const struct wish *wish;
	struct slice profile, owner, key; /* what it names; the profile always */
	struct invitation invitation;     /* of ASKER_INVITED: the one they hold */
	struct wish_reply *reply;
};

typedef enum wish_result carry_out(struct act *a);

#define ACT_DECLARE(number, symbol, name, who, proof, names, does) carry_out act_##name;
WISH_OPS(ACT_DECLARE)
#undef ACT_DECLARE

/*
 * Finds the invitation that the asking session holds, into a->invitation: DONE, NOT_HELD, EXPIRED,
 * CLOCK, DAMAGED or FAILED.
 */
enum wish_result act_find_invitation(struct act *a);

/* Is it a time at which something can run out? */
bool act_knows_time(int64_t now);

/* Is the key that sshd verified at the login the person's own, by the policy or registered? */
bool act_came_with_key(const struct act *a);

/* A text into an array of a frame, which is zero. */
void act_copy(char *into, size_t size, const char *text);

#endif
