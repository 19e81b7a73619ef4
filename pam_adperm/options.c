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

static const char *const words_unmanaged[] = { "deny", "ignore", NULL };
static const char *const words_person[] = { "user", "caller", NULL };
static const char *const words_first_factor[] = { "sshkey", "stack", "caller", NULL };
static const char *const words_prompt[] = { "separate", "combined", NULL };
static const char *const words_late[] = { "deny", "session", NULL };

static const struct row {
	const char *name;
	enum kind kind;
	size_t offset;
	const char *const *words;
} rows[] = {
	{ "permission", KIND_NAME, offsetof(struct options, permission), NULL },
	{ "unmanaged", KIND_CHOICE, offsetof(struct options, unmanaged), words_unmanaged },
	{ "person", KIND_CHOICE, offsetof(struct options, person), words_person },
	{ "first_factor", KIND_CHOICE, offsetof(struct options, first_factor), words_first_factor },
	{ "prompt", KIND_CHOICE, offsetof(struct options, prompt), words_prompt },
	{ "split", KIND_FLAG, offsetof(struct options, split), NULL },
	{ "late", KIND_CHOICE, offsetof(struct options, late), words_late },
	{ "server", KIND_NAME, offsetof(struct options, server), NULL },
	{ "db", KIND_PATH, offsetof(struct options, db), NULL },
	{ "switch", KIND_PATH, offsetof(struct options, switch_conf), NULL },
	{ "people", KIND_PATH, offsetof(struct options, people), NULL },
	{ "sources", KIND_PATH, offsetof(struct options, sources), NULL },
	{ "socket", KIND_PATH, offsetof(struct options, socket), NULL },
	{ "local_users", KIND_PATH, offsetof(struct options, local_users), NULL },
	{ "sessions", KIND_PATH, offsetof(struct options, sessions), NULL },
	{ "self", KIND_NAME, offsetof(struct options, self), NULL },
	{ "people_socket", KIND_PATH, offsetof(struct options, people_socket), NULL },
	{ "debug", KIND_FLAG, offsetof(struct options, debug), NULL },
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
	for (unsigned i = 0; value != NULL && row->words[i] != NULL; i++)
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

	switch (row->kind) {
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
		if (strlen(rows[i].name) == len && memcmp(rows[i].name, name, len) == 0)
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
		const char *equals = strchr(argv[i], '=');
		size_t len = equals != NULL ? (size_t)(equals - argv[i]) : strlen(argv[i]);
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
