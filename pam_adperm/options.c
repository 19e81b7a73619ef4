/* Module options; see options.h. */
#include "options.h"

#include "adpermd/proto.h"
#include "live_session.h"
#include "local_users.h"
#include "people/wish.h"

#include <limits.h>
#include <string.h>

enum kind {
	KIND_NAME,   /* a word of at most ADPERM_HOST_SIZE - 1 bytes */
	KIND_PATH,   /* absolute */
	KIND_CHOICE, /* one of `words` */
	KIND_FLAG,   /* without a value */
};

#define WORDS 3

/* Nothing here is a pointer: each would be a relocation at each login. */
static const struct row {
	char name[16];
	uint8_t kind;
	uint8_t offset;
	char words[WORDS][9]; /* "": no more */
} rows[] = {
	{ "permission", KIND_NAME, offsetof(struct options, permission), { "" } },
	{ "unmanaged", KIND_CHOICE, offsetof(struct options, unmanaged), { "deny", "ignore" } },
	{ "person", KIND_CHOICE, offsetof(struct options, person), { "user", "caller" } },
	{ "first_factor", KIND_CHOICE, offsetof(struct options, first_factor),
		{ "sshkey", "stack", "caller" } },
	{ "prompt", KIND_CHOICE, offsetof(struct options, prompt), { "separate", "combined" } },
	{ "late", KIND_CHOICE, offsetof(struct options, late), { "deny", "session" } },
	{ "split", KIND_FLAG, offsetof(struct options, split), { "" } },
	{ "server", KIND_NAME, offsetof(struct options, server), { "" } },
	{ "db", KIND_PATH, offsetof(struct options, db), { "" } },
	{ "switch", KIND_PATH, offsetof(struct options, switch_conf), { "" } },
	{ "people", KIND_PATH, offsetof(struct options, people), { "" } },
	{ "sources", KIND_PATH, offsetof(struct options, sources), { "" } },
	{ "socket", KIND_PATH, offsetof(struct options, socket), { "" } },
	{ "local_users", KIND_PATH, offsetof(struct options, local_users), { "" } },
	{ "sessions", KIND_PATH, offsetof(struct options, sessions), { "" } },
	{ "self", KIND_NAME, offsetof(struct options, self), { "" } },
	{ "people_socket", KIND_PATH, offsetof(struct options, people_socket), { "" } },
	{ "debug", KIND_FLAG, offsetof(struct options, debug), { "" } },
	{ "rehearsal", KIND_FLAG, offsetof(struct options, rehearsal), { "" } },
};

#define ROWS (sizeof rows / sizeof rows[0])

static void put(struct options *options, const struct row *row, const void *value, size_t size)
{
	memcpy((char *)options + row->offset, value, size);
}

static bool put_text(struct options *options, const struct row *row, const char *value, size_t max)
{
	if (value == NULL || value[0] == '\0' || strlen(value) >= max)
		return false;
	put(options, row, &value, sizeof value);
	return true;
}

static bool put_choice(struct options *options, const struct row *row, const char *value)
{
	for (unsigned i = 0; value != NULL && i < WORDS && row->words[i][0] != '\0'; i++)
		if (strcmp(value, row->words[i]) == 0) {
			put(options, row, &i, sizeof i);
			return true;
		}
	return false;
}

/* `value` is what stands behind the '=', NULL without one. */
static bool put_value(struct options *options, const struct row *row, const char *value)
{
	const bool on = true;

	switch ((enum kind)row->kind) {
	case KIND_NAME: return put_text(options, row, value, ADPERM_HOST_SIZE);
	case KIND_PATH: return put_text(options, row, value, PATH_MAX) && value[0] == '/';
	case KIND_CHOICE: return put_choice(options, row, value);
	case KIND_FLAG: put(options, row, &on, sizeof on); return value == NULL;
	}
	return false;
}

static const struct row *row_find(const char *name, size_t len)
{
	for (size_t i = 0; i < ROWS; i++)
		if (len < sizeof rows[i].name && rows[i].name[len] == '\0' &&
			memcmp(rows[i].name, name, len) == 0)
			return &rows[i];
	return NULL;
}

bool options_parse(struct options *options, int argc, const char **argv, const char **bad)
{
	unsigned seen = 0;

	*options = (struct options){ .local_users = LOCAL_USERS,
		.socket = PROTO_SOCKET,
		.people_socket = PEOPLE_SOCKET,
		.sessions = LIVE_SESSIONS };
	for (int i = 0; i < argc; i++) {
		size_t whole = strlen(argv[i]);
		const char *equals = memchr(argv[i], '=', whole);
		size_t len = equals != NULL ? (size_t)(equals - argv[i]) : whole;
		const struct row *row = row_find(argv[i], len);
		unsigned bit = row != NULL ? 1u << (row - rows) : 0;

		*bad = argv[i];
		if (row == NULL || (seen & bit) != 0)
			return false;
		if (!put_value(options, row, equals != NULL ? equals + 1 : NULL))
			return false;
		seen |= bit;
	}
	*bad = "permission=";
	return options->permission != NULL && adperm_permission(options->permission, options->full,
						      options->counterpart) == ADPERM_OK;
}
