/*
 * /etc/adperm/local-users: Unix users that the module leaves to the other modules of a stack with
 * unmanaged=ignore. Root-owned; one name a line, blank lines and lines that begin with # aside.
 */
#ifndef ADPERM_PAM_LOCAL_USERS_H
#define ADPERM_PAM_LOCAL_USERS_H

#include "adperm.h"

#include <stdbool.h>

#define LOCAL_USERS     "/etc/adperm/local-users"
#define LOCAL_USERS_MAX 16384 /* bytes */

/*
 * ADPERM_OK and whether the name is in the file; an absent file names nobody. ADPERM_LOCAL_USERS
 * if the file cannot be read, is not to be trusted or has more than 16 KiB.
 */
enum adperm_reason local_users_has(const char *path, const char *name, bool *listed);

#endif
