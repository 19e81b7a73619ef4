/* Writing JSON; see json.h. */
#include "cli/json.h"

#include "lang/unicode.h"

#include <inttypes.h>

#define NOT_UTF8 0xfffd

static void put_escape(FILE *out, uint32_t c)
{
	if (c == '"' || c == '\\')
		fprintf(out, "\\%c", (int)c);
	else if (c >= 0x20 && c < 0x7f)
		fputc((int)c, out);
	else if (c < 0x10000)
		fprintf(out, "\\u%04" PRIx32, c);
	else /* a surrogate pair (RFC 2781) */
		fprintf(out, "\\u%04" PRIx32 "\\u%04" PRIx32, 0xd800 + ((c - 0x10000) >> 10),
			0xdc00 + ((c - 0x10000) & 0x3ff));
}

static void put_string(FILE *out, const char *text)
{
	struct slice rest = slice_str(text);

	fputc('"', out);
	while (rest.len > 0) {
		uint32_t c = NOT_UTF8;
		int len = utf8_decode(rest, &c);

		put_escape(out, len > 0 ? c : NOT_UTF8);
		len = len > 0 ? len : 1;
		rest = slice_of(rest.at + len, rest.len - (size_t)len);
	}
	fputc('"', out);
}

static void break_line(const struct json *j)
{
	if (j->lines && j->depth > 0)
		fprintf(j->out, "\n%*s", 2 * (int)j->depth, "");
}

/* What stands before a value. */
static void begin(struct json *j, const char *name)
{
	if (j->more)
		fputc(',', j->out);
	j->more = true;
	break_line(j);
	if (name == NULL)
		return;
	put_string(j->out, name);
	fputs(j->lines ? ": " : ":", j->out);
}

static void finish(struct json *j)
{
	if (j->depth == 0)
		fputc('\n', j->out);
}

static void open_level(struct json *j, const char *name, char bracket)
{
	begin(j, name);
	fputc(bracket, j->out);
	j->depth++;
	j->more = false;
}

static void close_level(struct json *j, char bracket)
{
	j->depth--;
	if (j->more && j->lines)
		fprintf(j->out, "\n%*s", 2 * (int)j->depth, "");
	fputc(bracket, j->out);
	j->more = true;
	finish(j);
}

void json_object(struct json *j, const char *name)
{
	open_level(j, name, '{');
}

void json_object_end(struct json *j)
{
	close_level(j, '}');
}

void json_array(struct json *j, const char *name)
{
	open_level(j, name, '[');
}

void json_array_end(struct json *j)
{
	close_level(j, ']');
}

void json_string(struct json *j, const char *name, const char *text)
{
	begin(j, name);
	if (text == NULL)
		fputs("null", j->out);
	else
		put_string(j->out, text);
	finish(j);
}

void json_number(struct json *j, const char *name, int64_t value)
{
	begin(j, name);
	fprintf(j->out, "%" PRId64, value);
	finish(j);
}

void json_count(struct json *j, const char *name, uint64_t value)
{
	begin(j, name);
	fprintf(j->out, "%" PRIu64, value);
	finish(j);
}

void json_bool(struct json *j, const char *name, bool value)
{
	begin(j, name);
	fputs(value ? "true" : "false", j->out);
	finish(j);
}
