/*
 * Who is enrolled for the second factor: adpermd knows, and the policy does not.
 */
#ifndef ADPERM_CLI_ENROLLED_H
#define ADPERM_CLI_ENROLLED_H

#include "cli/totp.h"
#include "lang/policy.h"

enum enrolled { ENROLLED_NO = 0, ENROLLED_YES, ENROLLED_UNKNOWN /* there was no answer */ };

/* Everybody that is, read when the first is asked about; zero it, and free it in the end. */
struct enrolled_list {
	struct totp_entries all;
	bool asked, silent; /* adpermd has not answered, and is not asked again */
};

/* Is that profile? adpermd listens on `socket`. */
enum enrolled enrolled_find(struct enrolled_list *list, const char *socket, const char *profile);
void enrolled_done(struct enrolled_list *list);

/*
 * Ends the grace of everybody whom the policy suspends, so that it is not there again when they
 * are not any more. False: adpermd did not answer.
 */
bool enrolled_end_graces(const struct policy *p, const char *socket);

/*
 * Warns, in the policy's own `diags`, of everybody who holds something that requires a second
 * factor and counts at `now`, and who is not enrolled. False: the complaint, as by lint, is
 * printed.
 */
bool enrolled_lint(const struct policy *p, int64_t now, const char *socket, struct diags *diags);

#endif
