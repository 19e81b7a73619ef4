/* Inviting somebody; see inviting.h. */
#include "cli/inviting.h"

#include "cli/describe.h"
#include "cli/place.h"
#include "cli/secret_screen.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *language_of(const struct inviting *v)
{
	return v->paths->language != NULL ? v->paths->language : v->settings.language;
}

bool inviting_begin(struct inviting *v)
{
	v->now = time(NULL);
	return settings_mail(v->command, v->paths, &v->settings, &v->system) &&
	       mail_words(v->command, v->paths->templates, language_of(v), &v->words);
}

void inviting_done(struct inviting *v)
{
	standing_done(&v->standing);
}

/* --- who */

static bool has_given_back(const struct inviting *v, uint32_t profile)
{
	struct place_people people = { .directory = v->people.people };

	return place_renounced(&people, v->p, profile, v->p->servers.at[v->server].owner);
}

/* From wherever they will come. */
static bool counts(const struct inviting *v, const struct grant *g, bool given_back)
{
	return g->until > v->now && (g->ownership || !given_back);
}

const char *inviting_obstacle(struct inviting *v, uint32_t profile, bool *needs_pin)
{
	const struct profile *who = &v->p->profiles.at[profile];
	const struct holding *holding = &v->standing.holding;
	bool given_back = has_given_back(v, profile), any = false, flagged = false;

	*needs_pin = v->pin == PIN_ALWAYS;
	if (who->machine)
		return "is a machine";
	if (who->suspended)
		return "is suspended";
	if (profile_access(v->p, who)->keys.n > 0 && !v->reset)
		return "has a key by the policy; --reset invites them all the same";
	if (!standing_take(&v->standing, v->p, profile, v->server))
		return "was not looked up: out of memory";
	for (uint32_t i = 0; i < holding->grant_total; i++) {
		any |= counts(v, &holding->grants[i], given_back);
		flagged |= holding->grants[i].require_2fa;
	}
	*needs_pin |= v->pin == PIN_BY_GRANTS && flagged;
	if (any)
		return NULL;
	return given_back ? "has given back what was granted here" : "holds nothing here";
}

/* Does it say that no PIN is needed: because nothing asks for one, or because somebody says so? */
static enum wish_pin no_pin_of(const struct inviting *v, bool needs_pin)
{
	if (needs_pin)
		return WISH_PIN_MADE;
	return v->pin == PIN_NEVER ? WISH_PIN_WAIVED : WISH_PIN_UNFLAGGED;
}

/* --- the message */

