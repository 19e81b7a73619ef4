/* adperm verify: everything that can be told about a database without asking it a question. */
#include "cli/cli.h"
#include "cli/describe.h"

#include "adperm.h"
#include "base/text.h"
#include "cli/installed.h"
#include "cli/json.h"
#include "cli/signature.h"
#include "lang/from_db.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#define PROBLEMS_MAX 8

struct arguments {
	const char *key, *trusted_keys, *server, *state;
	bool json;
};

static const struct command_option options[] = {
	OPTION_VALUE(
		struct arguments, key, "key", 0, "PUB", "the public key that must have signed it"),
	OPTION_USUAL(struct arguments, trusted_keys, "trusted-keys", 0, "DIR", "or any of these",
		TRUSTED_KEYS),
	OPTION_VALUE(struct arguments, server, "server", 0, "HOST", "it must be of this server"),
	OPTION_VALUE(struct arguments, state, "state", 0, "DIR",
		"it must not be older than what was installed by this"),
	OPTION_FLAG(struct arguments, json, "json", 0, "the findings as a JSON object"),
	{ .name = NULL },
};

struct findings {
	const char *path;
	struct db db;
	enum db_result format, records;
	struct trusted_keys keys;
	enum signature_result signature;
	struct signature by;
	struct {
		const char *word, *text;
	} problem[PROBLEMS_MAX];
	unsigned problems;
};

static const char *const db_texts[] = {
	[DB_ABSENT] = "not found",
	[DB_CORRUPT] = "damaged, or cut off, or no database at all",
	[DB_NOMEM] = "out of memory",
	[DB_MISSING] = "there is no such file",
	[DB_UNSAFE] = "not a regular file",
	[DB_UNREADABLE] = "cannot be read",
	[DB_OTHER_FORMAT] = "made by another version of adperm: compile it again with this one",
};

static void problem(struct findings *f, const char *word, const char *text)
{
	if (f->problems == PROBLEMS_MAX)
		return;
	f->problem[f->problems].word = word;
	f->problem[f->problems].text = text;
	f->problems++;
}

/* Which keys count: the one that was named, else those of the directory. */
static bool load_keys(const struct arguments *a, struct findings *f)
{
	char wrong[512];
	int ret;

	if (a->key != NULL) {
		f->keys.n = 1;
		ret = public_key_read(a->key, TRUST_CALLER, &f->keys.key[0]);
		snprintf(wrong, sizeof wrong, "%s", a->key);
	} else {
		ret = trusted_keys_read(a->trusted_keys, TRUST_CALLER, &f->keys, wrong);
	}
	if (ret != 0)
		complain("verify: %s: %s", wrong, public_key_error(ret));
	return ret == 0;
}

/* Without any key an absent signature is no problem, and a present one cannot be judged. */
static void look_at_signature(struct findings *f)
{
	char text[SIGNATURE_TEXT_MAX];
	size_t len = 0;

	f->signature = signature_read(f->path, TRUST_CALLER, text, &len);
	if (f->signature == SIGNATURE_GOOD)
		f->signature = signature_check(slice_of(text, len), f->db.fd, f->db.meta.generation,
			f->db.server, &f->keys, &f->by);
	if (f->keys.n > 0 && f->signature != SIGNATURE_GOOD)
		problem(f, "signature", signature_text(f->signature));
	if (f->keys.n == 0 && f->signature != SIGNATURE_MISSING &&
		f->signature != SIGNATURE_UNKNOWN_KEY)
		problem(f, "signature", signature_text(f->signature));
}

