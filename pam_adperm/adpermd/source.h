/*
 * Where somebody comes from, as far as a budget of guesses is concerned: an IPv4 address, the /64
 * of an IPv6 address (whoever has one address of it has them all), or nothing, from this machine.
 */
#ifndef ADPERM_SOURCE_H
#define ADPERM_SOURCE_H

#include <stdbool.h>

#define SOURCE_SIZE         64
#define SOURCE_REMEMBERED_S (90 * 86400) /* after its last right code a place is strange again */
#define SOURCE_NOTED_S      86400        /* a right code is noted once in so long */

/*
 * The one way to write an address in numbers, an IPv4-mapped one as its IPv4 address. False: the
 * text is none.
 */
bool source_exact(const char address[static SOURCE_SIZE], char source[static SOURCE_SIZE]);

/* The place of an address in numbers; other text stands for itself. */
void source_of(const char address[static SOURCE_SIZE], char source[static SOURCE_SIZE]);

#endif
