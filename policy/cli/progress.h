/*
 * On a terminal, whatever takes longer than two seconds says so on standard error, in one line that
 * goes away again. One thing at a time.
 */
#ifndef ADPERM_CLI_PROGRESS_H
#define ADPERM_CLI_PROGRESS_H

/*
 * What is being done, to what: "reading", "policy.d". Until progress_end() nothing else writes to
 * the terminal.
 */
void progress_begin(const char *doing, const char *what);

/* Takes the line away. Harmless if nothing was begun, or has been ended. */
void progress_end(void);

#endif
