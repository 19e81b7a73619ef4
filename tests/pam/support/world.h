/*
 * What the PAM tests run in: a private /dev with a system log that is read here, a compiled policy,
 * a real adpermd, and PAM stacks of their own, all below WORLD. The machine's own /dev, policy and
 * daemon are neither used nor changed. A world that cannot be made ends the program with 125.
 */
#ifndef ADPERM_TESTS_PAM_WORLD_H
#define ADPERM_TESTS_PAM_WORLD_H

#include <security/pam_appl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define WORLD "/dev/world"

/* Module options that point at the world. */
#define WORLD_OPTIONS                                                                              \
	"db=" WORLD "/policy.cdb switch=" WORLD "/switch.conf people=" WORLD                       \
	"/people socket=" WORLD "/auth.sock local_users=" WORLD "/local-users"

#define WORLD_SERVER    "web1.acme.example"
#define WORLD_CODE_SIZE 9
#define WORLD_LINE_SIZE 4096

/*
 * Makes the world. `build` is where `make` put its programs, `source` the directory tests/pam.
 * Must be run by tests/privately, and says so otherwise.
 */
void world_make(const char *build, const char *source);

/* The module's file. */
const char *world_module(void);

/*
 * Compiles policies/NAME.yaml, as the slice of WORLD_SERVER, into the world's database; it answers
 * until not_after, if that is not NULL. Or compiles a policy that was made just now.
 */
void world_install(const char *name, const char *not_after);
void world_install_text(const char *text);
/* The same of all servers. */
void world_install_whole(const char *name);

/* Starts adpermd with an empty state; stops it. Stopping what does not run is harmless. */
void world_daemon_start(void);
void world_daemon_stop(void);
/* Instead of adpermd, somebody who is not root listens on its socket, until stopped. */
void world_impostor_start(void);

/* Gives a profile a new secret for codes of so many digits. */
void world_enroll(const char *email, unsigned digits);
/* The code of the profile enrolled last, `steps` of 30 seconds from now. */
void world_code(int steps, char code[static WORLD_CODE_SIZE]);

void world_remove(const char *email);
/* Gives it all guesses back. */
void world_unlock(const char *email);
/* One of its recovery codes, each time another. */
const char *world_recovery(void);

/* Writes a file below WORLD; gives it a mode. */
void world_write(const char *name, const char *text);
void world_mode(const char *name, mode_t mode);

/* Writes the stack of a service: these lines, and what our module does not decide is a failure
 * with PAM_CRED_UNAVAIL, a code that it never gives. */
void world_stack(const char *service, const char *before, const char *options);

/* Begins a transaction on a stack of the world; failed logins are not delayed. */
pam_handle_t *world_begin(const char *service, const char *user, const struct pam_conv *conv);

/* The next line of the module or adperm-keys, with its "<priority>"; false if there is none. */
bool world_log(char line[static WORLD_LINE_SIZE]);

/* The value of a field of a log line, without quotes; "" and false if it has no such field. */
bool world_field(const char *line, const char *name, char *value, size_t size);

/* The key of somebody in the file `keys`, as sshd writes it: "TYPE BASE64". */
const char *world_key(const char *name);

/*
 * The wall clock of this process and its children stands still at a time (RFC 3339), with NULL goes
 * right again. False if they were not started by tests/pam/faked, or the time is none.
 */
bool world_clock(const char *time);

/*
 * Goes on in a child whose CLOCK_BOOTTIME is `seconds` ahead; the caller ends with its status.
 * False if this kernel cannot.
 */
bool world_later(int seconds);

#endif
