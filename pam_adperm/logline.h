/*
 * One line to the system log without syslog(3): that would open a descriptor, change the ident and
 * take a lock that belong to the program this code is a guest of.
 */
#ifndef ADPERM_PAM_LOGLINE_H
#define ADPERM_PAM_LOGLINE_H

#include "adperm.h"
#include "base/hash.h"
#include "base/text.h"

#define LOGLINE_MAX     2048 /* bytes of a whole message, with its header and a NUL */
#define LOGLINE_FIELD   64   /* bytes of one value, escaped */
#define LOGLINE_TROUBLE 256  /* of what a source of policy complains of */

/*
 * Whether there is a log at all. Where nobody listens, in a container, a line is not worth making,
 * and a socket for it would be the dearest part of a login.
 */
bool logline_heard(void);

/* A message over an array; `level` is LOG_INFO and so on, `tag` the program's name. */
struct text logline_begin(char into[static LOGLINE_MAX], int level, const char *tag);

/* Adds ` name="value"`, escaped and cut to LOGLINE_FIELD; NULL is "". */
void logline_field(struct text *line, const char *name, const char *value);

/* Adds ` source="..."`, why a source of the policy failed, if one did; the policy may be NULL. */
void logline_trouble(struct text *line, const struct adperm *policy);

/* Adds ` key="SHA256:..."` of that digest, whole or `key=""` for NULL. */
void logline_key(struct text *line, const uint8_t *digest);

/* Sends it to /dev/log, waiting at most a fifth of a second for a log that is busy. */
void logline_send(const struct text *line);

#endif
