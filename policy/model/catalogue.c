/* The catalogue, made from permissions.def; see catalogue.h. */
#include "model/catalogue.h"

#define WORD_OVERALL "overall"
#define WORD_ACCOUNT "account"
#define WORD_SERVER  "server"

const struct perm_info perm_table[] = {
#define PERM(number, scope, symbol, id, meaning)                                                   \
	{ PERM_##scope##_##symbol, SCOPE_##scope, false, id, WORD_##scope "." id },
#define MENU(number, scope, symbol, id, meaning)                                                   \
	{ PERM_##scope##_##symbol, SCOPE_##scope, true, id, WORD_##scope "." id },
#define BRINGS(giver, given)
#define BRINGS_ALL(giver, scope)
#include "model/permissions.def"
};

/*
 * How long the names of each row are. Each question looks for one among dozens, a login twice, and
 * the rows fill a page: these are two lines of the cache.
 */
static const struct {
	uint8_t id, full;
} lengths[] = {
#define PERM(number, scope, symbol, id, meaning) { sizeof id - 1, sizeof WORD_##scope "." id - 1 },
#define MENU                                     PERM
#define BRINGS(giver, given)
#define BRINGS_ALL(giver, scope)
#include "model/permissions.def"
};

static const char *const meanings[] = {
#define PERM(number, scope, symbol, id, meaning) [number] = (meaning),
#define MENU(number, scope, symbol, id, meaning) [number] = (meaning),
#define BRINGS(giver, given)
#define BRINGS_ALL(giver, scope)
#include "model/permissions.def"
};

/* A row's place is its number less one: a gap, or a row out of order, does not compile. */
enum {
#define PERM(number, scope, symbol, id, meaning) AT_##scope##_##symbol,
#define MENU(number, scope, symbol, id, meaning) AT_##scope##_##symbol,
#define BRINGS(giver, given)
#define BRINGS_ALL(giver, scope)
#include "model/permissions.def"
};
#define IN_PLACE(number, scope, symbol, id, meaning)                                               \
	_Static_assert(AT_##scope##_##symbol == (number)-1, id " is out of its place");
#define PERM IN_PLACE
#define MENU IN_PLACE
#define BRINGS(giver, given)
#define BRINGS_ALL(giver, scope)
#include "model/permissions.def"

const size_t perm_rows = sizeof perm_table / sizeof perm_table[0];

/* The permissions of one scope that can be granted, as bits known to the compiler. */
#define GRANTABLE(wanted, number, scope) (SCOPE_##scope == (wanted) ? PERM_BIT(number) : 0)

#define SCOPES (SCOPE_SERVER + 1)

static const uint64_t scope_bits[SCOPES] = { [SCOPE_OVERALL] = 0
#define PERM(number, scope, symbol, id, meaning) | GRANTABLE(SCOPE_OVERALL, number, scope)
#define MENU(number, scope, symbol, id, meaning)
#define BRINGS(giver, given)
#define BRINGS_ALL(giver, scope)
#include "model/permissions.def"
	,
	[SCOPE_ACCOUNT] = 0
#define PERM(number, scope, symbol, id, meaning) | GRANTABLE(SCOPE_ACCOUNT, number, scope)
#define MENU(number, scope, symbol, id, meaning)
#define BRINGS(giver, given)
#define BRINGS_ALL(giver, scope)
#include "model/permissions.def"
	,
	[SCOPE_SERVER] = 0
#define PERM(number, scope, symbol, id, meaning) | GRANTABLE(SCOPE_SERVER, number, scope)
#define MENU(number, scope, symbol, id, meaning)
#define BRINGS(giver, given)
#define BRINGS_ALL(giver, scope)
#include "model/permissions.def"
};

/* What brings what: one permission, or all that a scope can grant. */
static const struct brings {
	enum perm giver, given;
	enum scope all_of; /* or 0 */
} brings_table[] = {
#define PERM(number, scope, symbol, id, meaning)
#define MENU(number, scope, symbol, id, meaning)
#define BRINGS(giver, given)     { PERM_##giver, PERM_##given, 0 },
#define BRINGS_ALL(giver, scope) { PERM_##giver, PERM_NONE, SCOPE_##scope },
#include "model/permissions.def"
};

static const size_t brings_rows = sizeof brings_table / sizeof brings_table[0];

const struct perm_info *perm_info(unsigned number)
{
	return number - 1 < perm_rows ? &perm_table[number - 1] : NULL;
}

const char *perm_meaning(enum perm perm)
{
	return perm_info((unsigned)perm) != NULL ? meanings[perm] : "";
}

enum perm perm_in_scope(enum scope scope, struct slice id)
{
	for (size_t i = 0; i < perm_rows; i++)
		if (id.len == lengths[i].id && perm_table[i].scope == scope &&
			memcmp(perm_table[i].id, id.at, id.len) == 0)
			return perm_table[i].perm;
	return PERM_NONE;
}

enum perm perm_parse(struct slice text, bool *ambiguous)
{
	enum perm found = PERM_NONE;

	*ambiguous = false;
	for (size_t i = 0; i < perm_rows; i++) {
		if (text.len == lengths[i].full &&
			memcmp(perm_table[i].full, text.at, text.len) == 0)
			return perm_table[i].perm;
		if (text.len != lengths[i].id || memcmp(perm_table[i].id, text.at, text.len) != 0)
			continue;
		*ambiguous = found != PERM_NONE;
		found = perm_table[i].perm;
	}
	return *ambiguous ? PERM_NONE : found;
}

const char *scope_name(enum scope scope)
{
	switch (scope) {
	case SCOPE_OVERALL: return WORD_OVERALL;
	case SCOPE_ACCOUNT: return WORD_ACCOUNT;
	case SCOPE_SERVER: return WORD_SERVER;
	}
	return "";
}

uint64_t perm_scope_bits(enum scope scope)
{
	return (unsigned)scope < SCOPES ? scope_bits[scope] : 0;
}

uint64_t perm_givers(enum perm perm)
{
	const struct perm_info *info = perm_info((unsigned)perm);
	uint64_t givers, before;

	if (info == NULL)
		return 0;
	givers = PERM_BIT(perm) | (info->derived ? scope_bits[info->scope] : 0);
	do {
		before = givers;
		for (size_t i = 0; i < brings_rows; i++) {
			const struct brings *row = &brings_table[i];
			uint64_t given =
				row->all_of ? scope_bits[row->all_of] : PERM_BIT(row->given);

			if ((givers & given) != 0)
				givers |= PERM_BIT(row->giver);
		}
	} while (givers != before);
	return givers;
}

enum perm perm_counterpart(enum perm perm)
{
	/* A server permission's counterpart is what it brings on every account. */
	for (size_t i = 0; i < brings_rows; i++)
		if (brings_table[i].giver == perm && brings_table[i].all_of == 0)
			return brings_table[i].given;
	return PERM_NONE;
}

bool perm_is_menu(enum perm perm)
{
	const struct perm_info *info = perm_info((unsigned)perm);

	return info != NULL && info->scope == SCOPE_SERVER && perm != PERM_SERVER_SSH_USERS &&
	       perm != PERM_SERVER_DATABASE_USERS;
}

/* Not computed at each login. The unit test does, and says what belongs here after a change. */
/* clang-format off */
const uint8_t catalogue_digest[SHA256_SIZE] = {
	0xe3, 0x8e, 0x15, 0x39, 0x20, 0x07, 0x3a, 0x9d, 0x0d, 0x59, 0x6c, 0x77,
	0x49, 0xcd, 0xf4, 0x00, 0x6d, 0x36, 0x94, 0x6c, 0xb4, 0x3f, 0xbe, 0x98,
	0xdb, 0xd7, 0x05, 0xe3, 0xe5, 0xcf, 0xad, 0x63,
};
/* clang-format on */

void catalogue_digest_compute(uint8_t out[static SHA256_SIZE])
{
	struct sha256 s;

	sha256_init(&s);
	for (size_t i = 0; i < perm_rows; i++) {
		const uint8_t row[2] = { (uint8_t)perm_table[i].perm, perm_table[i].derived };

		sha256_add(&s, slice_of(row, sizeof row));
		/* With its NUL, so that rows cannot run into each other. */
		sha256_add(&s, slice_of(perm_table[i].full, strlen(perm_table[i].full) + 1));
	}
	for (size_t i = 0; i < brings_rows; i++) {
		const uint8_t row[3] = { (uint8_t)brings_table[i].giver,
			(uint8_t)brings_table[i].given, (uint8_t)brings_table[i].all_of };

		sha256_add(&s, slice_of(row, sizeof row));
	}
	sha256_done(&s, out);
}
