/* Who asks; see asker.h. */
#include "people/asker.h"

#include "base/process.h"
#include "base/text.h"
#include "switch/handle.h"

#include <pwd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ANCESTORS_MAX 256

/* The nearest ancestor, or the process itself, of whose login there is a record. */
static bool find_session(const char *sessions, pid_t pid, struct live_session *out)
{
	struct process process;

	for (unsigned i = 0; i < ANCESTORS_MAX && pid > 1; i++) {
		if (live_session_read(sessions, pid, out) == 0)
			return true;
		if (process_read(pid, &process) != 0)
			return false;
		pid = process.parent;
	}
	return false;
}

static bool is_of(const struct live_session *session, uid_t uid)
{
	const struct passwd *user = getpwnam(session->user);

	return user != NULL && user->pw_uid == uid && session->profile[0] != '\0' &&
	       session->account[0] == '\0';
}

bool asker_is_recent(uint64_t start, long ticks, int64_t uptime)
{
	int64_t began = ticks > 0 ? (int64_t)(start / (uint64_t)ticks) : INT64_MIN / 2;

	return uptime >= began && uptime - began < ASKER_SESSION_S;
}

/* By a clock that nobody sets. */
static bool is_recent(const struct live_session *session)
{
	struct timespec t;

	return clock_gettime(CLOCK_BOOTTIME, &t) == 0 &&
	       asker_is_recent(session->start, sysconf(_SC_CLK_TCK), t.tv_sec);
}

static bool any_flag(const struct holding *holding)
{
	for (uint32_t i = 0; i < holding->grant_total; i++)
		if (holding->grants[i].require_2fa)
			return true;
	return false;
}

/* What the policy of this server says of the person, whatever has expired meanwhile. */
static enum adperm_reason look_up(const struct adperm_options *where, struct asker *asker)
{
	struct held held = { .memory = { NULL } };
	struct adperm *policy = NULL;
	enum adperm_reason why = adperm_open(where, &policy);
	struct text owner = text_over(asker->owner, sizeof asker->owner);

	if (why == ADPERM_OK)
		why = walk_holding(policy, slice_str(asker->session.profile),
			slice_str(policy->server), &held);
	if (why == ADPERM_OK) {
		text_add_slice(&owner, held.text.owner);
		asker->flagged = any_flag(&held.holding);
		asker->generation = policy->generation;
	}
	held_done(&held);
	adperm_close(policy);
	return why;
}

void asker_find(int fd, const char *sessions, const struct adperm_options *where, struct asker *out)
{
	struct ucred peer;
	socklen_t len = sizeof peer;

	*out = (struct asker){ .kind = ASKER_NOBODY, .uid = (uid_t)-1, .why = WISH_NO_SESSION };
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 || len != sizeof peer)
		return;
	out->uid = peer.uid;
	if (peer.uid == 0) {
		out->kind = ASKER_ROOT;
		return;
	}
	if (!find_session(sessions, peer.pid, &out->session) || !is_of(&out->session, peer.uid))
		return;
	if (!is_recent(&out->session)) {
		out->why = WISH_OLD_SESSION;
		return;
	}
	out->policy = look_up(where, out);
	out->why = WISH_NO_POLICY;
	if (out->policy == ADPERM_OK)
		out->kind = ASKER_SELF;
}
