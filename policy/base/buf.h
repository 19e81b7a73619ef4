/*
 * A growing output buffer for records and texts, on malloc. A failed allocation is remembered in
 * `failed` and makes every later put a no-op, so that a writer checks once, at the end.
 * Never used inside a login process.
 */
#ifndef ADPERM_BASE_BUF_H
#define ADPERM_BASE_BUF_H

#include "base/slice.h"

struct buf {
	uint8_t *at;
	size_t len, cap;
	bool failed;
};

/* Makes room for `more` bytes behind the last one; false: it has failed, now or before. */
bool buf_grow(struct buf *b, size_t more);

/* In the header because a database is put together of a hundred million of these. */
static inline bool buf_room(struct buf *b, size_t more)
{
	return (more <= b->cap - b->len && !b->failed) || buf_grow(b, more);
}

static inline void buf_bytes(struct buf *b, const void *at, size_t len)
{
	if (len == 0 || !buf_room(b, len))
		return;
	memcpy(b->at + b->len, at, len);
	b->len += len;
}

static inline void buf_u8(struct buf *b, uint8_t value)
{
	if (buf_room(b, 1))
		b->at[b->len++] = value;
}

static inline void buf_u16(struct buf *b, uint16_t value)
{
	if (!buf_room(b, 2))
		return;
	b->at[b->len++] = (uint8_t)value;
	b->at[b->len++] = (uint8_t)(value >> 8);
}

static inline void buf_u32(struct buf *b, uint32_t value)
{
	if (!buf_room(b, 4))
		return;
	put_le32(b->at + b->len, value);
	b->len += 4;
}

static inline void buf_u64(struct buf *b, uint64_t value)
{
	if (!buf_room(b, 8))
		return;
	put_le64(b->at + b->len, value);
	b->len += 8;
}

/* A 16-bit length and the bytes; longer than 65535 sets `failed`. */
static inline void buf_text(struct buf *b, struct slice text)
{
	b->failed |= text.len > UINT16_MAX;
	buf_u16(b, (uint16_t)text.len);
	buf_bytes(b, text.at, text.len);
}

/* Empties it and keeps the memory. */
void buf_reset(struct buf *b);
/* Frees the memory; the buffer is empty and usable afterwards. */
void buf_done(struct buf *b);

static inline struct slice buf_slice(const struct buf *b)
{
	return slice_of(b->at, b->len);
}

#endif
