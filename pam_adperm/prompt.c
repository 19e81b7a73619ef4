/* The conversation; see prompt.h. */
#include "prompt.h"

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

static enum adperm_reason take(
	const struct pam_response *given, char answer[static PAM_MAX_RESP_SIZE])
{
	size_t len;

	if (given == NULL || given->resp == NULL || given->resp_retcode != 0)
		return ADPERM_CONV;
	len = strlen(given->resp);
	if (len >= PAM_MAX_RESP_SIZE)
		return ADPERM_CONV;
	memcpy(answer, given->resp, len + 1);
	return ADPERM_OK;
}

static enum adperm_reason ask(
	pam_handle_t *pamh, int style, const char *prompt, char answer[static PAM_MAX_RESP_SIZE])
{
	struct pam_response *given;
	enum adperm_reason reason = ADPERM_CONV;

	answer[0] = '\0';
	if (converse(pamh, style, prompt, &given) == PAM_SUCCESS)
		reason = take(given, answer);
	release(given);
	return reason;
}

enum adperm_reason prompt_ask(
	pam_handle_t *pamh, const char *prompt, char answer[static PAM_MAX_RESP_SIZE])
{
	return ask(pamh, PAM_PROMPT_ECHO_OFF, prompt, answer);
}

enum adperm_reason prompt_ask_openly(
	pam_handle_t *pamh, const char *prompt, char answer[static PAM_MAX_RESP_SIZE])
{
	return ask(pamh, PAM_PROMPT_ECHO_ON, prompt, answer);
}

void prompt_tell(pam_handle_t *pamh, int style, const char *text)
{
	struct pam_response *answer;

	converse(pamh, style, text, &answer);
	release(answer);
}
