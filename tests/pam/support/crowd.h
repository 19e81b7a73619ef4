/*
 * Many people, r0@acme.example, r1@acme.example and so on: each has a login, a key, and a grant
 * that asks for a code.
 */
#ifndef ADPERM_TESTS_PAM_CROWD_H
#define ADPERM_TESTS_PAM_CROWD_H

#include "world.h"

#define CROWD_EMAIL 32

/* Makes and installs the policy of so many. */
void crowd_install(unsigned people);
void crowd_email(unsigned person, char email[static CROWD_EMAIL]);

/* Begins a transaction of one who has shown the key to sshd. */
pam_handle_t *crowd_begin(unsigned person, const struct pam_conv *conv);

#endif
