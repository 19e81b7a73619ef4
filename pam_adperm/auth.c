/*
 * The auth phase. Whatever the policy says, the person sees the same: one question for a code, and
 * no. Only somebody who is allowed without a second factor is not asked.
 */
#include "base/text.h"
#include "person.h"
#include "phases.h"
#include "prompt.h"
#include "proof.h"
#include "self.h"
#include "split.h"

#include <errno.h>
#include <time.h>

/*
 * How long it takes to say no must not tell a wrong code from a missing grant: a refusal comes so
 * long after the answer, however soon it was clear. adpermd needs less.
 */
#define REFUSAL_NS 5000000

/* adpermd's budget is what stops guessing; this, which libpam varies by half, slows it down. */
#define FAIL_DELAY_US 50000

/* Without a clock it is not even, but it is a refusal. */
void auth_refuse_evenly(const struct call *c, long nanoseconds)
{
	struct timespec now, left = { .tv_nsec = nanoseconds };
	int64_t passed;

	if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
		return;
	passed = (int64_t)(now.tv_sec - c->answered.tv_sec) * 1000000000 + now.tv_nsec -
		 c->answered.tv_nsec;
	if (passed >= nanoseconds)
		return;
	if (passed > 0)
		left.tv_nsec -= passed;
	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		continue;
}

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
	prompt_tell(c->pamh, PAM_ERROR_MSG, room);
}

static void tell_recovery(const struct call *c, unsigned left)
{
	char room[80];
	struct text text = text_over(room, sizeof room);

	if (c->silent)
		return;
	text_add(&text, "That was a recovery code; ");
	text_add_u64(&text, left);
	text_add(&text, left == 1 ? " is left." : " are left.");
	prompt_tell(c->pamh, PAM_TEXT_INFO, room);
}

enum adperm_reason auth_second_factor(struct call *c, const char *code)
{
	struct code_answer answer;
	enum adperm_reason reason = code_verify(c, code, &answer);

	if (reason == ADPERM_LOCKED)
		tell_locked(c, answer.retry_after);
	if (reason != ADPERM_OK)
		return reason;
	if (answer.recovery)
		tell_recovery(c, answer.recovery_left);
	return proof_leave(c, true);
}

static enum adperm_reason by_grace(struct call *c)
{
	c->hint = "grace";
	return proof_leave(c, true);
}

/* sshd replaces what an unknown user typed by "\b\n\r\177INCORRECT". */
static bool is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < 0x20 || *text > 0x7e)
			return false;
	return true;
}

/*
 * What can be no code is not sent to adpermd and costs no guess. If it was typed, this may be a
 * service that gives its password as the answer to every prompt.
 */
static enum adperm_reason judge_answer(struct call *c, const char *answer)
{
	if (code_has_form(answer))
		return auth_second_factor(c, answer);
	if (answer[0] != '\0' && is_printable(answer))
		c->hint = "combined_prompt";
	return ADPERM_BAD_CODE;
}

/* One question for everybody; the answer of whom the policy denies is thrown away. */
static enum adperm_reason separate(struct call *c, enum adperm_reason verdict)
{
	char answer[PAM_MAX_RESP_SIZE];
	enum adperm_reason reason = prompt_ask(c->pamh, PROMPT_CODE, answer);

	clock_gettime(CLOCK_MONOTONIC, &c->answered);
	if (reason == ADPERM_CONV)
		c->hint = verdict != ADPERM_OK ? adperm_reason_word(verdict) : NULL;
	else if (verdict != ADPERM_OK)
		reason = verdict;
	else
		reason = judge_answer(c, answer);
	explicit_bzero(answer, sizeof answer);
	return reason;
}

/*
 * The code came with the password, and the `split` line has put it aside. A client that keeps the
 * answer gives the same one again; then an earlier code may count, but none that was wrong.
 */
static enum adperm_reason combined(struct call *c, enum adperm_reason verdict)
{
	char code[CODE_SIZE] = "";
	bool grace = verdict == ADPERM_OK && code_grace(c);
	enum adperm_reason reason = verdict;

	if (reason == ADPERM_OK)
		reason = split_code(c, code);
	if (reason == ADPERM_OK)
		reason = auth_second_factor(c, code);
	if (grace && (code[0] == '\0' || reason == ADPERM_REPLAY))
		reason = by_grace(c);
	explicit_bzero(code, sizeof code);
	return reason;
}

static enum adperm_reason decide(struct call *c)
{
	enum adperm_reason reason;

	clock_gettime(CLOCK_MONOTONIC, &c->answered);
	reason = person_decide(c);

	if (c->waiver == WAIVER_IGNORE || reason == ADPERM_NOMEM)
		return reason;
	if (reason == ADPERM_OK && c->answer.verdict == ADPERM_ALLOW)
		return proof_leave(c, false);
	if (c->options.prompt == PROMPT_COMBINED)
		reason = combined(c, reason);
	else if (reason == ADPERM_OK && code_grace(c))
		return by_grace(c);
	else
		reason = separate(c, reason);
	if (reason != ADPERM_OK) {
		pam_fail_delay(c->pamh, FAIL_DELAY_US);
		auth_refuse_evenly(c, REFUSAL_NS);
	}
	return reason;
}

enum adperm_reason auth_phase(struct call *c)
{
	enum adperm_reason reason;

	proof_drop(c->pamh);
	if (!c->has_user)
		return ADPERM_UNMANAGED;
	if (c->options.split)
		return split_line(c);
	if (self_is_door(c))
		return self_auth(c);
	reason = decide(c);
	split_drop(c->pamh);
	return reason;
}
