/* The words of a language; see words.h. */
#include "cli/words.h"

#include "base/text.h"
#include "cli/cli.h"
#include "lang/unicode.h"

static const struct {
	const char *name, *value, *english;
} rows[WORDS] = {
#define WORD(symbol, name, value, english) [WORD_##symbol] = { name, value, english },
	WORDS_ALL(WORD)
#undef WORD
};

const char *words_text(const struct words *in, enum word word)
{
	return in != NULL && in->word[word] != NULL ? in->word[word] : rows[word].english;
}

const char *words_perm(const struct words *in, enum perm perm)
{
	return in != NULL && in->perm[perm] != NULL ? in->perm[perm] : perm_info(perm)->full;
}

void words_before(FILE *out, const struct words *in, enum word word)
{
	const char *text = words_text(in, word);

	fwrite(text, 1, strcspn(text, "{"), out);
}

void words_behind(FILE *out, const struct words *in, enum word word)
{
	const char *end = strchr(words_text(in, word), '}');

	fputs(end != NULL ? end + 1 : "", out);
}

void words_show(FILE *out, const struct words *in, enum word word, const char *value)
{
	words_before(out, in, word);
	fputs(value, out);
	words_behind(out, in, word);
}

/* --- a file of them */

struct reading {
	const char *path;
	unsigned line;
};

static bool wrong(const struct reading *r, const char *what, const char *word)
{
	char quoted[128];
	struct text t = text_over(quoted, sizeof quoted);

	text_add_escaped(&t, slice_str(word), sizeof quoted - 1);
	complain("%s:%u: error: %s \"%s\"", r->path, r->line, what, quoted);
	return false;
}

/* Why it may not stand in a mail; NULL: it may. */
static const char *refused(const char *text)
{
	const char *why = NULL;
	uint32_t character;
	int len;

	for (struct slice rest = slice_str(text); why == NULL && rest.len > 0;
		rest = slice_of(rest.at + len, rest.len - (size_t)len)) {
		len = utf8_decode(rest, &character);
		why = len <= 0 ? "what is not UTF-8" : character_refused(character);
		if (why == NULL && character == '\t')
			why = "a tab";
	}
	return why;
}

/* Does it have its value, once, and no other? */
static bool has_value(const char *text, const char *value)
{
	size_t len = strlen(value);
	const char *open = strchr(text, '{');

	if (open == NULL)
		return len == 0 && strchr(text, '}') == NULL;
	return len > 0 && strncmp(open + 1, value, len) == 0 && open[1 + len] == '}' &&
	       strpbrk(open + len + 2, "{}") == NULL &&
	       memchr(text, '}', (size_t)(open - text)) == NULL;
}

static bool put(const struct reading *r, const char **at, const char *name, const char *value,
	const char *text)
{
	const char *why = refused(text);

	if (*at != NULL)
		return wrong(r, "there is a line before this one for", name);
	if (text[0] == '\0')
		return wrong(r, "there is no text for", name);
	if (why != NULL) {
		complain("%s:%u: error: %s", r->path, r->line, why);
		return false;
	}
	if (!has_value(text, value))
		return wrong(r,
			value[0] == '\0' ? "there is nothing to stand in braces in"
					 : "in braces there is, once,",
			value[0] == '\0' ? name : value);
	*at = text;
	return true;
}

static bool take_line(const struct reading *r, char *line, struct words *out)
{
	char *colon = strchr(line, ':');

	if (line[0] == '\0' || line[0] == '#')
		return true;
	if (colon == NULL || colon[1] != ' ')
		return wrong(r, "a line is \"NAME: TEXT\", not", line);
	*colon = '\0';
	for (size_t i = 0; i < WORDS; i++)
		if (strcmp(line, rows[i].name) == 0)
			return put(r, &out->word[i], line, rows[i].value, colon + 2);
	for (size_t i = 0; i < perm_rows; i++)
		if (strcmp(line, perm_table[i].full) == 0)
			return put(r, &out->perm[perm_table[i].perm], line, "", colon + 2);
	return wrong(r, "no word and no permission is called", line);
}

bool words_take(const char *path, struct slice text, struct words *out)
{
	struct reading r = { .path = path, .line = 1 };
	bool good = true;
	char *line = out->text;

	*out = (struct words){ .word = { NULL } };
	if (text.len >= sizeof out->text || memchr(text.at, '\0', text.len) != NULL) {
		complain("%s: error: it is too long, or has a NUL", path);
		return false;
	}
	memcpy(out->text, text.at, text.len);
	for (; line != NULL; r.line++) {
		char *end = strchr(line, '\n');

		if (end != NULL)
			*end = '\0';
		good = take_line(&r, line, out) && good;
		line = end != NULL ? end + 1 : NULL;
	}
	return good;
}
