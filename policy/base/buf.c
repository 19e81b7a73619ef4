/* The growing output buffer; see buf.h. */
#include "base/buf.h"

#include <stdlib.h>

static bool buf_room(struct buf *b, size_t more)
{
	size_t cap = b->cap ? b->cap : 256;
	uint8_t *at;

	if (b->failed)
		return false;
	if (more <= b->cap - b->len)
		return true;
	while (cap - b->len < more) {
		if (cap > SIZE_MAX / 2) {
			b->failed = true;
			return false;
		}
		cap *= 2;
	}
	at = realloc(b->at, cap);
	if (at == NULL) {
		b->failed = true;
		return false;
	}
	b->at = at;
	b->cap = cap;
	return true;
}

void buf_bytes(struct buf *b, const void *at, size_t len)
{
	if (len == 0 || !buf_room(b, len))
		return;
	memcpy(b->at + b->len, at, len);
	b->len += len;
}

void buf_u8(struct buf *b, uint8_t value)
{
	buf_bytes(b, &value, 1);
}

void buf_u16(struct buf *b, uint16_t value)
{
	const uint8_t at[2] = { (uint8_t)value, (uint8_t)(value >> 8) };

	buf_bytes(b, at, sizeof at);
}

void buf_u32(struct buf *b, uint32_t value)
{
	uint8_t at[4];

	put_le32(at, value);
	buf_bytes(b, at, sizeof at);
}

void buf_u64(struct buf *b, uint64_t value)
{
	uint8_t at[8];

	put_le64(at, value);
	buf_bytes(b, at, sizeof at);
}

void buf_text(struct buf *b, struct slice text)
{
	if (text.len > UINT16_MAX) {
		b->failed = true;
		return;
	}
	buf_u16(b, (uint16_t)text.len);
	buf_bytes(b, text.at, text.len);
}

void buf_reset(struct buf *b)
{
	b->len = 0;
}

void buf_done(struct buf *b)
{
	free(b->at);
	*b = (struct buf){ NULL, 0, 0, false };
}
