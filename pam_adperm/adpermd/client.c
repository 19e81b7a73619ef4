/*
 * Asking adpermd; see client.h. The path is judged before it is used, the listener after connecting
 * (SO_PEERCRED names who called listen(), which no impostor can choose), the answer byte by byte.
 */
#include "adpermd/client.h"

#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The address of the socket, once the directories above it are known to be root's alone. */
static enum client_problem address_of(const char *path, struct sockaddr_un *address)
{
	size_t len = strlen(path);
	int err;

	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (len >= sizeof address->sun_path)
		return CLIENT_UNTRUSTED;
	memcpy(address->sun_path, path, len);
	err = file_trusted_above(path);
	if (err == 0)
		return CLIENT_OK;
	return err == -EPERM ? CLIENT_UNTRUSTED : CLIENT_UNREACHABLE;
}

/*
 * Connects before the deadline. A non-blocking connect() to a full backlog fails at once and cannot
 * be polled for, therefore a blocking one with a time limit.
 */
static bool connect_by(int fd, const struct sockaddr_un *address, int64_t deadline)
{
	for (;;) {
		int64_t left = deadline - now_ms();
		struct timeval limit = { .tv_sec = left / 1000, .tv_usec = left % 1000 * 1000 };

		if (left <= 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0)
			return false;
		if (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0)
			return true;
		if (errno != EINTR)
			return false;
	}
}

static bool listener_is_root(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && len == sizeof peer &&
	       peer.uid == 0;
}

static enum client_problem reach(const char *path, int64_t deadline, int *fd)
{
	struct sockaddr_un address;
	enum client_problem problem = address_of(path, &address);

	*fd = -1;
	if (problem != CLIENT_OK)
		return problem;
	*fd = file_above_standard(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
	if (*fd < 0 || !connect_by(*fd, &address, deadline))
		return CLIENT_UNREACHABLE;
	return listener_is_root(*fd) ? CLIENT_OK : CLIENT_UNTRUSTED;
}

static bool readable_by(int fd, int64_t deadline)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	for (;;) {
		int64_t left = deadline - now_ms();
		int ready = left <= 0 ? 0 : poll(&wait, 1, (int)left);

		if (ready >= 0 || errno != EINTR)
			return ready > 0;
	}
}

static bool entry_good(const struct proto_entry *entry)
{
	return proto_text_good(entry->profile, sizeof entry->profile);
}

static bool grace_good(const struct proto_grace *grace)
{
	return proto_text_good(grace->profile, sizeof grace->profile) &&
	       proto_text_good(grace->service, sizeof grace->service) &&
	       proto_text_good(grace->from, sizeof grace->from) &&
	       proto_text_good(grace->key, sizeof grace->key);
}

/* Whether every text that a caller may print has an end. */
static bool texts_good(const struct proto_reply *reply)
{
	bool graces = reply->op == PROTO_GRACES;
	bool good = proto_text_good(reply->secret, sizeof reply->secret) &&
		    reply->count <= (graces ? PROTO_GRACE_PAGE : PROTO_PAGE);

	for (size_t i = 0; good && i < PROTO_RECOVERY_CODES; i++)
		good = proto_text_good(reply->recovery[i], sizeof reply->recovery[i]);
	for (size_t i = 0; good && i < reply->count; i++)
		good = graces ? grace_good(&reply->grace[i]) : entry_good(&reply->entry[i]);
	return good;
}

static bool answers(const struct proto_reply *reply, const struct proto_request *request)
{
	return reply->magic == PROTO_MAGIC && reply->version == request->version &&
	       reply->op == request->op && reply->generation == request->generation &&
	       memcmp(reply->rid, request->rid, sizeof reply->rid) == 0 &&
	       memcmp(reply->service, request->service, sizeof reply->service) == 0 &&
	       memcmp(reply->profile, request->profile, sizeof reply->profile) == 0 &&
	       texts_good(reply);
}

static enum client_problem exchange(
	int fd, int64_t deadline, const struct proto_request *request, struct proto_reply *reply)
{
	size_t size = proto_request_size(request->version);
	ssize_t len;

	do
		len = send(fd, request, size, MSG_NOSIGNAL);
	while (len < 0 && errno == EINTR && now_ms() < deadline);
	if (len != (ssize_t)size || !readable_by(fd, deadline))
		return CLIENT_UNREACHABLE;
	/* MSG_TRUNC: the length of what was sent, also of a longer frame. */
	do
		len = recv(fd, reply, sizeof *reply, MSG_DONTWAIT | MSG_TRUNC);
	while (len < 0 && errno == EINTR);
	if (len <= 0)
		return CLIENT_UNREACHABLE;
	return len == (ssize_t)proto_reply_size(request->version) && answers(reply, request)
		       ? CLIENT_OK
		       : CLIENT_PROTOCOL;
}

/* The oldest version that knows this operation and holds all that is said. */
static uint16_t version_for(const struct proto_request *request)
{
	const uint8_t *bytes = (const uint8_t *)request;
	uint16_t version = proto_since(request->op);

	for (size_t i = proto_request_size(version); i < sizeof *request; i++) {
		while (bytes[i] != 0 && i >= proto_request_size(version))
			version++;
	}
	return version;
}

enum client_problem client_ask(
	const char *socket_path, struct proto_request *request, struct proto_reply *reply)
{
	int64_t deadline = now_ms() + PROTO_DEADLINE_S * 1000;
	enum client_problem problem = CLIENT_UNREACHABLE;
	int fd = -1;

	request->magic = PROTO_MAGIC;
	request->version = version_for(request);
	explicit_bzero(reply, sizeof *reply);
	if (getrandom(request->rid, sizeof request->rid, GRND_NONBLOCK) !=
		(ssize_t)sizeof request->rid)
		goto out;
	problem = reach(socket_path, deadline, &fd);
	if (problem == CLIENT_OK)
		problem = exchange(fd, deadline, request, reply);
out:
	if (problem != CLIENT_OK)
		explicit_bzero(reply, sizeof *reply);
	if (fd >= 0)
		close(fd);
	return problem;
}

enum client_problem client_connect(const char *socket_path, int seconds, int *fd)
{
	enum client_problem problem = reach(socket_path, now_ms() + (int64_t)seconds * 1000, fd);

	if (problem != CLIENT_OK && *fd >= 0)
		close(*fd);
	return problem;
}

bool client_wait(int fd, int seconds)
{
	return readable_by(fd, now_ms() + (int64_t)seconds * 1000);
}
