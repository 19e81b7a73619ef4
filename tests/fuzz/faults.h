/*
 * The calls of the PAM module into libc, some of which fail, and the daemon that it asks. The
 * Makefile has the linker put these in the place of libc's.
 */
#ifndef ADPERM_TESTS_FUZZ_FAULTS_H
#define ADPERM_TESTS_FUZZ_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

enum { FAULTS = 3 };

struct faults {
	bool armed;
	unsigned seen;         /* calls since the transaction began */
	unsigned at[FAULTS];   /* the calls that fail, from 1 on; 0: none */
	uint8_t error[FAULTS]; /* an index into a list of errors */
	uint8_t result;        /* what the daemon says to any request, enum proto_result */
	uint8_t damage;        /* which byte of its reply is another, 0: none */
	int64_t now;           /* of the wall clock */
	unsigned yes;          /* times that the daemon has said yes to a code */
};

extern struct faults faults;

#endif
