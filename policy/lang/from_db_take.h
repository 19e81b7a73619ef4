/*
 * What the readers of written records share (from_db.c, from_db_grants.c): the policy being filled,
 * and values taken from a record. Everything returns false for what the loader would not have
 * taken.
 */
#ifndef ADPERM_LANG_FROM_DB_TAKE_H
#define ADPERM_LANG_FROM_DB_TAKE_H

#include "db/written.h"
#include "lang/names.h"
#include "lang/rows.h"

struct from_db {
	struct policy *p;
	struct slice name; /* of the record being read, the part of its key behind the kind */
	struct cursor c;   /* its payload */
	struct written_before before; /* what was taken of it */
	uint32_t free_keys;           /* the first key that no profile has taken yet */
	uint32_t first_file, files; /* the names of files that the diagnostics have from here ... */
	uint32_t file;              /* ... and which of them the last mark was in */
	bool no_memory;
};

/* Remembers it; returns false. */
bool from_db_no_memory(struct from_db *f);

/* The next part of the record. */
void from_db_part(struct from_db *f, enum written_part part, void *into);

/* A text that may be absent, as the offset of its bytes in the pool; `line`: without line breaks.
 */
bool from_db_text(struct from_db *f, struct slice text, bool line, uint32_t *offset);

/*
 * The name of a further thing, `index`: well formed and new. NULL if it is not. Moves when another
 * is mentioned.
 */
struct name *from_db_name(struct from_db *f, enum name_kind kind, struct slice text,
	bool (*good)(struct slice text), uint32_t index);

/* The thing of that name, which has to be there. */
bool from_db_find(const struct from_db *f, enum name_kind kind, struct slice text, uint32_t *index);

/* A place; without a file it is none. */
bool from_db_mark(struct from_db *f, const struct written_mark *from, struct mark *mark);

/* n networks from the cursor. */
bool from_db_nets(struct from_db *f, uint32_t n, struct span *nets);

/* n people, at least one, from the cursor; and groups if `groups`. */
bool from_db_ids(struct from_db *f, uint32_t n, bool groups, struct span *ids);

/* The records of from_db_grants.c. */
bool from_db_role(struct from_db *f);
bool from_db_grants(struct from_db *f);

#endif
