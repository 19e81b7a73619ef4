/*
 * adperm profile: the keys that people registered beside the policy. They count like the policy's
 * own, unless that gives them to somebody: here they are listed, added, taken away, and exported
 * for whoever wants them in the policy.
 */
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/people_ask.h"
#include "cli/place.h"
#include "cli/progress.h"

#include "adperm.h"
#include "base/base64.h"
#include "db/people.h"
#include "model/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_KEY (BASE64_LEN(WISH_KEY_MAX) + 1024) /* a type and a comment besides */

struct arguments {
	struct people_options people;
	const char *policy;
	bool json;
};

static const struct command profile_key, profile_export;

/* One key that a person has registered, and why it does not count, or NULL. */
struct shown_key {
	struct slice blob;
	char fingerprint[SSHKEY_FINGERPRINT_SIZE];
	const char *why_not;
};

/* As the decision will see it: by its own file, and only if the policy gives it to nobody. */
static struct shown_key judge_key(
	const struct arguments *a, const struct policy *p, struct slice profile, struct slice blob)
{
	struct shown_key key = { .blob = blob };
	char holder[WISH_EMAIL_SIZE];
	uint8_t digest[SHA256_SIZE];

	sha256_of(blob, digest);
	sshkey_fingerprint(digest, key.fingerprint);
	if (people_key(a->people.people, TRUST_CALLER, digest, blob, holder, sizeof holder) !=
			PEOPLE_YES ||
		!slice_equal(slice_str(holder), profile))
		key.why_not = "was not registered to the end; add or remove it again";
	else if (policy_find(p, NAME_KEY, slice_of(digest, sizeof digest)) != NO_INDEX)
		key.why_not = "the policy itself gives this key to somebody";
	else if (policy_find(p, NAME_PROFILE, profile) == NO_INDEX)
		key.why_not = "the policy has no such person";
	return key;
}

static int unreadable(const struct arguments *a, const char *profile)
{
	return complain("%s: what %s changed there cannot be read, or is damaged", a->people.people,
		profile);
}

/* The rows of the policy that is meant. */
static bool open_rows_of(const struct arguments *a, struct opened *opened)
{
	return open_rows(policy_meant(a->policy), opened);
}

/* --- key list */

static void show_key(const struct shown_key *key)
{
	struct slice type = sshkey_type(key->blob);

	printf("%s %.*s", key->fingerprint, (int)type.len, (const char *)type.at);
	if (key->why_not != NULL)
		printf(" (does not count: %s)", key->why_not);
	putchar('\n');
}

static void json_key(struct json *j, const struct shown_key *key)
{
	struct slice type = sshkey_type(key->blob);
	char room[64];

	snprintf(room, sizeof room, "%.*s", (int)type.len, (const char *)type.at);
	json_object(j, NULL);
	json_string(j, "fingerprint", key->fingerprint);
	json_string(j, "type", room);
	json_bool(j, "counts", key->why_not == NULL);
	json_string(j, "why", key->why_not);
	json_object_end(j);
}

static int list(const struct arguments *a, const char *profile, const char *none)
{
	struct json j = json_to(stdout);
	struct people_lists lists;
	struct opened opened;
	enum people_result result;

	(void)none;
	if (!open_rows_of(a, &opened))
		return EXIT_ERROR;
	result = people_lists_read(a->people.people, TRUST_CALLER, slice_str(profile), &lists);
	if (a->json)
		json_array(&j, NULL);
	for (uint32_t i = 0; i < lists.key_total && result == PEOPLE_YES; i++) {
		struct shown_key key =
			judge_key(a, opened.policy, slice_str(profile), lists.keys[i]);

		if (a->json)
			json_key(&j, &key);
		else
			show_key(&key);
	}
	if (a->json)
		json_array_end(&j);
	else if (result == PEOPLE_NO || (result == PEOPLE_YES && lists.key_total == 0))
		printf("%s has registered no key.\n", profile);
	people_lists_done(&lists);
	close_policy(&opened);
	return result == PEOPLE_YES || result == PEOPLE_NO ? EXIT_OK : unreadable(a, profile);
}

