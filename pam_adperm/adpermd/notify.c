/* Telling a supervisor; see notify.h. */
#include "adpermd/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct sockaddr_un supervisor;
static socklen_t supervisor_len; /* 0: there is none */
static int watchdog_ms;

void notify_init(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	const char *usec = getenv("WATCHDOG_USEC");
	size_t len = path != NULL ? strlen(path) : 0;

	if (usec != NULL) {
		/* Half of the time allowed, as sd_watchdog_enabled(3) advises. */
		long long half = strtoll(usec, NULL, 10) / 2000;

		watchdog_ms = half < 0 ? 0 : half > 3600000 ? 3600000 : (int)half;
	}
	if (len < 2 || len >= sizeof supervisor.sun_path || (path[0] != '/' && path[0] != '@'))
		return;
	supervisor.sun_family = AF_UNIX;
	memcpy(supervisor.sun_path, path, len);
	if (path[0] == '@')
		supervisor.sun_path[0] = '\0';
	supervisor_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

void notify_tell(const char *state)
{
	int fd;

	if (supervisor_len == 0)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
		(const struct sockaddr *)&supervisor, supervisor_len);
	close(fd);
}

int notify_watchdog_ms(void)
{
	return supervisor_len != 0 ? watchdog_ms : 0;
}
