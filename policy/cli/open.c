/* Opening a policy for questions, from YAML or from a database; see cli.h. */
#include "cli/cli.h"
#include "cli/progress.h"

#include "adperm.h"
#include "base/diag.h"
#include "db/format.h"
#include "lang/from_db.h"
#include "lang/source_memory.h"
#include "switch/handle.h"
#include "switch/source_db.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

const char *policy_meant(const char *policy)
{
	return policy != NULL ? policy : ADPERM_DB;
}

const char *people_meant(const char *people, const char *policy)
{
	return people == NULL && policy == NULL ? ADPERM_PEOPLE : people;
}

/* By its first record, which stands at a fixed place, or by its name. */
bool path_is_database(const char *path)
{
	size_t len = strlen(path);
	char magic[DB_MAGIC_SIZE];
	int fd;
	bool found;

	if (len > 4 && strcmp(path + len - 4, ".cdb") == 0)
		return true;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return false;
	/* Behind the head stand the two lengths and the one byte of the key. */
	found = pread(fd, magic, sizeof magic, DB_HEAD_SIZE + DB_RECORD_HEAD + 1) == sizeof magic &&
		memcmp(magic, DB_MAGIC, sizeof magic) == 0;
	close(fd);
	return found;
}

static void load_yaml(const char *path, struct opened *out)
{
	out->diags = diags_new();
	progress_begin("reading", path);
	if (out->diags != NULL)
		out->policy = policy_load(&path, 1, out->diags);
	progress_end();
	if (out->diags != NULL && (diags_errors(out->diags) > 0 || diags_warnings(out->diags) > 0))
		diags_print(out->diags, stderr);
	if (out->policy == NULL && (out->diags == NULL || diags_errors(out->diags) == 0))
		complain("%s: out of memory", path);
}

bool open_policy(const char *path, const char *people, const char *server, struct opened *out)
{
	struct source source;
	enum adperm_reason why = ADPERM_OK;

	*out = (struct opened){ .handle = NULL };
	if (path_is_database(path))
		why = source_db_open(path, TRUST_CALLER, &source);
	else {
		load_yaml(path, out);
		if (out->policy == NULL || !source_memory_open(out->policy, &source))
			goto failed;
	}
	if (why == ADPERM_OK)
		why = adperm_over(&source, people, TRUST_CALLER, server, &out->handle);
	if (why == ADPERM_OK)
		return true;
	complain("%s: %s (%s)", path, adperm_reason_text(why), adperm_reason_word(why));
failed:
	close_policy(out);
	return false;
}

/* Where and why switch.conf is not understood; or why it cannot be read. */
static void complain_switch(const char *path)
{
	struct switch_conf conf;
	struct switch_error error;
	int ret = switch_read(path, TRUST_ROOT, &conf, &error);

	if (ret == -EINVAL)
		complain("%s:%u: error: %s (policy_switch); see adperm-switch.conf(5)", path,
			error.line, error.what);
	else if (ret == -EPERM)
		complain("%s: the file, or a directory above it, is not root's alone to write",
			path);
	else
		complain("%s: cannot be read: %s", path, strerror(-ret));
}

bool open_installed(const struct adperm_options *options, struct opened *out)
{
	const char *conf = options->switch_conf != NULL ? options->switch_conf : ADPERM_SWITCH;
	enum adperm_reason why;

	*out = (struct opened){ .handle = NULL };
	why = adperm_open(options, &out->handle);
	if (why == ADPERM_POLICY_SWITCH)
		complain_switch(conf);
	else if (why != ADPERM_OK)
		complain("%s: %s (%s)", policy_meant(options->db), adperm_reason_text(why),
			adperm_reason_word(why));
	return why == ADPERM_OK;
}

/* The rows of a database, for who asks more than a look-up can answer. */
static void load_database(const char *path, struct opened *out)
{
	enum db_result result = DB_NOMEM;
	enum adperm_reason why;
	struct meta meta;

	out->diags = diags_new();
	progress_begin("reading", path);
	if (out->diags != NULL)
		result = policy_from_db(path, TRUST_CALLER, out->diags, &meta, &out->policy);
	progress_end();
	why = source_db_reason(result);
	if (why != ADPERM_OK)
		complain("%s: %s (%s)", path, adperm_reason_text(why), adperm_reason_word(why));
}

bool open_rows(const char *path, struct opened *out)
{
	*out = (struct opened){ .handle = NULL };
	if (path_is_database(path))
		load_database(path, out);
	else
		load_yaml(path, out);
	if (out->policy != NULL)
		return true;
	close_policy(out);
	return false;
}

void close_policy(struct opened *opened)
{
	adperm_close(opened->handle);
	policy_free(opened->policy);
	diags_free(opened->diags);
	*opened = (struct opened){ .handle = NULL };
}

bool report_begin(const struct command *command, void *arguments, const char *const *policy,
	int argc, char **argv, struct opened *opened, int *code)
{
	int first;

	if (!arguments_parse(command, arguments, argc, argv, &first, code))
		return false;
	*code = EXIT_ERROR;
	if (first < argc) {
		complain_surplus(command, argv[first]);
		return false;
	}
	return open_rows(policy_meant(*policy), opened);
}
