/*
 * Who asks, found out before a byte of the request is read. Root is root. A person is proved by the
 * record that our session phase left, as root, of the login that the asking process descends from:
 * a personal login (on an account that several share, one could borrow another's), under the uid of
 * that login, not older than ASKER_SESSION_S. One that an invitation has opened may be older: what
 * it may do, it may only as long as it holds that invitation.
 */
#ifndef ADPERM_PEOPLE_ASKER_H
#define ADPERM_PEOPLE_ASKER_H

#include "base/buf.h"
#include "live_session.h"
#include "people/wish.h"
#include "switch/source.h"

#include <stdbool.h>

#define ASKER_SESSION_S 600
#define ASKER_INVITED_S 3600

/* As bits: WISH_OPS says of each operation who may ask it. */
enum asker_kind { ASKER_NOBODY = 0, ASKER_SELF = 1, ASKER_INVITED = 2, ASKER_ROOT = 4 };

struct asker {
	enum asker_kind kind;
	uid_t uid;
	enum wish_result why;      /* ASKER_NOBODY: what to tell */
	enum adperm_reason policy; /* and, for WISH_NO_POLICY, for the log */
	struct buf ended;          /* ASKER_ROOT: what invitation_ended() found */
	/* Of a person: the login, and what they hold by the policy on this server. */
	struct live_session session;
	uint64_t generation;
	struct adperm *rules; /* the policy, if it can be asked when the process is shut in */
	struct held held;
	struct question question; /* what a grant counts by: time, address, renounced */
	char owner[WISH_EMAIL_SIZE], server[WISH_EMAIL_SIZE];
	bool flagged; /* some grant asks for a second factor, also if it does not count now */
};

/* The other end of a connected socket. `sessions` is a directory, `where` the policy's files. */
void asker_find(
	int fd, const char *sessions, const struct adperm_options *where, struct asker *out);
void asker_done(struct asker *asker);

/*
 * Whether a process that began `start` clock ticks after the boot, of which there are `ticks` a
 * second, is younger than `seconds`, `uptime` seconds after it.
 */
bool asker_is_recent(uint64_t start, long ticks, int64_t uptime, int64_t seconds);

#endif
