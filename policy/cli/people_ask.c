/* Asking adperm-people; see people_ask.h. */
#include "cli/people_ask.h"

#include "adperm.h"
#include "model/names.h"
#include "people/exchange.h"

#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static bool take_email(const char *command, const char *email, char out[static WISH_EMAIL_SIZE])
{
	if (email == NULL || (name_is_email(slice_str(email)) &&
				     name_lower(slice_str(email), out, WISH_EMAIL_SIZE)))
		return true;
	complain("%s: \"%s\" is no e-mail address", command, email);
	return false;
}

bool people_begin(struct wish *wish, const char *command, enum wish_op op, const char *profile,
	const char *owner)
{
	*wish = (struct wish){ .op = (uint16_t)op };
	return take_email(command, profile, wish->profile) &&
	       take_email(command, owner, wish->owner);
}

/* --- one request, one reply */

/* Starts it over one end of a pair; it has the other's credentials from the kernel: ours. */
static int start(const struct people_options *o, int theirs, pid_t *child)
{
	const char *const argv[] = { o->program, "--people", o->people,
		o->auth != NULL ? "--auth-socket" : NULL, o->auth, NULL };
	char *const environment[] = { NULL };
	posix_spawn_file_actions_t files;
	int ret = posix_spawn_file_actions_init(&files);

	if (ret != 0)
		return ret;
	ret = posix_spawn_file_actions_adddup2(&files, theirs, STDIN_FILENO);
	if (ret == 0)
		/* posix_spawn(3) does not write to it; its type is older than const. */
		ret = posix_spawn(child, o->program, &files, NULL, (char *const *)(uintptr_t)argv,
			environment);
	posix_spawn_file_actions_destroy(&files);
	return ret;
}

static bool ask_started(const char *command, const struct people_options *o, struct wish *wish,
	struct wish_reply *reply)
{
	int ends[2], ret;
	pid_t child;
	bool good;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
		complain("%s: %s", command, strerror(errno));
		return false;
	}
	ret = start(o, ends[1], &child);
	close(ends[1]);
	good = ret == 0 && wish_exchange(ends[0], wish, reply);
	close(ends[0]);
	while (ret == 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	if (ret != 0)
		complain("%s: %s: %s", command, o->program, strerror(ret));
	else if (!good)
		complain("%s: adperm-people gave no answer; whether it was done is not known: "
			 "repeat it",
			command);
	return good;
}

static bool ask_socket(const char *command, const struct people_options *o, struct wish *wish,
	struct wish_reply *reply)
{
	int fd;
	enum client_problem problem = client_connect(o->socket, WISH_REQUEST_S, &fd);
	bool good;

	if (problem != CLIENT_OK) {
		complain("%s: %s: %s", command, o->socket,
			problem == CLIENT_UNTRUSTED
				? "not asked: the directories above it and who listens there must "
				  "be root's alone"
				: "nobody answers; root can start it: `systemctl start "
				  "adperm-people.socket`");
		return false;
	}
	good = wish_exchange(fd, wish, reply);
	close(fd);
	if (!good)
		complain("%s: adperm-people gave no answer; whether it was done is not known: "
			 "repeat it",
			command);
	return good;
}

bool people_ask(const char *command, const struct people_options *o, struct wish *wish,
	struct wish_reply *reply)
{
	bool good = geteuid() == 0 ? ask_started(command, o, wish, reply)
				   : ask_socket(command, o, wish, reply);

	explicit_bzero(wish->code, sizeof wish->code);
	explicit_bzero(wish->pin, sizeof wish->pin);
	return good;
}

int people_failed(const char *command, const struct wish_reply *reply)
{
	switch (reply->result) {
	case WISH_NONE: break;
#define WISH_SAYS(number, symbol, word, says)                                                      \
	case WISH_##symbol: return complain("%s: %s", command, says);
		WISH_RESULTS(WISH_SAYS)
#undef WISH_SAYS
	}
	return complain("%s: adperm-people gave an answer that means nothing here", command);
}
