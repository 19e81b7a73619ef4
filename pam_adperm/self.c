/* The door at which people help themselves; see self.h. */
#include "self.h"

#include "base/sshkey.h"
#include "base/text.h"
#include "code.h"
#include "live_session.h"
#include "people/exchange.h"
#include "person.h"
#include "phases.h"
#include "prompt.h"

#include <stdlib.h>
#include <unistd.h>

#define PROMPT_EMAIL  "E-mail address: "
#define PROMPT_INVITE "Invitation code: "
#define PROMPT_PIN    "PIN (Enter if you were given none): "
#define PROMPT_EITHER "Verification or invitation code (Enter for neither): "

/* adperm-people is started for each question, and needs less than this. */
#define REFUSAL_NS    400000000
#define FAIL_DELAY_US 200000

enum self_way self_way(enum phase phase, unsigned keys, bool handed)
{
	static const enum self_way ways[PHASES][2][2] = {
		/*                 no key: nothing, handed      key: nothing, handed */
		[PHASE_AUTH] = { { SELF_NOBODY, SELF_NOBODY }, { SELF_KEY, SELF_KEY } },
		[PHASE_ACCOUNT] = { { SELF_LATE, SELF_HANDED }, { SELF_KEY, SELF_HANDED } },
		[PHASE_SESSION] = { { SELF_NOBODY, SELF_HANDED }, { SELF_KEY, SELF_HANDED } },
	};

	return phase < PHASES ? ways[phase][keys > 0][handed] : SELF_NOBODY;
}

bool self_is_door(const struct call *c)
{
	return c->options.self != NULL && c->has_user && strcmp(c->user, c->options.self) == 0;
}

/* --- from the auth phase to the others */

/*
 * The process in which the session will be opened: sshd asks codes in a child of it, of the same
 * name; others ask in the same process. Whoever guesses wrong here finds nothing handed over, and
 * lets nobody in.
 */
static pid_t session_process(const struct call *c)
{
	struct process self, parent;

	if (c->phase == PHASE_SESSION || process_read(getpid(), &self) != 0 ||
		process_read(self.parent, &parent) != 0)
		return getpid();
	return strcmp(self.name, parent.name) == 0 ? parent.pid : self.pid;
}

static enum adperm_reason hand_over(struct call *c, const char *permission, bool proved)
{
	struct live_session session;

	c->permission = permission;
	session_describe(c, proved, &session);
	return live_session_hand_over(c->options.sessions, session_process(c), &session) == 0
		       ? ADPERM_OK
		       : ADPERM_SESSIONS;
}

/* Was it left for this login, and of the person whose key sshd names now, if it names one? */
static bool fits(const struct live_session *handed, const struct call *c)
{
	struct live_session here;

	session_describe(c, false, &here);
	if (strcmp(handed->service, here.service) != 0 || strcmp(handed->user, here.user) != 0 ||
		strcmp(handed->rhost, here.rhost) != 0)
		return false;
	return c->keys > 0 ? strcmp(handed->key, here.key) == 0 &&
				     strcmp(handed->profile, here.profile) == 0
			   : handed->key[0] == '\0';
}

/* What does not fit may be of anybody, and a second factor proved there counts for nothing here. */
static bool find_handed(const struct call *c, struct live_session *out)
{
	if (live_session_handed(c->options.sessions, session_process(c), out) == 0 && fits(out, c))
		return true;
	*out = (struct live_session){ .pid = 0 };
	return false;
}

/* --- the invitation */

static const char *word_of(uint32_t result)
{
	switch (result) {
#define WORD(number, symbol, word, says)                                                           \
	case WISH_##symbol: return word;
		WISH_RESULTS(WORD)
#undef WORD
	default: return "none";
	}
}

/* Asks adperm-people whether the code is right, and that this login may hold the invitation. */
static enum adperm_reason redeem(struct call *c, const char *code, const char *pin)
{
	struct wish wish = { .op = WISH_REDEEM };
	struct wish_reply reply;
	struct process session;
	char key[SSHKEY_FINGERPRINT_SIZE];
	enum adperm_reason reason = ADPERM_BAD_INVITATION;

	/* What is too long is none that is right. */
	if (!text_set(wish.profile, sizeof wish.profile, c->profile) ||
		!text_set(wish.code, sizeof wish.code, code) ||
		!text_set(wish.pin, sizeof wish.pin, pin))
		goto out;
	reason = ADPERM_SESSIONS;
	if (process_read(session_process(c), &session) != 0)
		goto out;
	sshkey_fingerprint(c->key_digest, key);
	text_set(wish.place, sizeof wish.place, c->keys > 0 ? key : code_from(c));
	wish.session = (uint32_t)session.pid;
	wish.start = session.start;
	switch (wish_ask(c->options.people_socket, &wish, &reply)) {
	case CLIENT_OK:
		reason = reply.result == WISH_DONE ? ADPERM_OK : ADPERM_BAD_INVITATION;
		c->hint = reason == ADPERM_OK ? NULL : word_of(reply.result);
		break;
	case CLIENT_UNREACHABLE: reason = ADPERM_DAEMON_UNREACHABLE; break;
	case CLIENT_UNTRUSTED: reason = ADPERM_DAEMON_UNTRUSTED; break;
	case CLIENT_PROTOCOL: reason = ADPERM_DAEMON_PROTOCOL; break;
	}
	if (reason != ADPERM_OK && reason != ADPERM_BAD_INVITATION)
		c->hint = "adperm-people";
out:
	explicit_bzero(&wish, sizeof wish);
	return reason;
}

