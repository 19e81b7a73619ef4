/* The listening socket; see listen.h. */
#include "adpermd/listen.h"

#include "adpermd/log.h"
#include "adpermd/prepare.h"
#include "adpermd/proto.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024 /* a queue for those who log in while the daemon restarts */

/* Makes way for a new socket; false if somebody listens there, or what is there is no socket. */
static bool clear_way(const struct sockaddr_un *address)
{
	const char *path = address->sun_path;
	struct stat state;
	int probe, err;

	err = lstat(path, &state) == 0 ? 0 : errno;
	if (err != 0) {
		if (err != ENOENT)
			log_line(LOG_ERR, "%s: %s", path, strerror(err));
		return err == ENOENT;
	}
	if (!S_ISSOCK(state.st_mode)) {
		log_line(LOG_ERR, "%s: there is something else; it is left alone", path);
		return false;
	}
	probe = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (probe < 0) {
		log_line(LOG_ERR, "%s: nobody can be asked who listens there: %s", path,
			strerror(errno));
		return false;
	}
	err = connect(probe, (const struct sockaddr *)address, sizeof *address) == 0 ? 0 : errno;
	close(probe);
	if (err != ECONNREFUSED) {
		log_line(LOG_ERR, "%s: another daemon listens there; stop it first", path);
		return false;
	}
	if (unlink(path) != 0) {
		log_line(LOG_ERR, "%s: %s", path, strerror(errno));
		return false;
	}
	return true;
}

/* The clients' group may connect; without one, root alone. */
static bool admit_clients(const char *path)
{
	const struct group *clients = getgrnam(PROTO_GROUP);

	if (clients == NULL)
		return true;
	return chown(path, 0, clients->gr_gid) == 0 && chmod(path, 0660) == 0;
}

int listen_make(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = -1;

	if (strlen(path) >= sizeof address.sun_path) {
		log_line(LOG_ERR, "%s: the path of a socket has at most %zu bytes", path,
			sizeof address.sun_path - 1);
		return -1;
	}
	if (!prepare_is_safe(path))
		return -1;
	memcpy(address.sun_path, path, strlen(path));
	if (!clear_way(&address))
		return -1;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* The umask of 077 makes it root's alone until the group is set. */
	if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
		admit_clients(path) && listen(fd, BACKLOG) == 0)
		return fd;
	log_line(LOG_ERR, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* A decimal number of the environment; -1 if it is none. */
static long number_of(const char *name)
{
	const char *text = getenv(name);
	char *end;
	long number;

	if (text == NULL || text[0] < '0' || text[0] > '9')
		return -1;
	errno = 0;
	number = strtol(text, &end, 10);
	return errno == 0 && *end == '\0' ? number : -1;
}

bool listen_is_handed(void)
{
	return number_of("LISTEN_PID") == (long)getpid() && number_of("LISTEN_FDS") == 1;
}

static bool option_is(int fd, int option, int expected)
{
	int value;
	socklen_t len = sizeof value;

	return getsockopt(fd, SOL_SOCKET, option, &value, &len) == 0 && value == expected;
}

int listen_take(void)
{
	int fd = LISTEN_HANDED_FD;

	if (!option_is(fd, SO_DOMAIN, AF_UNIX) || !option_is(fd, SO_TYPE, SOCK_SEQPACKET) ||
		!option_is(fd, SO_ACCEPTCONN, 1)) {
		log_line(LOG_ERR, "what was handed over is no listening socket: the unit needs "
				  "ListenSequentialPacket=");
		return -1;
	}
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
		log_line(LOG_ERR, "the socket that was handed over: %s", strerror(errno));
		return -1;
	}
	return fd;
}
