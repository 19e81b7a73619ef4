/*
 * adperm invite: people who hold something here and have no key yet get a mail with a code, with
 * which they initialise their profile; invitations that there are, listed and revoked.
 */
#include "cli/cli.h"
#include "cli/describe.h"
#include "cli/invitations.h"
#include "cli/inviting.h"
#include "cli/place.h"

#include "adperm.h"
#include "adpermd/proto.h"
#include "model/when.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

struct arguments {
	struct people_options people;
	struct mail_paths paths;
	const char *policy, *server, *lasts;
	bool pin, no_pin, reset, pending, revoke, json;
};

/* --- those that there are */

static struct invited row_of(const struct inviting *v, const struct wish_reply *invitation)
{
	struct invited row = { .expires_at = invitation->expires_at,
		.needs_pin = invitation->no_pin == WISH_PIN_MADE,
		.state = invitation_state(invitation->expires_at, invitation->held != 0,
			invitation->mailed != 0, v->now) };

	memcpy(row.profile, invitation->profile, sizeof row.profile);
	return row;
}

static void show(struct inviting *v, const struct invited *row)
{
	char until[SPELL_SIZE];

	if (v->json != NULL) {
		invitation_json(v->json, row);
		return;
	}
	spell_time(row->expires_at, until);
	printf("%-10s %s, until %s%s\n", invitation_words[row->state], row->profile, until,
		row->needs_pin ? ", with a PIN" : "");
}

/* Makes another in its place, on the same terms. */
static enum invited_fate try_again(struct inviting *v, const struct wish_reply *invitation)
{
	static const enum pin_choice as_before[] = {
		[WISH_PIN_MADE] = PIN_ALWAYS,
		[WISH_PIN_WAIVED] = PIN_NEVER,
		[WISH_PIN_UNFLAGGED] = PIN_BY_GRANTS,
	};
	uint32_t profile = policy_find(v->p, NAME_PROFILE, slice_str(invitation->profile));

	if (profile == NO_INDEX) {
		complain("invite: %s is no more in the policy; --revoke takes the invitation away",
			invitation->profile);
		return INVITED_NOT;
	}
	v->seconds = (uint32_t)(invitation->expires_at - invitation->made_at);
	v->pin = as_before[invitation->no_pin <= WISH_PIN_UNFLAGGED ? invitation->no_pin
								    : WISH_PIN_MADE];
	return inviting_send(v, profile);
}

/* The next one; WISH_NOT_INVITED behind the last. False: complained. */
static bool next(const struct inviting *v, uint32_t number, struct wish_reply *out)
{
	struct wish wish;

	if (!people_begin(&wish, "invite", WISH_INVITED, NULL, NULL))
		return false;
	wish.number = number;
	return people_ask("invite", &v->people, &wish, out);
}

static int pending(struct inviting *v)
{
	struct wish_reply one;
	struct invited row;
	int code = EXIT_OK;
	uint32_t n = 0;

	for (;; n++) {
		if (!next(v, n, &one))
			return EXIT_ERROR;
		if (one.result == WISH_NOT_INVITED)
			break;
		row = row_of(v, &one);
		if (one.result != WISH_DONE) {
			people_failed("invite", &one);
			code = EXIT_ERROR;
		} else if (row.state != INVITATION_NOT_MAILED) {
			show(v, &row);
		} else if (try_again(v, &one) != INVITED_SENT && code == EXIT_OK) {
			code = EXIT_NO;
		}
	}
	if (n == 0 && v->json == NULL)
		puts("Nobody is invited.");
	return code;
}

/* --- revoked, and made */

static int take_back(struct inviting *v, const char *email)
{
	struct wish_reply reply;
	struct wish wish;

	if (!people_begin(&wish, "invite", WISH_UNINVITE, email, NULL) ||
		!people_ask("invite", &v->people, &wish, &reply))
		return EXIT_ERROR;
	if (reply.result == WISH_NOT_INVITED)
		return complain("invite: %s is not invited", wish.profile);
	if (reply.result != WISH_DONE)
		return people_failed("invite", &reply);
	printf("%s is not invited any more.\n", wish.profile);
	return EXIT_OK;
}

static int invite_one(struct inviting *v, const char *email)
{
	uint32_t profile = place_profile("invite", v->p, email);

	if (profile == NO_INDEX)
		return EXIT_ERROR;
	switch (inviting_send(v, profile)) {
	case INVITED_SENT: return EXIT_OK;
	case INVITED_UNSENT: return EXIT_NO;
	case INVITED_NOT: break;
	}
	return EXIT_ERROR;
}

