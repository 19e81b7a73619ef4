/*
 * The question at the door at which people help themselves, for the programs that stand there. It
 * is about nobody's permission, so it is none of adperm.h's.
 */
#ifndef ADPERM_SWITCH_MEMBER_H
#define ADPERM_SWITCH_MEMBER_H

#include "adperm.h"

/*
 * Does the person of the question hold anything on its server, from its address and at its time, by
 * whatever grant or ownership? ADPERM_OK, or why not. *answer has the profile, and as verdict and
 * generation what adperm_ask() would have of a permission.
 */
enum adperm_reason member_ask(struct adperm *policy, const struct adperm_question *question,
	struct adperm_answer *answer);

#endif
