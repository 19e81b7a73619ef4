/* Invitations: made, listed and revoked for root, and taken up by a login. */
#include "people/act.h"

#include "base/clock.h"
#include "base/text.h"
#include "people/factor.h"

#include <time.h>

bool act_knows_time(int64_t now)
{
	return now >= CLOCK_EPOCH;
}

void act_copy(char *into, size_t size, const char *text)
{
	struct text t = text_over(into, size);

	text_add(&t, text);
}

static bool is_over(const struct invitation *i, int64_t now)
{
	return now >= i->expires_at;
}

/* --- made */

/* Has the person anything by which they are one already? DONE: nothing. */
static enum wish_result is_new(struct act *a)
{
	struct people_lists lists;
	struct factor factor;
	enum wish_result result = book_read(
		a->book, people_lists_read(a->book->directory, TRUST_ROOT, a->profile, &lists));

	if (result == WISH_DONE && lists.key_total > 0)
		result = WISH_HAS_KEY;
	people_lists_done(&lists);
	if (result != WISH_DONE)
		return result;
	result = factor_find(a, &factor);
	if (result == WISH_DONE && factor.in_force)
		return WISH_HAS_KEY;
	/* Where nothing asks for a second factor, there need be no daemon. */
	if (result == WISH_NO_DAEMON && a->wish->no_pin == WISH_PIN_UNFLAGGED)
		return WISH_DONE;
	return result;
}

/* Keys first: without one, no second factor opens anything. */
enum wish_result act_forget(struct act *a)
{
	enum wish_result keys = book_forget_keys(a->book, a->profile), factor;
	struct invitation old;
	bool invited = invitation_load(a->book, a->profile, &old) != WISH_NOT_INVITED;
	enum wish_result result = keys == WISH_NOTHING ? WISH_DONE : keys;

	if (result == WISH_DONE && invited)
		result = invitation_remove(a->book, a->profile);
	if (result != WISH_DONE)
		return result;
	factor = factor_remove(a);
	if (factor != WISH_NOTHING)
		return factor;
	return keys == WISH_NOTHING && !invited ? WISH_NOTHING : WISH_DONE;
}

static enum wish_result clear(struct act *a)
{
	enum wish_result result;

	if (a->wish->reset == 0)
		return is_new(a);
	result = act_forget(a);
	if (result == WISH_NO_DAEMON && a->wish->no_pin == WISH_PIN_UNFLAGGED)
		return WISH_DONE;
	return result == WISH_NOTHING ? WISH_DONE : result;
}

enum wish_result act_invite(struct act *a)
{
	uint32_t seconds = a->wish->seconds != 0 ? a->wish->seconds : WISH_INVITED_S;
	int64_t now = time(NULL);
	struct invitation i = {
		.made_at = now, .expires_at = now + seconds, .no_pin = a->wish->no_pin
	};
	struct invitation_words words = { .code = "" };
	enum wish_result result;
	int ret;

	if (seconds > WISH_INVITED_MAX_S || a->wish->no_pin > WISH_PIN_UNFLAGGED)
		return WISH_MALFORMED;
	if (!act_knows_time(now))
		return WISH_CLOCK;
	result = clear(a);
	if (result != WISH_DONE)
		return result;
	act_copy(i.profile, sizeof i.profile, (const char *)a->profile.at);
	ret = invitation_make(&i, &words);
	result = ret == 0 ? invitation_store(a->book, &i) : book_failed(a->book, ret);
	if (result == WISH_DONE) {
		a->reply->made_at = i.made_at;
		a->reply->expires_at = i.expires_at;
		a->reply->no_pin = (uint8_t)i.no_pin;
		act_copy(a->reply->code, sizeof a->reply->code, words.code);
		act_copy(a->reply->pin, sizeof a->reply->pin, words.pin);
	}
	explicit_bzero(&words, sizeof words);
	return result;
}

enum wish_result act_mailed(struct act *a)
{
	struct invitation i;
	enum wish_result result = invitation_load(a->book, a->profile, &i);

