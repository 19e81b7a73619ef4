/*
 * The event loop; see server.h. A connection that has said nothing is all the state there is
 * between two rounds: it is answered in the round in which its request is read, or cut at its
 * deadline.
 */
#include "adpermd/server.h"

#include "adpermd/log.h"
#include "adpermd/notify.h"
#include "base/text.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BACK_OFF_MS 100 /* no new connections for so long when descriptors or memory ran out */
#define DRAIN_MS    500 /* who has connected when the daemon shall end may ask for so long */

struct connection {
	int fd; /* -1: to be forgotten */
	uid_t uid;
	bool asked;       /* the request is there, and waits for its turn */
	int64_t deadline; /* ms, CLOCK_MONOTONIC */
	struct proto_request request;
	struct proto_reply reply;
};

struct server {
	int listener, signals;
	struct judge *judge;
	struct log_limit limit; /* of lines that peers other than root cause */
	int64_t accept_after;   /* ms, CLOCK_MONOTONIC */
	int64_t watchdog_at;    /* the same */
	int64_t end_at;         /* the same; 0: not yet */
	bool postponed;         /* a request waits for the next round */
	size_t count;           /* the first so many connections are in use */
	struct connection connection[SERVER_CONNECTIONS];
	struct connection *batch[SERVER_CONNECTIONS];
	struct pollfd poll[SERVER_CONNECTIONS + 2];
};

static int64_t monotonic_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t real_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec;
}

static void hang_up(struct connection *c)
{
	close(c->fd);
	explicit_bzero(c, sizeof *c);
	c->fd = -1;
}

/* Keeps the living connections together at the front. */
static void compact(struct server *s)
{
	for (size_t i = 0; i < s->count;) {
		if (s->connection[i].fd >= 0) {
			i++;
			continue;
		}
		s->count--;
		if (i == s->count)
			break;
		s->connection[i] = s->connection[s->count];
		explicit_bzero(&s->connection[s->count], sizeof s->connection[0]);
	}
}

/* A line that somebody other than root caused; at most a few a second. */
static bool may_log(struct server *s, uid_t uid)
{
	unsigned missed = 0;

	if (uid == 0)
		return true;
	if (!log_allowed(&s->limit, monotonic_ms() / 1000, &missed))
		return false;
	if (missed > 0)
		log_line(LOG_WARNING, "%u lines about requests were left out", missed);
	return true;
}

static bool has_room_for(const struct server *s, uid_t uid)
{
	size_t same = 0, others = 0;

	if (uid == 0)
		return s->count < SERVER_CONNECTIONS;
	for (size_t i = 0; i < s->count; i++) {
		same += s->connection[i].uid == uid;
		others += s->connection[i].uid != 0;
	}
	return same < SERVER_PER_UID && others < SERVER_CONNECTIONS - SERVER_ROOT_RESERVE;
}

static void admit(struct server *s, int fd, int64_t now)
{
	struct ucred peer;
	socklen_t len = sizeof peer;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 || len != sizeof peer) {
		close(fd);
		return;
	}
	if (!has_room_for(s, peer.uid)) {
		close(fd);
		if (may_log(s, peer.uid))
			log_line(LOG_WARNING, "peer=%u has too many connections",
				(unsigned)peer.uid);
		return;
	}
	s->connection[s->count++] = (struct connection){
		.fd = fd, .uid = peer.uid, .deadline = now + PROTO_DEADLINE_S * 1000
	};
}

static void accept_waiting(struct server *s, int64_t now)
{
	for (int i = 0; i < SERVER_CONNECTIONS && s->count < SERVER_CONNECTIONS; i++) {
		int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0)
			admit(s, fd, now);
		else if (errno == EAGAIN)
			return;
		else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			 errno == ENOMEM) {
			log_line(LOG_WARNING, "accept: %s; trying again soon", strerror(errno));
			s->accept_after = now + BACK_OFF_MS;
			return;
		}
	}
}

enum received { RECEIVED_NOTHING, RECEIVED_REQUEST, RECEIVED_JUNK };

/*
 * Without room for control messages the kernel closes descriptors that a peer passed, and says so
 * (MSG_CTRUNC): none ever becomes ours.
 */
static enum received receive(struct connection *c)
{
	struct iovec frame = { .iov_base = &c->request, .iov_len = sizeof c->request };
	struct msghdr message = { .msg_iov = &frame, .msg_iovlen = 1 };
	ssize_t len = recvmsg(c->fd, &message, MSG_DONTWAIT);

