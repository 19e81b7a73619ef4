/*
 * The conversation. One question at a time, in a call of our own to the application's function,
 * whose every misbehaviour ends as ADPERM_CONV; whatever it answered is wiped.
 */
#ifndef ADPERM_PAM_PROMPT_H
#define ADPERM_PAM_PROMPT_H

#include "adperm.h"

#include <security/pam_modules.h>

#define PROMPT_CODE     "Verification code: "
#define PROMPT_PASSWORD "Password: " /* with the code behind it, of whom needs one */

/*
 * Asks, unseen. ADPERM_OK and what was typed, of whatever bytes (the caller wipes it, all of it),
 * or ADPERM_CONV. libpam's limit is also the longest password.
 */
enum adperm_reason prompt_ask(
	pam_handle_t *pamh, const char *prompt, char answer[static PAM_MAX_RESP_SIZE]);
/* The same, and what is typed can be seen. */
enum adperm_reason prompt_ask_openly(
	pam_handle_t *pamh, const char *prompt, char answer[static PAM_MAX_RESP_SIZE]);

/* Tells something, in one of PAM's styles, and does not care how that ends. */
void prompt_tell(pam_handle_t *pamh, int style, const char *text);

#endif