/* --- key add, key remove */

/* "TYPE BASE64 COMMENT", the first line of a file as ssh-keygen writes it. */
static bool take_line(const char *command, char *line, struct wish *wish)
{
	char *type = line + strspn(line, " \t"), *type_end = type + strcspn(type, " \t\n");
	char *blob = type_end + strspn(type_end, " \t"), *end = blob + strcspn(blob, " \t\r\n");
	struct slice name = slice_of(type, (size_t)(type_end - type));
	long len = base64_decode(slice_of(blob, (size_t)(end - blob)), wish->key, sizeof wish->key);

	wish->key_len = (uint16_t)(len > 0 ? len : 0);
	switch (sshkey_check(name, slice_of(wish->key, wish->key_len))) {
	case SSHKEY_GOOD: return true;
	case SSHKEY_WEAK:
		complain("%s: that key is too weak: DSA, or RSA of less than 2048 bits", command);
		return false;
	case SSHKEY_CERT:
		complain("%s: that is a certificate; the plain key is wanted", command);
		return false;
	case SSHKEY_MALFORMED:
	case SSHKEY_UNKNOWN: break;
	}
	complain(
		"%s: that is no SSH public key; it begins like \"ssh-ed25519 AAAA\", and stands in "
		"a file whose name ends with .pub",
		command);
	return false;
}

static bool read_key(const char *command, const char *path, struct wish *wish)
{
	bool from_stdin = strcmp(path, "-") == 0;
	FILE *file = from_stdin ? stdin : fopen(path, "re");
	char line[LINE_MAX_KEY] = "";
	bool good;

	if (file == NULL) {
		complain("%s: %s: %s", command, path, strerror(errno));
		return false;
	}
	good = fgets(line, sizeof line, file) != NULL;
	if (!from_stdin)
		fclose(file);
	if (!good)
		complain("%s: %s: there is nothing in it", command, path);
	return good && take_line(command, line, wish);
}

/* Whose the policy says it is: nobody's, or it is complained. */
static bool is_free(const char *command, const struct policy *p, const struct wish *wish)
{
	uint8_t digest[SHA256_SIZE];
	uint32_t found;

	sha256_of(slice_of(wish->key, wish->key_len), digest);
	found = policy_find(p, NAME_KEY, slice_of(digest, sizeof digest));
	if (found == NO_INDEX)
		return true;
	complain("%s: that key is %s's by the policy", command,
		policy_text(p, p->profiles.at[p->keys.at[found].profile].email));
	return false;
}

static int add(const struct arguments *a, const char *profile, const char *path)
{
	struct opened opened;
	struct wish_reply reply;
	struct wish wish;
	bool good;

	if (!people_begin(&wish, "profile key", WISH_ADD_KEY, profile, NULL) ||
		!read_key("profile key", path, &wish) || !open_rows_of(a, &opened))
		return EXIT_ERROR;
	good = place_profile("profile key", opened.policy, profile) != NO_INDEX &&
	       is_free("profile key", opened.policy, &wish);
	close_policy(&opened);
	if (!good || !people_ask("profile key", &a->people, &wish, &reply))
		return EXIT_ERROR;
	if (reply.result == WISH_NOTHING)
		printf("%s has this key already.\n", profile);
	else if (reply.result == WISH_DONE)
		printf("%s has the key from now on.\n", profile);
	else
		return people_failed("profile key", &reply);
	return EXIT_OK;
}

