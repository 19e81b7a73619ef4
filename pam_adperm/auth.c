/*
 * The auth phase. Whatever the policy says, the person sees the same: one question for a code, and
 * no. Only somebody who is allowed without a second factor is not asked.
 */
#include "base/text.h"
#include "code.h"
#include "person.h"
#include "phases.h"
#include "prompt.h"
#include "proof.h"

/*
 * adpermd's budget is what stops guessing. The delay, which libpam varies by half, only hides how
 * long it took to say no, which would tell a wrong code from a missing grant.
 */
#define FAIL_DELAY_US 50000

/* At least a minute, so that the text tells nothing finer than it must. */
static void tell_locked(const struct call *c, uint32_t seconds)
{
	char room[80];
	struct text text = text_over(room, sizeof room);
	uint32_t minutes = seconds / 60 + (seconds % 60 > 0 || seconds == 0);

	if (c->silent)
		return;
	text_add(&text, "Too many wrong codes. Try again in ");
	text_add_u64(&text, minutes);
	text_add(&text, minutes == 1 ? " minute." : " minutes.");
	prompt_tell(c->pamh, room);
}

/* The second factor of a person whom the policy allows with one. */
static enum adperm_reason second_factor(struct call *c, const char *code)
{
	uint32_t retry_after;
	enum adperm_reason reason = code_verify(c, code, &retry_after);

	if (reason == ADPERM_OK)
		return proof_leave(c, true);
	if (reason == ADPERM_LOCKED)
		tell_locked(c, retry_after);
	return reason;
}

/* One question for everybody; the answer of whom the policy denies is thrown away. */
static enum adperm_reason separate(struct call *c, enum adperm_reason verdict)
{
	char code[PROMPT_CODE_SIZE];
	enum adperm_reason reason = prompt_code(c->pamh, code);

	if (reason == ADPERM_CONV)
		c->hint = verdict != ADPERM_OK ? adperm_reason_word(verdict) : NULL;
	else if (verdict != ADPERM_OK)
		reason = verdict;
	else if (reason == ADPERM_OK)
		reason = second_factor(c, code);
	explicit_bzero(code, sizeof code);
	return reason;
}

/* The code came with the password; no line of the stack has put it aside. */
static enum adperm_reason combined(struct call *c, enum adperm_reason verdict)
{
	if (verdict != ADPERM_OK)
		return verdict;
	c->hint = "no_split_line";
	return ADPERM_BAD_CODE;
}

enum adperm_reason auth_phase(struct call *c)
{
	enum adperm_reason reason;

	proof_drop(c->pamh);
	if (!c->has_user)
		return ADPERM_UNMANAGED;
	reason = person_decide(c);
	if (c->waiver == WAIVER_IGNORE || reason == ADPERM_NOMEM)
		return reason;
	if (reason == ADPERM_OK && c->answer.verdict == ADPERM_ALLOW)
		return proof_leave(c, false);
	reason = c->options.prompt == PROMPT_COMBINED ? combined(c, reason) : separate(c, reason);
	if (reason != ADPERM_OK)
		pam_fail_delay(c->pamh, FAIL_DELAY_US);
	return reason;
}