	if (len < 0)
		return errno == EAGAIN || errno == EINTR ? RECEIVED_NOTHING : RECEIVED_JUNK;
	if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 ||
		!judge_is_request(&c->request, (size_t)len))
		return RECEIVED_JUNK;
	return RECEIVED_REQUEST;
}

/* Reads from those that poll() named, and from those accepted since. */
static void read_requests(struct server *s, size_t polled)
{
	for (size_t i = 0; i < s->count; i++) {
		struct connection *c = &s->connection[i];

		if (c->asked || (i < polled && s->poll[i].revents == 0))
			continue;
		switch (receive(c)) {
		case RECEIVED_NOTHING: break;
		case RECEIVED_REQUEST: c->asked = true; break;
		case RECEIVED_JUNK:
			if (may_log(s, c->uid))
				log_line(LOG_NOTICE, "peer=%u sent no request, or left",
					(unsigned)c->uid);
			hang_up(c);
			break;
		}
	}
}

/*
 * The requests make a batch, but no more than one of those that take milliseconds: a crowd of them
 * holds up others by one each time.
 */
static size_t gather_batch(struct server *s)
{
	bool costly = false;
	size_t n = 0;

	s->postponed = false;
	for (size_t i = 0; i < s->count; i++) {
		struct connection *c = &s->connection[i];

		if (!c->asked)
			continue;
		if (!judge_is_costly(&c->request)) {
			s->batch[n++] = c;
		} else if (!costly) {
			costly = true;
			s->batch[n++] = c;
		} else {
			s->postponed = true;
		}
	}
	return n;
}

/* Root's share of a batch is never left out. */
static void log_failure(struct server *s, struct connection *const *batch, size_t n, int err)
{
	uid_t uid = batch[0]->uid;

	for (size_t i = 1; i < n; i++)
		uid = batch[i]->uid == 0 ? 0 : uid;
	if (may_log(s, uid))
		log_line(LOG_ERR, "state: %s",
			err == -EIO ? store_error(s->judge->store) : strerror(-err));
}

/* One transaction. False: nothing of it has happened. */
static bool answer_together(struct server *s, struct connection *const *batch, size_t n)
{
	struct judge *judge = s->judge;
	int64_t now = real_s();
	int ret = store_begin(judge->store);

	for (size_t i = 0; i < n && ret == 0; i++)
		ret = judge_request(
			judge, batch[i]->uid, &batch[i]->request, now, &batch[i]->reply);
	if (ret == 0)
		ret = store_commit(judge->store);
	if (ret != 0) {
		log_failure(s, batch, n, ret);
		store_rollback(judge->store);
	}
	return ret == 0;
}

static void log_answer(const struct connection *c)
{
	const struct proto_request *r = &c->request;
	bool told = c->uid == 0; /* what others say of addresses and keys is not worth a line */
	struct log_safe service = log_safe(r->service, strnlen(r->service, sizeof r->service));
	struct log_safe profile = log_safe(r->profile, strnlen(r->profile, sizeof r->profile));
	struct log_safe from = log_safe(r->from, told ? strnlen(r->from, sizeof r->from) : 0);
	struct log_safe key = log_safe(r->key, told ? strnlen(r->key, sizeof r->key) : 0);
	char rid[2 * PROTO_RID_SIZE + 1];
	struct text t = text_over(rid, sizeof rid);
	uint32_t result = c->reply.result;
	int priority = result == PROTO_YES ? LOG_INFO : LOG_NOTICE;

	if (result == PROTO_STORE_FAILED || result == PROTO_STORE_CORRUPT || result == PROTO_CLOCK)
		priority = LOG_ERR;
	text_add_hex(&t, slice_of(r->rid, sizeof r->rid));
	log_line(priority,
		"op=%s result=%s peer=%u svc=\"%s\" profile=\"%s\" rhost=\"%s\" key=\"%s\" rid=%s",
		judge_op_name(r->op), judge_result_word(result), (unsigned)c->uid, service.text,
		profile.text, from.text, key.text, rid);
}

