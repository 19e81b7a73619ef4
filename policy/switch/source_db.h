/* The compiled database as a source of policy. */
#ifndef ADPERM_SWITCH_SOURCE_DB_H
#define ADPERM_SWITCH_SOURCE_DB_H

#include "db/reader.h"
#include "switch/source.h"

extern const struct source_ops source_db_ops;

/* ADPERM_OK and a source to close, or why the database cannot be used. */
enum adperm_reason source_db_open(const char *path, enum trust trust, struct source *out);

/* What the reader found, in the words of the log. */
enum adperm_reason source_db_reason(enum db_result result);

#endif
