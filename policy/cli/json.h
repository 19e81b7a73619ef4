/*
 * Writing JSON (RFC 8259), for every command's --json: in the order of the calls, compact unless
 * `lines` is set, which puts every value on a line of its own; all ASCII, so that no name can do
 * anything to a terminal. Commas and colons are the writer's; that what is opened is closed is the
 * caller's.
 */
#ifndef ADPERM_CLI_JSON_H
#define ADPERM_CLI_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *out;
	unsigned depth;
	bool more; /* something stands before, at this level */
	bool lines;
};

static inline struct json json_to(FILE *out)
{
	return (struct json){ .out = out };
}

/*
 * Every value has a name inside an object, and NULL inside an array or outermost. The outermost
 * value is followed by a line feed.
 */
void json_object(struct json *j, const char *name);
void json_object_end(struct json *j);
void json_array(struct json *j, const char *name);
void json_array_end(struct json *j);
/* UTF-8, of which any byte that is not becomes U+FFFD; NULL is null. */
void json_string(struct json *j, const char *name, const char *text);
void json_number(struct json *j, const char *name, int64_t value);
void json_count(struct json *j, const char *name, uint64_t value);
void json_bool(struct json *j, const char *name, bool value);

#endif
