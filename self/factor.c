/*
 * The second factor; see dialogue.h. The secret and the recovery codes go from the reply to the
 * terminal and nowhere else, and are cleared from it when they have been read.
 */
#include "self/dialogue.h"

#include "base/text.h"
#include "cli/secret_screen.h"
#include "cli/totp.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TRIES 5

bool factor_activate(const struct dialogue *d, const char *code, struct wish_reply *reply)
{
	struct wish wish = { .op = WISH_ACTIVATE };
	struct text text = text_over(wish.code, sizeof wish.code);
	bool good;

	text_add(&text, code);
	good = wish_ask(d->socket, &wish, reply) == CLIENT_OK;
	explicit_bzero(&wish, sizeof wish);
	if (!good)
		puts("\nadperm-people broke off; whether it was done is not known. Log in again "
		     "and look.");
	return good;
}

/* --- the secret */

/* For whoever types it: in groups. */
static bool show_as_text(const struct dialogue *d, const struct wish_reply *secret)
{
	char room[WISH_SECRET_TEXT * 2 + 400];
	struct text t = text_over(room, sizeof room);
	bool good;

	text_add(&t, "\nIn the app, add an account by hand:\n\n  account  ");
	text_add(&t, d->profile);
	text_add(&t, "\n  key      ");
	for (size_t i = 0; secret->secret[i] != '\0'; i++) {
		text_add(&t, i > 0 && i % 4 == 0 ? " " : "");
		text_add_slice(&t, slice_of(secret->secret + i, 1));
	}
	text_add(&t, "\n  type     time based, ");
	text_add_u64(&t, secret->digits);
	text_add(&t, " digits, ");
	text_add_u64(&t, secret->period);
	text_add(&t, " seconds, ");
	text_add(&t, totp_algorithm(secret->algorithm) != NULL ? totp_algorithm(secret->algorithm)
							       : "?");
	text_add(&t, "\n\n");
	good = !t.cut && screen_show(room, t.len);
	explicit_bzero(room, sizeof room);
	return good;
}

/* As a picture, if the terminal can and there is room for it on an otherwise empty screen. */
static bool show_as_picture(const struct dialogue *d, const struct wish_reply *secret)
{
	static const enum totp_uri_form forms[] = { TOTP_URI_FULL, TOTP_URI_BRIEF };
	struct totp_question q = { .reply = { .digits = secret->digits,
					   .algorithm = secret->algorithm,
					   .period = secret->period } };
	struct text profile = text_over(q.request.profile, sizeof q.request.profile);
	struct text text = text_over(q.reply.secret, sizeof q.reply.secret);
	char uri[TOTP_URI_SIZE];
	bool drawn = false;

	text_add(&profile, d->profile);
	text_add(&text, secret->secret);
	for (size_t i = 0; !drawn && i < sizeof forms / sizeof forms[0]; i++)
		drawn = totp_uri(&q, TOTP_ISSUER, forms[i], uri) &&
			screen_draw(uri) == SCREEN_DRAWN;
	explicit_bzero(uri, sizeof uri);
	explicit_bzero(&q, sizeof q);
	return drawn;
}

/* Codes until one is right, with the secret in sight. False: none was, *reply says why, or 0. */
static bool confirm(
	const struct dialogue *d, const struct wish_reply *secret, struct wish_reply *reply)
{
	const bool is_new = secret->secret[0] != '\0';
	const char *prompt = is_new ? "Code that the app shows (t: the key as text): "
				    : "\nYou have a second factor already. Code that the app "
				      "shows: ";
	char line[WISH_CODE_SIZE];
	int tries = TRIES;
	bool good = false;

	reply->result = WISH_NONE;
	while (!good && tries > 0 && talk_ask(d, prompt, line, sizeof line)) {
		if (is_new && strcasecmp(line, "t") == 0) {
			screen_clear();
			show_as_text(d, secret);
			prompt = "Code that the app shows: ";
			continue;
		}
		if (!factor_activate(d, line, reply))
			return false;
		good = reply->result == WISH_DONE;
		if (!good && reply->result != WISH_BAD_CODE && reply->result != WISH_NEEDS_CODE)
			break;
		prompt = "That is not right (is the phone's clock?). Next code: ";
		tries--;
	}
	explicit_bzero(line, sizeof line);
	return good;
}

/* --- the recovery codes */

static bool show_codes(const struct wish_reply *reply)
{
	char room[WISH_RECOVERY_CODES * (WISH_RECOVERY_TEXT + 8)];
	struct text t = text_over(room, sizeof room);
	bool good;

	for (int i = 0; i < WISH_RECOVERY_CODES; i++) {
		text_add(&t, "    ");
		text_add(&t, reply->recovery[i]);
		text_add(&t, i % 2 == 0 ? "" : "\n");
	}
	good = !t.cut && screen_show(room, t.len);
	explicit_bzero(room, sizeof room);
	return good;
}

static void tell_codes(const struct dialogue *d, const struct wish_reply *reply)
{
	char line[8];

	puts("Your second factor is in force.\n\n"
	     "If you lose your phone, each of these is good for one login. Write them down:\n"
	     "they are not shown again.\n");
	fflush(stdout);
	show_codes(reply);
	talk_ask(d, "\nPress Enter when they are written down: ", line, sizeof line);
	screen_clear();
}

/* --- both */

static bool introduce(
	const struct dialogue *d, const struct wish_reply *secret, struct wish_reply *reply)
{
	char line[8];
	bool good = talk_ask(d,
		"\nYou need an app for codes on your phone (any that does TOTP).\n"
		"Next, a picture for it to scan is on the screen. Enter goes on. ",
		line, sizeof line);

	if (!good)
		return false;
	screen_clear();
	if (!show_as_picture(d, secret))
		show_as_text(d, secret);
	good = confirm(d, secret, reply);
	screen_clear();
	return good;
}

enum dialogue_end factor_enroll(struct dialogue *d)
{
	struct wish wish = { .op = WISH_ENROLL };
	struct wish_reply secret, reply = { .result = WISH_NONE };
	bool good = talk_wish(d, &wish, &secret);
	enum dialogue_end end = good ? DIALOGUE_ON : DIALOGUE_BROKE;

	/* An activation that got so far and no farther has put it in force: its code will do. */
	if (good && secret.result == WISH_NOTHING)
		good = confirm(d, &secret, &reply);
	else if (good && secret.result != WISH_DONE) {
		talk_refused(&secret);
		good = false;
	} else if (good)
		good = introduce(d, &secret, &reply);
	explicit_bzero(&secret, sizeof secret);
	if (good) {
		d->enrolled = true;
		tell_codes(d, &reply);
		end = DIALOGUE_DONE;
	} else if (reply.result != WISH_NONE) {
		talk_refused(&reply);
	}
	explicit_bzero(&reply, sizeof reply);
	return end;
}
