/* How far the state had come; see watermark.h. */
#include "adpermd/watermark.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define DIGITS                                                                                     \
	19 /* of the largest number, and of every one: they are written with zeros before          \
	    */

int watermark_read(int fd, int64_t *changes)
{
	char text[DIGITS + 1];
	ssize_t len = pread(fd, text, sizeof text, 0);

	*changes = 0;
	if (len <= 0)
		return len == 0 ? -ENODATA : -errno;
	if (len != (ssize_t)sizeof text || text[DIGITS] != '\n')
		return -EBADMSG;
	for (int i = 0; i < DIGITS; i++) {
		if (text[i] < '0' || text[i] > '9' || (i == 0 && text[i] > '8'))
			return -EBADMSG;
		*changes = *changes * 10 + (text[i] - '0');
	}
	return 0;
}

void watermark_write(int fd, int64_t changes)
{
	char text[DIGITS + 2];

	snprintf(text, sizeof text, "%0*" PRId64 "\n", DIGITS, changes);
	if (pwrite(fd, text, DIGITS + 1, 0) < 0)
		return;
}
