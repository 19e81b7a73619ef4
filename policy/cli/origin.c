/* As whom somebody came in; see origin.h. */
#include "cli/origin.h"

#include "base/text.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The Unix user that this process has once logged in as; NULL: unknown. */
static const char *by_the_kernel(void)
{
	char text[16] = "", *end;
	int fd = open("/proc/self/loginuid", O_RDONLY | O_CLOEXEC);
	ssize_t len = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
	const struct passwd *user;
	unsigned long uid;

	if (fd >= 0)
		close(fd);
	uid = strtoul(text, &end, 10);
	/* Nobody has logged in: (uid_t)-1. */
	if (len <= 0 || end == text || uid >= UINT32_MAX)
		return NULL;
	user = getpwuid((uid_t)uid);
	return user != NULL ? user->pw_name : NULL;
}

static void put(const char *login, char out[static ORIGIN_SIZE])
{
	struct text t = text_over(out, ORIGIN_SIZE);

	text_add(&t, "");
	if (login != NULL && strcmp(login, "root") != 0)
		text_add_escaped(&t, slice_str(login), ORIGIN_SIZE - 1);
}

void origin_find(const char *said, char logins[static ORIGINS][ORIGIN_SIZE])
{
	/* Only ever a reason to refuse, and not the only one: nobody gains by setting it. */
	put(said != NULL ? said : getenv("SUDO_USER"), logins[0]);
	put(by_the_kernel(), logins[1]);
	if (strcmp(logins[0], logins[1]) == 0)
		logins[1][0] = '\0';
}
