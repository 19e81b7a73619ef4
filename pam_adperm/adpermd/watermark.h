/*
 * How far the state had come, kept outside of it: the number of its changes, in decimal, in a file
 * beside the directory. A state with fewer is an old copy that somebody put back, and with it codes
 * that were used, secrets that were revoked. Written after the commit and never synced: a crash may
 * leave it behind the state, never ahead.
 */
#ifndef ADPERM_WATERMARK_H
#define ADPERM_WATERMARK_H

#include <stdint.h>

#define WATERMARK_SUFFIX ".mark" /* behind the name of the directory */

/* 0; -ENODATA: the file is empty; -EBADMSG: it holds no such number; or another negative errno. */
int watermark_read(int fd, int64_t *changes);

/* A write that fails leaves an older number, and denies nobody. */
void watermark_write(int fd, int64_t changes);

#endif
