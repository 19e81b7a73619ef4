/* adperm.conf as lines of words; see conf.h. */
#include "base/conf.h"

static const struct {
	const char *word;
	enum conf_reader whose;
} statements[] = {
	{ "client", CONF_ADPERMD },
	{ "mail", CONF_TOOL },
	{ "alerts", CONF_TOOL },
};

enum conf_reader conf_whose(struct slice word)
{
	for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++)
		if (slice_equal(word, slice_str(statements[i].word)))
			return statements[i].whose;
	return CONF_NOBODY;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

struct slice conf_piece(struct slice *rest, char end)
{
	size_t start = 0, stop, skip;
	struct slice piece;

	while (end == ' ' && start < rest->len && is_blank(rest->at[start]))
		start++;
	stop = start;
	while (stop < rest->len && rest->at[stop] != (uint8_t)end &&
		!(end == ' ' && is_blank(rest->at[stop])))
		stop++;
	piece = slice_of(rest->at + start, stop - start);
	skip = stop < rest->len ? stop + 1 : stop;
	*rest = slice_of(rest->at + skip, rest->len - skip);
	return piece;
}

struct slice conf_line(struct slice *rest)
{
	struct slice line = conf_piece(rest, '\n');

	return conf_piece(&line, '#');
}
