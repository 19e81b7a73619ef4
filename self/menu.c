/* Somebody who looks after themselves; see dialogue.h. */
#include "self/dialogue.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static enum dialogue_end show_holdings(struct dialogue *d)
{
	return holdings_show(d);
}

static enum dialogue_end show_keys(struct dialogue *d)
{
	unsigned total;
	bool waits;

	puts("\nKeys that you have registered (those in the policy are the administrators'):\n");
	if (keys_show(d, &total, &waits) != DIALOGUE_ON)
		return DIALOGUE_BROKE;
	if (total == 0)
		puts("  none");
	return DIALOGUE_ON;
}

static enum dialogue_end add_key(struct dialogue *d)
{
	enum dialogue_end end;
	bool given;

	puts("\nPaste a public SSH key, or press Enter to leave it.");
	end = keys_take(d, WISH_ADD_KEY, &given);
	if (end == DIALOGUE_ON)
		puts(given ? "It opens from now on what yours do." : "No key was added.");
	return end;
}

static enum dialogue_end remove_key(struct dialogue *d)
{
	return keys_remove(d);
}

static enum dialogue_end new_factor(struct dialogue *d)
{
	enum dialogue_end end = factor_enroll(d);

	if (end == DIALOGUE_ON)
		puts("Nothing has changed: a second factor from before stays in force.");
	return end == DIALOGUE_DONE ? DIALOGUE_ON : end;
}

static enum dialogue_end renounce(struct dialogue *d)
{
	struct wish wish = { .op = WISH_RENOUNCE };
	struct wish_reply reply;

	printf("\nYou would give back everything that %s has granted to you on\n"
	       "this server, at once and for every door. Only they can undo it.\n",
		d->owner);
	if (!talk_agrees(d, "Go on? [y/N] ")) {
		puts("Nothing was given back.");
		return DIALOGUE_ON;
	}
	memcpy(wish.owner, d->owner, sizeof wish.owner);
	if (!talk_wish(d, &wish, &reply))
		return DIALOGUE_BROKE;
	if (reply.result != WISH_DONE && reply.result != WISH_NOTHING) {
		talk_refused(&reply);
		return DIALOGUE_ON;
	}
	printf("\nYou have given back what %s granted: from now on none of it counts.\n", d->owner);
	return DIALOGUE_DONE;
}

static const struct {
	const char *title;
	enum dialogue_end (*run)(struct dialogue *d);
} rows[] = {
	{ "what I hold here", show_holdings },
	{ "my keys", show_keys },
	{ "add a key", add_key },
	{ "remove a key", remove_key },
	{ "a new second factor, in place of the one I have", new_factor },
	{ "give back everything that I hold here", renounce },
};

#define ROWS (sizeof rows / sizeof rows[0])

enum dialogue_end menu_run(struct dialogue *d)
{
	enum dialogue_end end = DIALOGUE_ON;
	char line[8];

	printf("\nYou are %s, on %s.\n", d->profile, d->server);
	while (end == DIALOGUE_ON) {
		putchar('\n');
		for (size_t i = 0; i < ROWS; i++)
			printf("  %zu  %s\n", i + 1, rows[i].title);
		if (!talk_ask(d, "\nNumber, or q to leave: ", line, sizeof line))
			return DIALOGUE_BROKE;
		if (strcasecmp(line, "q") == 0)
			return DIALOGUE_DONE;
		if (line[0] >= '1' && line[0] < '1' + (char)ROWS && line[1] == '\0')
			end = rows[line[0] - '1'].run(d);
	}
	return end;
}
