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

/* The name of the real user id; "" if it has none. */
static void real_user(char name[static CALL_ITEM_SIZE])
{
	struct passwd entry, *found = NULL;
	char room[PASSWD_ROOM];

	name[0] = '\0';
	if (getpwuid_r(getuid(), &entry, room, sizeof room, &found) == 0 && found != NULL &&
		strlen(found->pw_name) < CALL_ITEM_SIZE)
		memcpy(name, found->pw_name, strlen(found->pw_name) + 1);
}

void first_factor_caller(pam_handle_t *pamh, char name[static CALL_ITEM_SIZE])
{
	const void *said = NULL;

	real_user(name);
	if (pam_get_item(pamh, PAM_RUSER, &said) == PAM_SUCCESS && said != NULL &&
		strcmp(said, name) != 0)
		name[0] = '\0';
}

/* The program was started by the person, who has thus logged in as such before. */
static bool by_caller(const struct call *c)
{
	char name[CALL_ITEM_SIZE];

	real_user(name);
	return getuid() != 0 && name[0] != '\0' && strcmp(name, c->name) == 0;
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
