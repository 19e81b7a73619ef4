/* The first factor; see first_factor.h. */
#include "first_factor.h"

#include <pwd.h>
#include <stddef.h>
#include <unistd.h>

#define PASSWD_ROOM 4096

/* An earlier module of the stack got a password, and being `requisite` found it right. */
static bool by_stack(const struct call *c)
{
	const void *item = NULL;
	const char *password;

	if (pam_get_item(c->pamh, PAM_AUTHTOK, &item) != PAM_SUCCESS || item == NULL)
		return false;
	password = item;
	return password[0] != '\0';
}

/* The program was started by PAM_USER, who has thus logged in as such before. */
static bool by_caller(const struct call *c)
{
	struct passwd entry, *found = NULL;
	char room[PASSWD_ROOM];
	uid_t uid = getuid();

	return uid != 0 && getpwuid_r(uid, &entry, room, sizeof room, &found) == 0 &&
	       found != NULL && strcmp(found->pw_name, c->user) == 0;
}

bool first_factor_vouched(const struct call *c)
{
	switch ((enum first_factor)c->options.first_factor) {
	case FIRST_SSHKEY: return c->keys > 0;
	case FIRST_STACK: return by_stack(c);
	case FIRST_CALLER: return by_caller(c);
	}
	return false;
}
