/*
 * What is called what: one hash table of every name in a policy, by kind. A name is there from its
 * first mention, with an index once the thing is defined; so a reference may stand before the
 * definition, and the same table tells when a name stands twice in one list.
 */
#ifndef ADPERM_LANG_NAMES_H
#define ADPERM_LANG_NAMES_H

#include "lang/policy.h"

struct name {
	uint32_t text;  /* offset into the pool */
	uint32_t index; /* of the thing's row, NO_INDEX while it is only mentioned */
	uint32_t list;  /* the list or mapping that it stood in last, and where */
	uint32_t line, col;
	uint16_t len;
	uint8_t kind;
};

/* There may be millions of them. */
_Static_assert(sizeof(struct name) == 24, "a name has but a byte of padding");

/* It stands in a list, or in none (0). */
static inline void name_see(struct name *name, uint32_t list, struct mark at)
{
	name->list = list;
	name->line = at.line;
	name->col = at.col;
}

/* Where it did so last; in which file, the caller knows. */
static inline struct mark name_seen(const struct name *name, uint32_t file)
{
	return (struct mark){ file, name->line, name->col };
}

struct names {
	ROWS(struct name) all;
	uint32_t *slots; /* 0: free; see slot_value() */
	uint32_t slot_n; /* a power of two */
	uint32_t expected;
};

/* Puts bytes and a NUL into the pool; *offset. False: out of memory. */
bool pool_put(struct policy *p, struct slice bytes, uint32_t *offset);

/* About so many will come: to move them from a table to a larger one costs more than they do. */
void names_expect(struct policy *p, uint64_t n);

/* The name, new if it was not there yet. Moves when another is mentioned. NULL: out of memory. */
struct name *name_mention(struct policy *p, enum name_kind kind, struct slice text);

/* Of a text, whatever it is the name of; and what is known of that will soon be looked at. */
uint32_t name_hash(struct slice text);
static inline void names_fetch(const struct names *names, uint32_t hash)
{
	if (names->slots != NULL)
		__builtin_prefetch(&names->slots[hash & (names->slot_n - 1)]);
}

/* Its bytes; they move when the pool grows. */
struct slice name_text(const struct policy *p, const struct name *name);

void names_free(struct names *names);

#endif
