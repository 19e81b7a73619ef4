/*
 * The policy in memory as a source: what `adperm check` asks when it is given YAML. It shares no
 * bytes with the database, so that the two can be compared.
 */
#ifndef ADPERM_LANG_SOURCE_MEMORY_H
#define ADPERM_LANG_SOURCE_MEMORY_H

#include "lang/policy.h"
#include "switch/source.h"

/* A source over a policy, which stays the caller's and must outlive it. False: no memory. */
bool source_memory_open(const struct policy *p, struct source *out);

#endif
