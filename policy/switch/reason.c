/* What reasons are called; the rows are in adperm_reasons.def. */
#include "adperm.h"

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
