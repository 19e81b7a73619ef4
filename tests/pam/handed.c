/*
 * handed BUILD SOURCE: at the account adperm the auth phase hands over to the session phase who it
 * is, and whether by a second factor. What was handed over to another login counts for nothing. See
 * support/world.h.
 */
#include "../unit/tap.h"
#include "live_session.h"
#include "support/world.h"

#include <err.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define SESSIONS WORLD "/own-sessions"
#define RHOST    "192.0.2.7"

/* A session with alice's key, and what its record says. */
static int open_session(struct live_session *found)
{
	const struct pam_conv nobody = { NULL, NULL };
	pam_handle_t *pamh = world_begin("self", "adperm", &nobody);
	char env[4096], line[WORLD_LINE_SIZE];
	int code;

	snprintf(env, sizeof env, "SSH_AUTH_INFO_0=publickey %s\n", world_key("alice"));
	pam_putenv(pamh, env);
	pam_set_item(pamh, PAM_RHOST, RHOST);
	code = pam_open_session(pamh, 0);
	live_session_read(SESSIONS, getpid(), found);
	pam_close_session(pamh, 0);
	pam_end(pamh, 0);
	while (world_log(line))
		continue;
	return code;
}

static void session_proves(const char *expected, const char *name)
{
	struct live_session found = { .pid = 0 };

	is_int(open_session(&found), PAM_SUCCESS, "%s: the session", name);
	is_str(found.profile, "alice@acme.example", "%s: whose it is", name);
	is_str(found.proved, expected, "%s", name);
}

/* What a record says is handed over: the auth phase knew as much, and was given a code. */
static void hand_over(const struct live_session *record, const char *rhost)
{
	struct live_session left = *record;

	snprintf(left.rhost, sizeof left.rhost, "%s", rhost);
	snprintf(left.proved, sizeof left.proved, "yes");
	if (live_session_hand_over(SESSIONS, getpid(), &left) != 0)
		errx(2, "nothing can be handed over");
}

/* The same, of a process that had this number before. */
static void leave_old(const struct live_session *record)
{
	char name[64], text[2048];

	snprintf(name, sizeof name, "own-sessions/%ld.auth", (long)getpid());
	snprintf(text, sizeof text,
		"adperm-session 1\nstart 5\nservice %s\nuser %s\nprofile %s\npermission %s\n"
		"account \nrhost %s\nkey %s\nproved yes\n",
		record->service, record->user, record->profile, record->permission, record->rhost,
		record->key);
	world_write(name, text);
}

int main(int argc, char **argv)
{
	struct live_session alice = { .pid = 0 };

	if (argc != 3)
		errx(2, "usage: handed BUILD SOURCE");
	world_make(argv[1], argv[2]);
	world_install("acme", NULL);
	world_stack("self", "",
		"permission=ssh_users self=adperm sessions=" SESSIONS " " WORLD_OPTIONS);
	if (mkdir(SESSIONS, 0700) != 0)
		err(2, SESSIONS);
	open_session(&alice);
	session_proves("no", "a key alone proves no second factor");
	hand_over(&alice, RHOST);
	session_proves("yes", "a code that was given in this login does");
	session_proves("no", "once");
	hand_over(&alice, "192.0.2.99");
	session_proves("no", "one that was given from elsewhere does not");
	leave_old(&alice);
	session_proves("no", "nor one of an earlier process of this number");
	return tap_done();
}
