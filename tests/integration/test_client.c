/* The client against impostors: whom it believes, what it believes, and how long it waits. */
#include "daemon.h"

#include <sys/resource.h>

static char dir[] = "/run/adperm-test.XXXXXX";
static char path[64];

static const char alice[] = "alice@acme.example";

/* How a false daemon answers the one request that it takes. */
enum manner {
	HONEST, /* but for nothing: the control */
	SHORT,
	LONG,
	EMPTY,
	OTHER_MAGIC,
	OTHER_VERSION,
	OTHER_OP,
	OTHER_RID,
	OTHER_GENERATION,
	OTHER_SERVICE,
	OTHER_PROFILE,
	ENDLESS_SECRET,
	LEAVES,
	SILENT,
	MANNERS,
};

static const char *const manner_names[MANNERS] = { "an honest one", "a short frame", "a long frame",
	"an empty frame", "another magic", "another version", "another operation",
	"another request's", "another generation", "another service", "another person",
	"a secret without end", "none: it leaves", "none: it is silent" };

static void falsify(enum manner manner, struct proto_reply *reply, size_t *len)
{
	switch (manner) {
	case SHORT: *len -= 1; break;
	case LONG: *len += 1; break;
	case EMPTY: *len = 0; break;
	case OTHER_MAGIC: reply->magic++; break;
	case OTHER_VERSION: reply->version++; break;
	case OTHER_OP: reply->op++; break;
	case OTHER_RID: reply->rid[7] ^= 1; break;
	case OTHER_GENERATION: reply->generation ^= (uint64_t)1 << 63; break;
	case OTHER_SERVICE: reply->service[63] = 1; break;
	case OTHER_PROFILE: reply->profile[0] = 'b'; break;
	case ENDLESS_SECRET: memset(reply->secret, 'A', sizeof reply->secret); break;
	case HONEST:
	case LEAVES:
	case SILENT:
	case MANNERS: break;
	}
}

static void answer(int fd, enum manner manner)
{
	struct proto_request request;
	struct {
		struct proto_reply reply;
		char more;
	} out = { .more = 0 };
	ssize_t got = recv(fd, &request, sizeof request, 0);
	size_t len = proto_reply_size(request.version);

	if (got != (ssize_t)proto_request_size(request.version))
		_exit(1);
	out.reply = (struct proto_reply){ .magic = PROTO_MAGIC,
		.version = request.version,
		.op = request.op,
		.generation = request.generation,
		.result = PROTO_YES };
	memcpy(out.reply.rid, request.rid, sizeof request.rid);
	memcpy(out.reply.service, request.service, sizeof request.service);
	memcpy(out.reply.profile, request.profile, sizeof request.profile);
	falsify(manner, &out.reply, &len);
	if (manner == SILENT)
		pause();
	if (manner != LEAVES)
		send(fd, &out, len, MSG_NOSIGNAL);
	_exit(0);
}

/* A daemon that took its socket as root, listens as `uid`, and answers one request. */
static pid_t impostor(const char *at, int type, uid_t uid, enum manner manner)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0), ready[2];
	pid_t child;
	char byte;

	snprintf(address.sun_path, sizeof address.sun_path, "%s", at);
	unlink(at);
	if (pipe(ready) != 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
		bail("no socket");
	chmod(at, 0666);
	child = fork();
	if (child == 0) {
		if (setresuid(uid, uid, uid) != 0 || listen(fd, 8) != 0)
			_exit(1);
		close(ready[0]);
		close(ready[1]);
		answer(accept(fd, NULL, NULL), manner);
	}
	close(fd);
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 0)
		bail("no impostor");
	close(ready[0]);
	return child;
}

static enum client_problem ask_at(const char *at, struct proto_reply *reply)
{
	struct proto_request request;

	request_fill(&request, PROTO_VERIFY, "sshd", alice, "123456");
	request.generation = 418;
	return client_ask(at, &request, reply);
}

static void end(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	unlink(path);
}

