/* Telling the people to tell; see tell.h. */
#include "cli/tell.h"

#include "cli/cli.h"
#include "cli/describe.h"

static const char *language_of(const struct telling *t)
{
	return t->paths->language != NULL ? t->paths->language : t->settings.language;
}

bool telling_begin(struct telling *t, const char *subject)
{
	t->subject = subject;
	return settings_mail(t->command, t->paths, &t->settings, &t->system) &&
	       mail_words(t->command, t->paths->templates, language_of(t), &t->words);
}

/* What they are told about: "acme on web1.acme.example", a server, or an owner. */
static void name_place(const struct contacts *c, char *out, size_t room)
{
	const struct place_found *place = &c->place;

	if (place->server == NO_INDEX)
		snprintf(out, room, "%s", owner_text(c->p, c->owner));
	else if (place->account == NO_INDEX)
		snprintf(out, room, "%s", server_text(c->p, place->server));
	else
		snprintf(out, room, "%s (%s)", account_text(c->p, place->account),
			server_text(c->p, place->server));
}

/* Replies and filters see by it what belongs together; RFC 2919. */
static void name_list(const struct contacts *c, char *out, size_t room)
{
	const char *email = owner_text(c->p, c->owner), *at = strchr(email, '@');

	snprintf(out, room, "adperm.%s",
		c->place.server != NO_INDEX ? server_text(c->p, c->place.server)
		: at != NULL                ? at + 1
					    : email);
}

/* The message to one of them, sent, or in a dry run only judged. */
static enum mail_fate tell_one(const struct telling *t, const struct contacts *c,
	const struct contact *row, const struct mail_text *text)
{
	const struct profile *profile = &c->p->profiles.at[row->profile];
	char list[HOST_MAX + 8];
	struct mail mail = {
		.to = email_text(c->p, row->profile),
		.name = profile->name != 0 ? policy_text(c->p, profile->name) : NULL,
		.subject = (const char *)text->subject.at,
		.body = (const char *)text->body.at,
		.list = list,
	};

	name_list(c, list, sizeof list);
	if (!name_is_host(slice_str(list)))
		mail.list = NULL; /* too long to have something before it */
	if (t->dry_run)
		return mail_check(t->command, &t->system, &mail) ? MAIL_SENT : MAIL_FAILED;
	return mail_send(t->command, &t->system, &mail);
}

static bool fill(const struct telling *t, const struct contacts *c, const struct contact *row,
	struct mail_text *text)
{
	char place[EMAIL_MAX + HOST_MAX];
	const struct mail_value values[] = {
		{ "subject", t->subject },
		{ "text", t->text },
		{ "why", row->owner ? words_text(&t->words, WORD_OWNER)
				    : words_perm(&t->words, c->q.perm) },
		{ "place", place },
		{ NULL, NULL },
	};

	name_place(c, place, sizeof place);
	return mail_fill(
		t->command, t->paths->templates, language_of(t), t->template, values, text);
}

static void say(const struct telling *t, struct json *j, const char *email, const char *fate)
{
	if (!t->json) {
		printf("%-8s %s\n", fate, email);
		return;
	}
	json_object(j, NULL);
	json_string(j, "profile", email);
	json_string(j, "mail", fate);
	json_object_end(j);
}

/* What a message says, for who wants to see it first; it was judged harmless. */
static void show_message(const struct mail_text *text)
{
	printf("\nSubject: %s\n\n%s", text->subject.at, text->body.at);
}

int tell(const struct telling *t, const struct contacts *c)
{
	struct json j = json_to(stdout);
	uint32_t sent = 0, failed = 0;
	bool good = true;

	if (t->json)
		json_array(&j, NULL);
	for (uint32_t i = 0; good && i < c->rows.n; i++) {
		const struct contact *row = &c->rows.at[i];
		struct mail_text text;

		good = fill(t, c, row, &text);
		if (good) {
			enum mail_fate fate = tell_one(t, c, row, &text);
			bool would = t->dry_run && fate == MAIL_SENT;

			sent += fate == MAIL_SENT;
			failed += fate == MAIL_FAILED;
			say(t, &j, email_text(c->p, row->profile),
				would ? "would be told" : mail_fate_name(fate));
			if (would && !t->json && i + 1 == c->rows.n)
				show_message(&text);
		}
		mail_text_done(&text);
	}
	if (t->json)
		json_array_end(&j);
	if (!good || failed == c->rows.n)
		return EXIT_ERROR;
	return sent == c->rows.n ? EXIT_OK : EXIT_NO;
}
