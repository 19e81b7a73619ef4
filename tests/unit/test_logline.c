/* One line of the system log: no byte of anybody else can forge another. */
#include "logline.h"

#include "tap.h"

#include <syslog.h>
#include <unistd.h>

static char room[LOGLINE_MAX];

static void fields(void)
{
	struct text line = logline_begin(room, LOG_NOTICE, "adperm");
	char expected[64];

	snprintf(expected, sizeof expected, "<85>adperm[%d]:", (int)getpid());
	is_str(room, expected, "priority, name and process");
	logline_field(&line, "user", "acme");
	logline_field(&line, "none", NULL);
	ok(strstr(room, "]: user=\"acme\" none=\"\"") != NULL, "fields");
}

static const char *field_of(const char *value)
{
	static struct text line;

	line = text_over(room, sizeof room);
	logline_field(&line, "f", value);
	return room;
}

static void escapes(void)
{
	char value[300];

	is_str(field_of("a\" reason=ok \"b"), " f=\"a\\x22 reason=ok \\x22b\"", "quotes");
	is_str(field_of("a\nb\r\033[2J"), " f=\"a\\x0ab\\x0d\\x1b[2J\"", "control characters");
	is_str(field_of("\\x41"), " f=\"\\x5cx41\"", "backslashes");
	is_str(field_of("t\xd1\x95t"), " f=\"t\\xd1\\x95t\"", "what is not ASCII");
	memset(value, 'a', sizeof value - 1);
	value[sizeof value - 1] = '\0';
	is_int(strlen(field_of(value)), strlen(" f=\"\"") + 64, "64 bytes of a value");
	memset(value, '\n', sizeof value - 1);
	is_int(strlen(field_of(value)), strlen(" f=\"\"") + 64, "and 64 of one that is escaped");
}

/* All fields at their longest fit. */
static void longest(void)
{
	struct text line = logline_begin(room, LOG_ERR, "adperm-keys");
	char value[100];

	memset(value, '\xff', sizeof value - 1);
	value[sizeof value - 1] = '\0';
	for (int i = 0; i < 20; i++)
		logline_field(&line, "a_rather_long_name", value);
	ok(line.len < sizeof room - 100, "twenty fields of any length fit");
	is_int(room[line.len - 1], '"', "whole");
	for (int i = 0; i < 10; i++)
		logline_field(&line, "a_rather_long_name", value);
	is_int(line.len, sizeof room - 1, "what does not fit is cut");
}

static void keys(void)
{
	static const uint8_t digest[SHA256_SIZE];
	struct text line = text_over(room, sizeof room);

	logline_key(&line, NULL);
	is_str(room, " key=\"\"", "no key");
	line = text_over(room, sizeof room);
	logline_key(&line, digest);
	is_str(room, " key=\"SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"", "a key, whole");
}

int main(void)
{
	fields();
	escapes();
	longest();
	keys();
	return tap_done();
}
