/*
 * Sources of policy that are shared objects. A login that reads the database only must not pay for
 * them: all there is here is the way into sources.so, which loads a source and watches over it
 * (sources/guard.c), and which is itself loaded when switch.conf names one.
 */
#ifndef ADPERM_SWITCH_PLUGIN_H
#define ADPERM_SWITCH_PLUGIN_H

#include "switch/source.h"

#define PLUGIN_DIRECTORY ADPERM_LIBEXECDIR /* from the Makefile: /usr/lib/adperm */
#define PLUGIN_HOST      "sources.so"

/* What sources.so exports as adperm_sources. */
struct plugin_host {
	uint32_t size;       /* of struct source, struct source_ops and struct held together, ... */
	const char *version; /* ... and the version, both of which must be the caller's own */

	/* Loads source_NAME.so, which has been judged already, from `path`. */
	enum adperm_reason (*open)(
		const char *path, const char *name, const char *config, struct source *out);
};

extern const struct plugin_host adperm_sources __attribute__((visibility("default")));

#define PLUGIN_SIZE                                                                                \
	((uint32_t)(sizeof(struct source) + sizeof(struct source_ops) + sizeof(struct held)))

/*
 * Opens the source `name` from the directory of sources (NULL: the usual one). Its configuration
 * is source_NAME.conf beside switch_conf. ADPERM_OK and a source to close, which may yet turn out
 * to be unavailable; or why it cannot be loaded.
 */
enum adperm_reason plugin_open(
	const char *directory, const char *switch_conf, const char *name, struct source *out);

#endif
