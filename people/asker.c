/* Who asks; see asker.h. */
#include "people/asker.h"

#include "base/process.h"
#include "base/text.h"
#include "model/member.h"
#include "people/invitation.h"
#include "switch/ask.h"
#include "switch/source_db.h"

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

bool asker_is_recent(uint64_t start, long ticks, int64_t uptime, int64_t seconds)
{
	int64_t began = ticks > 0 ? (int64_t)(start / (uint64_t)ticks) : INT64_MIN / 2;

	return uptime >= began && uptime - began < seconds;
}

/* By a clock that nobody sets. */
static bool is_recent(const struct live_session *session, int64_t seconds)
{
	struct timespec t;

	return clock_gettime(CLOCK_BOOTTIME, &t) == 0 &&
	       asker_is_recent(session->start, sysconf(_SC_CLK_TCK), t.tv_sec, seconds);
}

static bool any_flag(const struct holding *holding)
{
	for (uint32_t i = 0; i < holding->grant_total; i++)
		if (holding->grants[i].require_2fa)
			return true;
	return false;
}

/* What the policy of this server says of the person, also of what does not count now. */
static enum adperm_reason look_up(const struct adperm *policy, struct asker *asker)
{
	const char *profile = asker->session.profile;
	struct text owner = text_over(asker->owner, sizeof asker->owner);
	struct text server = text_over(asker->server, sizeof asker->server);
	struct asked asked = { .question = { .now = time(NULL) } };
	enum adperm_reason why = ask_server(policy, NULL, &asked);

	address_parse(slice_str(asker->session.rhost), &asked.question.from);
	if (why == ADPERM_OK)
		why = ask_load(policy, &asked, profile, &asker->held);
	if (why == ADPERM_OK)
		why = ask_renounced(policy, &asked, profile, &asker->held);
	text_add_slice(&owner, asker->held.text.owner);
	text_add(&server, policy->server);
	asker->flagged = any_flag(&asker->held.holding);
	asker->question = asked.question;
	asker->generation = policy->generation;
	return why;
}

/* Only the database is a file that is open already: other sources need calls and files anew. */
static bool can_be_shut_in(const struct adperm *policy)
{
	for (unsigned i = 0; i < policy->n; i++)
		if (policy->at[i].unavail != ADPERM_OK ||
			policy->at[i].source.ops != &source_db_ops)
			return false;
	return true;
}

static enum adperm_reason consult(const struct adperm_options *where, struct asker *asker)
{
	struct adperm *policy = NULL;
	enum adperm_reason why = adperm_open(where, &policy);

	if (why == ADPERM_OK)
		why = look_up(policy, asker);
	if (why == ADPERM_OK && can_be_shut_in(policy))
		asker->rules = policy;
	else
		adperm_close(policy);
	return why;
}

/* Who was let in by nothing but an invitation still has to hold something that counts. */
static enum adperm_reason still_invited(const struct asker *asker)
{
	return ask_reason(member_judge(&asker->held.holding, &asker->question).cause);
}

static void find_person(
	pid_t pid, const char *sessions, const struct adperm_options *where, struct asker *out)
{
	bool invited;

	if (!find_session(sessions, pid, &out->session) || !is_of(&out->session, out->uid))
		return;
	invited = strcmp(out->session.permission, LIVE_SESSION_INVITED) == 0;
	if (!is_recent(&out->session, invited ? ASKER_INVITED_S : ASKER_SESSION_S)) {
		out->why = WISH_OLD_SESSION;
		return;
	}
	out->policy = consult(where, out);
	if (out->policy == ADPERM_OK && invited)
		out->policy = still_invited(out);
	out->why = WISH_NO_POLICY;
	if (out->policy == ADPERM_OK)
		out->kind = invited ? ASKER_INVITED : ASKER_SELF;
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
		invitation_ended(where->people, &out->ended);
	} else {
		find_person(peer.pid, sessions, where, out);
	}
}

void asker_done(struct asker *asker)
{
	held_done(&asker->held);
	adperm_close(asker->rules);
	buf_done(&asker->ended);
}