/*
 * Somebody without a key. All is asked in any case: that there is no such address, no invitation or
 * no PIN is told to nobody.
 */
static enum adperm_reason ask_stranger(struct call *c)
{
	char email[PAM_MAX_RESP_SIZE], code[PAM_MAX_RESP_SIZE], pin[PAM_MAX_RESP_SIZE];
	enum adperm_reason reason = prompt_ask_openly(c->pamh, PROMPT_EMAIL, email);

	c->permission = LIVE_SESSION_INVITED;
	if (reason == ADPERM_OK)
		reason = prompt_ask(c->pamh, PROMPT_INVITE, code);
	if (reason == ADPERM_OK)
		reason = prompt_ask(c->pamh, PROMPT_PIN, pin);
	clock_gettime(CLOCK_MONOTONIC, &c->answered);
	if (reason == ADPERM_OK)
		reason = text_set(c->profile, sizeof c->profile, email) ? person_is_member(c)
									: ADPERM_UNKNOWN_PERSON;
	if (reason == ADPERM_OK)
		reason = redeem(c, code, pin);
	if (reason == ADPERM_OK)
		reason = hand_over(c, LIVE_SESSION_INVITED, false);
	explicit_bzero(code, sizeof code);
	explicit_bzero(pin, sizeof pin);
	return reason;
}

/* What a person with a key has typed: a verification code, an invitation's, or nothing. */
static enum adperm_reason judge_either(struct call *c, const char *typed, bool *proved)
{
	char pin[PAM_MAX_RESP_SIZE];
	enum adperm_reason reason = ADPERM_OK;

	*proved = code_has_form(typed);
	if (typed[0] == '\0')
		return ADPERM_OK;
	if (*proved)
		return auth_second_factor(c, typed);
	c->permission = LIVE_SESSION_INVITED;
	reason = prompt_ask(c->pamh, PROMPT_PIN, pin);
	clock_gettime(CLOCK_MONOTONIC, &c->answered);
	if (reason == ADPERM_OK)
		reason = redeem(c, typed, pin);
	explicit_bzero(pin, sizeof pin);
	return reason;
}

/*
 * Somebody whose key sshd has verified. The key is enough; a code is asked for where one could be
 * of use, for what is done behind the door may need it.
 */
static enum adperm_reason ask_member(struct call *c)
{
	char typed[PAM_MAX_RESP_SIZE] = "";
	enum adperm_reason reason = person_is_member(c);
	bool proved = false;

	c->permission = LIVE_SESSION_SELF;
	if (reason == ADPERM_OK && c->answer.verdict == ADPERM_ALLOW_2FA)
		reason = prompt_ask(c->pamh, PROMPT_EITHER, typed);
	clock_gettime(CLOCK_MONOTONIC, &c->answered);
	if (reason == ADPERM_OK)
		reason = judge_either(c, typed, &proved);
	if (reason == ADPERM_OK)
		reason = hand_over(c, c->permission, proved);
	explicit_bzero(typed, sizeof typed);
	return reason;
}

/* --- the phases */

enum adperm_reason self_auth(struct call *c)
{
	enum adperm_reason reason;

	live_session_take_back(c->options.sessions, session_process(c));
	clock_gettime(CLOCK_MONOTONIC, &c->answered);
	reason = person_take_keys(c);
	if (reason == ADPERM_OK)
		reason = self_way(PHASE_AUTH, c->keys, false) == SELF_KEY ? ask_member(c)
									  : ask_stranger(c);
	if (reason != ADPERM_OK) {
		pam_fail_delay(c->pamh, FAIL_DELAY_US);
		auth_refuse_evenly(c, REFUSAL_NS);
	}
	return reason;
}

/* Finds the person by what counts in this phase, and asks the policy of this moment. */
static enum adperm_reason judge(struct call *c, struct live_session *handed)
{
	enum adperm_reason reason = person_take_keys(c);
	bool is_handed = reason == ADPERM_OK && find_handed(c, handed);

	/* A text of ours: the log is written when `handed` is gone. */
	c->permission = is_handed && strcmp(handed->permission, LIVE_SESSION_INVITED) == 0
				? LIVE_SESSION_INVITED
				: LIVE_SESSION_SELF;
	if (reason != ADPERM_OK)
		return reason;
	switch (self_way(c->phase, c->keys, is_handed)) {
	case SELF_NOBODY: return ADPERM_NO_FIRST_FACTOR;
	case SELF_LATE:
		reason = person_policy_holds(c);
		c->waiver = reason == ADPERM_OK ? WAIVER_LATE : WAIVER_NONE;
		return reason == ADPERM_OK ? ADPERM_LATE : reason;
	case SELF_HANDED: text_set(c->profile, sizeof c->profile, handed->profile); break;
	case SELF_KEY: break;
	}
	return person_is_member(c);
}

enum adperm_reason self_account(struct call *c)
{
	struct live_session handed;

	return judge(c, &handed);
}

enum adperm_reason self_session(struct call *c)
{
	struct live_session handed = { .pid = 0 }, session;
	enum adperm_reason reason = judge(c, &handed);

	live_session_take_back(c->options.sessions, getpid());
	if (reason != ADPERM_OK)
		return reason;
	session_describe(c, strcmp(handed.proved, "yes") == 0, &session);
	return live_session_leave(c->options.sessions, &session) == 0 ? ADPERM_OK : ADPERM_SESSIONS;
}
