/* The lists of Unix users that wiring a service keeps. */
#include "cli/wire.h"
#include "tap.h"

#include <errno.h>
#include <stdlib.h>

int main(void)
{
	struct users users = { .n = 0 };
	char name[100];

	memset(name, 'x', sizeof name);
	name[64] = '\0';
	ok(users_add(&users, "root") && users_add(&users, "acme"), "names are added");
	ok(users_add(&users, "root") && users.n == 2, "one that is there is not added again");
	ok(!users_add(&users, name) && errno == ENAMETOOLONG, "one of 64 bytes is refused");
	ok(users.n == 2 && users_have(&users, "root") && users_have(&users, "acme") &&
			!users_have(&users, name),
		"and the others are where they were");
	name[63] = '\0';
	ok(users_add(&users, name) && users_have(&users, name), "63 bytes are a name");
	users_done(&users);
	ok(users.n == 0 && !users_have(&users, "root"), "nobody is left");
	return tap_done();
}
