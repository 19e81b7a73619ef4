/* The person in front of the PAM conversation; see script.h. */
#include "script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *next_answer(void)
{
	return script.answer_first < script.answer_count
		       ? strdup(script.answers[script.answer_first++])
		       : NULL;
}

/* What our module asks, and whether the answer is seen. */
static bool is_prompt(const struct pam_message *message)
{
	static const char *const unseen[] = { "Verification code: ", "Invitation code: ",
		"PIN (Enter if you were given none): ",
		"Verification or invitation code (Enter for neither): " };

	if (message->msg_style == PAM_PROMPT_ECHO_ON)
		return strcmp(message->msg, "E-mail address: ") == 0;
	for (size_t i = 0; i < sizeof unseen / sizeof unseen[0]; i++)
		if (strcmp(message->msg, unseen[i]) == 0)
			return true;
	return false;
}

static char *hear(const struct pam_message *message)
{
	switch (message->msg_style) {
	case PAM_PROMPT_ECHO_ON:
	case PAM_PROMPT_ECHO_OFF:
		if (strcmp(message->msg, "Password: ") == 0) { /* of an earlier module */
			script.passwords++;
			return strdup(script.password != NULL ? script.password : "secret");
		}
		script.prompts++;
		if (!is_prompt(message))
			complain("asked \"%s\"", message->msg);
		return next_answer();
	case PAM_ERROR_MSG:
	case PAM_TEXT_INFO:
		script.texts++;
		snprintf(script.said, sizeof script.said, "%s", message->msg);
		return strdup("");
	default: complain("was told in another style: %s", message->msg); return NULL;
	}
}

static int converse(
	int n, const struct pam_message **messages, struct pam_response **answers, void *data)
{
	(void)data;
	if (n != 1)
		complain("%d messages in one call", n);
	*answers = calloc(1, sizeof **answers);
	if (*answers == NULL)
		return PAM_BUF_ERR;
	(*answers)->resp = hear(messages[0]);
	if ((*answers)->resp != NULL)
		return PAM_SUCCESS;
	free(*answers);
	*answers = NULL;
	return PAM_CONV_ERR;
}

const struct pam_conv script_person = { converse, NULL };
