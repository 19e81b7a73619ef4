/*
 * menu-contact show|note [ACCOUNT]: who is told of technical tickets about this server, or about an
 * account of it; and a note to them. adperm(1) knows both; here is found out which server this is,
 * and who writes.
 */
#include "adperm.h"
#include "base/text.h"

#include <err.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ADPERM "/usr/sbin/adperm"

enum { FAILED = 2 };

/* Whoever sudo says it is, as the policy calls them; root, if it was not by sudo. */
static void find_writer(struct adperm *policy, char out[static ADPERM_EMAIL_SIZE])
{
	const char *uid = getenv("SUDO_UID");
	const struct passwd *entry;
	struct text t = text_over(out, ADPERM_EMAIL_SIZE);

	if (uid == NULL || uid[0] == '\0') {
		text_add(&t, "root");
		return;
	}
	entry = getpwuid((uid_t)strtoul(uid, NULL, 10));
	if (entry == NULL ||
		adperm_person(policy, ADPERM_LOGIN, entry->pw_name, NULL, 0, out) != ADPERM_OK)
		errx(FAILED, "user %s is the login of nobody in the policy", uid);
}

int main(int argc, char **argv)
{
	bool note = argc > 1 && strcmp(argv[1], "note") == 0;
	const char *account = argc == 3 ? argv[2] : NULL;
	char server[ADPERM_NAME_SIZE], writer[ADPERM_EMAIL_SIZE], subject[ADPERM_EMAIL_SIZE + 16];
	struct text name = text_over(server, sizeof server);
	struct adperm *policy;
	enum adperm_reason why;

	if ((argc != 2 && argc != 3) || (!note && strcmp(argv[1], "show") != 0))
		errx(FAILED, "usage: menu-contact show|note [ACCOUNT]");
	why = adperm_open(NULL, &policy);
	if (why != ADPERM_OK)
		errx(FAILED, "the policy: %s (%s)", adperm_reason_text(why),
			adperm_reason_word(why));
	text_add(&name, adperm_server(policy));
	if (note)
		find_writer(policy, writer);
	adperm_close(policy);
	if (note) {
		snprintf(subject, sizeof subject, "A note from %s", writer);
		execl(ADPERM, "adperm", "notify", "--topic", "technical", "--subject", subject,
			account != NULL ? "--account" : "--server",
			account != NULL ? account : server, (char *)NULL);
	} else {
		execl(ADPERM, "adperm", "contacts", "--topic", "technical",
			account != NULL ? "--account" : "--server",
			account != NULL ? account : server, (char *)NULL);
	}
	err(FAILED, ADPERM);
}
