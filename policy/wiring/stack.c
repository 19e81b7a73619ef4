/* A file of /etc/pam.d; see stack.h. */
#include "wiring/stack.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

static const char *const type_names[] = {
	[STACK_AUTH] = "auth",
	[STACK_ACCOUNT] = "account",
	[STACK_PASSWORD] = "password",
	[STACK_SESSION] = "session",
};

/* The words of the old syntax, and what pam.d(5) says they stand for. */
static const struct {
	const char *word, *means;
} control_words[] = {
	{ "required", "success=ok new_authtok_reqd=ok ignore=ignore default=bad" },
	{ "requisite", "success=ok new_authtok_reqd=ok ignore=ignore default=die" },
	{ "sufficient", "success=done new_authtok_reqd=done default=ignore" },
	{ "optional", "success=ok new_authtok_reqd=ok default=ignore" },
	{ "include", "" },
	{ "substack", "" },
};

/* --- tokens */

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static bool is_word(struct slice token, const char *word)
{
	return token.len == strlen(word) &&
	       strncasecmp((const char *)token.at, word, token.len) == 0;
}

static struct slice without(struct slice text, size_t len)
{
	return slice_of(text.at + len, text.len - len);
}

static struct slice skip_space(struct slice text)
{
	while (text.len > 0 && is_space(text.at[0]))
		text = without(text, 1);
	return text;
}

/*
 * Takes a token, with its brackets if it has them. Inside brackets "\]" is a bracket that does not
 * close. False: a bracket is not closed.
 */
static bool next_token(struct slice *rest, struct slice *token)
{
	struct slice text = skip_space(*rest);
	size_t len = 0;

	if (text.len > 0 && text.at[0] == '[') {
		for (len = 1; len < text.len && text.at[len] != ']'; len++)
			if (text.at[len] == '\\' && len + 1 < text.len)
				len++;
		if (len >= text.len)
			return false;
		len++;
	} else {
		while (len < text.len && !is_space(text.at[len]))
			len++;
	}
	*token = slice_of(text.at, len);
	*rest = without(text, len);
	return true;
}

bool stack_next_argument(struct slice *rest, struct slice *argument)
{
	if (!next_token(rest, argument) || argument->len == 0)
		return false;
	if (argument->at[0] == '[')
		*argument = slice_of(argument->at + 1, argument->len - 2);
	return true;
}

bool stack_has_argument(const struct stack_line *line, const char *argument)
{
	struct slice rest = line->arguments, found;

	while (stack_next_argument(&rest, &found))
		if (slice_equal(found, slice_str(argument)))
			return true;
	return false;
}

/* --- one line */

static bool is_control(struct slice token)
{
	if (token.at[0] == '[')
		return true;
	for (size_t i = 0; i < sizeof control_words / sizeof control_words[0]; i++)
		if (is_word(token, control_words[i].word))
			return true;
	return false;
}

static bool find_type(struct slice token, enum stack_type *type)
{
	for (size_t i = 0; i < sizeof type_names / sizeof type_names[0]; i++)
		if (is_word(token, type_names[i])) {
			*type = (enum stack_type)i;
			return true;
		}
	return false;
}

/* NULL, or what is wrong with the line. */
static const char *parse_line(struct slice text, struct stack_line *line)
{
	struct slice token, rest = text, argument;

	if (!next_token(&rest, &token))
		return "a bracket is not closed";
	if (is_word(token, "@include")) {
		line->type = STACK_INCLUDE;
	} else {
		line->quiet = token.at[0] == '-';
		if (!find_type(line->quiet ? without(token, 1) : token, &line->type))
			return "begins with none of auth, account, password, session and @include";
		if (!next_token(&rest, &line->control))
			return "a bracket is not closed";
		if (line->control.len == 0 || !is_control(line->control))
			return "the control is none that pam.d(5) knows";
	}
	if (!next_token(&rest, &line->module) || line->module.len == 0 || line->module.at[0] == '[')
		return "names no module or file";
	line->arguments = skip_space(rest);
	rest = line->arguments;
	while (skip_space(rest).len > 0)
		if (!next_token(&rest, &argument))
			return "a bracket is not closed";
	if (line->type == STACK_INCLUDE && line->arguments.len > 0)
		return "@include takes one file";
	return NULL;
}

/* --- the file */

/* Joins continuations in place: a backslash and a newline become two spaces, as in libpam. */
static void join_lines(char *text, size_t len)
{
	for (size_t i = 0; i + 1 < len; i++)
		if (text[i] == '\\' && text[i + 1] == '\n')
			text[i] = text[i + 1] = ' ';
}

