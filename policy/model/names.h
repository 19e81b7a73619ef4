/*
 * What names look like and which are taken: one table of reserved Unix names, one function a rule.
 */
#ifndef ADPERM_MODEL_NAMES_H
#define ADPERM_MODEL_NAMES_H

#include "base/slice.h"

#define EMAIL_MAX  254
#define HOST_MAX   253
#define UNIX_MAX   32 /* logins, accounts, groups, roles */
#define BREAKGLASS "adperm-bg"

bool name_is_login(struct slice text);   /* [a-z][a-z0-9-]{0,31} */
bool name_is_account(struct slice text); /* [a-z_][a-z0-9_-]{0,31} */
bool name_is_label(struct slice text);   /* a group or role: [a-z][a-z0-9_-]{0,31} */
bool name_is_host(struct slice text);    /* lower case, RFC 1123, at most 253 bytes */
/* ASCII, one @, dot-atom before it, host name behind it, at most 254 bytes; any case. */
bool name_is_email(struct slice text);

/* Who has this Unix name already ("root", "a system user of Debian" ...), NULL if it is free. */
const char *name_reserved(struct slice text);

/* ASCII lower case, into out of room bytes with a NUL; false if it does not fit. */
bool name_lower(struct slice text, char *out, size_t room);

#endif
