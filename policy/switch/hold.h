/*
 * How a question gets at the policy, and keeps the same one from its first look-up to its last.
 * There are two of these, and adperm_open() and adperm_close() with each: once.c, for programs that
 * are started for a few questions (the PAM module, adperm-keys, the tool), where a handle stays
 * what it was when it was opened; and library/follow.c, for programs that stay, where each question
 * is answered by what is installed at that moment.
 */
#ifndef ADPERM_SWITCH_HOLD_H
#define ADPERM_SWITCH_HOLD_H

#include "adperm.h"

struct hold {
	const struct adperm *now;
	struct adperm *own; /* of follow.c: opened for this question alone, or NULL */
	unsigned slot;      /* and where it stands otherwise */
};

/* ADPERM_OK and the policy as it is now, until hold_end(); or why there is none, and no end. */
enum adperm_reason hold_begin(const struct adperm *policy, struct hold *hold);
void hold_end(const struct adperm *policy, const struct hold *hold);

#endif
