/* Sessions that go on although their person has lost access; see apply.h. */
#include "cli/apply.h"

#include "base/sshkey.h"
#include "cli/progress.h"
#include "db/people.h"
#include "lang/rows.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <unistd.h>

#define PATIENCE_MS 2000 /* between one signal and the next */

/* Is the key that opened the session nobody's any more, or another's? */
static bool key_is_gone(const struct apply *a, const struct live_session *s, uint32_t profile)
{
	const struct policy *p = a->after.policy;
	char registered[LIVE_SESSION_TEXT];
	uint8_t digest[SHA256_SIZE];
	uint32_t key;

	if (!sshkey_fingerprint_parse(slice_str(s->key), digest))
		return false;
	key = policy_find(p, NAME_KEY, slice_of(digest, sizeof digest));
	if (key != NO_INDEX)
		return p->keys.at[key].profile != profile;
	return people_key(a->o->people, TRUST_CALLER, digest, slice_of(NULL, 0), registered,
		       sizeof registered) != PEOPLE_YES ||
	       strcmp(registered, s->profile) != 0;
}

/* Why the person would not be let in there any more, from wherever; NULL: they would. */
static const char *find_loss(
	const struct apply *a, struct entry_judge *judge, const struct live_session *s)
{
	const struct policy *p = a->after.policy;
	uint32_t profile = policy_find(p, NAME_PROFILE, slice_str(s->profile));
	uint32_t account = NO_INDEX;
	enum perm perm = perm_parse(slice_str(s->permission), &(bool){ false });
	unsigned answers;

	if (profile == NO_INDEX)
		return "holds nothing on this server any more";
	/* There nothing is held, and adperm-people asks the policy anew at each wish. */
	if (strcmp(s->permission, LIVE_SESSION_SELF) == 0 ||
		strcmp(s->permission, LIVE_SESSION_INVITED) == 0)
		return NULL;
	if (s->account[0] != '\0') {
		account = policy_find(p, NAME_ACCOUNT, slice_str(s->account));
		if (account == NO_INDEX)
			return "is on an account that this policy does not have";
	} else if (strcmp(policy_text(p, p->profiles.at[profile].login), s->user) != 0) {
		return "has another login";
	}
	if (perm == PERM_NONE || !entry_answers(judge, profile, perm, account, &answers))
		return NULL;
	if ((answers & (1u << ANSWER_ALLOW | 1u << ANSWER_ALLOW_2FA)) == 0)
		return "may not any more";
	return key_is_gone(a, s, profile) ? "came in with a key that is not theirs any more" : NULL;
}

/* Is this process one of that session's? */
static bool is_below(pid_t session)
{
	struct process process = { .parent = getpid() };

	while (process.parent > 1 && process.parent != session)
		if (process_read(process.parent, &process) != 0)
			return false;
	return process.parent == session;
}

/* Looks at one record; false: out of memory. What ended without saying so is swept away. */
static bool look_at(struct apply *a, struct entry_judge *judge, pid_t pid)
{
	struct live_session session;
	struct lost_session *row;
	const char *why;
	int ret = live_session_read(a->o->sessions, pid, &session);

	if (ret == -ESRCH && !a->o->dry_run)
		live_session_remove(a->o->sessions, pid);
	why = ret == 0 ? find_loss(a, judge, &session) : NULL;
	if (why == NULL)
		return true;
	row = ROWS_ADD(&a->lost);
	if (row != NULL)
		*row = (struct lost_session){
			.session = session, .why = why, .is_own = is_below(pid)
		};
	return row != NULL;
}

/* What an auth phase has handed over to a session that never began is swept away as well. */
static void sweep_handed(const struct apply *a, pid_t pid)
{
	struct live_session session;

	if (live_session_handed(a->o->sessions, pid, &session) == -ESRCH && !a->o->dry_run)
		live_session_take_back(a->o->sessions, pid);
}

static int by_pid(const void *a, const void *b)
{
	const struct lost_session *x = a, *y = b;

	return (x->session.pid > y->session.pid) - (x->session.pid < y->session.pid);
}

