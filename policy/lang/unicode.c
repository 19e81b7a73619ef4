/* UTF-8, and the table of refused characters; see unicode.h. */
#include "lang/unicode.h"

#define CONTROL   "a control character"
#define BREAK     "a line break that most programs do not show"
#define INVISIBLE "an invisible character"
#define DIRECTION "it changes the direction of text"
#define NOT_ONE   "not a character"

/* Ascending. Invisible: Unicode's Default_Ignorable_Code_Point. */
static const struct range {
	uint32_t first, last;
	const char *why;
} refused[] = {
	{ 0x0000, 0x0008, CONTROL },
	{ 0x000b, 0x000c, CONTROL },
	{ 0x000d, 0x000d, "a carriage return without a line feed" },
	{ 0x000e, 0x001f, CONTROL },
	{ 0x007f, 0x0084, CONTROL },
	{ 0x0085, 0x0085, BREAK },
	{ 0x0086, 0x009f, CONTROL },
	{ 0x00ad, 0x00ad, INVISIBLE },
	{ 0x034f, 0x034f, INVISIBLE },
	{ 0x061c, 0x061c, DIRECTION },
	{ 0x115f, 0x1160, INVISIBLE },
	{ 0x17b4, 0x17b5, INVISIBLE },
	{ 0x180b, 0x180f, INVISIBLE },
	{ 0x200b, 0x200d, INVISIBLE },
	{ 0x200e, 0x200f, DIRECTION },
	{ 0x2028, 0x2029, BREAK },
	{ 0x202a, 0x202e, DIRECTION },
	{ 0x2060, 0x2065, INVISIBLE },
	{ 0x2066, 0x2069, DIRECTION },
	{ 0x206a, 0x206f, INVISIBLE },
	{ 0x3164, 0x3164, INVISIBLE },
	{ 0xfdd0, 0xfdef, NOT_ONE },
	{ 0xfe00, 0xfe0f, INVISIBLE },
	{ 0xfeff, 0xfeff, "a byte-order mark that is not at the beginning" },
	{ 0xffa0, 0xffa0, INVISIBLE },
	{ 0xfff0, 0xfffb, INVISIBLE },
	{ 0xfffe, 0xffff, NOT_ONE },
	{ 0x1bca0, 0x1bca3, INVISIBLE },
	{ 0x1d173, 0x1d17a, INVISIBLE },
	{ 0xe0000, 0xe0fff, INVISIBLE },
};

const char *character_refused(uint32_t character)
{
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		if (character < refused[i].first)
			return NULL;
		if (character <= refused[i].last)
			return refused[i].why;
	}
	return NULL;
}

/* How long a character is that begins so; -1 if none does. */
static int length_of(uint8_t lead)
{
	static const struct {
		uint8_t first, last;
		int len;
	} leads[] = { { 0x00, 0x7f, 1 }, { 0xc2, 0xdf, 2 }, { 0xe0, 0xef, 3 }, { 0xf0, 0xf4, 4 } };

	for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++) {
		if (lead >= leads[i].first && lead <= leads[i].last)
			return leads[i].len;
	}
	return -1;
}

int utf8_decode(struct slice text, uint32_t *character)
{
	static const uint32_t lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint8_t lead = text.at[0];
	int len = length_of(lead);
	uint32_t value = lead;

	if (len < 0)
		return -1;
	if (len > 1)
		value = lead & (0xffu >> (len + 1));
	for (int i = 1; i < len; i++) {
		if ((size_t)i == text.len)
			return 0;
		if ((text.at[i] & 0xc0) != 0x80)
			return -1;
		value = value << 6 | (text.at[i] & 0x3f);
	}
	if (len > 1 &&
		(value < lowest[len] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)))
		return -1;
	*character = value;
	return len;
}