static void t75_answers(void)
{
	struct proto_reply reply;
	static const struct proto_reply zero;

	for (enum manner manner = HONEST; manner < SILENT; manner++) {
		pid_t child = impostor(path, SOCK_SEQPACKET, 0, manner);
		enum client_problem got = ask_at(path, &reply);
		enum client_problem expected = manner == HONEST ? CLIENT_OK
					       : manner == LEAVES || manner == EMPTY
						       ? CLIENT_UNREACHABLE
						       : CLIENT_PROTOCOL;

		is_int(got, expected, "t75 the answer is %s", manner_names[manner]);
		ok(got == CLIENT_OK || memcmp(&reply, &zero, sizeof zero) == 0,
			"t75 what is not believed is not handed out");
		end(child);
	}
}

static void t78_nobody_waits_longer_than_3_s(void)
{
	struct proto_reply reply;
	int64_t begin = now_ms(), took;
	pid_t child = impostor(path, SOCK_SEQPACKET, 0, SILENT);

	is_int(ask_at(path, &reply), CLIENT_UNREACHABLE, "t78 no answer comes");
	took = now_ms() - begin;
	ok(took >= 2900 && took < WAITED_TWICE, "t78 and is waited for 3 s: %lld ms",
		(long long)took);
	end(child);
}

static void t74_impostor_socket(void)
{
	static const struct {
		uid_t owner;
		mode_t mode;
		enum client_problem expected;
		const char *what;
	} dirs[] = {
		{ 0, 0755, CLIENT_OK, "root's alone" },
		{ 0, 0775, CLIENT_UNTRUSTED, "writable by a group" },
		{ 0, 0757, CLIENT_UNTRUSTED, "writable by all" },
		{ 0, 01777, CLIENT_UNTRUSTED, "writable by all, sticky" },
		{ 65534, 0755, CLIENT_UNTRUSTED, "another user's" },
	};
	char inner[64], inside[80], link[64], through[80];
	struct proto_reply reply;
	pid_t child;

	snprintf(inner, sizeof inner, "%s/inner", dir);
	snprintf(inside, sizeof inside, "%s/auth.sock", inner);
	snprintf(link, sizeof link, "%s/link", dir);
	snprintf(through, sizeof through, "%s/auth.sock", link);
	mkdir(inner, 0755);
	for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++) {
		child = impostor(inside, SOCK_SEQPACKET, 0, HONEST);
		if (chown(inner, dirs[i].owner, 0) != 0 || chmod(inner, dirs[i].mode) != 0)
			bail("cannot change a directory");
		is_int(ask_at(inside, &reply), dirs[i].expected, "t74 its directory is %s",
			dirs[i].what);
		end(child);
		if (chown(inner, 0, 0) != 0 || chmod(inner, 0755) != 0 || chmod(dir, 0777) != 0)
			bail("cannot change a directory");
		child = impostor(inside, SOCK_SEQPACKET, 0, HONEST);
		is_int(ask_at(inside, &reply), CLIENT_UNTRUSTED,
			"t74 one further up is not root's");
		end(child);
		chmod(dir, 0755);
	}
	child = impostor(inside, SOCK_SEQPACKET, 0, HONEST);
	if (symlink(inner, link) == 0)
		is_int(ask_at(through, &reply), CLIENT_UNTRUSTED, "t74 a link on the way");
	end(child);
	unlink(link);
	unlink(inside);
	rmdir(inner);
}

static void t74_listener_is_not_root(void)
{
	struct proto_reply reply;
	pid_t child = impostor(path, SOCK_SEQPACKET, 65534, HONEST);

	is_int(ask_at(path, &reply), CLIENT_UNTRUSTED, "t74 another user listens");
	end(child);
	child = impostor(path, SOCK_STREAM, 0, HONEST);
	is_int(ask_at(path, &reply), CLIENT_UNREACHABLE, "t74 a socket of another type");
	end(child);
}

static void paths(void)
{
	static const struct {
		const char *path;
		enum client_problem expected;
	} rows[] = {
		{ "", CLIENT_UNTRUSTED },
		{ "auth.sock", CLIENT_UNTRUSTED },
		{ "./auth.sock", CLIENT_UNTRUSTED },
		{ "/run/adperm-test-none/auth.sock", CLIENT_UNREACHABLE },
		{ "/auth.sock-none", CLIENT_UNREACHABLE },
		{ "/tmp/auth.sock", CLIENT_UNTRUSTED },
		{ "/run/"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aa"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
			CLIENT_UNTRUSTED },
	};
	struct proto_reply reply;
	int fd;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		is_int(ask_at(rows[i].path, &reply), rows[i].expected, "a socket at \"%.40s\"",
			rows[i].path);
	is_int(ask_at(path, &reply), CLIENT_UNREACHABLE, "no socket");
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
	is_int(ask_at(path, &reply), CLIENT_UNREACHABLE, "a file in its place");
	close(fd);
	unlink(path);
}

