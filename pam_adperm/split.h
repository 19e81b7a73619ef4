/*
 * A combined stack: one answer holds the password and the code. Its first line, `split`, asks and
 * puts the password where the modules after it look; the code waits in the PAM handle for the last
 * line. Which part is which follows from what the person is enrolled with.
 */
#ifndef ADPERM_PAM_SPLIT_H
#define ADPERM_PAM_SPLIT_H

#include "code.h"

/*
 * The `split` line of a login that has a user. ADPERM_OK, with c->waiver set: it lets nobody in,
 * whatever follows it. Else the stack cannot go on: _CONV, _NOMEM or _CLOCK.
 */
enum adperm_reason split_line(struct call *c);

/*
 * The code that the `split` line of this login has put aside; the caller wipes it. ADPERM_OK,
 * _CLOCK, or ADPERM_BAD_CODE with c->hint set if there is none.
 */
enum adperm_reason split_code(struct call *c, char code[static CODE_SIZE]);

/* Forgets it. */
void split_drop(pam_handle_t *pamh);

#endif
