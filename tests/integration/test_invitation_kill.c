/*
 * The one transaction that activates key and second factor together, killed at every system call:
 * in the middle it has given nobody anything, and it can be repeated to the end.
 */
#include "invited.h"

#define CODED "coded@acme.example"

/* Calls before this one are the loader's: nothing has been read by then. */
#define FIRST_CALL   40
#define MOST_CALLS   900
#define STEP_USUALLY 31 /* each takes a third of a second; with ADPERM_LONG set, more of them */
#define STEP_LONG    3

static struct invited w;

/* Everything up to the activation; a code of the secret that waits, one step back. */
static void prepare(struct secret *secret, struct words *words, char code[static 9])
{
	w.killed_at = NULL;
	if (invite(&w, CODED, WISH_PIN_MADE) != WISH_DONE)
		bail("no invitation");
	*words = words_of(&w);
	if (redeem(&w, words) != WISH_DONE || wishes_key(&w, WISH_OFFER_KEY, 1, "") != WISH_DONE ||
		wishes(&w, WISH_ENROLL, "") != WISH_DONE)
		bail("not prepared");
	take_secret(&w, secret);
	code_of(secret, -1, code);
}

static bool is_enrolled(void)
{
	return ask(&w.daemon, PROTO_STATUS, "adperm", CODED, "") == PROTO_YES;
}

/* What there may be of it after a kill: no key without the second factor. */
static bool is_sound(void)
{
	int listed = root_wishes(&w, WISH_INVITED, CODED);

	return (!key_is_of(&w, 1, CODED) || is_enrolled()) &&
	       (listed == WISH_DONE || (listed == WISH_NOT_INVITED && key_is_of(&w, 1, CODED)));
}

/* The same again, with the code that the person's app shows by then. */
static bool goes_on(const struct secret *secret, const struct words *words)
{
	char code[9];
	int result = redeem(&w, words);

	if (result == WISH_NOT_INVITED)
		return true;
	code_of(secret, 0, code);
	return result == WISH_DONE && wishes(&w, WISH_ACTIVATE, code) == WISH_DONE;
}

static bool is_whole(void)
{
	return key_is_of(&w, 1, CODED) && is_enrolled() &&
	       root_wishes(&w, WISH_INVITED, CODED) == WISH_NOT_INVITED;
}

int main(void)
{
	int step = getenv("ADPERM_LONG") != NULL ? STEP_LONG : STEP_USUALLY;
	int sound = 0, whole = 0, killed = 0, call = FIRST_CALL;
	bool ended = false;

	if (geteuid() != 0) {
		puts("1..0 # SKIP needs root");
		return 0;
	}
	invited_begin(&w);
	invited_policy(&w, "  " CODED ": {login: coded}\n",
		"      - {to: " CODED ", servers: {" SERVER ": [ssh_users]}, require_2fa: true}\n");
	log_in(&w, CODED, LIVE_SESSION_INVITED, "no");
	for (; !ended && call < MOST_CALLS; call += step) {
		char number[16], code[9];
		struct secret secret;
		struct words words;

		prepare(&secret, &words, code);
		snprintf(number, sizeof number, "%d", call);
		w.killed_at = number;
		ended = wishes(&w, WISH_ACTIVATE, code) == WISH_DONE;
		w.killed_at = NULL;
		killed += !ended;
		sound += is_sound();
		whole += goes_on(&secret, &words) && is_whole();
	}
	ok(ended && killed > 8, "t98 an activation was killed %d times, up to call %d", killed,
		call);
	is_int(sound, killed + 1, "t98 and had given nobody anything in the middle");
	is_int(whole, killed + 1, "and was repeated to the end");
	invited_end(&w);
	return tap_done();
}
