/* What reasons are called; the rows are in adperm_reasons.def. */
#include "adperm.h"

static const struct {
	const char *word, *text;
} reasons[] = {
#define REASON(symbol, word, kind, meaning) [ADPERM_##symbol] = { word, meaning },
#include "adperm_reasons.def"
};

static const size_t reason_rows = sizeof reasons / sizeof reasons[0];

const char *adperm_reason_word(enum adperm_reason reason)
{
	return (size_t)reason < reason_rows ? reasons[reason].word : "unknown";
}

const char *adperm_reason_text(enum adperm_reason reason)
{
	return (size_t)reason < reason_rows ? reasons[reason].text : "unknown reason";
}
