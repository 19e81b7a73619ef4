/* The parser of switch.conf; see switch.h. */
#include "switch/switch.h"

#include <errno.h>

#define FILE_MAX 4096 /* bytes */

static const char *const status_names[STATUSES] = { "success", "notfound", "unavail", "tryagain" };

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Cuts the next word off the line: up to a space or a bracket, or one bracket alone. */
static struct slice next_word(struct slice *line)
{
	struct slice whole = *line;
	size_t start = 0, end;

	while (start < line->len && is_space(line->at[start]))
		start++;
	end = start;
	while (end < line->len && !is_space(line->at[end]) && line->at[end] != '[' &&
		line->at[end] != ']')
		end++;
	if (end == start && end < line->len)
		end++;
	*line = slice_of(whole.at + end, whole.len - end);
	return slice_of(whole.at + start, end - start);
}

/* Case does not matter in these words, as in nsswitch.conf. */
static bool is_word(struct slice word, const char *name)
{
	if (word.len != strlen(name))
		return false;
	for (size_t i = 0; i < word.len; i++)
		if ((word.at[i] >= 'A' && word.at[i] <= 'Z' ? word.at[i] + 32 : word.at[i]) !=
			(uint8_t)name[i])
			return false;
	return true;
}

/* "STATUS=ACTION" or "!STATUS=ACTION", which is about all other statuses. */
static const char *parse_action(struct slice word, struct switch_entry *entry)
{
	bool others = word.len > 0 && word.at[0] == '!';
	struct slice rest = slice_of(word.at + others, word.len - others);
	const uint8_t *equals = rest.len > 0 ? memchr(rest.at, '=', rest.len) : NULL;
	struct slice status, action;
	unsigned which = 0;

	if (equals == NULL)
		return "expected STATUS=ACTION";
	status = slice_of(rest.at, (size_t)(equals - rest.at));
	action = slice_of(equals + 1, rest.len - status.len - 1);
	while (which < STATUSES && !is_word(status, status_names[which]))
		which++;
	if (which == STATUSES)
		return "a status is success, notfound, unavail or tryagain";
	if (!is_word(action, "return") && !is_word(action, "continue"))
		return "an action is return or continue";
	for (unsigned i = 0; i < STATUSES; i++)
		if ((i == which) != others)
			entry->proceed[i] = is_word(action, "continue");
	return NULL;
}

static const char *parse_actions(struct slice *line, struct switch_conf *conf)
{
	struct slice word = next_word(line);

	if (conf->n == 0)
		return "actions stand behind the source they are about";
	if (is_word(word, "]"))
		return "empty brackets";
	for (; !is_word(word, "]"); word = next_word(line)) {
		const char *wrong;

		if (word.len == 0)
			return "a bracket is not closed";
		wrong = parse_action(word, &conf->entry[conf->n - 1]);
		if (wrong != NULL)
			return wrong;
	}
	return NULL;
}

static const char *parse_source(struct slice word, struct switch_conf *conf)
{
	struct switch_entry *entry = &conf->entry[conf->n];

	if (conf->n == SWITCH_SOURCES)
		return "too many sources";
	if (word.len > SWITCH_NAME_MAX)
		return "the name of a source is too long";
	for (size_t i = 0; i < word.len; i++)
		if ((word.at[i] < 'a' || word.at[i] > 'z') &&
			(word.at[i] < '0' || word.at[i] > '9') && word.at[i] != '_')
			return "a source is called by lower-case letters, digits and _";
	*entry = (struct switch_entry){ .proceed = { [STATUS_NOTFOUND] = true } };
	memcpy(entry->name, word.at, word.len);
	conf->n++;
	return NULL;
}

static const char *parse_line(struct slice line, struct switch_conf *conf)
{
	struct slice word = next_word(&line);
	const char *wrong = NULL;

	if (word.len == 0)
		return NULL;
	if (!is_word(word, "policy:"))
		return "expected \"policy:\" and a list of sources";
	if (conf->n > 0)
		return "\"policy:\" stands here a second time";
	for (word = next_word(&line); wrong == NULL && word.len > 0; word = next_word(&line))
		wrong = is_word(word, "[") ? parse_actions(&line, conf) : parse_source(word, conf);
	if (wrong == NULL && conf->n == 0)
		return "no source is named";
	return wrong;
}

bool switch_parse(struct slice text, struct switch_conf *conf, struct switch_error *error)
{
	*conf = (struct switch_conf){ .n = 0 };
	*error = (struct switch_error){ .line = 0 };
	while (text.len > 0) {
		const uint8_t *end = memchr(text.at, '\n', text.len);
		size_t len = end != NULL ? (size_t)(end - text.at) : text.len;
		const uint8_t *comment = len > 0 ? memchr(text.at, '#', len) : NULL;
		size_t words = comment != NULL ? (size_t)(comment - text.at) : len;

		error->line++;
		error->what = parse_line(slice_of(text.at, words), conf);
		if (error->what != NULL)
			return false;
		text = slice_of(text.at + len + (end != NULL), text.len - len - (end != NULL));
	}
	if (conf->n == 0)
		error->what = "no line begins with \"policy:\"";
	return conf->n > 0;
}

int switch_read(
	const char *path, enum trust trust, struct switch_conf *conf, struct switch_error *error)
{
	uint8_t bytes[FILE_MAX];
	size_t len;
	int ret = file_read(path, trust, bytes, sizeof bytes, &len);

	if (ret == -ENOENT)
		return switch_parse(slice_str("policy: db"), conf, error) ? 0 : -EINVAL;
	if (ret != 0)
		return ret;
	return switch_parse(slice_of(bytes, len), conf, error) ? 0 : -EINVAL;
}