/* The key of that fingerprint among the person's own. */
static bool find_key(
	const struct arguments *a, const char *profile, const char *fingerprint, struct wish *wish)
{
	uint8_t wanted[SHA256_SIZE], digest[SHA256_SIZE];
	struct people_lists lists;
	enum people_result result;

	if (!sshkey_fingerprint_parse(slice_str(fingerprint), wanted)) {
		complain("profile key: \"%s\" is no fingerprint like SHA256:...; `adperm profile "
			 "key "
			 "list %s` has them",
			fingerprint, profile);
		return false;
	}
	result = people_lists_read(a->people.people, TRUST_CALLER, slice_str(profile), &lists);
	for (uint32_t i = 0; i < lists.key_total && result == PEOPLE_YES; i++) {
		sha256_of(lists.keys[i], digest);
		if (memcmp(digest, wanted, sizeof digest) != 0 ||
			lists.keys[i].len > sizeof wish->key)
			continue;
		wish->key_len = (uint16_t)lists.keys[i].len;
		memcpy(wish->key, lists.keys[i].at, lists.keys[i].len);
	}
	people_lists_done(&lists);
	if (result != PEOPLE_YES && result != PEOPLE_NO)
		unreadable(a, profile);
	else if (wish->key_len == 0)
		complain("profile key: %s has registered no such key; one of the policy is taken "
			 "out of the policy",
			profile);
	return wish->key_len > 0;
}

static int take_away(const struct arguments *a, const char *profile, const char *fingerprint)
{
	struct wish_reply reply;
	struct wish wish;

	if (!people_begin(&wish, "profile key", WISH_REMOVE_KEY, profile, NULL) ||
		!find_key(a, profile, fingerprint, &wish) ||
		!people_ask("profile key", &a->people, &wish, &reply))
		return EXIT_ERROR;
	if (reply.result != WISH_DONE && reply.result != WISH_NOTHING)
		return people_failed("profile key", &reply);
	printf("%s: that key of %s opens nothing any more.\n", fingerprint, profile);
	return EXIT_OK;
}

static int forget(const struct arguments *a, const char *profile, const char *none)
{
	struct wish_reply reply;
	struct wish wish;

	(void)none;
	if (!people_begin(&wish, "profile key", WISH_FORGET_KEYS, profile, NULL) ||
		!people_ask("profile key", &a->people, &wish, &reply))
		return EXIT_ERROR;
	if (reply.result == WISH_NOTHING)
		printf("%s has registered no key.\n", profile);
	else if (reply.result == WISH_DONE)
		printf("%s: no registered key opens anything any more.\n", profile);
	else
		return people_failed("profile key", &reply);
	return EXIT_OK;
}

static const struct action {
	const char *word;
	int operands; /* the word, an address, and one more or none */
	bool changes;
	int (*act)(const struct arguments *a, const char *profile, const char *operand);
} actions[] = {
	{ "list", 2, false, list },
	{ "add", 3, true, add },
	{ "remove", 3, true, take_away },
	{ "forget", 2, true, forget },
};

static const struct action *find_action(int n, char **operands)
{
	for (size_t i = 0; n > 0 && i < sizeof actions / sizeof actions[0]; i++)
		if (strcmp(operands[0], actions[i].word) == 0 && n == actions[i].operands)
			return &actions[i];
	return NULL;
}

static int run_key(int argc, char **argv)
{
	struct arguments a = { .json = false };
	const struct action *action;
	char profile[WISH_EMAIL_SIZE];
	int first, code;

	if (!arguments_parse(&profile_key, &a, argc, argv, &first, &code))
		return code;
	action = find_action(argc - first, argv + first);
	if (action == NULL)
		return complain(
			"profile key takes list EMAIL, add EMAIL FILE, remove EMAIL SHA256:... "
			"or forget EMAIL");
	if (!name_is_email(slice_str(argv[first + 1])) ||
		!name_lower(slice_str(argv[first + 1]), profile, sizeof profile))
		return complain("profile key: \"%s\" is no e-mail address", argv[first + 1]);
	if (action->changes && geteuid() != 0)
		return complain("profile key: only root can change what others registered");
	return action->act(&a, profile, action->operands == 3 ? argv[first + 2] : NULL);
}

/* --- export */

