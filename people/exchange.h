/*
 * The other end of adperm-people's socket, for whoever has a wish: the tool, the PAM module, the
 * dialogue. Lives in somebody else's process, as adpermd/client.h does.
 */
#ifndef ADPERM_PEOPLE_EXCHANGE_H
#define ADPERM_PEOPLE_EXCHANGE_H

#include "adpermd/client.h"
#include "people/wish.h"

/*
 * Sends the wish, which is whole but for magic and version, and takes the reply, all of whose texts
 * have an end. False: there is none, and whether it was granted is not known; *reply is zero.
 */
bool wish_exchange(int fd, struct wish *wish, struct wish_reply *reply);

/*
 * The same over a connection of its own. CLIENT_PROTOCOL: asked, but not answered, or not as it
 * should be. The caller wipes what is secret in both.
 */
enum client_problem wish_ask(const char *socket_path, struct wish *wish, struct wish_reply *reply);

#endif
