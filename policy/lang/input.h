/*
 * The bytes of one policy file on their way to the YAML parser: read in pieces, digested, and
 * judged as characters, so that nothing behind this ever sees anything but clean UTF-8.
 */
#ifndef ADPERM_LANG_INPUT_H
#define ADPERM_LANG_INPUT_H

#include "base/diag.h"
#include "base/hash.h"

#define INPUT_MAX ((uint64_t)256 << 20) /* bytes of a file */

struct input {
	int fd; /* the caller's */
	struct diags *diags;
	struct mark at; /* of the next character to be judged */
	struct sha256 digest;
	uint64_t length;  /* bytes read so far */
	unsigned refused; /* characters reported so far */
	bool ended;       /* read() gave nothing more */
	bool stopped;     /* reported something that makes the rest not worth reading */
	/* buffer[next .. judged-1] can be given; [judged .. filled-1] is a character cut in half.
	 */
	size_t next, judged, filled;
	uint8_t buffer[65536];
};

void input_start(struct input *in, int fd, uint32_t file, struct diags *diags);

/* Copies at most `room` bytes; *len 0 at the end. False: stopped, and the reason was reported. */
bool input_read(struct input *in, uint8_t *into, size_t room, size_t *len);

#endif
