/* adperm check: one question, or a batch of them, to a policy in YAML or compiled. */
#include "cli/cli.h"

#include "adperm.h"
#include "model/address.h"
#include "model/when.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH_FIELDS     7
#define BATCH_COMPLAINTS 20 /* further lines that are no questions are only counted */

struct arguments {
	const char *policy, *people, *profile, *login, *key, *permission, *server, *account, *from,
		*at;
	const char *batch;
	bool json;
};

static const char *const verdict_words[] = {
	[ADPERM_ERROR] = "error",
	[ADPERM_DENY] = "deny",
	[ADPERM_ALLOW] = "allow",
	[ADPERM_ALLOW_2FA] = "allow_2fa",
};

static const struct {
	const char *word;
	enum adperm_who who;
} kinds[] = { { "profile", ADPERM_PROFILE }, { "login", ADPERM_LOGIN },
	{ "key", ADPERM_FINGERPRINT } };

static void print_json(const struct adperm_answer *answer)
{
	const struct {
		const char *name, *value;
	} member[] = {
		{ "verdict", verdict_words[answer->verdict] },
		{ "reason", adperm_reason_word(answer->reason) },
		{ "profile", answer->profile },
		{ "permission", answer->permission },
		{ "source", answer->source },
	};

	for (size_t i = 0; i < sizeof member / sizeof member[0]; i++) {
		printf("%s\"%s\":", i == 0 ? "{" : ",", member[i].name);
		json_text(stdout, member[i].value);
	}
	puts("}");
}

static void print_text(const struct adperm_answer *answer)
{
	switch (answer->verdict) {
	case ADPERM_ALLOW: printf("allow"); break;
	case ADPERM_ALLOW_2FA: printf("allow with 2FA"); break;
	case ADPERM_DENY:
		printf("deny: %s: %s", adperm_reason_word(answer->reason),
			adperm_reason_text(answer->reason));
		break;
	case ADPERM_ERROR: return;
	}
	if (answer->source[0] != '\0')
		printf(" (%s)", answer->source);
	putchar('\n');
}

static int exit_of(const struct adperm_answer *answer)
{
	switch (answer->verdict) {
	case ADPERM_ALLOW: return EXIT_OK;
	case ADPERM_ALLOW_2FA: return EXIT_WITH_2FA;
	case ADPERM_DENY: return EXIT_NO;
	case ADPERM_ERROR: break;
	}
	return complain("check: %s (%s)", adperm_reason_text(answer->reason),
		adperm_reason_word(answer->reason));
}

/* An address and a time that are none would quietly be "unknown"; here they are errors. */
static const char *wrong_value(const char *from, const char *at, int64_t *when)
{
	struct address address;

	if (from != NULL && !address_parse(slice_str(from), &address))
		return "the address is not a numeric one";
	if (at != NULL && !when_parse(slice_str(at), when))
		return "the time is not written like 2027-01-31T18:00:00Z";
	return NULL;
}

/* Who is asked about: exactly one of the three. */
static bool settle_who(const struct arguments *a, struct adperm_question *q)
{
	const char *const given[] = { a->profile, a->login, a->key };
	unsigned n = 0;

	for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
		if (given[i] == NULL)
			continue;
		q->who = kinds[i].who;
		q->name = given[i];
		n++;
	}
	return n == 1;
}

static int check_one(struct adperm *policy, const struct arguments *a)
{
	struct adperm_question q = { .permission = a->permission,
		.server = a->server,
		.account = a->account,
		.from = a->from,
		.time = time(NULL) };
	struct adperm_answer answer;
	const char *wrong = wrong_value(a->from, a->at, &q.time);

	if (!settle_who(a, &q))
		return complain("check: ask about one of --profile, --login and --key");
	if (a->permission == NULL)
		return complain("check: --permission is missing; ids are in adperm.policy(5)");
	if (wrong != NULL)
		return complain("check: %s", wrong);
	adperm_ask(policy, &q, &answer);
	if (answer.verdict != ADPERM_ERROR && a->json)
		print_json(&answer);
	else
		print_text(&answer);
	return exit_of(&answer);
}

/* Cuts a line at its tabs; true if it has exactly the fields of a question. */
static bool cut_line(char *line, char *field[static BATCH_FIELDS])
{
	size_t n = 0;

	line[strcspn(line, "\n")] = '\0';
	for (char *rest = line; rest != NULL && n <= BATCH_FIELDS; n++) {
		char *part = strsep(&rest, "\t");

		if (n < BATCH_FIELDS)
			field[n] = part;
	}
	return n == BATCH_FIELDS;
}

