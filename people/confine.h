/* What adperm-people forbids itself before it reads a request. */
#ifndef ADPERM_PEOPLE_CONFINE_H
#define ADPERM_PEOPLE_CONFINE_H

#include <stdbool.h>

/*
 * From here on: no files but those below `people`, no system calls but those it makes, no core, no
 * environment, no way to more rights. False, with the complaint on standard error.
 */
bool confine(const char *people);

#endif
