/* The real daemon against peers that do not keep to the protocol, come in crowds, or say nothing.
 */
#include "daemon.h"

#include <dirent.h>
#include <poll.h>

static struct world world;

static const char alice[] = "alice@acme.example";

/* Connections of their own, made as `uid`, by a child. */
static void connect_all_as(uid_t uid, int *fds, int count)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int status;
	pid_t child;

	snprintf(address.sun_path, sizeof address.sun_path, "%s", world.socket);
	for (int i = 0; i < count; i++)
		if ((fds[i] = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)) < 0)
			bail("no socket");
	child = fork();
	if (child == 0) {
		if (setresuid(uid, uid, uid) != 0)
			_exit(1);
		for (int i = 0; i < count; i++)
			if (connect(fds[i], (struct sockaddr *)&address, sizeof address) != 0)
				_exit(1);
		_exit(0);
	}
	if (waitpid(child, &status, 0) != child || status != 0)
		bail("cannot connect");
}

static int connect_as(uid_t uid)
{
	int fd;

	connect_all_as(uid, &fd, 1);
	return fd;
}

/* What comes within so many ms: the length of a frame, 0 if the daemon hung up, -1 if nothing. */
static ssize_t answer_within(int fd, struct proto_reply *reply, int ms)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	ssize_t len;

	if (poll(&wait, 1, ms) == 0)
		return -1;
	len = recv(fd, reply, sizeof *reply, MSG_TRUNC);
	return len < 0 ? 0 : len;
}

static struct proto_request good_request(void)
{
	struct proto_request request;

	request_fill(&request, PROTO_STATUS, "adperm", alice, "");
	request.magic = PROTO_MAGIC;
	request.version = PROTO_VERSION;
	return request;
}

static int descriptors_of_daemon(void)
{
	char path[64];
	DIR *list;
	int count = 0;

	snprintf(path, sizeof path, "/proc/%d/fd", (int)world.daemon);
	list = opendir(path);
	if (list == NULL)
		bail("no /proc");
	while (readdir(list) != NULL)
		count++;
	closedir(list);
	return count;
}

/* How many it has when nobody is connected, and nothing is being closed any more. */
static int descriptors_at_rest(void)
{
	int least = descriptors_of_daemon();

	for (int i = 0; i < 20; i++) {
		int count;

		usleep(10000);
		count = descriptors_of_daemon();
		least = count < least ? count : least;
	}
	return least;
}

/* Until it has so many; how many it has. */
static int descriptors_soon(int expected)
{
	int64_t limit = now_ms() + 20000;

	while (descriptors_of_daemon() != expected && now_ms() < limit)
		usleep(10000);
	return descriptors_of_daemon();
}

static void t75_frames_of_a_wrong_size(void)
{
	static uint8_t large[PROTO_FRAME_MAX * 8];
	static const size_t sizes[] = { 0, 1, 16, sizeof(struct proto_request) - 1,
		sizeof(struct proto_request) + 1, PROTO_FRAME_MAX, PROTO_FRAME_MAX + 1,
		sizeof large };
	struct proto_request request = good_request();
	struct proto_reply reply;

	memcpy(large, &request, sizeof request);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		int fd = connect_as(0);

		send(fd, large, sizes[i], MSG_NOSIGNAL);
		is_int(answer_within(fd, &reply, 2000), 0, "t75 a frame of %zu bytes ends it",
			sizes[i]);
		close(fd);
	}
}

/* Every version that ever was is answered in its own size; what never was is not. */
static void t106_older_versions_are_answered(void)
{
	struct proto_reply reply;

	for (uint16_t version = 0; version <= PROTO_VERSION + 1; version++) {
		for (uint16_t size = 1; size <= PROTO_VERSION; size++) {
			struct proto_request request = good_request();
			size_t expected = version == size ? proto_reply_size(version) : 0;
			int fd = connect_as(0);

			request.version = version;
			send(fd, &request, proto_request_size(size), MSG_NOSIGNAL);
			ok(answer_within(fd, &reply, 2000) == (ssize_t)expected &&
					(expected == 0 || reply.version == version),
				"t106 version %u in a frame of version %u", version, size);
			close(fd);
		}
	}
}