static const char *or_null(const char *field)
{
	return strcmp(field, "-") == 0 ? NULL : field;
}

/* One line of a batch; NULL and the answer, or what is wrong with the line. */
static const char *ask_line(struct adperm *policy, char *line, struct adperm_answer *answer)
{
	char *field[BATCH_FIELDS];
	struct adperm_question q = { .name = NULL };
	const char *wrong;

	if (!cut_line(line, field))
		return "expected 7 fields between tabs: kind, who, permission, server, account or "
		       "-, "
		       "address or -, time";
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(field[0], kinds[i].word) == 0)
			q.who = kinds[i].who;
	if (q.who == 0)
		return "the kind is profile, login or key";
	q.name = field[1];
	q.permission = field[2];
	q.server = field[3];
	q.account = or_null(field[4]);
	q.from = or_null(field[5]);
	wrong = wrong_value(q.from, field[6], &q.time);
	if (wrong != NULL)
		return wrong;
	if (adperm_ask(policy, &q, answer) == ADPERM_ERROR)
		return adperm_reason_text(answer->reason);
	return NULL;
}

static int check_batch(struct adperm *policy, const char *path)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *in = standard ? stdin : fopen(path, "re");
	struct adperm_answer answer;
	char *line = NULL;
	size_t room = 0, number = 0, errors = 0;

	if (in == NULL)
		return complain("check: cannot open %s: %m", path);
	while (getline(&line, &room, in) >= 0) {
		const char *wrong = ask_line(policy, line, &answer);

		number++;
		if (wrong == NULL) {
			puts(verdict_words[answer.verdict]);
			continue;
		}
		puts(verdict_words[ADPERM_ERROR]);
		if (++errors <= BATCH_COMPLAINTS)
			fprintf(stderr, "%s:%zu: error: %s\n", path, number, wrong);
	}
	if (ferror(in))
		errors++;
	free(line);
	if (!standard)
		fclose(in);
	if (errors > 0)
		complain("check: %zu of %zu lines are no questions", errors, number);
	return errors > 0 ? EXIT_ERROR : EXIT_OK;
}

static const struct command_option options[] = {
	{ "policy", 0, "PATH", offsetof(struct arguments, policy),
		"YAML file, directory, or database (" ADPERM_DB ")" },
	{ "profile", 0, "EMAIL", offsetof(struct arguments, profile), "may this person ..." },
	{ "login", 0, "NAME", offsetof(struct arguments, login),
		"or the person of this login ..." },
	{ "key", 0, "SHA256:...", offsetof(struct arguments, key),
		"or of the SSH key with this fingerprint ..." },
	{ "permission", 0, "ID", offsetof(struct arguments, permission),
		"use this permission ..." },
	{ "server", 0, "HOST", offsetof(struct arguments, server),
		"on this server (a slice knows its own) ..." },
	{ "account", 0, "NAME", offsetof(struct arguments, account), "on this account of it ..." },
	{ "from", 0, "ADDRESS", offsetof(struct arguments, from), "from this numeric address ..." },
	{ "at", 0, "TIME", offsetof(struct arguments, at), "at this time (now)" },
	{ "people", 0, "DIR", offsetof(struct arguments, people),
		"and count what people changed there" },
	{ "batch", 0, "FILE", offsetof(struct arguments, batch),
		"questions from a file, one a line" },
	{ "json", 0, NULL, offsetof(struct arguments, json), "the answer as a JSON object" },
	{ .name = NULL },
};

static int run(int argc, char **argv)
{
	struct arguments a = { .policy = NULL };
	struct opened opened;
	int first, code;

	if (!arguments_parse(&cmd_check, &a, argc, argv, &first, &code))
		return code;
	if (first < argc)
		return complain("check: \"%s\" is not an option; `adperm check --help` lists them",
			argv[first]);
	if (!open_policy(a.policy != NULL ? a.policy : ADPERM_DB, a.people, NULL, &opened))
		return EXIT_ERROR;
	code = a.batch != NULL ? check_batch(opened.handle, a.batch) : check_one(opened.handle, &a);
	close_policy(&opened);
	return code;
}

const struct command cmd_check = {
	.name = "check",
	.synopsis = "[--policy PATH] (--profile EMAIL | --login NAME | --key SHA256:...) "
		    "--permission ID\n"
		    "                    [--server HOST] [--account NAME] [--from ADDRESS] [--at "
		    "TIME]\n"
		    "       adperm check [--policy PATH] --batch FILE",
	.summary = "Ask who may do what: exit 0 allow, 3 allow with 2FA, 1 deny, 2 error",
	.run = run,
	.options = options,
};
