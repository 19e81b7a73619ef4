/* The grammar of a file of tests; private to tests.c. */
#ifndef ADPERM_LANG_TESTS_ROWS_H
#define ADPERM_LANG_TESTS_ROWS_H

#include "lang/load.h"
#include "lang/tests.h"

/* What is filled while a file of tests is read; the load comes first, so that its handlers find it.
 */
struct tests_load {
	struct load load;
	struct tests *tests;
	unsigned people; /* of profile, login and key, how many the test has */
	size_t errors;   /* before the test */
};

/* Walks a file of tests; what is wrong with it is reported. */
bool tests_walk(struct tests_load *l);

#endif