/* The entry of one profile, if it has registered a key. False: it cannot be read. */
static bool export_profile(const struct arguments *a, const char *profile, bool *any)
{
	struct people_lists lists;
	enum people_result result =
		people_lists_read(a->people.people, TRUST_CALLER, slice_str(profile), &lists);
	char text[BASE64_LEN(SSHKEY_MAX) + 1];

	if (result == PEOPLE_YES && lists.key_total > 0) {
		fputs(*any ? "" : "profiles:\n", stdout);
		*any = true;
		printf("  %s:\n    ssh_keys:\n", profile);
	}
	for (uint32_t i = 0; result == PEOPLE_YES && i < lists.key_total; i++) {
		struct slice type = sshkey_type(lists.keys[i]);

		if (lists.keys[i].len > SSHKEY_MAX)
			continue;
		base64_encode(lists.keys[i], text);
		printf("      - %.*s %s\n", (int)type.len, (const char *)type.at, text);
	}
	people_lists_done(&lists);
	if (result != PEOPLE_YES && result != PEOPLE_NO)
		unreadable(a, profile);
	return result == PEOPLE_YES || result == PEOPLE_NO;
}

/* The people of the policy, all or those that are named. */
static int export_all(const struct arguments *a, const struct policy *p, char **names, int n)
{
	bool any = false, good = true;

	puts("---\nadperm: 1");
	for (int i = 0; i < n; i++) {
		uint32_t found = place_profile("profile export", p, names[i]);

		good = found != NO_INDEX && good;
		if (found != NO_INDEX)
			good = export_profile(
				       a, policy_text(p, p->profiles.at[found].email), &any) &&
			       good;
	}
	if (n == 0)
		progress_begin("reading", a->people.people);
	for (uint32_t i = 0; n == 0 && i < p->profiles.n; i++)
		good = export_profile(a, policy_text(p, p->profiles.at[i].email), &any) && good;
	if (n == 0)
		progress_end();
	puts("...");
	return good ? EXIT_OK : EXIT_ERROR;
}

static int run_export(int argc, char **argv)
{
	struct arguments a = { .json = false };
	struct opened opened;
	int first, code;

	if (!arguments_parse(&profile_export, &a, argc, argv, &first, &code))
		return code;
	if (!open_rows_of(&a, &opened))
		return EXIT_ERROR;
	code = export_all(&a, opened.policy, argv + first, argc - first);
	close_policy(&opened);
	return code;
}

static const struct command_option key_options[] = {
	OPTION_FLAG(struct arguments, json, "json", 0, "list: as a JSON array"),
	OPTION_POLICY(struct arguments, policy),
	PEOPLE_OPTIONS(struct arguments, people),
	{ .name = NULL },
};

static const struct command profile_key = {
	.name = "profile key",
	.synopsis = "list EMAIL | add EMAIL FILE | remove EMAIL SHA256:... | forget EMAIL",
	.summary = "lists, adds or removes the keys that a person registered",
	.run = run_key,
	.options = key_options,
};

static const struct command_option export_options[] = {
	OPTION_POLICY(struct arguments, policy),
	OPTION_USUAL(struct arguments, people.people, "people", 0, "DIR", "what people changed",
		ADPERM_PEOPLE),
	{ .name = NULL },
};

static const struct command profile_export = {
	.name = "profile export",
	.synopsis = "[EMAIL...]",
	.summary = "writes the registered keys as YAML, to be put into the policy",
	.run = run_export,
	.options = export_options,
};

static const struct command *const parts[] = { &profile_key, &profile_export, NULL };

static int run(int argc, char **argv)
{
	int first, code;

	for (size_t i = 0; argc > 1 && parts[i] != NULL; i++)
		if (strcmp(argv[1], strchr(parts[i]->name, ' ') + 1) == 0)
			return parts[i]->run(argc - 1, argv + 1);
	if (!arguments_parse(&cmd_profile, NULL, argc, argv, &first, &code))
		return code;
	return complain("profile: expected key or export; `adperm profile --help` says more");
}

const struct command cmd_profile = {
	.name = "profile",
	.synopsis = "key list | add | remove EMAIL ... | export",
	.summary = "Show and change the keys that people registered",
	.run = run,
	.parts = parts,
};
