/* adperm compile: YAML to a database. */
#include "cli/cli.h"

#include "base/file.h"
#include "lang/emit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DB_MODE     0640
#define DEFAULT_OUT "policy.cdb"

struct arguments {
	const char *out, *server, *generation, *not_after;
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
	if (a->generation != NULL && !parse_number(a->generation, &options->generation)) {
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

static int write_database(
	const char *path, const struct policy *p, const struct emit_options *options)
{
	struct file_new file;
	int ret = file_create(&file, path, DB_MODE);

	if (ret == 0) {
		give_to_clients(file.fd);
		ret = policy_emit(p, options, file.fd);
	}
	if (ret == 0)
		ret = file_commit(&file);
	else
		file_abandon(&file);
	if (ret == -EMSGSIZE)
		return complain("%s: somebody holds more on one server than the database can store "
				"in one record (16 MiB); split the grants",
			path);
	if (ret != 0)
		return complain(
			"%s: cannot write: %s; what was there is untouched", path, strerror(-ret));
	return EXIT_OK;
}

static int compile(
	const struct arguments *a, const char *const *paths, size_t n, struct diags *diags)
{
	const char *out = a->out != NULL ? a->out : DEFAULT_OUT;
	struct policy *p = policy_load(paths, n, diags);
	struct emit_options options;
	int code = EXIT_ERROR;

	diags_print(diags, stderr);
	if (p == NULL) {
		complain("%zu error%s; nothing was written", diags_errors(diags),
			diags_errors(diags) == 1 ? "" : "s");
		return EXIT_ERROR;
	}
	if (settle(a, p, &options))
		code = write_database(out, p, &options);
	if (code == EXIT_OK)
		printf("%s: %u profiles, %u servers, %u accounts, %u grants; generation %llu%s%s\n",
			out, p->profiles.n, p->servers.n, p->accounts.n, p->grants.n,
			(unsigned long long)options.generation,
			a->server != NULL ? "; the slice of " : "",
			a->server != NULL ? a->server : "");
	policy_free(p);
	return code;
}

static const struct command_option options[] = {
	{ "output", 'o', "FILE", offsetof(struct arguments, out),
		"where to write (" DEFAULT_OUT ")" },
	{ "server", 0, "HOST", offsetof(struct arguments, server),
		"only the slice that this server needs" },
	{ "generation", 0, "N", offsetof(struct arguments, generation),
		"number of this version (0)" },
	{ "not-after", 0, "TIME", offsetof(struct arguments, not_after),
		"the database counts until then" },
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
	.synopsis = "[-o FILE] [--server HOST] POLICY...",
	.summary = "Compile YAML policy files, or directories of them, to a database",
	.run = run,
	.options = options,
};
