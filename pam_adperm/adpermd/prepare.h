/*
 * What must be there before the daemon can work: the key that seals the secrets, and the directory
 * of the state. The key file is made only where no state is that an older key has sealed.
 */
#ifndef ADPERM_PREPARE_H
#define ADPERM_PREPARE_H

#include "adpermd/seal.h"
#include <sys/types.h>

/*
 * Whether the directory that `path` is in is there, and like all above it root's alone to write; if
 * not, the log says what to do.
 */
bool prepare_is_safe(const char *path);

/* The keys of a file: the one that seals and, while it takes another's place, that one behind it.
 */
struct keys {
	size_t count;
	uint8_t bytes[2][SEAL_KEY_SIZE];
};

/*
 * As root: makes the directory if it is missing and gives it to uid:gid, mode 0700; makes the key
 * file if neither it nor a database is there; makes the watermark's file if it is missing. 0, or -1
 * with the reason in the log.
 */
int prepare_state(const char *dir, uid_t uid, gid_t gid);
int prepare_key(const char *path, const char *dir);
int prepare_mark(const char *dir, uid_t uid, gid_t gid);

/* As root: empties the watermark's file, so that the state is taken as it is. The same. */
int prepare_accept(const char *dir);

/*
 * Reads the keys: from a file of root's that nobody else can read, or from the credentials
 * directory that systemd made for this service. 0, or -1 with the reason in the log. The caller
 * wipes them.
 */
int prepare_read_key(const char *path, struct keys *keys);
int prepare_read_credential(const char *dir, struct keys *keys);

/* Opens the watermark's file; -1 if there is none, which the log says. */
int prepare_open_mark(const char *dir);

#endif
