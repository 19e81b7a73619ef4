/*
 * The listening socket: made here by root, below directories that are root's alone, or handed over
 * by systemd (sd_listen_fds(3): one descriptor, number 3). Clients insist that root called
 * listen().
 */
#ifndef ADPERM_LISTEN_H
#define ADPERM_LISTEN_H

#include <stdbool.h>

#define LISTEN_HANDED_FD 3

/*
 * Makes the socket at path, for the group adperm-clients if there is one, and listens. A file left
 * by a dead daemon is replaced, a living one's is not. The descriptor, or -1 with the reason in the
 * log.
 */
int listen_make(const char *path);

/* Whether the environment says that a socket was handed over to this process. */
bool listen_is_handed(void);

/* Judges the descriptor that was; LISTEN_HANDED_FD, or -1 with the reason in the log. */
int listen_take(void);

#endif
