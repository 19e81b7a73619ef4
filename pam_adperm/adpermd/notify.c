/* Telling a supervisor; see notify.h. */
#include "adpermd/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int supervisor = -1; /* connected to it; -1: there is none */
static int watchdog_ms;

void notify_init(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	const char *usec = getenv("WATCHDOG_USEC");
	size_t len = path != NULL ? strlen(path) : 0;

	if (usec != NULL) {
		/* Half of the time allowed, as sd_watchdog_enabled(3) advises. */
		long long half = strtoll(usec, NULL, 10) / 2000;

		watchdog_ms = half < 0 ? 0 : half > 3600000 ? 3600000 : (int)half;
	}
	if (len < 2 || len >= sizeof address.sun_path || (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(address.sun_path, path, len);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	len += offsetof(struct sockaddr_un, sun_path);
	supervisor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (supervisor >= 0 &&
		connect(supervisor, (const struct sockaddr *)&address, (socklen_t)len) == 0)
		return;
	if (supervisor >= 0)
		close(supervisor);
	supervisor = -1;
}

void notify_tell(const char *state)
{
	/* A supervisor that does not listen is no reason to stop. */
	if (supervisor >= 0 &&
		send(supervisor, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return;
}

int notify_watchdog_ms(void)
{
	return supervisor >= 0 ? watchdog_ms : 0;
}
