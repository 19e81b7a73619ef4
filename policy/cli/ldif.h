/* A policy as entries of a directory (RFC 2849), for the source of policy `ldap` to read. */
#ifndef ADPERM_CLI_LDIF_H
#define ADPERM_CLI_LDIF_H

#include "lang/policy.h"
#include <stdio.h>

/*
 * Prints them below the entry `base`, which is not printed itself. A role's permissions are spelt
 * out. False: out of memory; whether it could be written is for the caller to ask of `out`.
 */
bool ldif_print(const struct policy *p, const char *base, FILE *out);

/* Could it be the name of an entry: "ou=adperm,dc=acme,dc=example"? */
bool ldif_is_dn(const char *text);

#endif
