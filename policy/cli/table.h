/* Aligned columns for people. A cell is written as to a file; nothing is cut. */
#ifndef ADPERM_CLI_TABLE_H
#define ADPERM_CLI_TABLE_H

#include "lang/policy.h"

/* Zero it, and say how many columns there are; at most TABLE_COLUMNS. */
struct table {
	unsigned columns;
	ROWS(char *) cells; /* row after row */
	FILE *open;         /* the cell being written ... */
	char *text;         /* ... and what stands in it */
	size_t len;
	bool failed; /* out of memory */
};

#define TABLE_COLUMNS 8

/* Where to write the next cell; good until the next call. Never NULL. */
FILE *table_cell(struct table *t);

/* Prints the rows, the first as a heading, and frees them. False: out of memory. */
bool table_print(struct table *t, FILE *out);

#endif
