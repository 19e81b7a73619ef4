/* The way into sources.so; see plugin.h. */
#include "switch/plugin.h"

#include "base/file.h"
#include "base/text.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <unistd.h>

/* Is it a file that root alone can have put there? */
static enum adperm_reason judge(const char *path)
{
	struct stat state;
	int fd, ret = file_open(path, TRUST_ROOT, &fd, &state);

	if (ret == 0)
		close(fd);
	switch (ret) {
	case 0: return ADPERM_OK;
	case -ENOENT:
	case -ENOTDIR: return ADPERM_POLICY_SOURCE_MISSING;
	case -EPERM: return ADPERM_POLICY_SOURCE_UNSAFE_PATH;
	default: return ADPERM_POLICY_UNAVAIL;
	}
}

/* directory/prefix name suffix, whole; false if it is too long. */
static bool join(char out[static PATH_MAX], struct slice directory, const char *prefix,
	const char *name, const char *suffix)
{
	struct text t = text_over(out, PATH_MAX);

	text_add_slice(&t, directory);
	text_add(&t, prefix);
	text_add(&t, name);
	text_add(&t, suffix);
	return !t.cut;
}

/*
 * By its path once that is known to be root's alone, so that nobody can exchange it in between. It
 * stays loaded: to unload what libraries a source brought would pull them from under the host.
 */
static const struct plugin_host *load_host(const char *path)
{
	void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	const struct plugin_host *host = object != NULL ? dlsym(object, "adperm_sources") : NULL;

	if (host == NULL || host->size != PLUGIN_SIZE || strcmp(host->version, ADPERM_VERSION) != 0)
		return NULL;
	return host;
}

enum adperm_reason plugin_open(
	const char *directory, const char *switch_conf, const char *name, struct source *out)
{
	struct slice where = slice_str(directory != NULL ? directory : PLUGIN_DIRECTORY);
	struct slice beside = slice_str(switch_conf);
	char path[PATH_MAX], source[PATH_MAX], config[PATH_MAX];
	const struct plugin_host *host;
	enum adperm_reason why;

	/* The directory of that file, without the slash. */
	while (beside.len > 0 && beside.at[beside.len - 1] != '/')
		beside.len--;
	beside.len -= beside.len > 0;
	if (!join(path, where, "/", PLUGIN_HOST, "") ||
		!join(source, where, "/source_", name, ".so") ||
		!join(config, beside, "/source_", name, ".conf"))
		return ADPERM_POLICY_SOURCE_MISSING;
	why = judge(source);
	if (why == ADPERM_OK)
		why = judge(path);
	if (why != ADPERM_OK)
		return why;
	host = load_host(path);
	return host != NULL ? host->open(source, name, config, out) : ADPERM_POLICY_SOURCE_ABI;
}
