/*
 * adperm-people: the only program that writes what people change. One process a connection, on
 * descriptor 0, from systemd or from `adperm` itself. This file says in which order things happen:
 * who asks, then everything that needs more than the files below people/, then that is given up,
 * then the request is read.
 */
#include "people/confine.h"
#include "people/judge.h"

#include "adpermd/proto.h"
#include "base/file.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * That somebody who is nobody here has to ask in, milliseconds: anybody may connect, and there are
 * few places. Clients ask as soon as they are connected, and learn why they are nobody.
 */
#define STRANGER_MS 500

enum { EXIT_ANSWERED = 0, EXIT_FAILED = 1, EXIT_BAD_USAGE = 2 };

struct options {
	const char *people, *sessions, *auth;
	struct adperm_options policy;
};

static const char usage[] =
	"usage: adperm-people [--people DIR] [--db FILE] [--switch FILE] [--sessions DIR]\n"
	"                     [--auth-socket PATH] <SOCKET\n"
	"       adperm-people --help | --version\n"
	"\n"
	"Writes what people change: renounced owners, registered keys, invitations. One request,\n"
	"on a socket that is standard input. See adperm-people(8).\n"
	"\n"
	"  --people DIR        write there (" ADPERM_PEOPLE ")\n"
	"  --db FILE           the compiled policy (" ADPERM_DB ")\n"
	"  --switch FILE       which sources of policy (" ADPERM_SWITCH ")\n"
	"  --sessions DIR      records of logins (" LIVE_SESSIONS ")\n"
	"  --auth-socket PATH  of adpermd (" PROTO_SOCKET ")\n";

/* Fills *o. -1: go on; else the exit status to end with. */
static int parse_options(int argc, char **argv, struct options *o)
{
	enum { PEOPLE = 1, DB, SWITCH, SESSIONS, AUTH, HELP, VERSION };
	static const struct option known[] = {
		{ "people", required_argument, NULL, PEOPLE },
		{ "db", required_argument, NULL, DB },
		{ "switch", required_argument, NULL, SWITCH },
		{ "sessions", required_argument, NULL, SESSIONS },
		{ "auth-socket", required_argument, NULL, AUTH },
		{ "help", no_argument, NULL, HELP },
		{ "version", no_argument, NULL, VERSION },
		{ NULL, 0, NULL, 0 },
	};
	int found;

	while ((found = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (found) {
		case PEOPLE: o->people = optarg; break;
		case DB: o->policy.db = optarg; break;
		case SWITCH: o->policy.switch_conf = optarg; break;
		case SESSIONS: o->sessions = optarg; break;
		case AUTH: o->auth = optarg; break;
		case HELP: fputs(usage, stdout); return EXIT_ANSWERED;
		case VERSION: puts("adperm-people " ADPERM_VERSION); return EXIT_ANSWERED;
		default: fputs(usage, stderr); return EXIT_BAD_USAGE;
		}
	}
	if (optind == argc)
		return -1;
	fputs(usage, stderr);
	return EXIT_BAD_USAGE;
}

/* Whoever started it: no descriptors of theirs, no signals, no limits on what is written. */
static void settle(void)
{
	const struct rlimit no_core = { 0, 0 }, any_size = { RLIM_INFINITY, RLIM_INFINITY };
	sigset_t none;

	umask(077);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (setrlimit(RLIMIT_CORE, &no_core) != 0 || setrlimit(RLIMIT_FSIZE, &any_size) != 0 ||
		close_range(STDERR_FILENO + 1, ~0U, 0) != 0 || chdir("/") != 0)
		err(EXIT_FAILED, "cannot begin");
}

static bool is_seqpacket(int fd)
{
	int domain, type;
	socklen_t len = sizeof domain, type_len = sizeof type;

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 && domain == AF_UNIX &&
	       getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) == 0 && type == SOCK_SEQPACKET;
}

/* The request, in time; its length as it was sent. False: nothing came. */
static bool receive(int fd, const struct asker *asker, struct wish *wish, size_t *len)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	ssize_t got;

	if (poll(&wait, 1, asker->kind == ASKER_NOBODY ? STRANGER_MS : WISH_REQUEST_S * 1000) != 1)
		return false;
	got = recv(fd, wish, sizeof *wish, MSG_DONTWAIT | MSG_TRUNC);
	*len = got > 0 ? (size_t)got : 0;
	return got > 0;
}

static int answer(const struct options *o, int fd)
{
	struct wish wish = { .magic = 0 };
	struct wish_reply reply;
	struct asker asker = { .kind = ASKER_NOBODY };
	struct book book;
	enum wish_result opened = book_open(&book, o->people);
	size_t len;
	int ret = EXIT_FAILED;

	if (opened != WISH_DONE)
		warnx("%s: %s", o->people,
			book.error == -EPERM ? "it, or a directory above it, is not root's alone"
					     : strerror(-book.error));
	else
		asker_find(fd, o->sessions, &o->policy, &asker);
	if (opened == WISH_DONE && confine(o->people) && receive(fd, &asker, &wish, &len)) {
		judge_wish(&book, &asker, o->auth, &wish, len, &reply);
		if (send(fd, &reply, sizeof reply, MSG_NOSIGNAL) == (ssize_t)sizeof reply)
			ret = EXIT_ANSWERED;
	}
	explicit_bzero(&wish, sizeof wish);
	explicit_bzero(&reply, sizeof reply);
	asker_done(&asker);
	book_close(&book);
	return ret;
}

int main(int argc, char **argv)
{
	struct options o = {
		.people = ADPERM_PEOPLE, .sessions = LIVE_SESSIONS, .auth = PROTO_SOCKET
	};
	int ret = argc < 1 ? EXIT_BAD_USAGE : parse_options(argc, argv, &o);

	if (ret >= 0)
		return ret;
	o.policy.people = o.people;
	if (geteuid() != 0)
		errx(EXIT_BAD_USAGE,
			"only root can write there; systemd starts it, or adperm does");
	if (!is_seqpacket(STDIN_FILENO))
		errx(EXIT_BAD_USAGE, "standard input is no connection; see adperm-people(8)");
	settle();
	return answer(&o, STDIN_FILENO);
}
