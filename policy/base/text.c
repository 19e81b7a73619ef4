/* Text into a fixed array; see text.h. */
#include "base/text.h"

static const char hex_digits[] = "0123456789abcdef";

struct text text_over(char *at, size_t cap)
{
	at[0] = '\0';
	return (struct text){ at, cap, 0, false };
}

void text_add_slice(struct text *t, struct slice bytes)
{
	size_t room = t->cap - 1 - t->len;
	size_t len = bytes.len;

	if (len > room) {
		len = room;
		t->cut = true;
	}
	if (len > 0)
		memcpy(t->at + t->len, bytes.at, len);
	t->len += len;
	t->at[t->len] = '\0';
}

/* Words are a few bytes: to measure and copy them with libc would take longer. */
void text_add(struct text *t, const char *words)
{
	char *at = t->at + t->len, *end = t->at + t->cap - 1;

	while (*words != '\0' && at < end)
		*at++ = *words++;
	*at = '\0';
	t->len = (size_t)(at - t->at);
	t->cut |= *words != '\0';
}

bool text_set(char *at, size_t cap, const char *words)
{
	struct text t = text_over(at, cap);

	text_add(&t, words);
	return !t.cut;
}

void text_add_u64(struct text *t, uint64_t value)
{
	char digits[20];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	text_add_slice(t, slice_of(digits + at, sizeof digits - at));
}

void text_add_hex(struct text *t, struct slice bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		const char pair[2] = { hex_digits[bytes.at[i] >> 4], hex_digits[bytes.at[i] & 15] };

		text_add_slice(t, slice_of(pair, sizeof pair));
	}
}

static bool is_plain(uint8_t c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* How many bytes at the front, of at most max, need no escape: nearly all of nearly all names. */
static size_t plain_run(struct slice bytes, size_t max)
{
	size_t len = 0;

	while (len < bytes.len && len < max && is_plain(bytes.at[len]))
		len++;
	return len;
}

void text_add_escaped(struct text *t, struct slice bytes, size_t max)
{
	size_t room = t->cap - 1 - t->len;

	if (max > room)
		max = room;
	while (bytes.len > 0) {
		uint8_t c = bytes.at[0];
		const char escape[4] = { '\\', 'x', hex_digits[c >> 4], hex_digits[c & 15] };
		size_t taken = plain_run(bytes, max);
		struct slice add = slice_of(bytes.at, taken);

		if (taken == 0) {
			taken = 1;
			add = slice_of(escape, sizeof escape);
		}
		if (add.len > max) {
			t->cut = true;
			return;
		}
		text_add_slice(t, add);
		max -= add.len;
		bytes = slice_of(bytes.at + taken, bytes.len - taken);
	}
}
