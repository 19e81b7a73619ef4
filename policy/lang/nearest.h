/* "did you mean ...?": the known name nearest to one that is not known, upper case counting as
 * lower. */
#ifndef ADPERM_LANG_NEAREST_H
#define ADPERM_LANG_NEAREST_H

#include "model/catalogue.h"

#define NEAREST_MAX 64 /* bytes; longer names are not compared */

struct nearest {
	struct slice wanted;
	unsigned distance; /* of the best so far */
	char best[NEAREST_MAX + 1];
	char hint[NEAREST_MAX + 32];
};

void nearest_start(struct nearest *n, struct slice wanted);
void nearest_offer(struct nearest *n, struct slice known);
/* The permissions of a scope, or of all if that is 0; with `menus` also those that follow. */
void nearest_offer_perms(struct nearest *n, enum scope scope, bool menus);
/* ` (did you mean "firewall_rules"?)` or "": to stand at the end of a message. */
const char *nearest_hint(struct nearest *n);

#endif
