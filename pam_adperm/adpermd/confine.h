/*
 * What the daemon forbids itself once it has opened what it needs, with or without a supervisor
 * that does the same: files other than its state (Landlock), and system calls other than those it
 * makes (seccomp). A call that is refused fails with EPERM and is told to the log.
 */
#ifndef ADPERM_CONFINE_H
#define ADPERM_CONFINE_H

/* Both: 0, or -1 with the reason in the log. lockdown_seal() must have been called. */

/* Only below `state` may files be opened from now on. A kernel without Landlock is told, and kept.
 */
int confine_files(const char *state);

/* Only the calls of the list in confine.c, none of them for memory that can be executed. */
int confine_calls(void);

#endif