/* In a child whose standard descriptors are closed: which one the socket gets. */
static void t48_descriptors(void)
{
	struct proto_reply reply;
	pid_t child = impostor(path, SOCK_SEQPACKET, 0, HONEST), asker;
	int status;

	fflush(stdout);
	asker = fork();
	if (asker == 0) {
		close(0);
		close(1);
		close(2);
		if (ask_at(path, &reply) != CLIENT_OK)
			_exit(1);
		for (int fd = 0; fd < 3; fd++) {
			if (fcntl(fd, F_GETFD) != -1)
				_exit(2);
		}
		_exit(0);
	}
	waitpid(asker, &status, 0);
	is_int(status, 0, "t48 it works without standard descriptors, and leaves none open");
	end(child);
	child = impostor(path, SOCK_SEQPACKET, 0, HONEST);
	asker = fork();
	if (asker == 0) {
		setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 0, 0 });
		_exit(ask_at(path, &reply) == CLIENT_UNREACHABLE ? 0 : 1);
	}
	waitpid(asker, &status, 0);
	is_int(status, 0, "t48 without any descriptor to be had it does not answer");
	fflush(stdout);
	asker = fork();
	if (asker == 0) {
		close(0);
		close(1);
		close(2);
		setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 3, 3 });
		_exit(ask_at(path, &reply) == CLIENT_UNREACHABLE ? 0 : 1);
	}
	waitpid(asker, &status, 0);
	is_int(status, 0, "t48 nor with one that is a standard descriptor's number");
	end(child);
}

static void on_signal(int number)
{
	(void)number;
}

/* Asks in a host that is interrupted a thousand times a second. */
static enum client_problem ask_interrupted(enum manner manner)
{
	const struct itimerspec often = { { 0, 1000000 }, { 0, 1000000 } };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	pid_t child = impostor(path, SOCK_SEQPACKET, 0, manner);
	struct proto_reply reply;
	enum client_problem problem;
	timer_t timer;

	if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 ||
		timer_settime(timer, 0, &often, NULL) != 0)
		bail("no timer");
	problem = ask_at(path, &reply);
	timer_delete(timer);
	end(child);
	return problem;
}

static void t49_signals(void)
{
	const struct sigaction handled = { .sa_handler = on_signal };
	int64_t begin, took;

	sigaction(SIGUSR1, &handled, NULL);
	is_int(ask_interrupted(HONEST), CLIENT_OK, "t49 signals do not disturb an answer");
	begin = now_ms();
	is_int(ask_interrupted(SILENT), CLIENT_UNREACHABLE, "t49 nor bring one");
	took = now_ms() - begin;
	ok(took >= 2900 && took < WAITED_TWICE, "t49 nor prolong the wait: %lld ms",
		(long long)took);
}

/* As whoever waits for adperm-people does. */
static void t49_a_wait(void)
{
	const struct itimerspec often = { { 0, 5000000 }, { 0, 5000000 } };
	struct sigevent signal = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	int64_t begin = now_ms(), took;
	timer_t timer = NULL;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0 ||
		timer_create(CLOCK_MONOTONIC, &signal, &timer) != 0 ||
		timer_settime(timer, 0, &often, NULL) != 0)
		bail("no timer");
	ok(!client_wait(ends[0], 1), "t49 signals bring nothing");
	took = now_ms() - begin;
	ok(took >= 950 && took < WAITED_TWICE, "t49 nor prolong a wait: %lld ms", (long long)took);
	timer_delete(timer);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	if (geteuid() != 0) {
		tap_skip("not root", "the client of adpermd");
		return tap_done();
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (mkdtemp(dir) == NULL || chmod(dir, 0755) != 0)
		bail("cannot make a directory below /run");
	snprintf(path, sizeof path, "%s/auth.sock", dir);
	t75_answers();
	t74_impostor_socket();
	t74_listener_is_not_root();
	paths();
	t48_descriptors();
	t78_nobody_waits_longer_than_3_s();
	t49_signals();
	t49_a_wait();
	ok(rmdir(dir) == 0, "nothing is left in %s", dir);
	return tap_done();
}
