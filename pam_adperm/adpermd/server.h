/*
 * The event loop: many connections, one request each, one thread. Requests that wait at the same
 * time share one transaction, with at most one among them that takes milliseconds to judge; no
 * answer leaves before it is committed.
 */
#ifndef ADPERM_SERVER_H
#define ADPERM_SERVER_H

#include "adpermd/judge.h"

#define SERVER_CONNECTIONS  256 /* at a time, in all */
#define SERVER_ROOT_RESERVE 32  /* of them only for root */
#define SERVER_PER_UID      16  /* for any one uid but root */

/* Serves until SIGTERM or SIGINT. 0, or -1 with the reason in the log. Closes neither. */
int server_run(int listener, struct judge *judge);

#endif
