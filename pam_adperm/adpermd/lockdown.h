/*
 * What the daemon gives up: whatever its parent left it, and root. Nothing is read from the socket
 * or the state before lockdown_become() and lockdown_seal() have returned 0.
 */
#ifndef ADPERM_LOCKDOWN_H
#define ADPERM_LOCKDOWN_H

#include <sys/types.h>

/*
 * A clean process whoever started it: descriptors 0 to 2 open, none above `last_fd`, signals as by
 * default, umask 077, no core dumps, files of any size.
 */
int lockdown_inheritance(int last_fd);

/* From root to uid:gid with no other groups, and proves that there is no way back. */
int lockdown_become(uid_t uid, gid_t gid);

/* no_new_privs, not dumpable, an empty environment. */
int lockdown_seal(void);

#endif
