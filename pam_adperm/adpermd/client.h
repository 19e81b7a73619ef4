/*
 * The other end of adpermd's socket, for the PAM module and the tool: one question, one answer, in
 * at most PROTO_DEADLINE_S seconds. It lives in somebody else's process: libc only, no allocation,
 * no signals, no global state, descriptors close-on-exec and above 2.
 */
#ifndef ADPERM_CLIENT_H
#define ADPERM_CLIENT_H

#include "adpermd/proto.h"

enum client_problem {
	CLIENT_OK = 0,      /* there is an answer; only reply->result says which */
	CLIENT_UNREACHABLE, /* no socket, nobody behind it, or no answer in time */
	CLIENT_UNTRUSTED,   /* a directory above the socket, or who listens on it, is not root's */
	CLIENT_PROTOCOL,    /* an answer, but not to this question */
};

/*
 * Asks what *request says. The caller zeroes it, then fills op, generation, service, profile and
 * what the operation needs; magic, version and rid are filled in here. The caller wipes the code in
 * *request, and the secret in *reply, when done. Unless CLIENT_OK is returned *reply is all zero.
 */
enum client_problem client_ask(
	const char *socket_path, struct proto_request *request, struct proto_reply *reply);

/*
 * A connection to a socket of root's, judged in the same way, within so many seconds: for whoever
 * talks to another program of ours. The caller closes *fd if CLIENT_OK is returned.
 */
enum client_problem client_connect(const char *socket_path, int seconds, int *fd);
/* Waits for what is said on it, so many seconds, whatever signals come. False: nothing was. */
bool client_wait(int fd, int seconds);

#endif
