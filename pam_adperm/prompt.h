/*
 * The conversation. One question at a time, in a call of our own to the application's function,
 * whose every misbehaviour ends as ADPERM_CONV; whatever it answered is wiped.
 */
#ifndef ADPERM_PAM_PROMPT_H
#define ADPERM_PAM_PROMPT_H

#include "adperm.h"

#include <security/pam_modules.h>

#define PROMPT_CODE      "Verification code: "
#define PROMPT_CODE_SIZE 64 /* bytes of a code with its NUL, as adpermd takes them */

/*
 * Asks for a code, unseen. ADPERM_OK and the code (the caller wipes it), ADPERM_BAD_CODE for an
 * answer that can be no code (empty, too long, not printable ASCII), or ADPERM_CONV.
 */
enum adperm_reason prompt_code(pam_handle_t *pamh, char code[static PROMPT_CODE_SIZE]);

/* Tells something, and does not care how that ends. */
void prompt_tell(pam_handle_t *pamh, const char *text);

#endif
