/* adperm compile: YAML to a database. */
#include "cli/cli.h"
#include "cli/describe.h"

#include "base/file.h"
#include "cli/progress.h"
#include "cli/signature.h"
#include "lang/emit.h"
#include "lang/reading.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DB_MODE     0640
#define DEFAULT_OUT "policy.cdb"

struct arguments {
	const char *out, *server, *generation, *not_after, *sign;
	bool json;
};

/* A whole decimal number. */
static bool parse_number(const char *text, uint64_t *out)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*out = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0';
}

static bool settle(const struct arguments *a, const struct policy *p, struct emit_options *options)
{
	*options = (struct emit_options){ .server = NO_INDEX, .not_after = WHEN_NEVER };
	if (!parse_number(a->generation, &options->generation)) {
		complain("compile: --generation takes a number, not \"%s\"", a->generation);
		return false;
	}
	if (a->not_after != NULL && !when_parse(slice_str(a->not_after), &options->not_after)) {
		complain("compile: --not-after takes a time like 2027-01-31T18:00:00Z, not \"%s\"",
			a->not_after);
		return false;
	}
	if (a->server == NULL)
		return true;
	options->server = policy_find(p, NAME_SERVER, slice_str(a->server));
	if (options->server == NO_INDEX)
		complain("compile: the policy has no server \"%s\"", a->server);
	return options->server != NO_INDEX;
}

/* The signature of the database that is about to become `path`, or none there from now on. */
static int write_signature(const char *path, const struct secret_key *key,
	const struct emit_options *options, const char *server, int fd)
{
	char beside[PATH_MAX];
	struct buf text = { .at = NULL };
	int n = snprintf(beside, sizeof beside, "%s" SIGNATURE_SUFFIX, path);
	int ret = n < 0 || (size_t)n >= sizeof beside ? -ENAMETOOLONG : 0;

	if (ret == 0 && key == NULL)
		return unlink(beside) == 0 || errno == ENOENT ? 0 : -errno;
	if (ret == 0)
		ret = signature_make(key, fd, options->generation, server, &text);
	if (ret == 0)
		ret = file_write(beside, 0644, buf_slice(&text));
	buf_done(&text);
	return ret;
}

static int write_database(const char *path, const struct policy *p,
	const struct emit_options *options, const struct secret_key *key)
{
	const char *server = options->server == NO_INDEX
				     ? ""
				     : policy_text(p, p->servers.at[options->server].name);
	struct file_new file;
	int ret = file_create(&file, path, DB_MODE);

	if (ret == 0) {
		give_to_clients(file.fd);
		progress_begin("writing", path);
		ret = policy_emit(p, options, file.fd);
		progress_end();
	}
	if (ret == 0)
		ret = write_signature(path, key, options, server, file.fd);
	if (ret == 0)
		ret = file_commit(&file);
	else
		file_abandon(&file);
	if (ret == -EMSGSIZE)
		return complain("%s: somebody holds more on one server than the database can store "
				"in one record (16 MiB); split the grants",
			path);
	if (ret != 0)
		return complain(file.in_place ? "%s: is in its place, but may not outlast a power "
						"cut: %s; compile it again"
					      : "%s: cannot write: %s; what was there is untouched",
			path,
			ret == -EEXIST ? "there is something else than a file" : strerror(-ret));
	return EXIT_OK;
}

/* The key to sign with. False: the complaint is printed. */
static bool take_key(const char *path, struct secret_key *key)
{
	int ret = secret_key_read(path, key);

	if (ret == -EPERM)
		complain("compile: %s: no regular file, or others may read this secret key: chmod "
			 "600 it, or make another one",
			path);
	else if (ret == -EBADMSG)
		complain("compile: %s: not a secret key that `adperm keygen` made", path);
	else if (ret != 0)
		complain("compile: %s: %s", path, strerror(-ret));
	return ret == 0;
}

static int compile(
	const struct arguments *a, const char *const *paths, size_t n, struct diags *diags)
{
	struct load_how how = reading_how();
	struct emit_options options;
	struct secret_key key;
	struct policy *p;
	int code = EXIT_ERROR;

	/* The only name that is asked for. */
	how.forget_names = a->server == NULL;
	progress_begin("reading", paths[0]);
	p = policy_load_how(paths, n, diags, &how);
	progress_end();
	report_diags(diags, a->json);
	if (p == NULL) {
		complain("%zu error%s; nothing was written", diags_errors(diags),
			diags_errors(diags) == 1 ? "" : "s");
		return EXIT_ERROR;
	}
	if (settle(a, p, &options) && (a->sign == NULL || take_key(a->sign, &key))) {
		policy_forget_names(p);
		code = write_database(a->out, p, &options, a->sign != NULL ? &key : NULL);
	}
	explicit_bzero(&key, sizeof key);
	if (code == EXIT_OK && !a->json) {
		show_text(stdout, a->out);
		printf(": %u profiles, %u servers, %u accounts, %u grants; generation %llu%s%s\n",
			p->profiles.n, p->servers.n, p->accounts.n, p->grants.n,
			(unsigned long long)options.generation,
			a->server != NULL ? "; the slice of " : "",
			a->server != NULL ? a->server : "");
	}
	policy_free(p);
	return code;
}

static const struct command_option options[] = {
	OPTION_USUAL(struct arguments, out, "output", 'o', "FILE", "where to write", DEFAULT_OUT),
	OPTION_VALUE(struct arguments, server, "server", 0, "HOST",
		"only the slice that this server needs"),
	OPTION_USUAL(
		struct arguments, generation, "generation", 0, "N", "number of this version", "0"),
	OPTION_VALUE(struct arguments, not_after, "not-after", 0, "TIME",
		"the database counts until then"),
	OPTION_FLAG(struct arguments, json, "json", 0, "print errors and warnings for programs"),
	OPTION_VALUE(
		struct arguments, sign, "sign", 0, "KEY", "and write the signature to FILE.sig"),
	{ .name = NULL },
};

static int run(int argc, char **argv)
{
	struct arguments a = { .out = NULL };
	struct diags *diags;
	int first, code;

	if (!arguments_parse(&cmd_compile, &a, argc, argv, &first, &code))
		return code;
	if (first == argc)
		return complain("compile: name the policy: YAML files or directories of them");
	diags = diags_new();
	if (diags == NULL)
		return complain("out of memory");
	code = compile(&a, (const char *const *)argv + first, (size_t)(argc - first), diags);
	diags_free(diags);
	return code;
}

const struct command cmd_compile = {
	.name = "compile",
	.synopsis = "[-o FILE] [--server HOST] [--sign KEY] [--json] POLICY...",
	.summary = "Compile YAML policy files, or directories of them, to a database",
	.run = run,
	.operand = "PATH",
	.options = options,
};
