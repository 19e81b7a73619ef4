/*
 * adperm renounce, adperm readmit: what an owner has granted to a person, given back all at once,
 * by the person or by root; and that undone, by root.
 */
#include "cli/cli.h"
#include "cli/people_ask.h"
#include "cli/place.h"
#include "cli/secret_screen.h"

#include "adperm.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

struct arguments {
	struct people_options people;
	const char *profile, *owner, *policy;
	bool yes;
};

/* Root may name anybody, so a name that nobody has is a slip. */
static bool is_known(const struct arguments *a)
{
	struct opened opened;
	bool good;

	if (!open_rows(policy_meant(a->policy), &opened))
		return false;
	good = place_profile("renounce", opened.policy, a->profile) != NO_INDEX &&
	       place_owner("renounce", opened.policy, a->owner) != NO_INDEX;
	close_policy(&opened);
	return good;
}

/* The person cannot take it back, so they are asked. */
static bool agreed(const struct arguments *a)
{
	char line[8] = "";

	if (a->yes || a->profile != NULL)
		return true;
	if (!screen_is_there()) {
		complain("renounce: nothing was given back: there is no terminal to ask on; --yes "
			 "is the answer");
		return false;
	}
	fprintf(stderr,
		"You give back everything that %s has granted to you on this server, at once and "
		"for every door.\nOnly they can undo it.\n",
		a->owner);
	if (screen_ask("Go on? [y/N] ", line, sizeof line) &&
		(strcmp(line, "y") == 0 || strcmp(line, "yes") == 0))
		return true;
	fputs("Nothing was given back.\n", stderr);
	return false;
}

/* Asks, and once more with a code if that is what is missing. */
static bool ask(const struct arguments *a, struct wish *wish, struct wish_reply *reply)
{
	if (!people_ask("renounce", &a->people, wish, reply))
		return false;
	if (reply->result != WISH_NEEDS_CODE ||
		!screen_ask("Verification code: ", wish->code, sizeof wish->code))
		return true;
	return people_ask("renounce", &a->people, wish, reply);
}

static int renounce(const struct arguments *a)
{
	struct wish_reply reply;
	struct wish wish;

	if (!people_begin(&wish, "renounce", WISH_RENOUNCE, a->profile, a->owner) || !agreed(a) ||
		!ask(a, &wish, &reply))
		return EXIT_ERROR;
	switch (reply.result) {
	case WISH_DONE:
		printf("%s has given back what %s granted: from now on none of it counts.\n",
			reply.profile, wish.owner);
		return EXIT_OK;
	case WISH_NOTHING:
		printf("%s had given back what %s granted already.\n", reply.profile, wish.owner);
		return EXIT_OK;
	case WISH_LOCKED:
		return complain("renounce: too many wrong codes; the next one is judged in %" PRIu32
				" seconds",
			reply.retry_after);
	default: return people_failed("renounce", &reply);
	}
}

static int run_renounce(int argc, char **argv)
{
	struct arguments a = { .yes = false };
	int first, code;

	if (!arguments_parse(&cmd_renounce, &a, argc, argv, &first, &code))
		return code;
	if (first < argc)
		return complain_surplus(&cmd_renounce, argv[first]);
	if (a.owner == NULL)
		return complain("renounce: --owner EMAIL says whose grants are given back");
	if (a.profile != NULL && geteuid() != 0)
		return complain("renounce: --profile is for root; leave it out for yourself");
	if (a.profile == NULL && geteuid() == 0)
		return complain("renounce: --profile EMAIL says whom it is about: nobody is root");
	return a.profile != NULL && !is_known(&a) ? EXIT_ERROR : renounce(&a);
}

static int readmit(const struct arguments *a)
{
	struct wish_reply reply;
	struct wish wish;

	if (!people_begin(&wish, "readmit", WISH_READMIT, a->profile, a->owner) ||
		!people_ask("readmit", &a->people, &wish, &reply))
		return EXIT_ERROR;
	if (reply.result == WISH_DONE)
		printf("%s has again what %s grants.\n", wish.profile, wish.owner);
	else if (reply.result == WISH_NOTHING)
		printf("%s has given back nothing that %s granted.\n", wish.profile, wish.owner);
	else
		return people_failed("readmit", &reply);
	return EXIT_OK;
}

static int run_readmit(int argc, char **argv)
{
	struct arguments a = { .yes = false };
	int first, code;

	if (!arguments_parse(&cmd_readmit, &a, argc, argv, &first, &code))
		return code;
	if (first < argc)
		return complain_surplus(&cmd_readmit, argv[first]);
	if (a.owner == NULL || a.profile == NULL)
		return complain("readmit: takes --profile EMAIL and --owner EMAIL");
	if (geteuid() != 0)
		return complain("readmit: only root can; ask whoever runs this server");
	return readmit(&a);
}

static const struct command_option renounce_options[] = {
	OPTION_VALUE(struct arguments, owner, "owner", 0, "EMAIL", "whose grants"),
	OPTION_VALUE(struct arguments, profile, "profile", 0, "EMAIL", "of whom (root only)"),
	OPTION_FLAG(struct arguments, yes, "yes", 'y', "do not ask whether to"),
	OPTION_POLICY(struct arguments, policy),
	PEOPLE_OPTIONS(struct arguments, people),
	PEOPLE_OPTION_SOCKET(struct arguments, people),
	{ .name = NULL },
};

static const struct command_option readmit_options[] = {
	OPTION_VALUE(struct arguments, profile, "profile", 0, "EMAIL", "who"),
	OPTION_VALUE(struct arguments, owner, "owner", 0, "EMAIL", "has again whose grants"),
	PEOPLE_OPTIONS(struct arguments, people),
	{ .name = NULL },
};

const struct command cmd_renounce = {
	.name = "renounce",
	.synopsis = "--owner EMAIL [--yes] [--profile EMAIL]",
	.summary = "Give back everything that an owner has granted",
	.run = run_renounce,
	.options = renounce_options,
};

const struct command cmd_readmit = {
	.name = "readmit",
	.synopsis = "--profile EMAIL --owner EMAIL",
	.summary = "Undo that: what is granted to a person counts again",
	.run = run_readmit,
	.options = readmit_options,
};
