/* Questions to the person, and wishes to adperm-people; see dialogue.h. */
#include "self/dialogue.h"

#include "cli/secret_screen.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TRIES 3

bool talk_ask(const struct dialogue *d, const char *prompt, char *line, size_t size)
{
	size_t len;

	fflush(stdout);
	if (!screen_ask_within(prompt, line, size, d->idle))
		return false;
	/* Terminals end pasted lines in their own way. */
	len = strlen(line);
	while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == ' ' || line[len - 1] == '\t'))
		line[--len] = '\0';
	return true;
}

bool talk_agrees(const struct dialogue *d, const char *prompt)
{
	char line[8];

	return talk_ask(d, prompt, line, sizeof line) &&
	       (strcasecmp(line, "y") == 0 || strcasecmp(line, "yes") == 0);
}

/* --- wishes */

static bool wish_once(const struct dialogue *d, struct wish *wish, struct wish_reply *reply)
{
	switch (wish_ask(d->socket, wish, reply)) {
	case CLIENT_OK: return true;
	case CLIENT_UNREACHABLE:
		puts("\nadperm-people, which would write it down, does not answer. Nothing was "
		     "changed.\nTell the administrators of this server; log in again later.");
		break;
	case CLIENT_UNTRUSTED:
		puts("\nWho answers here is not this server's own adperm-people, so it was not "
		     "asked.\nTell the administrators of this server.");
		break;
	case CLIENT_PROTOCOL:
		puts("\nadperm-people broke off; whether it was done is not known. Log in again "
		     "and look.");
		break;
	}
	return false;
}

bool talk_wish(const struct dialogue *d, struct wish *wish, struct wish_reply *reply)
{
	bool good = wish_once(d, wish, reply);

	for (int i = 0;
		good && i < TRIES &&
		(reply->result == WISH_NEEDS_CODE || (i > 0 && reply->result == WISH_BAD_CODE));
		i++) {
		const char *prompt = i == 0 ? "Verification code, or a recovery code: "
					    : "That is not right, or was used already; wait for "
					      "the next one.\nCode: ";

		if (!talk_ask(d, prompt, wish->code, sizeof wish->code) || wish->code[0] == '\0')
			break;
		good = wish_once(d, wish, reply);
	}
	explicit_bzero(wish->code, sizeof wish->code);
	return good;
}

/* In the words of somebody who is spoken to; what is not here is told as the tool does. */
static const struct {
	enum wish_result result;
	const char *says;
} words[] = {
	{ WISH_REFUSED, "Only the administrators of this server can do that." },
	{ WISH_NO_SESSION, "This is no login that proves who you are. Log in with your own key." },
	{ WISH_OLD_SESSION,
		"You logged in more than ten minutes ago. Log in again, and repeat it." },
	{ WISH_NO_POLICY,
		"You hold nothing on this server any more, or its policy cannot be read." },
	{ WISH_OWN, "This server is your own: there is nothing to give back." },
	{ WISH_NEEDS_CODE, "Without a code it cannot be done." },
	{ WISH_BAD_CODE, "The code is wrong, or was used already." },
	{ WISH_LOCKED, "Too many wrong codes. Wait some minutes." },
	{ WISH_NOT_ENROLLED,
		"That needs a second factor, and you have none. Ask the administrators of this "
		"server\nfor an invitation." },
	{ WISH_NO_DAEMON,
		"adpermd, which keeps second factors, does not answer. Tell the administrators of "
		"this\nserver; log in again later." },
	{ WISH_FOREIGN_KEY,
		"That key is somebody else's. Make one of your own: ssh-keygen -t ed25519" },
	{ WISH_BAD_KEY,
		"That is no SSH public key, or a weak one. Make another: ssh-keygen -t ed25519" },
	{ WISH_FULL, "You have registered as many keys as there may be. Remove one first." },
	{ WISH_EXPIRED, "Your invitation has run out. Ask the administrators for another one." },
	{ WISH_NO_KEY, "No key has been given yet." },
};

static const char *says(uint32_t result)
{
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (words[i].result == result)
			return words[i].says;
	switch (result) {
#define SAYS(number, symbol, word, text)                                                           \
	case WISH_##symbol: return text;
		WISH_RESULTS(SAYS)
#undef SAYS
	default: return "adperm-people gave an answer that means nothing here.";
	}
}

void talk_refused(const struct wish_reply *reply)
{
	printf("\n%s\n", says(reply->result));
}
