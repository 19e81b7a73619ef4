/* Public keys, pasted and listed; see dialogue.h. */
#include "self/dialogue.h"

#include "base/base64.h"
#include "base/sshkey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIES    5
#define LINE_KEY (BASE64_LEN(WISH_KEY_MAX) + 1024) /* a type and a comment besides */

/* "TYPE BASE64 COMMENT", as a file of ssh-keygen has it. NULL, or what is wrong with it. */
static const char *take_line(char *line, struct wish *wish)
{
	char *type = line + strspn(line, " \t"), *type_end = type + strcspn(type, " \t");
	char *blob = type_end + strspn(type_end, " \t"), *end = blob + strcspn(blob, " \t");
	struct slice name = slice_of(type, (size_t)(type_end - type));
	long len = base64_decode(slice_of(blob, (size_t)(end - blob)), wish->key, sizeof wish->key);

	wish->key_len = (uint16_t)(len > 0 ? len : 0);
	if (strstr(line, "PRIVATE KEY") != NULL)
		return "That is a private key! It is not safe any more: make another pair, and "
		       "paste the file that\nends with .pub.";
	switch (sshkey_check(name, slice_of(wish->key, wish->key_len))) {
	case SSHKEY_GOOD: return NULL;
	case SSHKEY_WEAK:
		return "That key is too weak (DSA, or RSA of less than 2048 bits). Make another: "
		       "ssh-keygen -t ed25519";
	case SSHKEY_CERT: return "That is a certificate. Paste the key itself.";
	case SSHKEY_MALFORMED:
	case SSHKEY_UNKNOWN: break;
	}
	return "That is no SSH public key. It is one line, like\n"
	       "  ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI... you@your-computer\n"
	       "from a file like ~/.ssh/id_ed25519.pub; `ssh-keygen -t ed25519` makes one.";
}

static void show_print(const uint8_t *blob, size_t len)
{
	struct slice key = slice_of(blob, len), type = sshkey_type(key);
	char print[SSHKEY_FINGERPRINT_SIZE];
	uint8_t digest[SHA256_SIZE];

	sha256_of(key, digest);
	sshkey_fingerprint(digest, print);
	printf("%s %.*s", print, (int)type.len, (const char *)type.at);
}

/* Has a key taken that looks good. True: it was. */
static bool offer(const struct dialogue *d, struct wish *wish, enum dialogue_end *end)
{
	struct wish_reply reply;
	bool good;

	if (!talk_wish(d, wish, &reply)) {
		*end = DIALOGUE_BROKE;
		return false;
	}
	good = reply.result == WISH_DONE || reply.result == WISH_NOTHING;
	if (!good)
		talk_refused(&reply);
	else {
		fputs("\n  ", stdout);
		show_print(wish->key, wish->key_len);
		puts(reply.result == WISH_DONE ? "" : "\nwas registered already");
	}
	return good;
}

enum dialogue_end keys_take(const struct dialogue *d, enum wish_op op, bool *given)
{
	struct wish wish = { .op = (uint16_t)op };
	enum dialogue_end end = DIALOGUE_ON;
	char line[LINE_KEY];

	*given = false;
	for (int i = 0; i < TRIES && !*given && end == DIALOGUE_ON; i++) {
		const char *wrong;

		if (!talk_ask(d, "Public key (one line): ", line, sizeof line))
			return DIALOGUE_BROKE;
		if (line[0] == '\0')
			return DIALOGUE_ON;
		wrong = take_line(line, &wish);
		explicit_bzero(line, sizeof line);
		if (wrong != NULL)
			printf("\n%s\n\n", wrong);
		else
			*given = offer(d, &wish, &end);
	}
	return end;
}

/* The next one; false: told why not. *more: there was one. */
static bool next(const struct dialogue *d, uint32_t number, struct wish_reply *reply, bool *more)
{
	struct wish wish = { .op = WISH_KEYS, .number = number };

	if (!talk_wish(d, &wish, reply))
		return false;
	*more = reply->result == WISH_DONE;
	if (*more || reply->result == WISH_NOTHING)
		return true;
	talk_refused(reply);
	return false;
}

enum dialogue_end keys_show(const struct dialogue *d, unsigned *total, bool *waits)
{
	struct wish_reply reply;
	bool more = true;

	*total = 0;
	*waits = false;
	while (more) {
		if (!next(d, *total, &reply, &more))
			return DIALOGUE_BROKE;
		if (!more)
			break;
		printf("  %2u  ", ++*total);
		show_print(reply.key, reply.key_len);
		puts(reply.waits ? "  (waits to be activated)" : "");
		*waits |= reply.waits != 0;
	}
	return DIALOGUE_ON;
}

enum dialogue_end keys_remove(const struct dialogue *d)
{
	struct wish wish = { .op = WISH_REMOVE_KEY };
	struct wish_reply reply;
	unsigned long number;
	unsigned total;
	bool waits, more;
	char line[8], *end;

	puts("\nKeys that you have registered (those in the policy are the administrators'):\n");
	if (keys_show(d, &total, &waits) != DIALOGUE_ON)
		return DIALOGUE_BROKE;
	if (total == 0) {
		puts("  none");
		return DIALOGUE_ON;
	}
	if (!talk_ask(d, "\nWhich one is removed (Enter: none)? ", line, sizeof line))
		return DIALOGUE_BROKE;
	number = strtoul(line, &end, 10);
	if (end == line || *end != '\0' || number < 1 || number > total) {
		puts("Nothing was removed.");
		return DIALOGUE_ON;
	}
	if (!next(d, (uint32_t)number - 1, &reply, &more))
		return DIALOGUE_BROKE;
	if (!more)
		return DIALOGUE_ON;
	memcpy(wish.key, reply.key, sizeof wish.key);
	wish.key_len = reply.key_len;
	if (!talk_wish(d, &wish, &reply))
		return DIALOGUE_BROKE;
	if (reply.result == WISH_DONE)
		puts("Removed: from now on it opens nothing.");
	else
		talk_refused(&reply);
	return DIALOGUE_ON;
}
