/*
 * SSH_AUTH_INFO_0: what sshd says about the methods that this connection has completed, one line
 * each: "publickey TYPE BASE64", "keyboard-interactive/pam", "password". It stands in the PAM
 * environment, empty in the account phase of a login with a key only.
 */
#ifndef ADPERM_PAM_AUTHINFO_H
#define ADPERM_PAM_AUTHINFO_H

#include "base/sshkey.h"

enum authinfo {
	AUTHINFO_END = 0,
	AUTHINFO_KEY,
	AUTHINFO_BAD_KEY, /* sshd took it, but here it cannot be read */
	AUTHINFO_KBDINT,  /* keyboard-interactive by PAM */
	AUTHINFO_OTHER,
};

struct authinfo_key {
	struct slice plain; /* the key, of a certificate the one inside; in the arrays */
	uint8_t decoded[SSHKEY_MAX], inside[SSHKEY_MAX];
};

/* Takes one line from the front of *rest; *key is filled with AUTHINFO_KEY. */
enum authinfo authinfo_next(struct slice *rest, struct authinfo_key *key);

#endif