static void t75_malformed_fields(void)
{
	static const struct {
		size_t offset;
		uint8_t byte;
		const char *what;
	} rows[] = {
		{ offsetof(struct proto_request, service), 0, "no service" },
		{ offsetof(struct proto_request, service) + 1, '\n', "a line in the service" },
		{ offsetof(struct proto_request, service) + 63, 'x', "a service without end" },
		{ offsetof(struct proto_request, profile), 'A', "a profile in upper case" },
		{ offsetof(struct proto_request, profile), '@', "a profile with two @" },
		{ offsetof(struct proto_request, profile) + 2, ' ', "a profile with a space" },
		{ offsetof(struct proto_request, profile) + 5, 'x', "a profile without @" },
		{ offsetof(struct proto_request, profile) + 200, 'x', "bytes behind the profile" },
		{ offsetof(struct proto_request, profile) + 1, 0x80, "a profile not in ASCII" },
		{ offsetof(struct proto_request, from), 0x1b, "an escape in the address" },
		{ offsetof(struct proto_request, key), 0x7f, "a delete in the key" },
		{ offsetof(struct proto_request, code), '1', "a code where none belongs" },
		{ offsetof(struct proto_request, digits), 6, "digits where none belong" },
		{ offsetof(struct proto_request, algorithm), 1, "an algorithm" },
		{ offsetof(struct proto_request, period), 30, "a period" },
		{ offsetof(struct proto_request, replace), 1, "a wish to replace" },
		{ offsetof(struct proto_request, unused), 1, "bytes of a later version" },
		{ offsetof(struct proto_request, unused) + 3, 1, "the last byte" },
	};
	struct proto_reply reply;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct proto_request request = good_request();
		int fd = connect_as(0);

		((uint8_t *)&request)[rows[i].offset] = rows[i].byte;
		send(fd, &request, sizeof request, MSG_NOSIGNAL);
		ok(answer_within(fd, &reply, 2000) == (ssize_t)sizeof reply &&
				reply.result == PROTO_MALFORMED,
			"t75 malformed: %s", rows[i].what);
		close(fd);
	}
	for (size_t i = 0; i < sizeof(uint32_t); i++) {
		struct proto_request request = good_request();
		int fd = connect_as(0);

		((uint8_t *)&request)[i] ^= 0x20;
		send(fd, &request, sizeof request, MSG_NOSIGNAL);
		is_int(answer_within(fd, &reply, 2000), 0, "t75 another magic, byte %zu, ends it",
			i);
		close(fd);
	}
}

/* Random frames of the right size: refused or answered, never the end of the daemon. */
static void t75_random_frames(void)
{
	struct proto_request request;
	struct proto_reply reply;
	int yes = 0;

	srandom(75);
	for (int i = 0; i < 2000; i++) {
		struct sockaddr_un address = { .sun_family = AF_UNIX };
		int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

		request = good_request();
		for (long flips = random() % 8; flips >= 0; flips--)
			((uint8_t *)&request)[(size_t)random() % sizeof request] =
				(uint8_t)random();
		snprintf(address.sun_path, sizeof address.sun_path, "%s", world.socket);
		if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
			bail("cannot connect");
		send(fd, &request, sizeof request, MSG_NOSIGNAL);
		yes += answer_within(fd, &reply, 2000) == (ssize_t)sizeof reply &&
		       reply.result == PROTO_YES;
		close(fd);
	}
	is_int(yes, 0, "t75 of 2,000 damaged questions about nobody none is answered with yes");
	is_int(kill(world.daemon, 0), 0, "t75 and the daemon lives");
}

static void t75_descriptors_sent_are_closed(void)
{
	struct proto_request request = good_request();
	struct proto_reply reply;
	int before = descriptors_at_rest();

	for (int i = 0; i < 20; i++) {
		union {
			char bytes[CMSG_SPACE(4 * sizeof(int))];
			struct cmsghdr header;
		} control = { .bytes = { 0 } };
		struct iovec frame = { &request, sizeof request };
		struct msghdr message = { .msg_iov = &frame,
			.msg_iovlen = 1,
			.msg_control = control.bytes,
			.msg_controllen = sizeof control.bytes };
		const int passed[4] = { 0, 1, 2, 0 };
		int fd = connect_as(0);

		control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof passed),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(&control.header), passed, sizeof passed);
		if (sendmsg(fd, &message, MSG_NOSIGNAL) != (ssize_t)sizeof request)
			bail("cannot pass descriptors");
		if (i == 0)
			is_int(answer_within(fd, &reply, 2000), 0,
				"t75 a request with descriptors is none");
		close(fd);
	}
	is_int(descriptors_soon(before), before, "t75 and none of them stays with the daemon");
}

static void t75_one_request_a_connection(void)
{
	struct proto_request request = good_request();
	struct proto_reply reply;
	int fd = connect_as(0);
	ssize_t second;

	send(fd, &request, sizeof request, MSG_NOSIGNAL);
	is_int(answer_within(fd, &reply, 2000), sizeof reply, "t75 a first request is answered");
	send(fd, &request, sizeof request, MSG_NOSIGNAL);
	second = answer_within(fd, &reply, 2000);
	is_int(second, 0, "t75 a second is not");
	close(fd);
}

