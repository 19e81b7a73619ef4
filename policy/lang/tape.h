/*
 * What a parser says of a file, written down in little more room than the file itself takes, so
 * that one thread parses and another one walks: events, and what was reported between them, in
 * their order. One thread writes a tape; when it has given blocks away, another reads them.
 */
#ifndef ADPERM_LANG_TAPE_H
#define ADPERM_LANG_TAPE_H

#include "base/diag.h"

struct event;
struct names;

/* An entry of a tape. */
enum tape_kind {
	TAPE_SCALAR = 1, /* the kinds of events, see events.h */
	TAPE_LIST,
	TAPE_LIST_END,
	TAPE_MAPPING,
	TAPE_MAPPING_END,
	TAPE_BAD,
	TAPE_REPORT,  /* a diagnostic, or with DIAG_NONE a note on the one before */
	TAPE_BEGIN,   /* a document; flag: with "---" */
	TAPE_GOES_ON, /* the next part of the file is the rest of it */
	TAPE_OVER,    /* the whole file was read; flag: the document ended with "..." */
	TAPE_FAILED,  /* it cannot be read to its end, and why has been reported */
};

struct tape_entry {
	enum tape_kind kind;
	bool flag; /* of a scalar: plain */
	uint32_t line, col;
	struct slice text; /* of a scalar or report; of TAPE_OVER its digest */
	enum diag_id id;   /* of a report, and */
	bool of_file;      /* it is about the file being read, not about */
	struct slice name; /* this one, or if that is empty about none; */
	uint8_t level;     /* or 1 + how deep what is still open and began there is nested */
};

#define TAPE_BLOCK ((size_t)32 << 10)

struct tape_block {
	struct tape_block *next;
	uint32_t len, scalars;
	/* Entries from the front, and from the end the hashes of scalars. */
	uint8_t bytes[TAPE_BLOCK - sizeof(void *) - sizeof(size_t)];
};

/* While it is written: blocks not yet given away. Zero before the first use. */
struct tape {
	struct tape_block *first, *last;
	uint32_t line; /* of the entry before */
	bool failed;   /* out of memory; remembered, entries are lost */
};

/* Longer texts are cut off; none is longer than SCALAR_MAX of events.h. */
void tape_put(struct tape *t, const struct tape_entry *entry);
/* Puts what was reported, and forgets it there. `file` is the number of the file being read. */
void tape_put_reports(struct tape *t, struct diags *reports, uint32_t file);
void tape_free(struct tape_block *blocks);

/* While it is read. */
struct tape_place {
	size_t at;     /* in the first block */
	uint32_t line; /* of the entry before */
};

/* What is known of the scalars of a block will soon be looked up in these names. */
void tape_fetch(const struct tape_block *block, const struct names *names);

/* The next entry of a block; false: no more. Its texts point into the block. */
bool tape_take(const struct tape_block *block, struct tape_place *place, struct tape_entry *out);
/* The same if that is an event, but for its file; false: it is none, and still the next one. */
bool tape_take_event(const struct tape_block *block, struct tape_place *place, struct event *out);

#endif
