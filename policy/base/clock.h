/* When a clock can be believed. The same for whoever judges an expiry and whoever judges a code. */
#ifndef ADPERM_BASE_CLOCK_H
#define ADPERM_BASE_CLOCK_H

/*
 * 2026-01-01T00:00:00Z, in seconds since 1970. No policy is older: a clock that says so has lost
 * its battery, and by it what has expired would hold again.
 */
#define CLOCK_EPOCH 1767225600

#endif
