/*
 * The bytes of one policy file on their way to the YAML parser: read in pieces, digested, judged as
 * characters, so that nothing behind this ever sees anything but clean UTF-8, and cut where a
 * parser may begin.
 */
#ifndef ADPERM_LANG_INPUT_H
#define ADPERM_LANG_INPUT_H

#include "base/diag.h"
#include "base/hash.h"
#include "lang/cut.h"
#include "lang/tape.h"

#define INPUT_MAX ((uint64_t)256 << 20) /* bytes of a file */
#define PIECE_MAX ((size_t)64 << 10)    /* bytes of a piece, where nothing else is said */

/* A piece of a file. */
struct piece {
	uint8_t *bytes; /* owned; [start .. end-1] are the piece */
	size_t start, end;
	uint32_t line;       /* of its first byte, from 1 */
	bool cuttable;       /* a parser may begin here, */
	struct cut cut;      /* in this nesting */
	bool last;           /* there is no more */
	bool stopped;        /* because what was reported makes the rest not worth reading */
	struct tape reports; /* what is wrong with it */
	uint8_t digest[SHA256_SIZE + 8]; /* of the last: of the whole file, and its length */
};

struct input {
	int fd;              /* the caller's */
	struct diags *diags; /* the caller's; empty between pieces */
	struct mark at;      /* of the next character to be judged */
	struct sha256 digest;
	size_t piece;     /* bytes of a piece, at most */
	uint64_t length;  /* bytes read so far */
	unsigned refused; /* characters reported so far */
	bool ended;       /* read() gave nothing more */
	bool stopped;     /* reported something that makes the rest not worth reading */
	struct outline outline;
	uint32_t next_line; /* of the next piece */
	bool cuttable;      /* it may begin with `cut` */
	struct cut cut;
	uint8_t *buffer;              /* [given .. judged-1] can be given, [judged .. filled-1] */
	size_t given, judged, filled; /* is a character cut in half */
};

/* `piece`: bytes of a piece, at least 64. */
void input_start(struct input *in, int fd, uint32_t file, struct diags *diags, size_t piece);

/* Reads the next piece. False: out of memory. Not to be called again after the last one. */
bool input_piece(struct input *in, struct piece *out);

void input_done(struct input *in);

/* Gives back the bytes of a piece, and its reports. */
void piece_done(struct piece *piece);

#endif