bool sessions_find(struct apply *a)
{
	const struct policy *p = a->after.policy;
	struct entry_judge judge = {
		.p = p,
		.server = policy_find(p, NAME_SERVER, slice_str(a->server)),
		.now = a->now,
		.people = a->o->people,
	};
	DIR *list = file_trusted_dir(a->o->sessions) == 0 ? opendir(a->o->sessions) : NULL;
	struct dirent *entry;
	bool good = true;

	a->sessions_known = list != NULL;
	while (good && list != NULL && (entry = readdir(list)) != NULL) {
		char *end;
		long pid = strtol(entry->d_name, &end, 10);

		if (pid <= 1 || pid > INT32_MAX)
			continue;
		if (*end == '\0')
			good = look_at(a, &judge, (pid_t)pid);
		else if (strcmp(end, LIVE_SESSION_HANDED) == 0)
			sweep_handed(a, (pid_t)pid);
	}
	if (list != NULL)
		closedir(list);
	entry_judge_done(&judge);
	if (a->lost.n > 0)
		qsort(a->lost.at, a->lost.n, sizeof a->lost.at[0], by_pid);
	return good;
}

void sessions_print(const struct apply *a)
{
	if (!a->sessions_known)
		fprintf(stderr,
			"warning: %s is not there, or not root's: which sessions are open "
			"is not known\n",
			a->o->sessions);
	for (uint32_t i = 0; i < a->lost.n; i++) {
		const struct live_session *s = &a->lost.at[i].session;

		if (i == 0)
			puts("Sessions that are open and would not be let in any more:");
		printf("  %s as %s", s->profile, s->user);
		if (s->rhost[0] != '\0')
			printf(" from %s", s->rhost);
		printf(" (%s, process %ld)%s: %s\n", s->service, (long)s->pid,
			a->lost.at[i].is_own ? ", this very session" : "", a->lost.at[i].why);
	}
}

void sessions_json(struct apply *a)
{
	json_array(&a->json, "sessions");
	for (uint32_t i = 0; i < a->lost.n; i++) {
		const struct live_session *s = &a->lost.at[i].session;

		json_object(&a->json, NULL);
		json_string(&a->json, "profile", s->profile);
		json_string(&a->json, "user", s->user);
		json_string(&a->json, "service", s->service);
		json_string(&a->json, "from", s->rhost[0] != '\0' ? s->rhost : NULL);
		json_string(&a->json, "key", s->key[0] != '\0' ? s->key : NULL);
		json_number(&a->json, "process", s->pid);
		json_string(&a->json, "why", a->lost.at[i].why);
		json_bool(&a->json, "own", a->lost.at[i].is_own);
		json_bool(&a->json, "ended", a->lost.at[i].ended);
		json_object_end(&a->json);
	}
	json_array_end(&a->json);
	json_bool(&a->json, "sessions_known", a->sessions_known);
}

/* Tells it to end, and waits for that; `process` is a pidfd. */
static bool send_and_wait(int process, int number)
{
	struct pollfd end = { .fd = process, .events = POLLIN };

	return pidfd_send_signal(process, number, NULL, 0) == 0 && poll(&end, 1, PATIENCE_MS) == 1;
}

/* Once the process is held, its number cannot become another's: then the record is looked at again.
 */
static bool end_session(const struct apply *a, const struct live_session *session)
{
	struct live_session again;
	int process = pidfd_open(session->pid, 0);
	bool ended = process < 0 && errno == ESRCH;

	if (process >= 0 && live_session_read(a->o->sessions, session->pid, &again) == 0 &&
		again.start == session->start)
		ended = send_and_wait(process, SIGHUP) || send_and_wait(process, SIGTERM);
	else if (process >= 0)
		ended = true;
	if (process >= 0)
		close(process);
	return ended;
}

void sessions_end(struct apply *a)
{
	progress_begin("ending", "sessions");
	/* One's own comes last: nothing is done after it. */
	for (int own = 0; own <= 1; own++)
		for (uint32_t i = 0; i < a->lost.n; i++)
			if (a->lost.at[i].is_own == (own == 1))
				a->lost.at[i].ended = end_session(a, &a->lost.at[i].session);
	progress_end();
	for (uint32_t i = 0; i < a->lost.n; i++) {
		const struct live_session *s = &a->lost.at[i].session;

		if (!a->lost.at[i].ended)
			complain("apply: the session of %s, process %ld, does not end", s->profile,
				(long)s->pid);
		else if (!a->o->json)
			printf("Ended the session of %s, process %ld.\n", s->profile, (long)s->pid);
	}
}

void sessions_done(struct apply *a)
{
	free(a->lost.at);
	a->lost.at = NULL;
	a->lost.n = a->lost.cap = 0;
}
