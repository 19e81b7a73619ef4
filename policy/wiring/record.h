/*
 * What `adperm wire` has done to a service, so that it can be undone to the byte: one small file a
 * service in a directory of root's, beside the dated copies of what was.
 */
#ifndef ADPERM_WIRING_RECORD_H
#define ADPERM_WIRING_RECORD_H

#include "base/hash.h"

#include <limits.h>

#define RECORD_DIRECTORY "/var/lib/adperm/wiring"
#define RECORD_FILES_MAX 40

struct record_file {
	char path[PATH_MAX];
	bool block;                  /* our lines are between marks; else the file is ours */
	uint8_t digest[SHA256_SIZE]; /* of what we wrote, if not a block */
	char copy[PATH_MAX];         /* of what was before; "": nothing was there */
};

struct record {
	struct record_file files[RECORD_FILES_MAX];
	size_t n;
};

/* 0, -ENOENT: the service is not wired; -EBADMSG: the record is damaged; or a negative errno. */
int record_read(const char *directory, const char *service, struct record *record);
int record_write(const char *directory, const char *service, const struct record *record);
int record_remove(const char *directory, const char *service);

#endif
