/*
 * A secret on the screen: shown past stdio, which would keep a copy; questions to whoever reads it;
 * and the screen cleared when it has been read. Also after Ctrl-C: while a secret is shown, a
 * signal to end only ends the question that is open.
 */
#ifndef ADPERM_CLI_SECRET_SCREEN_H
#define ADPERM_CLI_SECRET_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

/* Whether there is a terminal to show something on and to be answered from. */
bool screen_is_there(void);

/* From here on signals to end do no more than said above. */
void screen_begin(void);

/* Writes to standard output. False: not all of it was written. */
bool screen_show(const void *bytes, size_t len);

/* A text as a QR code; PLAIN: nothing was drawn, it is no terminal that knows UTF-8. */
enum screen_drawn { SCREEN_FAILED = 0, SCREEN_TOO_SMALL, SCREEN_PLAIN, SCREEN_DRAWN };
enum screen_drawn screen_draw(const char *text);

/*
 * Asks on a terminal, and reads a line of standard input in any case, without the line feed; what
 * is longer is cut. False: nothing more is to come, or somebody wants to end.
 */
bool screen_ask(const char *prompt, char *line, size_t size);
/* The same; false also if nothing is typed for so many seconds. */
bool screen_ask_within(const char *prompt, char *line, size_t size, int seconds);

/* Clears a terminal, and what scrolled off it. */
void screen_clear(void);

#endif
