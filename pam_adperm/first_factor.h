/* Who vouches that the first factor was shown before this module is asked. */
#ifndef ADPERM_PAM_FIRST_FACTOR_H
#define ADPERM_PAM_FIRST_FACTOR_H

#include "call.h"

/* By the option first_factor=; c->keys must be known. */
bool first_factor_vouched(const struct call *c);

#endif
