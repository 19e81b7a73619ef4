/*
 * One policy behind every engine that must agree: the policy in memory, the whole database, and the
 * slice of one server. Used by the decision tables and by the property test.
 */
#ifndef ADPERM_TESTS_ENGINES_H
#define ADPERM_TESTS_ENGINES_H

#include "lang/emit.h"
#include "lang/source_memory.h"
#include "switch/handle.h"
#include "switch/source_db.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* The policy written as a database into a file of its own, opened. NULL if anything fails. */
static inline struct adperm *engine_database(const struct policy *p, uint32_t server)
{
	const struct emit_options options = {
		.server = server, .generation = 7, .not_after = WHEN_NEVER
	};
	char path[] = "/tmp/adperm-engine-XXXXXX";
	struct adperm *handle = NULL;
	struct source source;
	int fd = mkstemp(path);

	if (fd < 0)
		return NULL;
	if (policy_emit(p, &options, fd) == 0 &&
		source_db_open(path, TRUST_CALLER, &source) == ADPERM_OK)
		adperm_over(&source, NULL, TRUST_CALLER, NULL, &handle);
	unlink(path);
	close(fd);
	return handle;
}

static inline struct adperm *engine_memory(const struct policy *p)
{
	struct adperm *handle = NULL;
	struct source source;

	if (source_memory_open(p, &source))
		adperm_over(&source, NULL, TRUST_CALLER, NULL, &handle);
	return handle;
}

#endif
