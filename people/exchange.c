/* A wish and its reply; see exchange.h. */
#include "people/exchange.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ENDS(array) (memchr((array), '\0', sizeof(array)) != NULL)

static bool entry_good(const struct wish_holding *entry)
{
	return ENDS(entry->permission) && ENDS(entry->account);
}

static bool texts_good(const struct wish_reply *reply)
{
	bool good = ENDS(reply->profile) && ENDS(reply->owner) && ENDS(reply->server) &&
		    ENDS(reply->code) && ENDS(reply->pin) && ENDS(reply->secret) &&
		    reply->key_len <= sizeof reply->key && reply->count <= WISH_PAGE;

	for (size_t i = 0; good && i < WISH_RECOVERY_CODES; i++)
		good = ENDS(reply->recovery[i]);
	for (size_t i = 0; good && i < reply->count; i++)
		good = entry_good(&reply->entry[i]);
	return good;
}

/* MSG_TRUNC: the length of what was sent, also of a longer frame. */
static bool take(int fd, const struct wish *wish, struct wish_reply *reply)
{
	return client_wait(fd, WISH_DEADLINE_S) &&
	       recv(fd, reply, sizeof *reply, MSG_DONTWAIT | MSG_TRUNC) == (ssize_t)sizeof *reply &&
	       reply->magic == WISH_MAGIC && reply->version == WISH_VERSION &&
	       (reply->op == wish->op || reply->result == WISH_MALFORMED) && texts_good(reply);
}

bool wish_exchange(int fd, struct wish *wish, struct wish_reply *reply)
{
	bool good;

	wish->magic = WISH_MAGIC;
	wish->version = WISH_VERSION;
	explicit_bzero(reply, sizeof *reply);
	good = send(fd, wish, sizeof *wish, MSG_NOSIGNAL) == (ssize_t)sizeof *wish &&
	       take(fd, wish, reply);
	if (!good)
		explicit_bzero(reply, sizeof *reply);
	return good;
}

enum client_problem wish_ask(const char *socket_path, struct wish *wish, struct wish_reply *reply)
{
	int fd = -1;
	enum client_problem problem = client_connect(socket_path, WISH_REQUEST_S, &fd);

	explicit_bzero(reply, sizeof *reply);
	if (problem != CLIENT_OK)
		return problem;
	if (!wish_exchange(fd, wish, reply))
		problem = CLIENT_PROTOCOL;
	close(fd);
	return problem;
}
