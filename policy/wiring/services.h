/*
 * The services that can be wired: what of each is ours, and where it stands; and what never is
 * wired. The shipped stack of a service is SHARE/pam.d/STACK.
 */
#ifndef ADPERM_WIRING_SERVICES_H
#define ADPERM_WIRING_SERVICES_H

#include <stdbool.h>

#define WIRING_SHARE    "/usr/share/adperm" /* shipped stacks and drop-ins */
#define WIRING_ETC      "/etc"
#define WIRING_SSHD_PID "/run/sshd.pid"
#define WIRING_REHEARSE ADPERM_LIBEXECDIR "/adperm-rehearse" /* tries a login */

struct service {
	const char *name;           /* as it is typed, and of its PAM service unless `stack` says */
	const char *summary;        /* "logins by SSH" */
	bool block;                 /* ours are some lines among others; else the whole file */
	bool unix_users;            /* lets Unix users in, the break-glass user above all */
	const char *asks_as;        /* a user of the system; NULL: it asks PAM as root */
	const char *needs;          /* what else is to be done by hand, lines; NULL: nothing */
	const char *drop_in;        /* a further file, below SHARE: NULL or what follows here */
	const char *drop_in_target; /* where it goes, below ETC */
	const char *stack;          /* the PAM service; NULL: `name` */
	const char *also;           /* a second PAM service that gets the same lines; NULL: none */
	const char *all;            /* instead: every shipped stack whose name begins so */
	bool sudoers;               /* the drop-in is for sudo; else for sshd */
	bool others_session; /* the session phase is about whom the person becomes: not ours */
	const char
		*reads_passwords; /* whose group may read its file of passwords; NULL: nobody's */
	const char *warning;      /* what stops working, a line; NULL: nothing to tell */
};

/* Ends with a NULL name. */
extern const struct service services[];

/* NULL: there is none of that name. */
const struct service *service_find(const char *name);

/* The one whose PAM service that is; NULL: none. */
const struct service *service_of_stack(const char *stack);

/* Does a running sshd have to be told of its files? */
bool service_tells_sshd(const struct service *service);

/* Why that PAM service is never wired; NULL: nothing is against it. */
const char *service_never(const char *name);
/* Is that a file that everything includes, cron too, where nobody could answer? */
bool service_is_everybodys(const char *name);

#endif
