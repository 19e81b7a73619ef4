/*
 * Second factors as other programs keep them, read from the bytes of their files. What a file says
 * that has no counterpart here is reported where it stands; a secret never is. Pure: time and file
 * are the caller's.
 */
#ifndef ADPERM_CLI_FOREIGN_H
#define ADPERM_CLI_FOREIGN_H

#include "adpermd/proto.h"
#include "lang/policy.h"

#define FOREIGN_USER 256 /* bytes of a user's name, with its NUL */

struct foreign {
	char user[FOREIGN_USER]; /* "" where a file is one user's */
	struct mark mark;        /* of the line that has the secret */
	uint8_t secret[PROTO_SECRET_MAX];
	uint8_t secret_len, digits, period;
	int64_t spent; /* a code of this time step may have been used; 0: the file tells of none */
};

/* All of a file, in its order. The caller wipes them with foreigners_done(). */
struct foreigners {
	struct foreign *at; /* has room for all of a file: growing would leave secrets behind */
	uint32_t n, room;
	uint32_t left_out; /* persons that cannot be taken over */
};

/* False: a line is not understood, or memory is short; it is in `diags`. */
typedef bool foreign_reader(
	struct slice text, uint32_t file, struct diags *diags, struct foreigners *out);

/*
 * ~/.google_authenticator of pam_google_authenticator(8): one person's secret, options and scratch
 * codes.
 */
foreign_reader google_read;

/* users.oath of pam_oath: one person a line, SHA-1 always. Times in it are local. */
foreign_reader oath_read;

/* Makes room for as many as there are lines; false: out of memory. */
bool foreigners_room(struct foreigners *all, struct slice text);
void foreigners_done(struct foreigners *all);

/* --- for the readers ------------------------------------------------------------------------- */

/* A text, line by line and word by word. */
struct foreign_text {
	struct slice rest, line; /* not yet read; of the line that is being read */
	const uint8_t *begin;    /* of this line */
	struct mark at;          /* of the word read last */
	struct diags *diags;
};

struct foreign_text foreign_text(struct slice text, uint32_t file, struct diags *diags);
/* Goes to the next line; false after the last. */
bool foreign_line(struct foreign_text *t);
/* The next word between blanks and tabs; empty at the end of the line. */
struct slice foreign_word(struct foreign_text *t);
/* A number in decimal digits; false if the word is none, or is too large. */
bool foreign_number(struct slice word, int64_t *out);

/*
 * Adds one, or says why it cannot be taken over: `obstacle`, or a secret that is too short. False:
 * out of memory.
 */
bool foreign_add(struct foreigners *all, const struct foreign *one, const char *obstacle,
	struct diags *diags);

#endif
