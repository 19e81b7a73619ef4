/*
 * Who asks, found out before a byte of the request is read. Root is root. A person is proved by the
 * record that our session phase left, as root, of the login that the asking process descends from:
 * a personal login (on an account that several share, one could borrow another's), under the uid of
 * that login, not older than ASKER_SESSION_S.
 */
#ifndef ADPERM_PEOPLE_ASKER_H
#define ADPERM_PEOPLE_ASKER_H

#include "adperm.h"
#include "live_session.h"
#include "people/wish.h"

#include <stdbool.h>

#define ASKER_SESSION_S 600

enum asker_kind { ASKER_NOBODY = 0, ASKER_SELF = 1, ASKER_INVITED = 2, ASKER_ROOT = 4 };

struct asker {
	enum asker_kind kind;
	uid_t uid;
	enum wish_result why;      /* ASKER_NOBODY: what to tell */
	enum adperm_reason policy; /* and, for WISH_NO_POLICY, for the log */
	/* ASKER_SELF: the login, whose server this is, and whether any grant carries the flag. */
	struct live_session session;
	char owner[WISH_EMAIL_SIZE];
	bool flagged;
	uint64_t generation;
};

/* The other end of a connected socket. `sessions` is a directory, `where` the policy's files. */
void asker_find(
	int fd, const char *sessions, const struct adperm_options *where, struct asker *out);

/*
 * Whether a process that began `start` clock ticks after the boot, of which there are `ticks` a
 * second, is young enough `uptime` seconds after it.
 */
bool asker_is_recent(uint64_t start, long ticks, int64_t uptime);

#endif
