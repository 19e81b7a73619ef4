/*
 * The events of one YAML file: libyaml's, less everything a policy may not use (aliases, tags,
 * directives, further documents), within limits of depth and length, with places.
 */
#ifndef ADPERM_LANG_EVENTS_H
#define ADPERM_LANG_EVENTS_H

#include "lang/input.h"
#include <yaml.h>

#define DEPTH_MAX  32   /* levels of lists and mappings */
#define SCALAR_MAX 4096 /* bytes of a scalar */

enum event_kind {
	EVENT_SCALAR = 1,
	EVENT_LIST,
	EVENT_LIST_END,
	EVENT_MAPPING,
	EVENT_MAPPING_END,
	EVENT_BAD, /* something scalar that has been reported: to be passed over */
};

struct event {
	enum event_kind kind;
	bool plain;        /* a scalar without quotes, and no block */
	struct slice text; /* of a scalar; until the next event */
	struct mark at;
};

struct events {
	struct input *input;
	yaml_parser_t parser;
	yaml_event_t last; /* owns the text of the event given last */
	unsigned depth;
	bool begins; /* the document began with "---" */
};

/* All of these return false after reporting what makes the rest of the file unreadable. */

/* Begins; the next event is the root of the document. To be ended by events_done() in any case. */
bool events_start(struct events *e, struct input *input);
bool events_next(struct events *e, struct event *out);
/* After the last event of the root: judges how the file ends. */
bool events_finish(struct events *e);
void events_done(struct events *e);

#endif
