/* The files that a policy is made of: which of those in a directory, in which order. */
#ifndef ADPERM_LANG_SET_H
#define ADPERM_LANG_SET_H

#include "base/diag.h"

#define SET_MAX 10000 /* files of a policy */

struct set_file {
	uint32_t argument; /* index into the paths given; of a directory or of the file itself */
	bool inside;       /* a directory, in which the file is */
	char *name;        /* relative to the argument: what positions and digests say */
};

struct set {
	struct set_file *files;
	uint32_t n, cap;
	uint64_t bytes; /* of all files together, when they were found */
};

/* Finds the files behind the paths. False: an error was reported. set_done() in any case. */
bool set_find(struct set *set, const char *const *paths, size_t n, struct diags *diags);
void set_done(struct set *set);

/* The whole path of a file of the set. False: it does not fit. */
bool set_path(const struct set_file *file, const char *const *paths, char *out, size_t room);

/* Opens a file of the set for reading; -1: an error was reported. */
int set_open(const struct set_file *file, const char *const *paths, struct diags *diags);

#endif
