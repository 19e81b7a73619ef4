/*
 * adperm trust: whose signatures count on this server, and since when. The first key makes the
 * record of generations: from then on a server without one has lost it, and takes nothing until
 * somebody at a terminal says that it may begin anew.
 */
#include "cli/installed.h"

#include "adperm.h"
#include "cli/cli.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#define ANSWER "begin anew"

struct arguments {
	const char *db, *state, *trusted_keys;
};

static const struct command_option options[] = {
	OPTION_USUAL(struct arguments, trusted_keys, "trusted-keys", 0, "DIR", "where the keys are",
		TRUSTED_KEYS),
	OPTION_USUAL(struct arguments, db, "db", 0, "FILE", "the database", ADPERM_DB),
	OPTION_VALUE(struct arguments, state, "state", 0, "DIR",
		"of the files beside it (its directory)"),
	{ .name = NULL },
};

/* The keys that count already, in a directory that is root's alone. */
static int read_keys(const char *directory, struct trusted_keys *keys)
{
	char wrong[512];
	int ret = trusted_keys_read(directory, TRUST_ROOT, keys, wrong);

	return ret == 0 ? EXIT_OK : complain("trust: %s: %s", wrong, strerror(-ret));
}

static bool has_key(const struct trusted_keys *keys, const struct public_key *key)
{
	for (unsigned i = 0; i < keys->n; i++)
		if (strcmp(keys->key[i].id, key->id) == 0)
			return true;
	return false;
}

/* Before the first key counts, a record is no loss. */
static int begin_record(const struct site *site, const struct trusted_keys *keys)
{
	uint64_t highest;
	int ret = installed_generation(site->state, &highest);

	if (ret == -ENOENT && keys->n == 0)
		return installed_record(site, 0);
	return ret == -ENOENT ? 0 : ret;
}

static int add_key(const struct arguments *a, const struct site *site, const char *path)
{
	char text[KEY_TEXT_MAX], target[PATH_MAX];
	struct trusted_keys keys;
	struct public_key key;
	size_t len;
	int ret = public_key_read(path, TRUST_CALLER, &key);

	if (ret == 0)
		ret = file_read(path, TRUST_CALLER, text, sizeof text, &len);
	if (ret != 0)
		return complain("trust: %s: %s", path, public_key_error(ret));
	if (mkdir(a->trusted_keys, 0755) != 0 && errno != EEXIST)
		return complain("trust: %s: %s", a->trusted_keys, strerror(errno));
	if (read_keys(a->trusted_keys, &keys) != EXIT_OK)
		return EXIT_ERROR;
	ret = begin_record(site, &keys);
	if (ret != 0)
		return complain("trust: %s/policy.generation: %s", site->state, strerror(-ret));
	snprintf(target, sizeof target, "%s/%s.pub", a->trusted_keys, key.id);
	ret = has_key(&keys, &key) ? 0 : file_write(target, 0644, slice_of(text, len));
	if (ret != 0)
		return complain("trust: %s: %s", target, strerror(-ret));
	note("trust: databases that key %s signed are taken", key.id);
	printf("Databases that key %s signed are taken here, and none without such a signature.\n",
		key.id);
	return EXIT_OK;
}

/* Somebody has to be there, and to have read it. */
static bool said_so(void)
{
	char line[32] = "";

	if (!isatty(STDIN_FILENO)) {
		complain("trust: this is only done by somebody at a terminal");
		return false;
	}
	printf("Which databases were installed here will be forgotten: the next one may be of any\n"
	       "generation, also an old one that was signed long ago. Type \"" ANSWER "\": ");
	fflush(stdout);
	if (fgets(line, sizeof line, stdin) != NULL && strcmp(line, ANSWER "\n") == 0)
		return true;
	puts("Nothing was done.");
	return false;
}

static int reset(const struct arguments *a, const struct site *site, const char *none)
{
	int ret;

	(void)a;
	(void)none;
	if (!said_so())
		return EXIT_NO;
	ret = installed_record(site, 0);
	if (ret != 0)
		return complain("trust: %s/policy.generation: %s", site->state, strerror(-ret));
	note("trust: the record of generations begins anew");
	puts("Done. What is installed counts still: nothing older than that comes in.");
	return EXIT_OK;
}

static const struct part {
	struct command command;
	int (*act)(const struct arguments *a, const struct site *site, const char *operand);
} parts[] = {
	{ { .name = "trust add",
		  .synopsis = "[OPTION...] PUB",
		  .summary = "Take databases that this key signed, and none without a signature",
		  .options = options,
		  .operand = "FILE" },
		add_key },
	{ { .name = "trust reset",
		  .synopsis = "[OPTION...]",
		  .summary =
			  "Forget which generations were installed, if the record of them is lost",
		  .options = options },
		reset },
};

#define PARTS (sizeof parts / sizeof parts[0])

static const struct command *const part_commands[] = { &parts[0].command, &parts[1].command, NULL };

static int run_part(const struct part *part, int argc, char **argv)
{
	const struct command *command = &part->command;
	struct arguments a = { .db = NULL };
	int first, code, ret, wanted = command->operand != NULL;
	struct site site;

	if (!arguments_parse(command, &a, argc, argv, &first, &code))
		return code;
	if (argc - first > wanted)
		return complain_surplus(command, argv[first + wanted]);
	if (argc - first < wanted)
		return complain("%s: name the file of a public key", command->name);
	if (geteuid() != 0)
		return complain("%s: only root says whom this server believes", command->name);
	ret = site_at(&site, a.db, a.state);
	if (ret == 0)
		ret = file_trusted_dir(site.state);
	if (ret == 0)
		ret = site_lock(&site);
	if (ret == -EWOULDBLOCK)
		return complain("%s: an apply is under way; try again", command->name);
	if (ret != 0)
		return complain("%s: %s: %s", command->name, site.state, strerror(-ret));
	code = part->act(&a, &site, argv[first]);
	site_unlock(&site);
	return code;
}

static int run(int argc, char **argv)
{
	int first, code;

	for (size_t i = 0; argc > 1 && i < PARTS; i++)
		if (strcmp(argv[1], strchr(parts[i].command.name, ' ') + 1) == 0)
			return run_part(&parts[i], argc - 1, argv + 1);
	if (!arguments_parse(&cmd_trust, NULL, argc, argv, &first, &code))
		return code;
	return complain("trust: expected add or reset; `adperm trust --help` says more");
}

const struct command cmd_trust = {
	.name = "trust",
	.synopsis = "add PUB | reset",
	.summary = "Say whose signatures count on this server",
	.run = run,
	.parts = part_commands,
};