static uint32_t newlines(const char *at, size_t len)
{
	uint32_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += at[i] == '\n';
	return n;
}

static const char *look_at_bytes(struct slice file, size_t *at)
{
	bool comment = false;

	for (size_t i = 0; i < file.len; i++) {
		uint8_t c = file.at[i];

		*at = i;
		if (c == '#')
			comment = true;
		if (c == '\n') {
			if (comment && i > 0 && file.at[i - 1] == '\\')
				return "a comment ends in a backslash: versions of libpam differ "
				       "on what "
				       "the next line is";
			comment = false;
		}
		if (!comment && c != '\n' && c != '\t' && (c < 0x20 || c >= 0x7f))
			return "has a character that is not printable ASCII";
	}
	return NULL;
}

/* The part before the first '#', without white space around it. */
static struct slice meant_part(struct slice line)
{
	const uint8_t *comment = line.len > 0 ? memchr(line.at, '#', line.len) : NULL;

	if (comment != NULL)
		line.len = (size_t)(comment - line.at);
	line = skip_space(line);
	while (line.len > 0 && (is_space(line.at[line.len - 1]) || line.at[line.len - 1] == '\n'))
		line.len--;
	return line;
}

static int add_line(struct stack *stack, const struct stack_line *line)
{
	struct stack_line *more = reallocarray(stack->lines, stack->n + 1, sizeof *more);

	if (more == NULL)
		return -ENOMEM;
	stack->lines = more;
	stack->lines[stack->n++] = *line;
	return 0;
}

int stack_parse(struct slice file, struct stack *stack, uint32_t *line, const char **why)
{
	size_t end, bad = 0;

	*stack = (struct stack){ .text = malloc(file.len + 1) };
	*line = 1;
	if (stack->text == NULL)
		return -ENOMEM;
	if (file.len > 0)
		memcpy(stack->text, file.at, file.len);
	*why = file.len > STACK_FILE_MAX ? "is too long" : look_at_bytes(file, &bad);
	if (*why != NULL) {
		*line = 1 + newlines(stack->text, bad);
		return -EBADMSG;
	}
	join_lines(stack->text, file.len);
	for (size_t at = 0; at < file.len; at = end) {
		const char *newline = memchr(stack->text + at, '\n', file.len - at);
		struct stack_line next = { .from = at };
		struct slice meant;

		end = newline != NULL ? (size_t)(newline - stack->text) + 1 : file.len;
		next.to = end;
		next.line = *line = 1 + newlines((const char *)file.at, at);
		meant = meant_part(slice_of(stack->text + at, end - at));
		if (meant.len == 0)
			continue;
		*why = end - at > STACK_LINE_MAX ? "is too long a line" : parse_line(meant, &next);
		if (*why != NULL)
			return -EBADMSG;
		if (add_line(stack, &next) != 0)
			return -ENOMEM;
	}
	return 0;
}

void stack_done(struct stack *stack)
{
	free(stack->lines);
	free(stack->text);
	*stack = (struct stack){ .n = 0 };
}

/* --- what a line does */

/* "value=action" of a bracket or of what a word stands for. */
static struct slice find_action(struct slice pairs, const char *value)
{
	struct slice pair, found = { NULL, 0 };
	size_t len = strlen(value);

	while (next_token(&pairs, &pair) && pair.len > 0)
		if (pair.len > len && pair.at[len] == '=' &&
			strncasecmp((const char *)pair.at, value, len) == 0)
			found = without(pair, len + 1);
	return found;
}

struct slice stack_action(const struct stack_line *line, const char *value)
{
	struct slice pairs = { NULL, 0 }, found;

	if (line->control.len > 2 && line->control.at[0] == '[')
		pairs = slice_of(line->control.at + 1, line->control.len - 2);
	for (size_t i = 0; i < sizeof control_words / sizeof control_words[0]; i++)
		if (is_word(line->control, control_words[i].word))
			pairs = slice_str(control_words[i].means);
	found = find_action(pairs, value);
	return found.len > 0 ? found : find_action(pairs, "default");
}

bool stack_includes(const struct stack_line *line, struct slice *name)
{
	static const char *const words[] = { "include", "substack" };

	*name = line->module;
	if (line->type == STACK_INCLUDE)
		return true;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (slice_equal(line->control, slice_str(words[i])))
			return true;
	return false;
}

bool stack_is_module(const struct stack_line *line, const char *name)
{
	struct slice module = line->module;
	const uint8_t *slash = module.len > 0 ? memrchr(module.at, '/', module.len) : NULL;

	if (slash != NULL)
		module = without(module, (size_t)(slash - module.at) + 1);
	return line->type != STACK_INCLUDE && slice_equal(module, slice_str(name));
}
