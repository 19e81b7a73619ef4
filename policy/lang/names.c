/* Open addressing with linear probing over rows that never move in number; see names.h. */
#include "lang/names.h"

#include "base/hash_fast.h"
#include "lang/rows.h"
#include <stdlib.h>
#include <sys/mman.h>

#define SLOTS_FIRST  64
#define HUGE_PAGE    ((size_t)2 << 20)
#define EXPECTED_MAX ((uint64_t)1 << 22) /* names that room is made for before they come */

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

uint32_t name_hash(struct slice text)
{
	uint64_t hash = text.len, rest = 0;
	bool words = text.len >= 8;

	for (; text.len >= 8; text = slice_of(text.at + 8, text.len - 8))
		hash = hash_mix(hash, le64(text.at));
	if (words && text.len > 0)
		rest = le64(text.at + text.len - 8) >> (64 - 8 * text.len);
	for (size_t i = words ? 0 : text.len; i > 0; i--)
		rest = rest << 8 | text.at[i - 1];
	return (uint32_t)hash_mix(hash, rest);
}

/* Where a text is looked for does not depend on its kind: one may be known as several. */
static uint32_t hash_of(enum name_kind kind, struct slice text)
{
	return name_hash(text) ^ (uint32_t)kind << 28;
}

/*
 * A slot says which name it holds in as many bits as there are slots for, and in the bits above
 * them a part of its hash that the place of the slot does not say: so other names are passed over
 * without a look at their rows, which are anywhere in memory.
 */
static uint32_t slot_value(const struct names *names, uint32_t index, uint32_t hash)
{
	return (hash & ~(names->slot_n - 1)) | (index + 1);
}

/* The index of the name in a slot that is not free. */
static uint32_t slot_index(const struct names *names, uint32_t slot)
{
	return (names->slots[slot] & (names->slot_n - 1)) - 1;
}

/* The slot that holds the name, or the free one where it belongs. */
static uint32_t slot_of(
	const struct policy *p, enum name_kind kind, struct slice text, uint32_t hash)
{
	const struct names *names = p->names;
	uint32_t mask = names->slot_n - 1, slot = hash & mask;
	uint32_t tag = hash & ~mask;

	for (; names->slots[slot] != 0; slot = (slot + 1) & mask) {
		const struct name *name;

		if ((names->slots[slot] & ~mask) != tag)
			continue;
		name = &names->all.at[slot_index(names, slot)];
		if (name->kind == kind && slice_equal(name_text(p, name), text))
			break;
	}
	return slot;
}

/* Each look is anywhere in them: with small pages it would look for the page, too. */
static uint32_t *new_slots(uint32_t n)
{
	size_t size = n * sizeof(uint32_t);
	uint32_t *slots = aligned_alloc(size < HUGE_PAGE ? size : HUGE_PAGE, size);

	if (slots == NULL)
		return NULL;
	if (size >= HUGE_PAGE)
		madvise(slots, size, MADV_HUGEPAGE);
	memset(slots, 0, size);
	return slots;
}

/* Keeps a quarter of the slots free. */
static bool slots_room(const struct policy *p)
{
	struct names *names = p->names;
	uint32_t slot_n = names->slot_n == 0 ? SLOTS_FIRST : 2 * names->slot_n;

	if (names->slots != NULL && names->all.n < names->slot_n / 4 * 3)
		return true;
	while (slot_n / 4 * 3 < names->expected)
		slot_n *= 2;
	/* The rows say all that the old slots did: both need not be in memory at once. */
	free(names->slots);
	names->slot_n = slot_n;
	names->slots = new_slots(slot_n);
	if (names->slots == NULL)
		return false;
	for (uint32_t i = 0; i < names->all.n; i++) {
		const struct name *name = &names->all.at[i];
		uint32_t hash = hash_of((enum name_kind)name->kind, name_text(p, name));
		uint32_t slot = hash & (slot_n - 1);

		while (names->slots[slot] != 0)
			slot = (slot + 1) & (slot_n - 1);
		names->slots[slot] = slot_value(names, i, hash);
	}
	return true;
}

void names_expect(struct policy *p, uint64_t n)
{
	p->names->expected = (uint32_t)(n < EXPECTED_MAX ? n : EXPECTED_MAX);
}

struct name *name_mention(struct policy *p, enum name_kind kind, struct slice text)
{
	uint32_t hash = hash_of(kind, text), slot, offset;
	struct name *name;

	if (text.len > UINT16_MAX || !slots_room(p))
		return NULL;
	slot = slot_of(p, kind, text, hash);
	if (p->names->slots[slot] != 0)
		return &p->names->all.at[slot_index(p->names, slot)];
	if (!pool_put(p, text, &offset))
		return NULL;
	name = ROWS_ADD(&p->names->all);
	if (name == NULL)
		return NULL;
	*name = (struct name){
		.text = offset,
		.index = NO_INDEX,
		.len = (uint16_t)text.len,
		.kind = (uint8_t)kind,
	};
	p->names->slots[slot] = slot_value(p->names, p->names->all.n - 1, hash);
	return name;
}

uint32_t policy_find(const struct policy *p, enum name_kind kind, struct slice text)
{
	uint32_t slot;

	if (p->names->slots == NULL)
		return NO_INDEX;
	slot = slot_of(p, kind, text, hash_of(kind, text));
	if (p->names->slots[slot] == 0)
		return NO_INDEX;
	return p->names->all.at[slot_index(p->names, slot)].index;
}

void policy_forget_names(struct policy *p)
{
	free(p->names->all.at);
	free(p->names->slots);
	*p->names = (struct names){ .slots = NULL };
}

void names_free(struct names *names)
{
	if (names == NULL)
		return;
	free(names->all.at);
	free(names->slots);
	free(names);
}