static int each(
	struct inviting *v, int (*act)(struct inviting *v, const char *email), int n, char **emails)
{
	int worst = EXIT_OK;

	for (int i = 0; i < n; i++) {
		int code = act(v, emails[i]);

		worst = code > worst ? code : worst;
	}
	return worst;
}

static int go(const struct arguments *a, int n, char **emails)
{
	struct json json = json_to(stdout);
	struct inviting v = { .command = "invite",
		.people = a->people,
		.paths = &a->paths,
		.json = a->json ? &json : NULL,
		.pin = a->pin      ? PIN_ALWAYS
		       : a->no_pin ? PIN_NEVER
				   : PIN_BY_GRANTS,
		.reset = a->reset };
	struct place_found place;
	struct opened opened;
	int code = EXIT_ERROR;

	if (a->lasts != NULL &&
		!duration_parse(slice_str(a->lasts), WISH_INVITED_MAX_S, &v.seconds))
		return complain("invite: --for takes minutes or hours, like 24h, at most 720h");
	if (!open_rows(policy_meant(a->policy), &opened))
		return EXIT_ERROR;
	v.p = opened.policy;
	if (place_find("invite", v.p, a->server, NULL, &place) && inviting_begin(&v)) {
		v.server = place.server;
		if (v.json != NULL)
			json_array(v.json, NULL);
		code = a->pending ? pending(&v) : each(&v, invite_one, n, emails);
		if (v.json != NULL)
			json_array_end(v.json);
	}
	inviting_done(&v);
	close_policy(&opened);
	return code;
}

static int run(int argc, char **argv)
{
	struct arguments a = { .json = false };
	struct inviting nobody = { .command = "invite" };
	int first, code;

	if (!arguments_parse(&cmd_invite, &a, argc, argv, &first, &code))
		return code;
	if (a.pending &&
		(first < argc || a.pin || a.no_pin || a.revoke || a.reset || a.lasts != NULL))
		return complain("invite: --pending is about all that are invited, on the terms "
				"that they were");
	if (!a.pending && first == argc)
		return complain("invite: whom? `adperm invite EMAIL`, or --pending");
	if (a.revoke && (a.pin || a.no_pin || a.reset || a.lasts != NULL || a.json))
		return complain("invite: --revoke takes nothing but people");
	if (a.pin && a.no_pin)
		return complain("invite: either --pin or --no-pin");
	if (geteuid() != 0)
		return complain("invite: only root can invite; ask whoever runs this server");
	nobody.people = a.people;
	return a.revoke ? each(&nobody, take_back, argc - first, argv + first)
			: go(&a, argc - first, argv + first);
}

static const struct command_option options[] = {
	OPTION_FLAG(struct arguments, pin, "pin", 0,
		"with a PIN, also where no grant asks for a second factor"),
	OPTION_FLAG(struct arguments, no_pin, "no-pin", 0, "without one, also where one does"),
	OPTION_FLAG(struct arguments, reset, "reset", 0,
		"also who has a key: forget it, and their second factor"),
	OPTION_VALUE(struct arguments, lasts, "for", 0, "TIME", "how long it lasts (24h)"),
	OPTION_FLAG(struct arguments, pending, "pending", 0,
		"list who is invited, and try again what was not mailed"),
	OPTION_FLAG(struct arguments, revoke, "revoke", 0, "take the invitation back"),
	OPTION_FLAG(struct arguments, json, "json", 0,
		"what became of it, with the PINs, as a JSON array"),
	OPTION_POLICY(struct arguments, policy),
	OPTION_VALUE(struct arguments, server, "server", 0, "HOST",
		"which one this is, in a policy of several"),
	OPTIONS_MAIL(struct arguments),
	PEOPLE_OPTIONS(struct arguments, people),
	OPTION_USUAL(
		struct arguments, people.auth, "socket", 0, "PATH", "of adpermd", PROTO_SOCKET),
	{ .name = NULL },
};

const struct command cmd_invite = {
	.name = "invite",
	.synopsis =
		"[--pin | --no-pin] [--reset] [--for TIME] [--language NAME] [--json] EMAIL...\n"
		"       adperm invite --pending [--json]\n"
		"       adperm invite --revoke EMAIL...",
	.summary = "Mail people a code with which they register their key",
	.run = run,
	.options = options,
};
