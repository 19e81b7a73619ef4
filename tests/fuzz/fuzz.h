/*
 * What the fuzzing targets share. A target is one function over bytes that anybody may have made;
 * what must be true for all of them is said with must(). With libFuzzer it looks for bytes that
 * break it; without, replay.c goes through those that are kept in seeds/, and a find stays there.
 */
#ifndef ADPERM_TESTS_FUZZ_H
#define ADPERM_TESTS_FUZZ_H

#include "base/diag.h"
#include "base/slice.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A target that needs something from the machine: 0, or else it cannot run. */
int LLVMFuzzerInitialize(int *argc, char ***argv);

#define must(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);  \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/*
 * A name in a directory of this process, which is gone when it ends; in one of a few rotating
 * arrays. fuzz_file() gives the path of a file of these bytes.
 */
const char *fuzz_path(const char *name);
const char *fuzz_file(const char *name, const uint8_t *data, size_t size);

/* The same directory where only root may write, for what has to be trusted; before the others. */
bool fuzz_trusted(void);

/* Prints what was reported to nowhere. */
void fuzz_print(struct diags *diags);

/* The bytes up to the next newline, taken from the front of *rest. */
struct slice fuzz_line(struct slice *rest);

/* The same ended by a NUL, and what is behind a NUL lost, cut to `room`. */
void fuzz_text(struct slice bytes, char *out, size_t room);

#endif
