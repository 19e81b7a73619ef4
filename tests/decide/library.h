/*
 * The shared library loaded as a plug-in would be: apart, so that neither it nor the test program,
 * which may contain the same functions, takes the other's.
 */
#ifndef ADPERM_TESTS_DECIDE_LIBRARY_H
#define ADPERM_TESTS_DECIDE_LIBRARY_H

#include "adperm.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

typedef enum adperm_reason library_open_function(
	const struct adperm_options *options, struct adperm **policy);
typedef enum adperm_verdict library_ask_function(struct adperm *policy,
	const struct adperm_question *question, struct adperm_answer *answer);
typedef void library_close_function(struct adperm *policy);

struct library {
	void *loaded;
	struct adperm *policy;
	library_open_function *open;
	library_ask_function *ask;
	library_close_function *close;
};

/* The file that was built. */
static inline const char *library_path(void)
{
	static char path[512];
	const char *build = getenv("BUILD");

	snprintf(path, sizeof path, "%s/libadperm.so.0", build != NULL ? build : "build");
	return path;
}

static inline bool library_load(struct library *l, const char *path)
{
	*l = (struct library){ .loaded = dlopen(path, RTLD_NOW | RTLD_LOCAL) };
	if (l->loaded == NULL) {
		printf("# %s\n", dlerror());
		return false;
	}
	*(void **)&l->open = dlsym(l->loaded, "adperm_open");
	*(void **)&l->ask = dlsym(l->loaded, "adperm_ask");
	*(void **)&l->close = dlsym(l->loaded, "adperm_close");
	return l->open != NULL && l->ask != NULL && l->close != NULL;
}

/* Closes the policy, if it is open, and unloads. */
static inline void library_close(struct library *l)
{
	if (l->policy != NULL)
		l->close(l->policy);
	if (l->loaded != NULL)
		dlclose(l->loaded);
}

#endif
