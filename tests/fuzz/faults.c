/* What the module calls, see faults.h. */
#include "faults.h"

#include "adpermd/proto.h"
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

struct faults faults;

static struct proto_request request; /* the one that the daemon got last */
static bool asked;

static bool fails(void)
{
	static const int errors[] = { EINTR, EIO, EMFILE, ENOMEM, EACCES, EAGAIN, ENOSPC, EROFS,
		ENOENT };

	if (!faults.armed)
		return false;
	faults.seen++;
	for (unsigned i = 0; i < FAULTS; i++) {
		if (faults.at[i] != faults.seen)
			continue;
		errno = errors[faults.error[i] % (sizeof errors / sizeof errors[0])];
		return true;
	}
	return false;
}

/* The function `name`, which fails by giving `failed`. */
#define FAILING(type, failed, name, parameters, arguments)                                         \
	type __real_##name parameters;                                                             \
	type __wrap_##name parameters;                                                             \
	type __wrap_##name parameters                                                              \
	{                                                                                          \
		return fails() ? (failed) : __real_##name arguments;                               \
	}

FAILING(int, -1, fstat, (int fd, struct stat *s), (fd, s))
FAILING(int, -1, lstat, (const char *path, struct stat *s), (path, s))
FAILING(ssize_t, -1, pread, (int fd, void *at, size_t n, off_t pos), (fd, at, n, pos))
FAILING(int, -1, socket, (int domain, int type, int protocol), (domain, type, protocol))
FAILING(ssize_t, -1, getrandom, (void *at, size_t n, unsigned flags), (at, n, flags))
FAILING(void *, NULL, malloc, (size_t n), (n))
FAILING(void *, NULL, calloc, (size_t n, size_t size), (n, size))
FAILING(void *, NULL, realloc, (void *at, size_t n), (at, n))

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
	va_list more;
	mode_t mode;

	va_start(more, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
	va_end(more);
	return fails() ? -1 : __real_open(path, flags, mode);
}

int __real_clock_gettime(clockid_t clock, struct timespec *t);
int __wrap_clock_gettime(clockid_t clock, struct timespec *t);
int __wrap_clock_gettime(clockid_t clock, struct timespec *t)
{
	if (fails())
		return -1;
	if (faults.armed && clock == CLOCK_REALTIME) {
		*t = (struct timespec){ .tv_sec = faults.now };
		return 0;
	}
	return __real_clock_gettime(clock, t);
}

/* Nobody waits. */
int __wrap_clock_nanosleep(
	clockid_t clock, int flags, const struct timespec *until, struct timespec *left);
int __wrap_clock_nanosleep(
	clockid_t clock, int flags, const struct timespec *until, struct timespec *left)
{
	(void)clock;
	(void)flags;
	(void)until;
	(void)left;
	return 0;
}

/* --- the sockets: the daemon's, and the log's, which is nowhere ----------------------------------
 */

int __wrap_connect(int fd, const struct sockaddr *address, socklen_t len);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t len)
{
	(void)fd;
	must(address->sa_family == AF_UNIX && len > sizeof address->sa_family);
	return fails() ? -1 : 0;
}

int __wrap_setsockopt(int fd, int level, int option, const void *value, socklen_t len);
int __wrap_setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
	(void)fd;
	(void)level;
	(void)option;
	(void)value;
	(void)len;
	return fails() ? -1 : 0;
}

int __wrap_getsockopt(int fd, int level, int option, void *value, socklen_t *len);
int __wrap_getsockopt(int fd, int level, int option, void *value, socklen_t *len)
{
	const struct ucred root = { .pid = 1 };

	(void)fd;
	(void)level;
	(void)option;
	must(*len >= sizeof root);
	memcpy(value, &root, sizeof root);
	return fails() ? -1 : 0;
}

ssize_t __wrap_sendto(int fd, const void *bytes, size_t len, int flags,
	const struct sockaddr *address, socklen_t address_len);
ssize_t __wrap_sendto(int fd, const void *bytes, size_t len, int flags,
	const struct sockaddr *address, socklen_t address_len)
{
	const uint8_t *at = bytes;

	(void)fd;
	(void)flags;
	(void)address;
	(void)address_len;
	/* A line of the log: printable ASCII, and not a line more. */
	for (size_t i = 0; i < len; i++)
		must(at[i] >= ' ' && at[i] <= '~');
	return fails() ? -1 : (ssize_t)len;
}

ssize_t __wrap_send(int fd, const void *bytes, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *bytes, size_t len, int flags)
{
	const struct proto_request *r = bytes;

	if (len < proto_request_size(1) || r->magic != PROTO_MAGIC)
		return __wrap_sendto(fd, bytes, len, flags, NULL, 0);
	if (fails())
		return -1;
	memset(&request, 0, sizeof request);
	memcpy(&request, bytes, len < sizeof request ? len : sizeof request);
	asked = true;
	return (ssize_t)len;
}

int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	(void)fds;
	must(n == 1 && timeout >= 0);
	return fails() ? -1 : 1;
}

ssize_t __wrap_recv(int fd, void *into, size_t room, int flags);
ssize_t __wrap_recv(int fd, void *into, size_t room, int flags)
{
	struct proto_reply reply = { .magic = PROTO_MAGIC,
		.version = request.version,
		.op = request.op,
		.generation = request.generation,
		.result = faults.result,
		.digits = 6 };
	size_t size = proto_reply_size(request.version);

	(void)fd;
	(void)flags;
	if (fails())
		return -1;
	must(asked && size > 0 && size <= room);
	memcpy(reply.rid, request.rid, sizeof reply.rid);
	memcpy(reply.service, request.service, sizeof reply.service);
	memcpy(reply.profile, request.profile, sizeof reply.profile);
	/* Of the part that says what it is an answer to. */
	if (faults.damage > 0)
		((uint8_t *)&reply)[faults.damage % offsetof(struct proto_reply, result)] ^= 1;
	else if (request.op == PROTO_VERIFY && faults.result == PROTO_YES)
		faults.yes++;
	memcpy(into, &reply, size);
	asked = false;
	return (ssize_t)size;
}
