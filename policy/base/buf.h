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

void buf_bytes(struct buf *b, const void *at, size_t len);
void buf_u8(struct buf *b, uint8_t value);
void buf_u16(struct buf *b, uint16_t value);
void buf_u32(struct buf *b, uint32_t value);
void buf_u64(struct buf *b, uint64_t value);
/* A 16-bit length and the bytes; longer than 65535 sets `failed`. */
void buf_text(struct buf *b, struct slice text);
/* Empties it and keeps the memory. */
void buf_reset(struct buf *b);
/* Frees the memory; the buffer is empty and usable afterwards. */
void buf_done(struct buf *b);

static inline struct slice buf_slice(const struct buf *b)
{
	return slice_of(b->at, b->len);
}

#endif
