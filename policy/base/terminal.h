/*
 * What may be written to a stream besides words: colours only on a terminal, and not for people
 * who set NO_COLOR (no-color.org) or whose terminal is called "dumb".
 */
#ifndef ADPERM_BASE_TERMINAL_H
#define ADPERM_BASE_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

bool terminal_is(FILE *out);
bool terminal_colours(FILE *out);

/* Columns, 80 where that is unknown. */
unsigned terminal_width(FILE *out);

/* Escape sequences for the words between a colour and TERMINAL_PLAIN. */
#define TERMINAL_BOLD    "\033[1m"
#define TERMINAL_RED     "\033[1;31m"
#define TERMINAL_GREEN   "\033[1;32m"
#define TERMINAL_MAGENTA "\033[1;35m"
#define TERMINAL_CYAN    "\033[1;36m"
#define TERMINAL_PLAIN   "\033[0m"

#endif
