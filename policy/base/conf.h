/*
 * adperm.conf, which several programs read: lines of words, `#` to the end of a line is a comment.
 * The first word of a line says whose it is; nobody judges what is somebody else's, and everybody
 * refuses what is nobody's.
 */
#ifndef ADPERM_BASE_CONF_H
#define ADPERM_BASE_CONF_H

#include "base/slice.h"

#define CONF_PATH "/etc/adperm/adperm.conf"
#define CONF_MAX  16384 /* bytes */

enum conf_reader {
	CONF_NOBODY = 0,
	CONF_ADPERMD, /* client */
	CONF_TOOL,    /* mail, alerts: read by adperm */
};

/* Whose a line is that begins with this word. */
enum conf_reader conf_whose(struct slice word);

/* Takes the next line of *rest, without its comment. */
struct slice conf_line(struct slice *rest);
/* Takes the next piece of *rest that ends at `end`, or at blanks if that is ' '. */
struct slice conf_piece(struct slice *rest, char end);

#endif
