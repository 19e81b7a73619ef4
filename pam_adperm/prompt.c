/* The conversation; see prompt.h. */
#include "prompt.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * One message. PAM_SUCCESS and *answer to be released, NULL if there was none. After a failure the
 * reply is the application's affair: some leave pointers there that are not to be freed.
 */
static int converse(pam_handle_t *pamh, int style, const char *text, struct pam_response **answer)
{
	const struct pam_message message = { style, text };
	const struct pam_message *messages = &message;
	const struct pam_conv *conv;
	const void *item = NULL;
	int code;

	*answer = NULL;
	if (pam_get_item(pamh, PAM_CONV, &item) != PAM_SUCCESS || item == NULL)
		return PAM_CONV_ERR;
	conv = item;
	if (conv->conv == NULL)
		return PAM_CONV_ERR;
	code = conv->conv(1, &messages, answer, conv->appdata_ptr);
	if (code != PAM_SUCCESS)
		*answer = NULL;
	return code;
}

static void release(struct pam_response *answer)
{
	if (answer == NULL)
		return;
	if (answer->resp != NULL)
		explicit_bzero(answer->resp, strlen(answer->resp));
	free(answer->resp);
	free(answer);
}

/* sshd replaces what an unknown user typed by "\b\n\r\177INCORRECT". */
static bool is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < 0x20 || *text > 0x7e)
			return false;
	return true;
}

static enum adperm_reason take_code(const struct pam_response *answer, char *code)
{
	size_t len;

	if (answer == NULL || answer->resp == NULL || answer->resp_retcode != 0)
		return ADPERM_CONV;
	len = strlen(answer->resp);
	if (len >= PAM_MAX_RESP_SIZE)
		return ADPERM_CONV;
	if (len == 0 || len >= PROMPT_CODE_SIZE || !is_printable(answer->resp))
		return ADPERM_BAD_CODE;
	memcpy(code, answer->resp, len + 1);
	return ADPERM_OK;
}

enum adperm_reason prompt_code(pam_handle_t *pamh, char code[static PROMPT_CODE_SIZE])
{
	struct pam_response *answer;
	enum adperm_reason reason = ADPERM_CONV;

	code[0] = '\0';
	if (converse(pamh, PAM_PROMPT_ECHO_OFF, PROMPT_CODE, &answer) == PAM_SUCCESS)
		reason = take_code(answer, code);
	release(answer);
	return reason;
}

void prompt_tell(pam_handle_t *pamh, const char *text)
{
	struct pam_response *answer;

	converse(pamh, PAM_ERROR_MSG, text, &answer);
	release(answer);
}
