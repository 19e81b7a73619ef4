/* The outline of a file; see cut.h. */
#include "lang/cut.h"

#define KEY_MAX 255 /* bytes of a key that is taken for one; libyaml's limit is 1024 */

static bool is_key_byte(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '@' || c == '.' || c == '_' || c == '-' || c == '+';
}

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\n' || c == '\r';
}

/* "key:", and behind it a blank or nothing. */
static bool is_key(struct slice line)
{
	size_t i = 0;

	if (line.len == 0 || line.at[0] == '-' || line.at[0] == '.')
		return false;
	while (i < line.len && i < KEY_MAX && is_key_byte(line.at[i]))
		i++;
	return i > 0 && i + 1 < line.len && line.at[i] == ':' && is_space(line.at[i + 1]);
}

/* "- ", and behind it something that is no comment; *skip: how far behind. */
static bool is_item(struct slice line, size_t *skip)
{
	size_t i = 1;

	if (line.len < 3 || line.at[0] != '-' || line.at[1] != ' ')
		return false;
	while (i < line.len && line.at[i] == ' ')
		i++;
	*skip = i;
	return i < line.len && !is_space(line.at[i]) && line.at[i] != '#' && line.at[i] != '-' &&
	       line.at[i] != '?' && i <= CUT_INDENT;
}

static void leave(struct outline *o, size_t indent, bool item)
{
	while (o->n > 0) {
		const struct outline_level *top = &o->level[o->n - 1];

		/* The items of a list may stand below their key without indentation. */
		if (top->indent < indent || (top->indent == indent && item && !top->item))
			break;
		o->items -= top->item;
		o->n--;
	}
}

/* Follows one line; true: a cut may be here. With `out` NULL nobody asks. */
static bool follow(struct outline *o, struct slice line, struct cut *out)
{
	size_t indent = 0, skip = 0;
	struct slice rest;
	bool item;

	while (indent < line.len && line.at[indent] == ' ')
		indent++;
	rest = slice_of(line.at + indent, line.len - indent);
	if (rest.len == 0 || is_space(rest.at[0]) || rest.at[0] == '#')
		return false;
	item = rest.at[0] == '-' && rest.len > 1 && is_space(rest.at[1]);
	leave(o, indent, item);
	if (o->n == CUT_DEPTH || indent > CUT_INDENT)
		return false;
	o->level[o->n++] = (struct outline_level){ (uint8_t)indent, item };
	o->items += item;
	/* What is above must be keys alone. */
	if (out == NULL || o->items != item)
		return false;
	out->item = item;
	out->n = o->n - 1;
	out->col = (uint32_t)indent;
	for (unsigned i = 0; i < o->n; i++)
		out->indent[i] = o->level[i].indent;
	if (!item)
		return is_key(rest);
	if (!is_item(rest, &skip))
		return false;
	out->col += (uint32_t)skip;
	return o->n > 1;
}

bool outline_follow(struct outline *o, struct slice text, size_t from, size_t *at, struct cut *out)
{
	size_t pos = 0;

	while (pos < text.len && !o->lost) {
		const uint8_t *end = memchr(text.at + pos, '\n', text.len - pos);
		struct outline before;

		if (end == NULL)
			break;
		if (pos >= from)
			before = *o;
		if (follow(o, slice_of(text.at + pos, (size_t)(end + 1 - text.at) - pos),
			    pos >= from && pos > 0 ? out : NULL)) {
			*o = before;
			*at = pos;
			return true;
		}
		pos = (size_t)(end + 1 - text.at);
	}
	*at = pos > 0 && !o->lost ? pos : text.len;
	o->lost |= pos == 0 && text.len > 0;
	return false;
}

size_t cut_prefix(const struct cut *cut, char out[static CUT_PREFIX_MAX])
{
	size_t len = 0;

	for (unsigned i = 0; i < cut->n; i++) {
		memset(out + len, ' ', cut->indent[i]);
		len += cut->indent[i];
		memcpy(out + len, "k:\n", 3);
		len += 3;
	}
	return len;
}
