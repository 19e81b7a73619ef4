/*
 * Where a file may be cut, so that its parts are parsed at the same time. The outline follows the
 * indentation of lines, without knowing YAML: a line is a good place if it looks like an item or a
 * key and everything above it like keys. It may be mistaken, as inside of a quoted text. Only a
 * parser that comes from before, and finds itself at that place in exactly the same nesting, makes
 * the part behind a part of the file; see events.h.
 */
#ifndef ADPERM_LANG_CUT_H
#define ADPERM_LANG_CUT_H

#include "base/slice.h"

#define CUT_DEPTH  16 /* levels above a cut */
#define CUT_INDENT 64 /* spaces before a level */

/* Bytes of a prefix: on each level its indentation, and "k:\n". */
#define CUT_PREFIX_MAX (CUT_DEPTH * (CUT_INDENT + 3))

struct cut {
	bool item;                     /* of a list, else a key of a mapping */
	uint32_t col;                  /* of the item behind its dash, or of the key; from 0 */
	unsigned n;                    /* mappings above, by their indentation */
	uint8_t indent[CUT_DEPTH + 1]; /* [n]: of the list or mapping that is cut */
};

struct outline {
	unsigned n;
	struct outline_level {
		uint8_t indent;
		bool item;
	} level[CUT_DEPTH + 1];
	unsigned items; /* levels that are items */
	bool lost;      /* a line is longer than the pieces that are looked at */
};

/*
 * Goes on over the lines of `text`, which begins with the beginning of a line, up to the first one
 * at `from` or behind it where a cut may be: its offset, and *out. Else it stops before the line
 * that the text ends in, if that is not the first: that offset, and false.
 */
bool outline_follow(struct outline *o, struct slice text, size_t from, size_t *at, struct cut *out);

/*
 * A text behind which a parser is in the same nesting as at the cut, of out.n lines; its length.
 */
size_t cut_prefix(const struct cut *cut, char out[static CUT_PREFIX_MAX]);

#endif
