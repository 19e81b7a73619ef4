/* The question to adpermd whether a code is right; asking burns it. */
#ifndef ADPERM_PAM_CODE_H
#define ADPERM_PAM_CODE_H

#include "call.h"

/*
 * ADPERM_OK if adpermd accepted the code for c->profile, else why not. After ADPERM_LOCKED
 * *retry_after is the number of seconds until the next guess is taken.
 */
enum adperm_reason code_verify(struct call *c, const char *code, uint32_t *retry_after);

#endif
