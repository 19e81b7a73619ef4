/* What verdicts and reasons are called; the reasons' rows are in adperm_reasons.def. */
#include "adperm.h"

#include "base/text.h"

/* Words in place, so that the table needs no relocation in every login process. */
static const char words[][24] = {
#define REASON(symbol, word, kind, meaning) [ADPERM_##symbol] = word,
#include "adperm_reasons.def"
};

static const char *const texts[] = {
#define REASON(symbol, word, kind, meaning) [ADPERM_##symbol] = (meaning),
#include "adperm_reasons.def"
};

static const size_t reason_rows = sizeof words / sizeof words[0];

const char *adperm_reason_word(enum adperm_reason reason)
{
	return (size_t)reason < reason_rows ? words[reason] : "unknown";
}

const char *adperm_reason_text(enum adperm_reason reason)
{
	return (size_t)reason < reason_rows ? texts[reason] : "unknown reason";
}

static const struct {
	char word[12], text[16];
} verdicts[] = {
	[ADPERM_ERROR] = { "error", "error" },
	[ADPERM_DENY] = { "deny", "deny" },
	[ADPERM_ALLOW] = { "allow", "allow" },
	[ADPERM_ALLOW_2FA] = { "allow_2fa", "allow with 2FA" },
};

/* What is no verdict is no yes. */
static enum adperm_verdict known(enum adperm_verdict verdict)
{
	return (size_t)verdict < sizeof verdicts / sizeof verdicts[0] ? verdict : ADPERM_ERROR;
}

const char *adperm_verdict_word(enum adperm_verdict verdict)
{
	return verdicts[known(verdict)].word;
}

const char *adperm_verdict_text(enum adperm_verdict verdict)
{
	return verdicts[known(verdict)].text;
}

void adperm_why(const struct adperm_answer *answer, char *out, size_t room)
{
	struct text t = text_over(out, room);

	text_add(&t, adperm_verdict_text(answer->verdict));
	if (answer->reason != ADPERM_OK) {
		text_add(&t, ": ");
		text_add(&t, adperm_reason_word(answer->reason));
		text_add(&t, ": ");
		text_add(&t, adperm_reason_text(answer->reason));
	}
	if (answer->source[0] != '\0') {
		text_add(&t, " (");
		text_add(&t, answer->source);
		text_add(&t, ")");
	}
}
