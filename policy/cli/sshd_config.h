/* What sshd's configuration comes to for a user, as sshd itself says (`sshd -T -C`, sshd(8)). */
#ifndef ADPERM_CLI_SSHD_CONFIG_H
#define ADPERM_CLI_SSHD_CONFIG_H

#include "base/buf.h"

#define SSHD_PROGRAM "/usr/sbin/sshd"
#define SSHD_ANYBODY "adperm-anybody" /* nobody's name: whoever is not excluded */

#define SSHD_SELF "adperm" /* that account: see adperm-self(1) */

/* What to do if something of sshd_wanted is not said. */
#define SSHD_SHOWS                                                                                 \
	"`sshd -T -C user=" SSHD_ANYBODY                                                           \
	",host=x,addr=127.0.0.1` shows it; the first line of sshd_config must be its Include"

#define SSHD_METHODS "authenticationmethods publickey,keyboard-interactive:pam"

/* What must be said of a user whom the policy decides about, and what it means if it is not. */
struct sshd_wanted {
	const char *line, *otherwise;
};

/* Each ends with a NULL line: of anybody, and of the account at which people help themselves. */
extern const struct sshd_wanted sshd_wanted[], sshd_wanted_self[];

/*
 * The configuration for connections of that user, from the loopback, as text behind which stands a
 * NUL. False: sshd does not take its configuration, and `out` holds what it says of it.
 */
bool sshd_effective(const char *sshd, const char *user, struct buf *out);

/* Is there that line, whole, in any case of letters? */
bool sshd_says(const struct buf *out, const char *line);

/* Is the command that sshd forces on that user a program of that name, without arguments? */
bool sshd_forces(const struct buf *out, const char *program);

/* Has that user a file of authorized keys that sshd would read, and that is not empty? */
bool sshd_has_keys(const struct buf *out, const char *home);

#endif