/* Credentials are those of who connected, whoever then writes. */
static void t76_who_connected_counts(void)
{
	struct proto_request request = good_request();
	struct proto_reply reply;
	int fd = connect_as(65534);

	send(fd, &request, sizeof request, MSG_NOSIGNAL);
	ok(answer_within(fd, &reply, 2000) == (ssize_t)sizeof reply &&
			reply.result == PROTO_REFUSED,
		"t76 root writes into another's connection: still the other");
	close(fd);
	fd = connect_as(0);
	if (fork() == 0) {
		if (setresuid(65534, 65534, 65534) != 0)
			_exit(1);
		send(fd, &request, sizeof request, MSG_NOSIGNAL);
		_exit(0);
	}
	ok(answer_within(fd, &reply, 2000) == (ssize_t)sizeof reply &&
			reply.result == PROTO_NOT_ENROLLED,
		"t76 a connection that root gave away is root's: it must not");
	wait(NULL);
	close(fd);
}

static void t77_crowds(void)
{
	enum { CROWD = 400, PER_UID = 16 };
	static int held[CROWD];
	int before = descriptors_at_rest();
	int64_t begin = now_ms(), took;
	struct proto_reply reply;
	int cut = 0, uids = 0;

	connect_all_as(65534, held, 40);
	for (int i = 0; i < 40; i++)
		cut += answer_within(held[i], &reply, i < PER_UID ? 0 : 1000) == 0;
	is_int(cut, 40 - PER_UID, "t77 one user has 16 connections, more are cut");
	is_int(ask(&world, PROTO_STATUS, "adperm", alice, ""), PROTO_NOT_ENROLLED,
		"t77 root is served meanwhile");
	is_int(ask_as(&world, 65533, PROTO_STATUS, "adperm", alice, ""), PROTO_REFUSED,
		"t77 and so is another user");
	for (int i = 40; i < CROWD; i += PER_UID)
		connect_all_as((uid_t)(70000 + uids++), held + i,
			CROWD - i < PER_UID ? CROWD - i : PER_UID);
	is_int(ask(&world, PROTO_STATUS, "adperm", alice, ""), PROTO_NOT_ENROLLED,
		"t77 400 connections of many users leave room for root");
	took = now_ms() - begin;
	ok(took < 3000, "t77 which was tried before any of them was late: %lld ms",
		(long long)took);
	for (int i = 0; i < CROWD; i++)
		close(held[i]);
	descriptors_soon(before);
	is_int(ask_as(&world, 65534, PROTO_STATUS, "adperm", alice, ""), PROTO_REFUSED,
		"t77 when the crowd has gone everybody is served");
}

/* Peers that say nothing, or connect and stop, are cut after 3 s, and hold nobody up meanwhile. */
static void t75_silent_peers(void)
{
	int before = descriptors_at_rest(), fd = connect_as(0);
	struct proto_reply reply;
	int64_t begin = now_ms(), took;

	is_int(ask(&world, PROTO_STATUS, "adperm", alice, ""), PROTO_NOT_ENROLLED,
		"t75 a silent peer holds nobody up");
	is_int(answer_within(fd, &reply, 10000), 0, "t75 it is cut");
	took = now_ms() - begin;
	ok(took >= 2500 && took < WAITED_TWICE, "t75 after 3 s: %lld ms", (long long)took);
	is_int(descriptors_soon(before), before, "t75 and its descriptor is free");
	close(fd);
}

static void t78_stopped_daemon(void)
{
	int64_t begin = now_ms(), took;
	struct proto_reply reply;
	struct proto_request request = good_request();
	int fd;

	kill(world.daemon, SIGSTOP);
	is_int(ask(&world, PROTO_STATUS, "adperm", alice, ""), -CLIENT_UNREACHABLE,
		"t78 a stopped daemon does not answer");
	took = now_ms() - begin;
	ok(took >= 2500 && took < WAITED_TWICE, "t78 and is waited for 3 s: %lld ms",
		(long long)took);
	fd = connect_as(0);
	send(fd, &request, sizeof request, MSG_NOSIGNAL);
	kill(world.daemon, SIGCONT);
	is_int(answer_within(fd, &reply, 2000), sizeof reply,
		"t78 who waited in the queue is answered when it goes on");
	close(fd);
}

int main(void)
{
	if (geteuid() != 0) {
		tap_skip("not root", "adpermd");
		return tap_done();
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	world_make(&world);
	world_start(&world);
	t75_frames_of_a_wrong_size();
	t106_older_versions_are_answered();
	t75_malformed_fields();
	t75_random_frames();
	t75_descriptors_sent_are_closed();
	t75_one_request_a_connection();
	t76_who_connected_counts();
	t77_crowds();
	t75_silent_peers();
	t78_stopped_daemon();
	is_int(world_stop(&world, SIGTERM), 0, "and after all that it ends as it should");
	world_end(&world);
	return tap_done();
}
