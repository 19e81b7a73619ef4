/*
 * Bounded bytes. A slice is somebody else's memory with its length; a cursor takes little-endian
 * fields from the front of one. These are the only two doors to bytes that were read from a file:
 * nothing behind them computes a pointer of its own. Nothing here allocates or fails loudly: a
 * cursor that ran out says so once, at the end.
 */
#ifndef ADPERM_BASE_SLICE_H
#define ADPERM_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const uint8_t *at;
	size_t len;
};

/*@ predicate readable(struct slice s) = \valid_read(s.at + (0 .. s.len - 1)); @*/

/* The len bytes of whole that start at pos; false, with *out untouched, unless all are there. */
/*@
  @ requires readable(whole) && \valid(out);
  @ assigns *out;
  @ ensures \result <==> pos + len <= whole.len;
  @ ensures \result ==> out->at == whole.at + pos && out->len == len && readable(*out);
  @ ensures !\result ==> *out == \old(*out);
  @*/
static inline bool slice_sub(struct slice whole, uint64_t pos, uint64_t len, struct slice *out)
{
	if (pos > whole.len || len > whole.len - pos)
		return false;
	*out = (struct slice){ whole.at + pos, (size_t)len };
	return true;
}

/*@
  @ assigns \nothing;
  @ ensures \result.at == (uint8_t *)at && \result.len == len;
  @*/
static inline struct slice slice_of(const void *at, size_t len)
{
	return (struct slice){ (const uint8_t *)at, len };
}

/* The bytes of a string, without its NUL. */
static inline struct slice slice_str(const char *text)
{
	return slice_of(text, strlen(text));
}

/*@
  @ requires readable(a) && readable(b);
  @ assigns \nothing;
  @ ensures \result ==> a.len == b.len;
  @*/
static inline bool slice_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/*@
  @ requires \valid_read(at + (0 .. 1));
  @ assigns \nothing;
  @*/
static inline uint16_t le16(const uint8_t at[static 2])
{
	return (uint16_t)(at[0] | (uint32_t)at[1] << 8);
}

/*@
  @ requires \valid_read(at + (0 .. 3));
  @ assigns \nothing;
  @*/
static inline uint32_t le32(const uint8_t at[static 4])
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

/*@
  @ requires \valid_read(at + (0 .. 7));
  @ assigns \nothing;
  @*/
static inline uint64_t le64(const uint8_t at[static 8])
{
	return (uint64_t)le32(at) | (uint64_t)le32(at + 4) << 32;
}

/* Spelt out, because then compilers make one store of them, and of a loop none does. */
static inline void put_le32(uint8_t at[static 4], uint32_t value)
{
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
	at[2] = (uint8_t)(value >> 16);
	at[3] = (uint8_t)(value >> 24);
}

static inline void put_le64(uint8_t at[static 8], uint64_t value)
{
	put_le32(at, (uint32_t)value);
	put_le32(at + 4, (uint32_t)(value >> 32));
}

/*
 * Takes fields one after the other. Once a field was not there, `short_of` stays true and every
 * further take gives zero or an empty slice, so that a decoder needs one check, not one a field.
 */
struct cursor {
	struct slice rest;
	bool short_of;
};

/*@ predicate bounded(struct cursor c) = readable(c.rest); @*/

/*@
  @ requires readable(bytes);
  @ assigns \nothing;
  @ ensures bounded(\result) && \result.rest == bytes && \result.short_of == 0;
  @*/
static inline struct cursor cursor_of(struct slice bytes)
{
	return (struct cursor){ bytes, false };
}

/*@
  @ requires \valid(c) && bounded(*c);
  @ assigns *c;
  @ ensures bounded(*c);
  @ ensures readable(\result) && (\result.len == len || \result.len == 0);
  @ ensures c->short_of == 0 ==> \result.len == len;
  @*/
static inline struct slice cursor_take(struct cursor *c, size_t len)
{
	struct slice field = { NULL, 0 };

	if (c->short_of || !slice_sub(c->rest, 0, len, &field)) {
		c->short_of = true;
		return (struct slice){ NULL, 0 };
	}
	c->rest = (struct slice){ c->rest.at + len, c->rest.len - len };
	return field;
}

/*@
  @ requires \valid(c) && bounded(*c);
  @ assigns *c;
  @ ensures bounded(*c);
  @*/
static inline uint8_t cursor_u8(struct cursor *c)
{
	struct slice field = cursor_take(c, 1);

	return field.len == 1 ? field.at[0] : 0;
}

/*@
  @ requires \valid(c) && bounded(*c);
  @ assigns *c;
  @ ensures bounded(*c);
  @*/
static inline uint16_t cursor_u16(struct cursor *c)
{
	struct slice field = cursor_take(c, 2);

	return field.len == 2 ? le16(field.at) : 0;
}

/*@
  @ requires \valid(c) && bounded(*c);
  @ assigns *c;
  @ ensures bounded(*c);
  @*/
static inline uint32_t cursor_u32(struct cursor *c)
{
	struct slice field = cursor_take(c, 4);

	return field.len == 4 ? le32(field.at) : 0;
}

/*@
  @ requires \valid(c) && bounded(*c);
  @ assigns *c;
  @ ensures bounded(*c);
  @*/
static inline uint64_t cursor_u64(struct cursor *c)
{
	struct slice field = cursor_take(c, 8);

	return field.len == 8 ? le64(field.at) : 0;
}

/* A 16-bit length and that many bytes. */
/*@
  @ requires \valid(c) && bounded(*c);
  @ assigns *c;
  @ ensures bounded(*c);
  @ ensures readable(\result) && \result.len <= UINT16_MAX;
  @*/
static inline struct slice cursor_text(struct cursor *c)
{
	return cursor_take(c, cursor_u16(c));
}

/* Everything was there and nothing is left over. */
/*@
  @ requires \valid_read(c);
  @ assigns \nothing;
  @ ensures \result <==> c->short_of == 0 && c->rest.len == 0;
  @*/
static inline bool cursor_done(const struct cursor *c)
{
	return !c->short_of && c->rest.len == 0;
}

#endif
