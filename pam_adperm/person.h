/*
 * Whose door is it: from what PAM was told (PAM_USER, the keys sshd has verified) to a profile and
 * one question, and the policy's answer to it.
 */
#ifndef ADPERM_PAM_PERSON_H
#define ADPERM_PAM_PERSON_H

#include "call.h"

/* Whether there is a door for that permission at all. */
bool person_has_door(const char *permission);

/*
 * Finds the person and asks. ADPERM_OK if the verdict (c->answer.verdict) is one of the two allows;
 * otherwise why not. In the auth phase a first factor must have been vouched for, except before a
 * `split` line, which lets nobody in. Sets c->waiver where a reason does not end in a denial.
 */
enum adperm_reason person_decide(struct call *c);

/*
 * The same at the door at which people help themselves (the option self=), which is no
 * permission's: the policy is opened, and the keys that sshd names are taken, all of one profile.
 */
enum adperm_reason person_take_keys(struct call *c);

/* Does c->profile, which is put into lower case, or cleared if it is no address, hold anything
 * here, from where they are and now? */
enum adperm_reason person_is_member(struct call *c);

/*
 * Does the policy, which is open, answer questions here and now? Asked before something is left to
 * the session phase or to other modules without one. ADPERM_OK, _POLICY_WRONG_SERVER,
 * _POLICY_EXPIRED, or _CLOCK if it ends and there is no clock to tell whether it has.
 */
enum adperm_reason person_policy_holds(const struct call *c);

#endif
