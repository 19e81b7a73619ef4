/* Entries as bytes; see tape.h. Both directions are here, and nobody else reads them. */
#include "lang/tape.h"

#include "lang/events.h"
#include "lang/names.h"

#include <stdlib.h>

/*
 *	entry   head 1, [line 4], column 1 or 5, then of a scalar or the end: text,
 *	        of a report: number 2, place 2, text, text name
 *	head    kind 4 bits, flag 1 bit, lines down 2 bits: 3 says that the line follows
 *	text    length 1 or 3, bytes
 *
 * Numbers are the machine's own: a tape never leaves the process.
 */
#define FLAG       0x10u
#define DOWN_SHIFT 5
#define DOWN_MAX   3u
#define LONG       0xffu /* instead of a byte: the number follows in full */

#define TEXT_MAX  SCALAR_MAX
#define ENTRY_MAX (16 + 2 * (3 + TEXT_MAX) + sizeof(uint32_t))

static uint8_t *put_u32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof value);
	return at + sizeof value;
}

static uint8_t *put_u16(uint8_t *at, uint16_t value)
{
	memcpy(at, &value, sizeof value);
	return at + sizeof value;
}

static uint32_t take_u32(const uint8_t **at)
{
	uint32_t value;

	memcpy(&value, *at, sizeof value);
	*at += sizeof value;
	return value;
}

static uint8_t *put_text(uint8_t *at, struct slice text)
{
	size_t len = text.len < TEXT_MAX ? text.len : TEXT_MAX;

	if (len < LONG) {
		*at++ = (uint8_t)len;
	} else {
		*at++ = LONG;
		at = put_u16(at, (uint16_t)len);
	}
	/* Of a memcpy(3) with this bound gcc makes an instruction that is slow to begin. */
	if (len > 0)
		memmove(at, text.at, len);
	return at + len;
}

/* Behind the place of hash `i`. */
static size_t hash_at(const struct tape_block *block, uint32_t i)
{
	return sizeof block->bytes - i * sizeof(uint32_t);
}

static void put_hash(struct tape_block *block, struct slice text)
{
	block->scalars++;
	put_u32(block->bytes + hash_at(block, block->scalars), name_hash(text));
}

void tape_fetch(const struct tape_block *block, const struct names *names)
{
	for (uint32_t i = 1; i <= block->scalars; i++) {
		const uint8_t *at = block->bytes + hash_at(block, i);

		names_fetch(names, take_u32(&at));
	}
}

static bool room(struct tape *t)
{
	struct tape_block *block = t->last;

	/* Behind a hole nothing may stand. */
	if (t->failed)
		return false;
	if (block != NULL && hash_at(block, block->scalars) - block->len >= ENTRY_MAX)
		return true;
	block = malloc(sizeof *block);
	if (block == NULL) {
		t->failed = true;
		return false;
	}
	block->next = NULL;
	block->len = block->scalars = 0;
	*(t->last != NULL ? &t->last->next : &t->first) = block;
	t->last = block;
	return true;
}

static bool has_text(enum tape_kind kind)
{
	return kind == TAPE_SCALAR || kind == TAPE_REPORT || kind == TAPE_OVER;
}

void tape_put(struct tape *t, const struct tape_entry *entry)
{
	uint32_t down = entry->line - t->line;
	uint8_t *at;

	if (!room(t))
		return;
	at = t->last->bytes + t->last->len;
	down = down < DOWN_MAX ? down : DOWN_MAX;
	*at++ = (uint8_t)(entry->kind | (entry->flag ? FLAG : 0) | down << DOWN_SHIFT);
	if (down == DOWN_MAX)
		at = put_u32(at, entry->line);
	*at++ = (uint8_t)(entry->col < LONG ? entry->col : LONG);
	if (entry->col >= LONG)
		at = put_u32(at, entry->col);
	if (has_text(entry->kind))
		at = put_text(at, entry->text);
	if (entry->kind == TAPE_REPORT) {
		at = put_u16(at, (uint16_t)entry->id);
		*at++ = entry->of_file;
		*at++ = entry->level;
		at = put_text(at, entry->name);
	}
	if (entry->kind == TAPE_SCALAR)
		put_hash(t->last, entry->text);
	t->line = entry->line;
	t->last->len = (uint32_t)(at - t->last->bytes);
}

void tape_put_reports(struct tape *t, struct diags *reports, uint32_t file)
{
	for (size_t i = 0; i < diags_kept(reports); i++) {
		const struct diag_view report = diags_at(reports, i);
		const struct tape_entry entry = {
			.kind = TAPE_REPORT,
			.line = report.at.line,
			.col = report.at.col,
			.text = slice_str(report.words),
			.id = report.id,
			.of_file = report.at.file == file && file != 0,
			.name = slice_str(diags_file_name(reports, report.at.file)),
		};

		tape_put(t, &entry);
	}
	diags_forget(reports);
}

void tape_free(struct tape_block *blocks)
{
	while (blocks != NULL) {
		struct tape_block *next = blocks->next;

		free(blocks);
		blocks = next;
	}
}

static uint16_t take_u16(const uint8_t **at)
{
	uint16_t value;

	memcpy(&value, *at, sizeof value);
	*at += sizeof value;
	return value;
}

static struct slice take_text(const uint8_t **at)
{
	size_t len = *(*at)++;
	const uint8_t *text;

	if (len == LONG)
		len = take_u16(at);
	text = *at;
	*at += len;
	return slice_of(text, len);
}

/* Line and column, the first counted from the line of the entry before, behind the head. */
static void take_place(const uint8_t **at, uint8_t head, uint32_t *line, uint32_t *col)
{
	uint32_t down = (uint32_t)head >> DOWN_SHIFT;

	*line = down == DOWN_MAX ? take_u32(at) : *line + down;
	*col = *(*at)++;
	if (*col == LONG)
		*col = take_u32(at);
}

bool tape_take_event(const struct tape_block *block, struct tape_place *place, struct event *out)
{
	const uint8_t *at = block->bytes + place->at;
	uint8_t head;

	if (place->at == block->len || (*at & (FLAG - 1)) > TAPE_BAD)
		return false;
	head = *at++;
	out->kind = (enum event_kind)(head & (FLAG - 1));
	out->plain = (head & FLAG) != 0;
	take_place(&at, head, &place->line, &out->at.col);
	out->at.line = place->line;
	if (out->kind == EVENT_SCALAR)
		out->text = take_text(&at);
	place->at = (size_t)(at - block->bytes);
	return true;
}

bool tape_take(const struct tape_block *block, struct tape_place *place, struct tape_entry *out)
{
	const uint8_t *at = block->bytes + place->at;
	uint8_t head;

	if (place->at == block->len)
		return false;
	head = *at++;
	out->kind = (enum tape_kind)(head & (FLAG - 1));
	out->flag = (head & FLAG) != 0;
	take_place(&at, head, &place->line, &out->col);
	out->line = place->line;
	if (has_text(out->kind))
		out->text = take_text(&at);
	if (out->kind == TAPE_REPORT) {
		out->id = (enum diag_id)take_u16(&at);
		out->of_file = *at++ != 0;
		out->level = *at++;
		out->name = take_text(&at);
	}
	place->at = (size_t)(at - block->bytes);
	return true;
}
