/*
 * Who is in: a small file for each open session, that the session phase leaves in a directory of
 * root's and takes away again: for `adperm apply` to tell whose session goes on although the person
 * has lost access, and for adperm-people to know who asks. Nobody is refused for want of it, but at
 * the door at which people help themselves. A text of these lines, named by the number of the
 * process that called PAM (sshd's own, root's, for that connection); values are printable ASCII,
 * with \xNN for anything else:
 *
 *	adperm-session 1
 *	start 8123                        of the process, see base/process.h
 *	service sshd
 *	user acme-shop
 *	profile alice@acme.example
 *	permission account.ssh
 *	account acme-shop                 nothing, if the permission is no account's
 *	rhost 203.0.113.7
 *	key SHA256:...                    that sshd verified, if it said so
 *	proved yes                        a second factor, in this login; else "no"
 *
 * A record that an older module has left ends before the last line.
 *
 * Beside it, as PID.auth, the auth phase of the door at which people help themselves leaves the
 * same: sshd asks for codes in a child that ends, and only the session phase, in the process PID,
 * makes a session of it.
 */
#ifndef ADPERM_PAM_LIVE_SESSION_H
#define ADPERM_PAM_LIVE_SESSION_H

#include "base/process.h"

#include <stdbool.h>

#define LIVE_SESSIONS       "/run/adperm/sessions"
#define LIVE_SESSION_TEXT   256 /* bytes of a value, with its NUL */
#define LIVE_SESSION_HANDED ".auth"

/* The permissions of the two ways through that door, in place of the catalogue's. */
#define LIVE_SESSION_SELF    "self"
#define LIVE_SESSION_INVITED "invitation"

struct live_session {
	pid_t pid;
	uint64_t start;
	char service[LIVE_SESSION_TEXT], user[LIVE_SESSION_TEXT], profile[LIVE_SESSION_TEXT],
		permission[LIVE_SESSION_TEXT], account[LIVE_SESSION_TEXT], rhost[LIVE_SESSION_TEXT],
		key[LIVE_SESSION_TEXT], proved[LIVE_SESSION_TEXT];
};

/*
 * Leaves a record of a session of this process, whose number and start are filled in. 0 or a
 * negative errno; -EPERM: the directory is not root's alone, or this process is not root's.
 */
int live_session_leave(const char *directory, struct live_session *session);
/* Takes the record of a process away. */
void live_session_remove(const char *directory, pid_t pid);

/*
 * What an auth phase hands over to the session phase of `pid`: leaves it, as above; reads it, as
 * below; takes it away.
 */
int live_session_hand_over(const char *directory, pid_t pid, struct live_session *session);
int live_session_handed(const char *directory, pid_t pid, struct live_session *out);
void live_session_take_back(const char *directory, pid_t pid);

/*
 * Reads a record that root has left. 0 or a negative errno; -ESRCH: that process has ended since;
 * -EBADMSG: it is no such text.
 */
int live_session_read(const char *directory, pid_t pid, struct live_session *out);

#endif