static void answer(struct server *s, size_t n)
{
	bool together = n == 0 || answer_together(s, s->batch, n);

	for (size_t i = 0; i < n; i++) {
		struct connection *c = s->batch[i];

		/* What failed for one of them must not deny the others. */
		if (!together && (n == 1 || !answer_together(s, &s->batch[i], 1)))
			judge_store_failed(&c->request, &c->reply);
		/* An empty socket has room for one frame; a peer that left has lost its answer. */
		if (send(c->fd, &c->reply, proto_reply_size(c->reply.version),
			    MSG_DONTWAIT | MSG_NOSIGNAL) < 0 &&
			may_log(s, c->uid))
			log_line(LOG_NOTICE, "peer=%u left before its answer", (unsigned)c->uid);
		if (may_log(s, c->uid))
			log_answer(c);
		hang_up(c);
	}
}

static void cut_late(struct server *s, int64_t now)
{
	for (size_t i = 0; i < s->count; i++) {
		struct connection *c = &s->connection[i];

		if (c->fd < 0 || now < c->deadline)
			continue;
		if (may_log(s, c->uid))
			log_line(LOG_NOTICE,
				"peer=%u asked nothing in time, or there was none for its answer",
				(unsigned)c->uid);
		hang_up(c);
	}
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When the next thing is due that nobody tells. */
static int64_t next_due(const struct server *s, int64_t now)
{
	int64_t due = now + 3600000;

	if (s->postponed)
		return now;
	for (size_t i = 0; i < s->count; i++)
		due = earlier(due, s->connection[i].deadline);
	if (now < s->accept_after)
		due = earlier(due, s->accept_after);
	if (notify_watchdog_ms() > 0)
		due = earlier(due, s->watchdog_at);
	return s->end_at > 0 ? earlier(due, s->end_at) : due;
}

/* Waits until something is to be done. */
static void wait_for_work(struct server *s, bool *listener_ready, bool *shall_end)
{
	struct pollfd *listener = &s->poll[s->count], *signals = listener + 1;
	int64_t now = monotonic_ms(), due = next_due(s, now);
	bool accepting = s->end_at == 0 && s->count < SERVER_CONNECTIONS && now >= s->accept_after;

	for (size_t i = 0; i < s->count; i++)
		s->poll[i] = (struct pollfd){ .fd = s->connection[i].fd, .events = POLLIN };
	*listener = (struct pollfd){ .fd = accepting ? s->listener : -1, .events = POLLIN };
	*signals = (struct pollfd){ .fd = s->end_at == 0 ? s->signals : -1, .events = POLLIN };
	if (poll(s->poll, s->count + 2, (int)(due > now ? due - now : 0)) < 0) {
		for (size_t i = 0; i < s->count + 2; i++)
			s->poll[i].revents = 0;
	}
	*listener_ready = listener->revents != 0;
	*shall_end = signals->revents != 0;
}

/*
 * Once it shall end, nobody new is let in: they stay in the queue of the socket, for the daemon
 * that comes next. Those who are in are answered first.
 */
static void serve(struct server *s)
{
	bool listener_ready, shall_end;

	while (s->end_at == 0 || (s->count > 0 && monotonic_ms() < s->end_at)) {
		size_t polled = s->count;
		int64_t now;

		wait_for_work(s, &listener_ready, &shall_end);
		now = monotonic_ms();
		if (shall_end)
			s->end_at = now + DRAIN_MS;
		if (notify_watchdog_ms() > 0 && now >= s->watchdog_at) {
			notify_tell("WATCHDOG=1");
			s->watchdog_at = now + notify_watchdog_ms();
		}
		if (listener_ready)
			accept_waiting(s, now);
		read_requests(s, polled);
		compact(s);
		answer(s, gather_batch(s));
		cut_late(s, monotonic_ms());
		compact(s);
	}
}

int server_run(int listener, struct judge *judge)
{
	static struct server server; /* too large for a stack; there is one */
	sigset_t ending;

	sigemptyset(&ending);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGINT);
	server.listener = listener;
	server.judge = judge;
	server.signals = -1;
	if (sigprocmask(SIG_BLOCK, &ending, NULL) == 0)
		server.signals = signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
	if (server.signals < 0) {
		log_line(LOG_ERR, "signals: %s", strerror(errno));
		return -1;
	}
	notify_tell("READY=1");
	log_line(LOG_NOTICE, "ready");
	serve(&server);
	notify_tell("STOPPING=1");
	log_line(LOG_NOTICE, "ending");
	for (size_t i = 0; i < server.count; i++)
		hang_up(&server.connection[i]);
	close(server.signals);
	return 0;
}
