/* The growing output buffer; see buf.h. */
#include "base/buf.h"

#include <stdlib.h>

bool buf_grow(struct buf *b, size_t more)
{
	size_t cap = b->cap ? b->cap : 256;
	uint8_t *at;

	if (b->failed)
		return false;
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

void buf_reset(struct buf *b)
{
	b->len = 0;
}

void buf_done(struct buf *b)
{
	free(b->at);
	*b = (struct buf){ NULL, 0, 0, false };
}
