/*
 * The door at which people help themselves: a user of the system (the option self=) who is nobody,
 * behind whom stands one program that can do nothing else. It is open to whoever holds anything
 * here, by a key of theirs, and to whom an invitation's code lets in. Who it was goes into the
 * record of the session, which is what adperm-people believes.
 */
#ifndef ADPERM_PAM_SELF_H
#define ADPERM_PAM_SELF_H

#include "call.h"

/* What shows who it is. */
enum self_way {
	SELF_NOBODY = 0,
	SELF_LATE,   /* nothing yet; the session phase will see the key */
	SELF_KEY,    /* the key that sshd has verified */
	SELF_HANDED, /* what the auth phase of this connection has handed over */
};

/*
 * The rule of that door: what counts in that phase, where sshd has named so many keys and the auth
 * phase has handed something over or not.
 */
enum self_way self_way(enum phase phase, unsigned keys, bool handed);

/* Is it? Then these are the phases. */
bool self_is_door(const struct call *c);
enum adperm_reason self_auth(struct call *c);
enum adperm_reason self_account(struct call *c);
enum adperm_reason self_session(struct call *c);

#endif
