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

/*
 * As root: makes the directory if it is missing and gives it to uid:gid, mode 0700; makes the key
 * file if neither it nor a database is there. 0, or -1 with the reason in the log.
 */
int prepare_state(const char *dir, uid_t uid, gid_t gid);
int prepare_key(const char *path, const char *dir);

/*
 * Reads the key: from a file of root's that nobody else can read, or from the credentials directory
 * that systemd made for this service. 0, or -1 with the reason in the log. The caller wipes it.
 */
int prepare_read_key(const char *path, uint8_t key[static SEAL_KEY_SIZE]);
int prepare_read_credential(const char *dir, uint8_t key[static SEAL_KEY_SIZE]);

#endif
