/* The walk's side of the parts of all files; see reading.h. */
#include "lang/reading.h"

#include "lang/parts.h"

#include <limits.h>
#include <stdlib.h>

struct reading {
	struct diags *diags;
	const struct names *names; /* NULL: none that it is looked up in */
	struct parts parts;
	struct tape_block *block; /* of the first part's tape */
	struct tape_place place;  /* in it */
	struct tape_entry entry;  /* what take() took last */
	uint32_t files;           /* begun */
	uint32_t number;          /* of this file among the diagnostics' files; 0: not yet there */
	bool begins;              /* ... with "---" */
	bool at_part;             /* the first part is one of it */
	unsigned depth;
	struct mark open[DEPTH_MAX]; /* where the lists and mappings begin that the walk is in */
	uint8_t digest[SHA256_SIZE + 8];
};

struct load_how reading_how(void)
{
	return (struct load_how){ .threads = threads_count(), .piece = PIECE_MAX };
}

/* The file gets its number with the first word about it, as it would if there were no threads. */
static uint32_t file_number(struct reading *r)
{
	const struct set_file *file = &r->parts.set->files[r->files - 1];
	char path[PATH_MAX];

	if (r->number != 0)
		return r->number;
	r->number = diags_file(r->diags, file->name);
	if (set_path(file, r->parts.paths, path, sizeof path))
		diags_path(r->diags, r->number, path);
	return r->number;
}

static void tell(struct reading *r, const struct tape_entry *report)
{
	struct mark at = { 0, report->line, report->col };
	char name[PATH_MAX];

	if (report->level > 0) {
		at = r->open[report->level - 1];
	} else if (report->of_file) {
		at.file = file_number(r);
	} else if (report->name.len > 0) {
		snprintf(name, sizeof name, "%.*s", (int)report->name.len,
			(const char *)report->name.at);
		at.file = diags_file(r->diags, name);
	}
	if (report->id == DIAG_NONE)
		diag_note(
			r->diags, at, "%.*s", (int)report->text.len, (const char *)report->text.at);
	else
		diag(r->diags, at, report->id, "%.*s", (int)report->text.len,
			(const char *)report->text.at);
}

static bool no_memory(struct reading *r)
{
	return diag(r->diags, (struct mark){ 0 }, DIAG_NO_MEMORY, "out of memory");
}

/* The walk has read its block. False: out of memory. */
static bool next_block(struct reading *r)
{
	tape_free(r->block);
	r->block = parts_block(&r->parts);
	r->place.at = 0;
	if (r->block != NULL && r->names != NULL)
		tape_fetch(r->block, r->names);
	return r->block != NULL;
}

/* The first part is done with; if it goes on, in the next one. */
static void leave(struct reading *r, bool goes_on)
{
	tape_free(r->block);
	r->block = NULL;
	r->place = (struct tape_place){ 0, 0 };
	r->at_part = goes_on;
	parts_leave(&r->parts, goes_on);
}

/* What stands between the events: a report is told, at a seam the next part begins. */
static bool pass_over(struct reading *r, const struct tape_entry *entry)
{
	if (entry->kind == TAPE_REPORT)
		tell(r, entry);
	else if (entry->kind == TAPE_GOES_ON)
		leave(r, true);
	return entry->kind == TAPE_REPORT || entry->kind == TAPE_GOES_ON;
}

/* The next entry that is no report and no seam. False: the rest cannot be read. */
static bool take(struct reading *r)
{
	do {
		while (r->block == NULL || !tape_take(r->block, &r->place, &r->entry)) {
			if (!next_block(r))
				return no_memory(r);
		}
	} while (pass_over(r, &r->entry));
	return r->entry.kind != TAPE_FAILED || (parts_starved(&r->parts) && no_memory(r));
}

void reading_fetch(struct reading *r, const struct names *names)
{
	r->names = names;
}

bool reading_file(struct reading *r)
{
	r->number = r->depth = 0;
	if (r->at_part)
		leave(r, false);
	if (!parts_seek(&r->parts, r->files++))
		return no_memory(r);
	r->at_part = true;
	if (!take(r))
		return false;
	file_number(r);
	r->begins = r->entry.flag;
	return true;
}

bool reading_event(struct reading *r, struct event *out)
{
	if (r->block == NULL || !tape_take_event(r->block, &r->place, out)) {
		if (!take(r))
			return false;
		*out = (struct event){ .kind = (enum event_kind)r->entry.kind,
			.plain = r->entry.flag,
			.text = r->entry.text,
			.at = { 0, r->entry.line, r->entry.col } };
	}
	out->at.file = r->number;
	if (out->kind == EVENT_LIST || out->kind == EVENT_MAPPING)
		r->open[r->depth++] = out->at;
	else if (out->kind == EVENT_LIST_END || out->kind == EVENT_MAPPING_END)
		r->depth--;
	return true;
}

bool reading_finish(struct reading *r)
{
	const struct tape_entry *entry = &r->entry;

	if (!take(r))
		return false;
	memcpy(r->digest, entry->text.at, sizeof r->digest);
	if (r->begins && !entry->flag)
		return diag(r->diags, (struct mark){ r->number, entry->line, entry->col },
			DIAG_CUT_OFF,
			"the file begins with --- and does not end with ...: it was cut off");
	if (!r->begins && !entry->flag)
		diag(r->diags, (struct mark){ r->number, 1, 1 }, DIAG_NO_MARKERS,
			"the file has no --- at its beginning and no ... at its end");
	return true;
}

const uint8_t *reading_digest(const struct reading *r)
{
	return r->digest;
}

struct reading *reading_start(const struct set *set, const char *const *paths, struct diags *diags,
	const struct load_how *how)
{
	struct reading *r = calloc(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->diags = diags;
	if (parts_start(&r->parts, set, paths, how))
		return r;
	reading_done(r);
	return NULL;
}

void reading_done(struct reading *r)
{
	if (r == NULL)
		return;
	tape_free(r->block);
	parts_done(&r->parts);
	free(r);
}
