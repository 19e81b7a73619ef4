/* Who vouches that the first factor was shown before this module is asked. */
#ifndef ADPERM_PAM_FIRST_FACTOR_H
#define ADPERM_PAM_FIRST_FACTOR_H

#include "call.h"

/* By the option first_factor=; c->keys must be known. */
bool first_factor_vouched(const struct call *c);

/*
 * The user under whose real user id the program runs; "" if there is none, or the program says that
 * it was another (PAM_RUSER).
 */
void first_factor_caller(pam_handle_t *pamh, char name[static CALL_ITEM_SIZE]);

#endif
