/* The JSON writer: every byte of it, for what a policy may and may not contain. */
#include "cli/json.h"
#include "tap.h"

#include <stdlib.h>

static char *written;
static size_t length;

static struct json start(void)
{
	FILE *out = open_memstream(&written, &length);

	if (out == NULL)
		abort();
	return json_to(out);
}

static void gives(struct json *j, const char *expected, const char *what)
{
	fclose(j->out);
	is_str(written, expected, "%s", what);
	free(written);
}

static void text_gives(const char *text, const char *expected, const char *what)
{
	struct json j = start();

	json_string(&j, NULL, text);
	gives(&j, expected, what);
}

int main(void)
{
	struct json j = start();

	json_object(&j, NULL);
	json_string(&j, "a", "x");
	json_array(&j, "b");
	json_number(&j, NULL, -1);
	json_object(&j, NULL);
	json_object_end(&j);
	json_array(&j, NULL);
	json_array_end(&j);
	json_array_end(&j);
	json_bool(&j, "c", true);
	json_bool(&j, "d", false);
	json_string(&j, "e", NULL);
	json_number(&j, "f", INT64_MAX);
	json_object_end(&j);
	gives(&j,
		"{\"a\":\"x\",\"b\":[-1,{},[]],\"c\":true,\"d\":false,\"e\":null,"
		"\"f\":9223372036854775807}\n",
		"objects in arrays in objects");

	text_gives("", "\"\"\n", "no text");
	text_gives("a\"b\\c/", "\"a\\\"b\\\\c/\"\n", "quote and backslash");
	text_gives("\x01\n\x1b[31m\x7f", "\"\\u0001\\u000a\\u001b[31m\\u007f\"\n",
		"control characters");
	text_gives("caf\xc3\xa9 \xe2\x82\xac", "\"caf\\u00e9 \\u20ac\"\n", "UTF-8");
	text_gives("\xf0\x9f\x94\x91", "\"\\ud83d\\udd11\"\n", "a surrogate pair");
	text_gives("a\xff\xc3", "\"a\\ufffd\\ufffd\"\n", "what is not UTF-8");
	text_gives("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"\n", "half a pair, encoded");
	return tap_done();
}
