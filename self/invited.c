/*
 * Somebody invited; see dialogue.h. Nothing counts before the end, where one wish puts key and
 * second factor in force together; until then it can be broken off, and gone on with later.
 */
#include "self/dialogue.h"

#include "model/when.h"

#include <stdio.h>
#include <string.h>

static enum dialogue_end take_key(const struct dialogue *d)
{
	unsigned total;
	bool waits, given;

	puts("\nYour SSH keys:\n");
	if (keys_show(d, &total, &waits) != DIALOGUE_ON)
		return DIALOGUE_BROKE;
	if (total == 0)
		puts("  none yet");
	puts("\nPaste your public SSH key: the line in a file like ~/.ssh/id_ed25519.pub on your\n"
	     "computer. If you have none, `ssh-keygen -t ed25519` makes it there.");
	if (total > 0)
		puts("Enter alone goes on without another one.");
	return keys_take(d, WISH_OFFER_KEY, &given);
}

/* Without a second factor one question is left. */
static enum dialogue_end activate(const struct dialogue *d)
{
	struct wish_reply reply;
	enum dialogue_end end = DIALOGUE_BROKE;

	if (!talk_agrees(d, "\nShall that be your key from now on? [y/N] "))
		return DIALOGUE_BROKE;
	if (factor_activate(d, "", &reply)) {
		if (reply.result == WISH_DONE)
			end = DIALOGUE_DONE;
		else
			talk_refused(&reply);
	}
	explicit_bzero(&reply, sizeof reply);
	return end;
}

enum dialogue_end invited_run(struct dialogue *d)
{
	char until[WHEN_SIZE];
	enum dialogue_end end;

	when_text(d->until, until);
	printf("\nWelcome to %s, %s.\n"
	       "In a minute you can log in here. Nothing counts before the end; you can break off\n"
	       "with Ctrl-C and come back, from the same place, until %s.\n",
		d->server, d->profile, until);
	end = holdings_show(d);
	if (end == DIALOGUE_ON)
		end = take_key(d);
	if (end == DIALOGUE_ON)
		end = d->flagged ? factor_enroll(d) : activate(d);
	if (end != DIALOGUE_DONE) {
		puts("\nNothing counts yet. Come back with the same code.");
		return DIALOGUE_BROKE;
	}
	printf("\nDone. From now on you log in with your key:\n\n%s"
	       "  ssh adperm@%s, for your keys, your second factor, and what you hold\n",
		d->logins, d->server);
	return DIALOGUE_DONE;
}
