/*
 * The events of one YAML file: libyaml's, less everything a policy may not use (aliases, tags,
 * directives, further documents), within limits of depth and length, with places; written to a tape
 * (tape.h).
 *
 * A parser may begin at a cut (cut.h) behind a prefix that brings it into the nesting there. In
 * block style what libyaml does next depends on nothing but the characters that follow, and the
 * kinds and indentations of the lists and mappings that are open: each has the column of its first
 * event. So where a parser from before comes to a cut with the same ones open, the tape of the part
 * that begins there goes on as its own would.
 */
#ifndef ADPERM_LANG_EVENTS_H
#define ADPERM_LANG_EVENTS_H

#include "lang/input.h"
#include <yaml.h>

#define DEPTH_MAX  32   /* levels of lists and mappings */
#define SCALAR_MAX 4096 /* bytes of a scalar */

enum event_kind {
	EVENT_SCALAR = TAPE_SCALAR,
	EVENT_LIST = TAPE_LIST,
	EVENT_LIST_END = TAPE_LIST_END,
	EVENT_MAPPING = TAPE_MAPPING,
	EVENT_MAPPING_END = TAPE_MAPPING_END,
	EVENT_BAD = TAPE_BAD, /* something scalar that has been reported: to be passed over */
};

struct event {
	enum event_kind kind;
	bool plain;        /* a scalar without quotes, and no block */
	struct slice text; /* of a scalar; until the next event */
	struct mark at;
};

/* Where a parser gets its pieces from. */
struct event_source {
	void *data;
	/* The piece behind the one given last; NULL: the parser is to stop, and nobody waits for
	 * its tape. */
	const struct piece *(*next)(void *data);
	/*
	 * The parser has passed over the beginning of *ahead, which so is no cut: that piece is its
	 * own now, and *ahead the one behind it, if it was given already, or NULL. False: as above.
	 */
	bool (*pass)(void *data, const struct piece **ahead);
};

struct events {
	const struct event_source *source;
	const struct piece *piece; /* being read */
	size_t at;                 /* in it */
	const struct piece *ahead; /* the first one whose beginning may be a cut; NULL: none yet */
	char prefix[CUT_PREFIX_MAX];
	size_t prefix_len, prefix_at;
	struct diags *diags; /* reported since the event before */
	struct tape *tape;
	yaml_parser_t parser;
	yaml_event_t last; /* owns the text of the event given last */
	uint32_t line;     /* of libyaml's first one */
	unsigned around;   /* levels of the nesting at the cut */
	unsigned skip;     /* of them, those that are not open yet */
	bool begun, over;  /* the first event, and the last, are on the tape */
	bool dirty;        /* something was reported, so no cut is believed */
	bool stopped;      /* nobody waits for the tape */
	unsigned depth;
	struct nesting {
		bool list, flow;
		uint32_t line, col;
	} open[DEPTH_MAX + 1];
};

/* Begins with the first piece of the source. False: out of memory. events_done() in any case. */
bool events_start(struct events *e, const struct event_source *source);

/*
 * Goes on until a block of the tape is full and a further one begun. False: the tape has its last
 * entry, or has failed; no further calls.
 */
bool events_record(struct events *e, struct tape *tape);

void events_done(struct events *e);

#endif