static void look(struct findings *f, const struct arguments *a)
{
	uint64_t highest = 0;

	f->format = db_open(&f->db, f->path, TRUST_CALLER);
	if (f->format != DB_FOUND) {
		problem(f, "format", db_texts[f->format]);
		return;
	}
	f->records = db_check(&f->db);
	if (f->records != DB_FOUND)
		problem(f, "records", db_texts[f->records]);
	else if (policy_db_check(f->path, TRUST_CALLER) != DB_FOUND)
		problem(f, "decisions", "they are not what this adperm makes of its policy");
	if (f->db.meta.not_after <= time(NULL))
		problem(f, "not_after", "its time is over, if this machine's clock is right");
	if (a->server != NULL && strcmp(a->server, f->db.server) != 0)
		problem(f, "server", "it is not of the server that was asked for");
	if (a->state != NULL && installed_generation(a->state, &highest) != 0)
		problem(f, "generation",
			"which generations were installed is not to be read there");
	else if (f->db.meta.generation < highest)
		problem(f, "generation", "a newer one has been installed here");
	look_at_signature(f);
}

static const char *signature_state(const struct findings *f)
{
	if (f->keys.n == 0 && f->signature == SIGNATURE_UNKNOWN_KEY)
		return "unchecked";
	if (f->signature == SIGNATURE_MISSING)
		return "none";
	return signature_word(f->signature);
}

static void print_json(const struct findings *f)
{
	struct json j = json_to(stdout);
	char when[WHEN_SIZE];

	json_object(&j, NULL);
	json_string(&j, "database", f->path);
	json_bool(&j, "good", f->problems == 0);
	if (f->format == DB_FOUND) {
		when_text(f->db.meta.not_after, when);
		json_string(&j, "server", f->db.server[0] != '\0' ? f->db.server : NULL);
		json_count(&j, "generation", f->db.meta.generation);
		json_string(&j, "not_after", f->db.meta.not_after == WHEN_NEVER ? NULL : when);
		json_string(&j, "signature", signature_state(f));
		json_string(&j, "key", f->by.key_id[0] != '\0' ? f->by.key_id : NULL);
	}
	json_array(&j, "problems");
	for (unsigned i = 0; i < f->problems; i++) {
		json_object(&j, NULL);
		json_string(&j, "of", f->problem[i].word);
		json_string(&j, "text", f->problem[i].text);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_object_end(&j);
}

static void print_text(const struct findings *f)
{
	char when[WHEN_SIZE];

	show_text(stdout, f->path);
	puts(f->problems == 0 ? ": good" : ": NOT GOOD");
	if (f->format == DB_FOUND) {
		when_text(f->db.meta.not_after, when);
		printf("  server      %s\n", f->db.server[0] != '\0' ? f->db.server : "all");
		printf("  generation  %" PRIu64 "\n", f->db.meta.generation);
		printf("  counts      %s%s\n",
			f->db.meta.not_after == WHEN_NEVER ? "without end" : "until ",
			f->db.meta.not_after == WHEN_NEVER ? "" : when);
		printf("  signature   %s%s%s\n", signature_state(f),
			f->by.key_id[0] != '\0' ? ", by key " : "", f->by.key_id);
	}
	for (unsigned i = 0; i < f->problems; i++)
		printf("  problem: %s: %s\n", f->problem[i].word, f->problem[i].text);
}

static int run(int argc, char **argv)
{
	struct arguments a = { .key = NULL };
	struct findings f = { .path = ADPERM_DB };
	int first, code;

	if (!arguments_parse(&cmd_verify, &a, argc, argv, &first, &code))
		return code;
	if (argc - first > 1)
		return complain("verify: name one database");
	if (argc > first)
		f.path = argv[first];
	if (!load_keys(&a, &f))
		return EXIT_ERROR;
	look(&f, &a);
	/* What cannot be read is neither good nor bad. */
	if (f.format == DB_UNREADABLE || f.format == DB_MISSING)
		return complain("verify: %s: %s", f.path, db_texts[f.format]);
	if (a.json)
		print_json(&f);
	else
		print_text(&f);
	if (f.format == DB_FOUND)
		db_close(&f.db);
	return f.problems == 0 ? EXIT_OK : EXIT_NO;
}

const struct command cmd_verify = {
	.name = "verify",
	.synopsis = "[--key PUB | --trusted-keys DIR] [--server HOST] [DATABASE]",
	.summary = "Check the bytes and the signature of a database: exit 0 good, 1 not",
	.run = run,
	.operand = "FILE",
	.options = options,
};
