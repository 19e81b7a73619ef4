/* The first line of a combined stack; see split.h. */
#include "split.h"

#include "base/text.h"
#include "person.h"
#include "prompt.h"
#include "proof.h"

#include <stdlib.h>

#define SPLIT_NAME "pam_adperm.code"

struct put_aside {
	struct proof made; /* whose login it belongs to, and when; proves nothing */
	char code[CODE_SIZE];
};

/* May never run (the process ends first), or in a forked child on the child's copy. */
static void cleanup(pam_handle_t *pamh, void *data, int error_status)
{
	(void)pamh;
	(void)error_status;
	if (data != NULL)
		explicit_bzero(data, sizeof(struct put_aside));
	free(data);
}

static const struct put_aside *find(pam_handle_t *pamh)
{
	const void *data;

	return pam_get_data(pamh, SPLIT_NAME, &data) == PAM_SUCCESS ? data : NULL;
}

void split_drop(pam_handle_t *pamh)
{
	if (find(pamh) != NULL)
		pam_set_data(pamh, SPLIT_NAME, NULL, NULL);
}

static enum adperm_reason put_aside(const struct call *c, const char code[static CODE_SIZE])
{
	struct put_aside *aside;
	int64_t now;

	if (!proof_clock(&now))
		return ADPERM_CLOCK;
	aside = malloc(sizeof *aside);
	if (aside == NULL)
		return ADPERM_NOMEM;
	proof_make(&aside->made, c, false, now);
	memcpy(aside->code, code, sizeof aside->code);
	if (pam_set_data(c->pamh, SPLIT_NAME, aside, cleanup) == PAM_SUCCESS)
		return ADPERM_OK;
	cleanup(c->pamh, aside, 0);
	return ADPERM_NOMEM;
}

/*
 * Moves the code from the end of the answer: a recovery code behind the last blank, else the last
 * digits. An answer without one stays whole.
 */
static void take_code(char *answer, unsigned digits, char code[static CODE_SIZE])
{
	struct text typed = text_over(code, CODE_SIZE);
	size_t len = strlen(answer), word = len;
	char *at = NULL, *end = NULL;

	while (word > 0 && answer[word - 1] != ' ')
		word--;
	if (word > 0 && code_is_recovery(answer + word)) {
		at = answer + word;
		end = at - 1;
	} else if (len >= digits && code_is_digits(answer + len - digits, digits)) {
		end = at = answer + len - digits;
	}
	if (at == NULL)
		return;
	text_add(&typed, at);
	explicit_bzero(end, strlen(end));
}

/* Whoever is denied, or needs no code, has typed a password. */
static bool needs_code(struct call *c)
{
	return person_decide(c) == ADPERM_OK && c->answer.verdict == ADPERM_ALLOW_2FA;
}

enum adperm_reason split_line(struct call *c)
{
	char answer[PAM_MAX_RESP_SIZE], code[CODE_SIZE] = "";
	enum adperm_reason reason = prompt_ask(c->pamh, PROMPT_PASSWORD, answer);

	split_drop(c->pamh);
	if (reason != ADPERM_OK)
		goto out;
	if (needs_code(c))
		take_code(answer, code_digits(c), code);
	reason = put_aside(c, code);
	if (reason == ADPERM_OK && pam_set_item(c->pamh, PAM_AUTHTOK, answer) != PAM_SUCCESS)
		reason = ADPERM_NOMEM;
	/* The last line decides, and says what was in the way. */
	c->waiver = reason == ADPERM_OK ? WAIVER_SPLIT : WAIVER_NONE;
out:
	explicit_bzero(answer, sizeof answer);
	explicit_bzero(code, sizeof code);
	return reason;
}

enum adperm_reason split_code(struct call *c, char code[static CODE_SIZE])
{
	const struct put_aside *aside = find(c->pamh);
	struct proof here;
	int64_t now;

	c->hint = "no_split_line";
	if (aside == NULL)
		return ADPERM_BAD_CODE;
	c->hint = "no_code";
	if (aside->code[0] == '\0')
		return ADPERM_BAD_CODE;
	c->hint = NULL;
	if (!proof_clock(&now))
		return ADPERM_CLOCK;
	proof_make(&here, c, false, now);
	if (proof_compare(&aside->made, &here) != PROOF_GOOD) {
		c->hint = "code_is_of_another_login";
		return ADPERM_BAD_CODE;
	}
	memcpy(code, aside->code, sizeof aside->code);
	return ADPERM_OK;
}
