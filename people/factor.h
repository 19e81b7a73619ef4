/* What adperm-people asks adpermd: about the second factor of one profile. */
#ifndef ADPERM_PEOPLE_FACTOR_H
#define ADPERM_PEOPLE_FACTOR_H

#include "people/act.h"

/* Is there one in force, and does one wait? DONE; NO_DAEMON or DAMAGED: not known. */
struct factor {
	bool in_force, waits;
};
enum wish_result factor_find(const struct act *a, struct factor *out);

/* The code counts among the guesses of the profile, and is burnt, as at a login. */
enum wish_result factor_verify(const struct act *a);
/* Makes a secret that waits for its code, in place of another that does; it goes into the reply. */
enum wish_result factor_enroll(const struct act *a);
/* Puts the secret that waits in force, if the code is one of its own. */
enum wish_result factor_confirm(const struct act *a);
/* Makes recovery codes, which go into the reply. */
enum wish_result factor_recovery(const struct act *a);
/* Forgets it all, with what waits and where codes still count: DONE, NOTHING or NO_DAEMON. */
enum wish_result factor_remove(const struct act *a);

#endif
