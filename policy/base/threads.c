/* Starting threads; see threads.h. */
#include "base/threads.h"

#include <sched.h>
#include <signal.h>

unsigned threads_count(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;

	return n < 2 ? 0 : n < THREADS_MAX ? (unsigned)n : THREADS_MAX;
}

unsigned threads_start(
	pthread_t threads[static THREADS_MAX], unsigned n, void *(*run)(void *data), void *data)
{
	sigset_t all, before;
	unsigned started = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (started < n && started < THREADS_MAX &&
		pthread_create(&threads[started], NULL, run, data) == 0)
		started++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}