/* What they hold, one line each, allocated; NULL: out of memory. */
static char *list_grants(const struct inviting *v)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (uint32_t i = 0; out != NULL && i < v->standing.holding.grant_total; i++) {
		const struct grant *g = &v->standing.holding.grants[i];
		struct terms terms = terms_of(
			v->p, v->standing.reaches[i].grant, v->p->servers.at[v->server].owner);

		terms.note = 0;
		fputs(i > 0 ? "\n  " : "  ", out);
		show_perms_in(out, g->perms, &v->words);
		if (g->account != ACCOUNT_NONE) {
			struct slice name = v->standing.text.accounts[g->account - 1];

			fprintf(out, " (%.*s)", (int)name.len, (const char *)name.at);
		}
		terms_show_in(out, v->p, &terms, &v->words);
	}
	if (out != NULL && fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* One message from a template, about a profile, to one. */
static enum mail_fate send_filled(struct inviting *v, const char *template,
	const struct mail_value *values, uint32_t to, bool secret)
{
	const struct profile *who = &v->p->profiles.at[to];
	enum mail_fate fate = MAIL_FAILED;
	struct mail_text text;

	if (mail_fill(v->command, v->paths->templates, language_of(v), template, values, &text)) {
		const struct mail mail = {
			.to = email_text(v->p, to),
			.name = who->name != 0 ? policy_text(v->p, who->name) : NULL,
			.subject = (const char *)text.subject.at,
			.body = (const char *)text.body.at,
			.secret = secret,
		};

		fate = mail_send(v->command, &v->system, &mail);
	}
	mail_text_done(&text);
	return fate;
}

static enum mail_fate send_code(struct inviting *v, uint32_t profile, const struct wish_reply *made)
{
	char until[SPELL_SIZE], door[HOST_MAX + 16];
	uint32_t server = v->server;
	char *grants = list_grants(v);
	const struct mail_value values[] = {
		{ "who", email_text(v->p, profile) },
		{ "owner", owner_text(v->p, v->p->servers.at[server].owner) },
		{ "place", server_text(v->p, server) },
		{ "grants", grants != NULL ? grants : "" },
		{ "door", door },
		{ "code", made->code },
		{ "until", until },
		{ NULL, NULL },
	};
	enum mail_fate fate = MAIL_FAILED;

	snprintf(door, sizeof door, INVITING_DOOR "@%s", server_text(v->p, server));
	spell_time(made->expires_at, until);
	if (grants == NULL)
		complain("%s: out of memory", v->command);
	else
		fate = send_filled(v, "invitation", values, profile, true);
	free(grants);
	return fate;
}

/* That a reset was made, to the owner of the server. */
static void tell_owner(struct inviting *v, uint32_t profile)
{
	const struct owner *owner = &v->p->owners.at[v->p->servers.at[v->server].owner];
	const struct mail_value values[] = {
		{ "who", email_text(v->p, profile) },
		{ "place", server_text(v->p, v->server) },
		{ NULL, NULL },
	};

	send_filled(v, "invitation-reset", values, owner->profile, false);
}

/* --- all of it */

static bool wish(struct inviting *v, enum wish_op op, uint32_t profile, enum wish_pin no_pin,
	struct wish_reply *reply)
{
	struct wish wish;

	if (!people_begin(&wish, v->command, op, email_text(v->p, profile), NULL))
		return false;
	if (op == WISH_INVITE) {
		wish.no_pin = (uint8_t)no_pin;
		wish.reset = v->reset;
		wish.seconds = v->seconds;
	}
	return people_ask(v->command, &v->people, &wish, reply);
}

static void say(struct inviting *v, const struct wish_reply *made, bool sent)
{
	char until[SPELL_SIZE], line[512];

	spell_time(made->expires_at, until);
	if (v->json != NULL) {
		json_object(v->json, NULL);
		json_string(v->json, "profile", made->profile);
		json_string(v->json, "mail", sent ? "sent" : "failed");
		json_string(v->json, "expires", until);
		json_string(v->json, "pin", sent && made->pin[0] != '\0' ? made->pin : NULL);
		json_object_end(v->json);
		return;
	}
	if (!sent)
		return;
	printf("%s is invited until %s.\n", made->profile, until);
	fflush(stdout);
	if (made->pin[0] == '\0')
		return;
	snprintf(line, sizeof line,
		"Their PIN is %s. It is in no mail and shown only now: tell them in another "
		"way.\n",
		made->pin);
	screen_show(line, strlen(line));
	explicit_bzero(line, sizeof line);
}

/* Where a PIN would go: to a person, or to a program that asked for it. */
static bool can_show_pin(const struct inviting *v)
{
	return v->json != NULL || isatty(STDOUT_FILENO);
}

static enum invited_fate deliver(struct inviting *v, uint32_t profile, struct wish_reply *made)
{
	struct wish_reply noted;
	bool sent = send_code(v, profile, made) == MAIL_SENT;

	/* Without the note it would only be sent again. */
	if (sent)
		wish(v, WISH_MAILED, profile, WISH_PIN_MADE, &noted);
	else
		complain("%s: %s has got no code; `adperm invite --pending` tries again with "
			 "another",
			v->command, made->profile);
	say(v, made, sent);
	return sent ? INVITED_SENT : INVITED_UNSENT;
}

enum invited_fate inviting_send(struct inviting *v, uint32_t profile)
{
	const char *email = email_text(v->p, profile);
	struct wish_reply made = { .result = WISH_NONE };
	bool needs_pin;
	const char *why = inviting_obstacle(v, profile, &needs_pin);
	enum wish_pin no_pin = no_pin_of(v, needs_pin);
	enum invited_fate fate = INVITED_NOT;

	if (why != NULL) {
		complain("%s: %s %s", v->command, email, why);
	} else if (needs_pin && !can_show_pin(v)) {
		complain("%s: %s gets a PIN, and there is no terminal to show it on: --json gives "
			 "it to a program, --no-pin does without",
			v->command, email);
	} else if (wish(v, WISH_INVITE, profile, no_pin, &made)) {
		if (made.result != WISH_DONE)
			people_failed(v->command, &made);
		else
			fate = deliver(v, profile, &made);
	}
	if (fate != INVITED_NOT && no_pin == WISH_PIN_WAIVED)
		note("%s: %s is invited without a PIN", v->command, email);
	if (fate != INVITED_NOT && v->reset)
		tell_owner(v, profile);
	explicit_bzero(&made, sizeof made);
	return fate;
}
