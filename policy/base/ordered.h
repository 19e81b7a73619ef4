/*
 * Work in numbered steps that several threads make at the same time, while the caller takes what
 * they made in the order of the steps: what comes out is the same with any number of threads.
 */
#ifndef ADPERM_BASE_ORDERED_H
#define ADPERM_BASE_ORDERED_H

#include "base/threads.h"

#include <stdint.h>

/* Steps that are made, or waiting to be taken, at the same time. */
#define ORDERED_SLOTS (2 * THREADS_MAX + 2)

struct ordered {
	void *data;
	uint32_t steps;
	unsigned threads; /* beside the caller's own, up to THREADS_MAX; 0: it makes the steps */
	/* Makes a step into place `slot`, which is free; on thread `thread`, from 0. 0 or -errno.
	 */
	int (*make)(void *data, uint32_t step, unsigned slot, unsigned thread);
	/* Takes it from there. 0 or -errno. */
	int (*take)(void *data, uint32_t step, unsigned slot);
};

/* Until all steps are taken: 0; or one failed: the error of the first that did. */
int ordered_run(const struct ordered *o);

#endif
