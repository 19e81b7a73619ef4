/* Open addressing with linear probing over rows that never move in number; see names.h. */
#include "lang/names.h"

#include "base/hash.h"
#include "lang/rows.h"
#include <stdlib.h>

#define SLOTS_FIRST 64

bool pool_put(struct policy *p, struct slice bytes, uint32_t *offset)
{
	uint64_t need = (uint64_t)p->pool_len + bytes.len + 1;

	if (need > p->pool_cap) {
		uint64_t cap = need + need / 2 + 256;
		char *pool = cap < UINT32_MAX ? realloc(p->pool, cap) : NULL;

		if (pool == NULL)
			return false;
		p->pool = pool;
		p->pool_cap = (uint32_t)cap;
	}
	*offset = p->pool_len;
	if (bytes.len > 0)
		memcpy(p->pool + p->pool_len, bytes.at, bytes.len);
	p->pool[need - 1] = '\0';
	p->pool_len = (uint32_t)need;
	return true;
}

struct slice name_text(const struct policy *p, const struct name *name)
{
	return slice_of(p->pool + name->text, name->len);
}

static uint32_t hash_of(enum name_kind kind, struct slice text)
{
	static const uint8_t key[SIPHASH_KEY_SIZE]; /* zero: the same order on every machine */
	const uint8_t prefix = (uint8_t)kind;

	return (uint32_t)siphash(key, slice_of(&prefix, 1), text);
}

/* The slot that holds the name, or the free one where it belongs. */
static uint32_t slot_of(
	const struct policy *p, enum name_kind kind, struct slice text, uint32_t hash)
{
	const struct names *names = p->names;
	uint32_t mask = names->slot_n - 1, slot = hash & mask;

	while (names->slots[slot] != 0) {
		const struct name *name = &names->all.at[names->slots[slot] - 1];

		if (name->hash == hash && name->kind == kind &&
			slice_equal(name_text(p, name), text))
			break;
		slot = (slot + 1) & mask;
	}
	return slot;
}

/* Keeps a quarter of the slots free. */
static bool slots_room(struct names *names)
{
	uint32_t slot_n = names->slot_n == 0 ? SLOTS_FIRST : 2 * names->slot_n;
	uint32_t *slots;

	if (names->slots != NULL && names->all.n < names->slot_n / 4 * 3)
		return true;
	slots = calloc(slot_n, sizeof *slots);
	if (slots == NULL)
		return false;
	for (uint32_t i = 0; i < names->all.n; i++) {
		uint32_t slot = names->all.at[i].hash & (slot_n - 1);

		while (slots[slot] != 0)
			slot = (slot + 1) & (slot_n - 1);
		slots[slot] = i + 1;
	}
	free(names->slots);
	names->slots = slots;
	names->slot_n = slot_n;
	return true;
}

struct name *name_mention(struct policy *p, enum name_kind kind, struct slice text)
{
	uint32_t hash = hash_of(kind, text), slot, offset;
	struct name *name;

	if (text.len > UINT16_MAX || !slots_room(p->names))
		return NULL;
	slot = slot_of(p, kind, text, hash);
	if (p->names->slots[slot] != 0)
		return &p->names->all.at[p->names->slots[slot] - 1];
	if (!pool_put(p, text, &offset))
		return NULL;
	name = ROWS_ADD(&p->names->all);
	if (name == NULL)
		return NULL;
	*name = (struct name){
		.text = offset,
		.hash = hash,
		.index = NO_INDEX,
		.len = (uint16_t)text.len,
		.kind = (uint8_t)kind,
	};
	p->names->slots[slot] = p->names->all.n;
	return name;
}

uint32_t policy_find(const struct policy *p, enum name_kind kind, struct slice text)
{
	uint32_t at;

	if (p->names->slots == NULL)
		return NO_INDEX;
	at = p->names->slots[slot_of(p, kind, text, hash_of(kind, text))];
	return at == 0 ? NO_INDEX : p->names->all.at[at - 1].index;
}

void names_free(struct names *names)
{
	if (names == NULL)
		return;
	free(names->all.at);
	free(names->slots);
	free(names);
}
