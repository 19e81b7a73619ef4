/*
 * Who may come to the door at which people help themselves: whoever holds anything here, whatever
 * it is. As pure as decide(), and made of its parts, so that what counts for a permission counts
 * there.
 */
#ifndef ADPERM_MODEL_MEMBER_H
#define ADPERM_MODEL_MEMBER_H

#include "model/decide.h"

/*
 * ANSWER_ALLOW if some grant or ownership counts, from that address and at that time; _2FA if one
 * that counts carries the flag; else ANSWER_DENY and why, the first that was dropped standing for
 * all. Of the verdict, answer and cause are set. The permission and the account of the question are
 * not looked at.
 */
struct verdict member_judge(const struct holding *h, const struct question *q);

#endif
