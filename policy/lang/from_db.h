/*
 * A compiled database back as the rows it was made from, so that whatever works on a policy works
 * on a database too.
 */
#ifndef ADPERM_LANG_FROM_DB_H
#define ADPERM_LANG_FROM_DB_H

#include "db/reader.h"
#include "lang/policy.h"

/*
 * Reads all of a database; of a slice come the rows that reach its server. DB_FOUND: *out is a
 * complete, indexed policy, the caller's, with the places of the files it was compiled from;
 * `diags` knows the names of these and must outlive it. Otherwise *out is NULL, and nothing is
 * reported. *meta says what the database is; its server, for a slice, is a text of the policy.
 */
enum db_result policy_from_db(const char *path, enum trust trust, struct diags *diags,
	struct meta *meta, struct policy **out);

/*
 * Is the database, byte for byte, what its rows compile to? DB_CORRUPT: it decides something else
 * than it shows, whatever its checksums say. Takes as long as compiling.
 */
enum db_result policy_db_check(const char *path, enum trust trust);

#endif
