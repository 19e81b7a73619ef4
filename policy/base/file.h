/*
 * Files that must be believed, and files that must not be seen half-written. A trusted file is
 * judged by its open descriptor and by every directory above it: all owned by root, none writable
 * by group or others, no symbolic link on the way. Everything returns 0 or a negative errno.
 */
#ifndef ADPERM_BASE_FILE_H
#define ADPERM_BASE_FILE_H

#include "base/slice.h"
#include <sys/stat.h>

enum trust {
	TRUST_ROOT,   /* owner and modes as above; anything else is -EPERM */
	TRUST_CALLER, /* a file the caller named for a dry run: only that it is a regular file */
};

/*
 * Opens a regular file for reading (close-on-exec, never blocking, descriptor above 2) and gives
 * its state. -ENOENT: it or a directory above it is absent. -EPERM: it is not to be trusted.
 */
int file_open(const char *path, enum trust trust, int *fd, struct stat *state);

/* Judges the directory that `path` is in, and all above it, as TRUST_ROOT does. */
int file_trusted_above(const char *path);
/* Judges the directory `path` itself, too. */
int file_trusted_dir(const char *path);

/*
 * The same open file under a number that is none of the standard streams', which the host may have
 * closed. Closes fd if it had to move. Passes a negative fd on; a negative errno if it cannot.
 */
int file_above_standard(int fd);

/* Reads exactly len bytes at pos, whatever signals come. -EIO if the file ends before. */
int file_read_at(int fd, uint64_t pos, void *into, size_t len);

/*
 * Reads a whole trusted file of at most `room` bytes; *len tells how many. -EFBIG if longer.
 */
int file_read(const char *path, enum trust trust, void *into, size_t room, size_t *len);

/*
 * A file that takes its final name only when it is complete: written beside it under a temporary
 * name, synced, renamed over it, and the directory synced. Until then the old file stands
 * untouched; if only the directory could not be synced, file_commit() fails and says `in_place`.
 */
struct file_new {
	int fd;  /* write here */
	int dir; /* the directory */
	char name[256], temp[256];
	bool in_place; /* it has its name, though that may not outlast a power cut */
};

/* -EEXIST: there is something of that name which is no regular file. Also sweeps temporary files of
 * the same name whose writer is gone. */
int file_create(struct file_new *f, const char *path, mode_t mode);
int file_commit(struct file_new *f);
/* Gives up; harmless after a commit. */
void file_abandon(struct file_new *f);

/* Takes a file away, for good when it returns. 0 also if there is none. */
int file_remove(const char *path);

/* A small file, whole: all three in one. */
int file_write(const char *path, mode_t mode, struct slice bytes);

#endif
