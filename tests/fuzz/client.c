/*
 * The module's side of the socket. The input is what comes back: a byte for the way, and a frame,
 * which is put to the request's address first so that what is behind that is reached. What is taken
 * for an answer is one to this question, and its texts have an end.
 */
#include "adpermd/client.h"
#include "fuzz.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

/* The socket's other end: all calls of client.c that talk to it come here (see the Makefile). */
static struct {
	struct slice frame;
	struct proto_request request;
	uint8_t way;
	bool sent;
} other;

enum way { WAY_ADDRESSED = 1, WAY_SHORT_SEND = 2, WAY_STRANGER = 4, WAY_LATE = 8, WAY_ERROR = 16 };

int __wrap_socket(int domain, int type, int protocol);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t len);
int __wrap_setsockopt(int fd, int level, int option, const void *value, socklen_t len);
int __wrap_getsockopt(int fd, int level, int option, void *value, socklen_t *len);
ssize_t __wrap_send(int fd, const void *bytes, size_t len, int flags);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);
ssize_t __wrap_recv(int fd, void *into, size_t room, int flags);
int __wrap_close(int fd);

enum { SOCKET = 1000 };

int __wrap_socket(int domain, int type, int protocol)
{
	must(domain == AF_UNIX && type == (SOCK_SEQPACKET | SOCK_CLOEXEC) && protocol == 0);
	return SOCKET;
}

int __wrap_connect(int fd, const struct sockaddr *address, socklen_t len)
{
	must(fd == SOCKET && address->sa_family == AF_UNIX && len > 2);
	return 0;
}

int __wrap_setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
	(void)level;
	(void)option;
	(void)value;
	(void)len;
	must(fd == SOCKET);
	return 0;
}

int __wrap_getsockopt(int fd, int level, int option, void *value, socklen_t *len)
{
	const struct ucred root = { .pid = 1 };
	const struct ucred stranger = { .pid = 1, .uid = 65534, .gid = 65534 };

	must(fd == SOCKET && level == SOL_SOCKET && option == SO_PEERCRED && *len == sizeof root);
	memcpy(value, (other.way & WAY_STRANGER) != 0 ? &stranger : &root, sizeof root);
	return 0;
}

ssize_t __wrap_send(int fd, const void *bytes, size_t len, int flags)
{
	must(fd == SOCKET && len <= sizeof other.request && (flags & MSG_NOSIGNAL) != 0);
	memcpy(&other.request, bytes, len);
	other.sent = true;
	return (ssize_t)((other.way & WAY_SHORT_SEND) != 0 ? len - 1 : len);
}

int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	must(n == 1 && fds->fd == SOCKET && timeout > 0 && timeout <= PROTO_DEADLINE_S * 1000);
	return (other.way & WAY_LATE) == 0;
}

ssize_t __wrap_recv(int fd, void *into, size_t room, int flags)
{
	size_t len = other.frame.len < room ? other.frame.len : room;
	struct proto_reply *reply = into;

	must(fd == SOCKET && (flags & MSG_TRUNC) != 0 && other.sent);
	if ((other.way & WAY_ERROR) != 0) {
		errno = ECONNRESET;
		return -1;
	}
	if (len > 0)
		memcpy(into, other.frame.at, len);
	if ((other.way & WAY_ADDRESSED) != 0 && len >= proto_reply_size(1)) {
		reply->magic = PROTO_MAGIC;
		reply->version = other.request.version;
		reply->op = other.request.op;
		reply->generation = other.request.generation;
		memcpy(reply->rid, other.request.rid, sizeof reply->rid);
		memcpy(reply->service, other.request.service, sizeof reply->service);
		memcpy(reply->profile, other.request.profile, sizeof reply->profile);
	}
	return (ssize_t)other.frame.len;
}

int __wrap_close(int fd)
{
	must(fd == SOCKET);
	return 0;
}

static void judge(const struct proto_reply *reply, const struct proto_request *request)
{
	must(other.sent && (other.way & ~WAY_ADDRESSED) == 0);
	must(other.frame.len == proto_reply_size(request->version));
	must(reply->op == request->op && strcmp(reply->profile, request->profile) == 0);
	must(reply->count <= PROTO_PAGE);
	must(memchr(reply->secret, '\0', sizeof reply->secret) != NULL);
	for (size_t i = 0; i < PROTO_RECOVERY_CODES; i++)
		must(memchr(reply->recovery[i], '\0', sizeof reply->recovery[i]) != NULL);
	for (size_t i = 0; i < reply->count; i++)
		must(memchr(reply->entry[i].profile, '\0', PROTO_PROFILE_SIZE) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct proto_reply nothing;
	struct proto_request request = { .op = PROTO_VERIFY, .generation = 7 };
	struct proto_reply reply;

	if (size < 2)
		return 0;
	other.way = data[0] & 31;
	other.sent = false;
	other.frame = slice_of(data + 2, size - 2);
	request.op = data[1] % 12;
	snprintf(request.service, sizeof request.service, "sshd");
	snprintf(request.profile, sizeof request.profile, "alice@acme.example");
	if (client_ask("/run/auth.sock", &request, &reply) == CLIENT_OK)
		judge(&reply, &request);
	else
		must(memcmp(&reply, &nothing, sizeof reply) == 0);
	return 0;
}
