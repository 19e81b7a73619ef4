/*
 * The services that can be wired: what of each is ours, and where it stands. The shipped stack of a
 * service is SHARE/pam.d/NAME.
 */
#ifndef ADPERM_WIRING_SERVICES_H
#define ADPERM_WIRING_SERVICES_H

#include <stdbool.h>

#define WIRING_SHARE    "/usr/share/adperm" /* shipped stacks and drop-ins */
#define WIRING_ETC      "/etc"
#define WIRING_SSHD_PID "/run/sshd.pid"

struct service {
	const char *name;           /* of the PAM service, and as it is typed */
	const char *summary;        /* "logins by SSH" */
	bool block;                 /* ours are some lines among others; else the whole file */
	bool unix_users;            /* lets Unix users in, the break-glass user above all */
	const char *asks_as;        /* a user of the system; NULL: it asks PAM as root */
	const char *needs;          /* what else is to be done by hand, lines; NULL: nothing */
	const char *drop_in;        /* a further file, below SHARE: NULL or what follows here */
	const char *drop_in_target; /* where it goes, below ETC */
};

/* Ends with a NULL name. */
extern const struct service services[];

/* NULL: there is none of that name. */
const struct service *service_find(const char *name);

#endif
