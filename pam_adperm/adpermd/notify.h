/*
 * Telling a supervisor how it goes (sd_notify(3)), in the few bytes that it takes. Without one, all
 * of this does nothing. The environment is read once, at the start.
 */
#ifndef ADPERM_NOTIFY_H
#define ADPERM_NOTIFY_H

/* Connects to it, and remembers how often to tell; later no socket can be made any more. */
void notify_init(void);

/* "READY=1", "WATCHDOG=1", "STOPPING=1". */
void notify_tell(const char *state);

/* How often a "WATCHDOG=1" is due, in milliseconds; 0: never. */
int notify_watchdog_ms(void);

#endif
