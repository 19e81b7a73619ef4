/* Starting threads that take work off the one there is. Never used inside a login process. */
#ifndef ADPERM_BASE_THREADS_H
#define ADPERM_BASE_THREADS_H

#include <pthread.h>

#define THREADS_MAX 16

/* As many threads as there are processors for this process; 0 if there is but one. */
unsigned threads_count(void);

/*
 * Starts at most `n` threads, and THREADS_MAX, that take no signals: those are for the one that was
 * there before. How many could be started.
 */
unsigned threads_start(
	pthread_t threads[static THREADS_MAX], unsigned n, void *(*run)(void *data), void *data);

#endif
