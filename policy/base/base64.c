/* Base64; see base64.h. */
#include "base/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int value_of(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

long base64_decode(struct slice text, uint8_t *out, size_t room)
{
	size_t pad = 0, len;
	uint32_t word = 0;

	if (text.len == 0 || text.len % 4 != 0)
		return -1;
	while (pad < 2 && text.at[text.len - 1 - pad] == '=')
		pad++;
	len = text.len / 4 * 3 - pad;
	if (len > room)
		return -1;
	for (size_t i = 0, o = 0; i < text.len; i++) {
		int value = i < text.len - pad ? value_of(text.at[i]) : 0;

		if (value < 0)
			return -1;
		word = word << 6 | (uint32_t)value;
		if (i % 4 != 3)
			continue;
		for (int shift = 16; shift >= 0 && o < len; shift -= 8)
			out[o++] = (uint8_t)(word >> shift);
		/* With padding, the bits below the last byte must be zero, or two texts mean one
		 * key. */
		if (i == text.len - 1 && pad > 0 && (word & ((1u << (8 * pad)) - 1)) != 0)
			return -1;
		word = 0;
	}
	return (long)len;
}

void base64_encode(struct slice bytes, char *out)
{
	size_t o = 0;

	for (size_t i = 0; i < bytes.len; i += 3) {
		size_t left = bytes.len - i;
		uint32_t word = (uint32_t)bytes.at[i] << 16;

		if (left > 1)
			word |= (uint32_t)bytes.at[i + 1] << 8;
		if (left > 2)
			word |= bytes.at[i + 2];
		out[o++] = alphabet[word >> 18];
		out[o++] = alphabet[word >> 12 & 63];
		out[o++] = left > 1 ? alphabet[word >> 6 & 63] : '=';
		out[o++] = left > 2 ? alphabet[word & 63] : '=';
	}
	out[o] = '\0';
}
