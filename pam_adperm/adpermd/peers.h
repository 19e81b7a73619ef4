/*
 * Who may ask what: the allow list of adperm.conf, `uid -> operations x services`. Root may ask
 * everything and is in no list. The file is read once, at the start; names become numbers then.
 */
#ifndef ADPERM_PEERS_H
#define ADPERM_PEERS_H

#include "adpermd/proto.h"
#include <sys/types.h>

#define PEERS_MAX          32
#define PEERS_SERVICES_MAX 8

struct peer {
	uid_t uid;
	unsigned line;       /* of the file */
	uint32_t operations; /* bit n: enum proto_op n */
	size_t services;
	char service[PEERS_SERVICES_MAX][sizeof((struct proto_request *)NULL)->service];
};

struct peers {
	size_t count;
	struct peer peer[PEERS_MAX];
};

/* The number of a user name or of a decimal uid; false if there is no such user. */
typedef bool peers_lookup(const char *name, uid_t *uid);

/*
 * Reads a list. Tells all that is wrong to the log as "NAME:LINE: ..."; 0, or -EINVAL if a line is
 * no line of it. A user whom the system does not know is a warning: the line then gives nobody
 * anything.
 */
int peers_parse(
	const char *name, const char *text, size_t len, peers_lookup *lookup, struct peers *out);

/* The same from a file that must be root's alone; absent, it is an empty list. */
int peers_read(const char *path, peers_lookup *lookup, struct peers *out);

/* May this uid ask this, for this service? */
bool peers_allow(const struct peers *peers, uid_t uid, unsigned op, const char *service);

#endif
