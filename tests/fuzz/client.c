/*
 * The other side of the sockets of adpermd and of adperm-people. The input is what comes back: a
 * byte for the way, one for what is asked, and a frame, which is put to the request's address first
 * so that what is behind that is reached. What is taken for an answer is one to this question, and
 * its texts have an end.
 */
#include "adpermd/client.h"
#include "cli/people_ask.h"
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
	int deadline_s;
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
uid_t __wrap_geteuid(void);
int __wrap_complain(const char *format, ...);

enum { SOCKET = 1000, WISHES_FROM = 128 };

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
	must(fd == SOCKET && (flags & MSG_NOSIGNAL) != 0);
	memcpy(&other.request, bytes, len < sizeof other.request ? len : sizeof other.request);
	other.sent = true;
	return (ssize_t)((other.way & WAY_SHORT_SEND) != 0 ? len - 1 : len);
}

int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	must(n == 1 && fds->fd == SOCKET && timeout > 0 && timeout <= other.deadline_s * 1000);
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

/* A person, whose wish goes over the socket. */
uid_t __wrap_geteuid(void)
{
	return 1000;
}

int __wrap_complain(const char *format, ...)
{
	must(format[0] != '\0');
	return 2;
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

static void wish_something(const uint8_t *data, size_t size)
{
	const struct people_options where = { .socket = "/run/people.sock" };
	struct wish_reply reply;
	struct wish wish;

	other.way = data[0] & (uint8_t)~WAY_ADDRESSED & 31;
	other.sent = false;
	other.frame = slice_of(data + 2, size - 2);
	other.deadline_s = WISH_DEADLINE_S;
	must(people_begin(&wish, "renounce", WISH_RENOUNCE, NULL, "ops@acme.example"));
	memcpy(wish.code, "123456", 7);
	if (people_ask("renounce", &where, &wish, &reply)) {
		must(other.sent && other.way == 0 && other.frame.len == sizeof reply);
		must(reply.magic == WISH_MAGIC && reply.version == WISH_VERSION);
		must(memchr(reply.profile, '\0', sizeof reply.profile) != NULL);
		must(people_failed("renounce", &reply) == 2);
	}
	must(wish.code[0] == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct proto_reply nothing;
	struct proto_request request = { .op = PROTO_VERIFY, .generation = 7 };
	struct proto_reply reply;

	if (size < 2)
		return 0;
	if (data[1] >= WISHES_FROM) {
		wish_something(data, size);
		return 0;
	}
	other.way = data[0] & 31;
	other.sent = false;
	other.frame = slice_of(data + 2, size - 2);
	other.deadline_s = PROTO_DEADLINE_S;
	request.op = data[1] % 12;
	snprintf(request.service, sizeof request.service, "sshd");
	snprintf(request.profile, sizeof request.profile, "alice@acme.example");
	if (client_ask("/run/auth.sock", &request, &reply) == CLIENT_OK)
		judge(&reply, &request);
	else
		must(memcmp(&reply, &nothing, sizeof reply) == 0);
	return 0;
}