	if (result != WISH_DONE)
		return result;
	if (i.mailed)
		return WISH_NOTHING;
	i.mailed = true;
	return invitation_store(a->book, &i);
}

enum wish_result act_uninvite(struct act *a)
{
	struct invitation i;
	enum wish_result result = invitation_load(a->book, a->profile, &i);

	/* Also one that cannot be read any more. */
	return result == WISH_NOT_INVITED ? result : invitation_remove(a->book, a->profile);
}

/* Does a session hold it that goes on, as far as is known? */
static bool is_held(const struct act *a, const struct invitation *i)
{
	return i->holder.pid != 0 && !invitation_has_ended(&a->asker->ended, &i->holder);
}

enum wish_result act_invited(struct act *a)
{
	struct wish_reply *reply = a->reply;
	struct invitation i;
	enum wish_result result = a->profile.len > 0
					  ? invitation_load(a->book, a->profile, &i)
					  : invitation_number(a->book, a->wish->number, &i);

	if (result != WISH_DONE)
		return result;
	act_copy(reply->profile, sizeof reply->profile, i.profile);
	reply->made_at = i.made_at;
	reply->expires_at = i.expires_at;
	reply->no_pin = (uint8_t)i.no_pin;
	reply->mailed = i.mailed;
	reply->held = is_held(a, &i);
	return WISH_DONE;
}

/* --- taken up */

static enum wish_result wrong_pin(struct act *a, struct invitation *i)
{
	enum wish_result result;

	i->wrong++;
	result = i->wrong < INVITATION_PINS ? invitation_store(a->book, i)
					    : invitation_remove(a->book, a->profile);
	return result == WISH_DONE ? WISH_BAD_PIN : result;
}

/* May this session have it, by where it comes from and by who has it now? */
static bool may_hold(const struct act *a, const struct invitation *i, const struct holder *who)
{
	if (i->holder.pid == 0)
		return true;
	if (invitation_is_held_by(i, who))
		return strcmp(i->place, a->wish->place) == 0;
	return i->place[0] != '\0' && strcmp(i->place, a->wish->place) == 0 && !is_held(a, i);
}

/*
 * The code is judged first, also if there is no invitation: an answer that says more is for who
 * knows it, and comes after the same time. Whoever is elsewhere costs the person no guess.
 */
enum wish_result act_redeem(struct act *a)
{
	const struct wish *wish = a->wish;
	const struct holder who = { .pid = wish->session, .start = wish->start };
	int64_t now = time(NULL);
	struct invitation i;
	enum wish_result found = invitation_load(a->book, a->profile, &i);
	enum wish_result judged = invitation_judge(&i, wish->code, wish->pin);

	if (found != WISH_DONE)
		return found;
	if (judged == WISH_BAD_CODE)
		return judged;
	if (!act_knows_time(now))
		return WISH_CLOCK;
	if (is_over(&i, now))
		return WISH_EXPIRED;
	if (!may_hold(a, &i, &who))
		return WISH_HELD;
	if (judged == WISH_BAD_PIN)
		return wrong_pin(a, &i);
	i.holder = who;
	act_copy(i.place, sizeof i.place, wish->place);
	a->reply->made_at = i.made_at;
	a->reply->expires_at = i.expires_at;
	return invitation_store(a->book, &i);
}

enum wish_result act_find_invitation(struct act *a)
{
	const struct live_session *session = &a->asker->session;
	const struct holder who = { .pid = (uint32_t)session->pid, .start = session->start };
	int64_t now = time(NULL);
	enum wish_result result = invitation_load(a->book, a->profile, &a->invitation);

	if (result == WISH_NOT_INVITED)
		return WISH_NOT_HELD;
	if (result != WISH_DONE)
		return result;
	if (!invitation_is_held_by(&a->invitation, &who))
		return WISH_NOT_HELD;
	if (!act_knows_time(now))
		return WISH_CLOCK;
	return is_over(&a->invitation, now) ? WISH_EXPIRED : WISH_DONE;
}
