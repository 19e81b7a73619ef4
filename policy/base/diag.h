/*
 * Diagnostics with a place and a permanent number. A policy compile collects all of them, sorts
 * them by place and prints them at the end; one error is enough to publish nothing.
 */
#ifndef ADPERM_BASE_DIAG_H
#define ADPERM_BASE_DIAG_H

#include "base/slice.h"
#include <stdio.h>

/* Where something is written. Lines and columns (in characters) count from 1; line 0: no place. */
struct mark {
	uint32_t file; /* index into the diagnostics' file names */
	uint32_t line, col;
};

enum severity { SEVERITY_ERROR = 1, SEVERITY_WARNING };

/* Every diagnostic: DIAG(number, SYMBOL, SEVERITY, "what it means and what to do"), in diag.def. */
enum diag_id {
	DIAG_NONE = 0,
#define DIAG(number, symbol, severity, explanation) DIAG_##symbol = (number),
#include "base/diag.def"
#undef DIAG
};

struct diags; /* the collection */

struct diags *diags_new(void);
void diags_free(struct diags *d);

/* Registers a file name as it is to be printed; the index for marks. Copies the name. */
uint32_t diags_file(struct diags *d, const char *name);
const char *diags_file_name(const struct diags *d, uint32_t file);

/* Where such a file can be read again, so that the line that is spoken of can be shown. */
void diags_path(struct diags *d, uint32_t file, const char *path);
const char *diags_file_path(const struct diags *d, uint32_t file);

/*
 * Reports one. Returns false, so that a failed check reads as one sentence:
 *	return diag(d, mark, DIAG_UNKNOWN_GROUP, "no group is called \"%s\"", name);
 * Bytes of the input in a message go through diag_quote() first.
 */
bool diag(struct diags *d, struct mark at, enum diag_id id, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* A second place for the diagnostic reported last. */
void diag_note(struct diags *d, struct mark at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The bytes between double quotes, escaped to printable ASCII, in one of a few rotating arrays. */
const char *diag_quote(struct diags *d, struct slice bytes);

size_t diags_errors(const struct diags *d);
size_t diags_warnings(const struct diags *d);

/* One of the collection. */
struct diag_view {
	enum diag_id id; /* DIAG_NONE: a note on the diagnostic before */
	enum severity severity;
	struct mark at;
	const char *words;
};

/* Sorts all by file and line; how many are kept, notes included. */
size_t diags_sort(struct diags *d);
struct diag_view diags_at(const struct diags *d, size_t i);

/*
 * Prints the first of them, sorted: "10-base.yaml:7:12: error: ... [AP014]"; on a terminal with
 * colours and with the lines that are spoken of.
 */
void diags_print(struct diags *d, FILE *out);

/* What is known of a diagnostic's number; NULL if there is none. */
struct diag_info {
	enum diag_id id;
	enum severity severity;
	const char *explanation; /* what it means and what to do, in whole sentences */
};

extern const struct diag_info diag_table[]; /* by number; some are free */
extern const size_t diag_rows;
const struct diag_info *diag_info(unsigned number);

/* "error", "warning". */
const char *severity_name(enum severity severity);

#endif
