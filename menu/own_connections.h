/*
 * The SSH connections of whoever called, as the kernel has them. What the environment says
 * (SSH_CONNECTION) is the caller's to set and is not looked at: sshd's own process is found, above
 * this one or above another process of the caller, and its sockets are.
 */
#ifndef ADPERM_MENU_OWN_CONNECTIONS_H
#define ADPERM_MENU_OWN_CONNECTIONS_H

#include "model/address.h"

#include <sys/types.h>

struct connection {
	struct address from;
	uint16_t port; /* of this machine */
};

#define CONNECTIONS_MAX 256

struct connections {
	struct connection at[CONNECTIONS_MAX];
	unsigned n;
	bool guessed; /* whose they are could not be told: these are everybody's */
};

/*
 * Finds the connections of the process `self` and of the user `caller`, and if it finds none those
 * of everybody. False: it could not look, or there are too many.
 */
bool connections_find(pid_t self, uid_t caller, struct connections *out);

/* One line of /proc/net/tcp or tcp6. False: it is not an established connection. */
bool connection_parse(const char *line, struct connection *out, unsigned long *inode);

#endif
