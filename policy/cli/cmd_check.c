/* adperm check: one question, or a batch of them, to a policy in YAML or compiled. */
#include "cli/cli.h"
#include "cli/describe.h"

#include "cli/question.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_FIELDS     7
#define BATCH_COMPLAINTS 20 /* further lines that are no questions are only counted */

struct arguments {
	struct question_options question;
	const char *batch, *switch_conf, *sources;
	bool json;
};

/* What a source of policy has to say of its failure, if one failed. */
static void complain_source(const struct adperm *policy)
{
	char words[ADPERM_WHY_SIZE];

	adperm_trouble(policy, words, sizeof words);
	if (words[0] != '\0')
		complain("check: source %s", words);
}

static int check_one(struct adperm *policy, const struct arguments *a)
{
	struct json json = json_to(stdout);
	struct adperm_question q;
	struct adperm_answer answer;

	if (!question_settle("check", &a->question, &q))
		return EXIT_ERROR;
	adperm_ask(policy, &q, &answer);
	if (answer.verdict == ADPERM_ERROR)
		complain_source(policy);
	if (answer.verdict != ADPERM_ERROR && a->json) {
		json_object(&json, NULL);
		answer_json(&json, &answer);
		json_object_end(&json);
	} else {
		answer_print(&answer);
	}
	return answer_exit("check", &answer);
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
static const char *ask_line(
	struct adperm *policy, char *line, size_t len, struct adperm_answer *answer)
{
	char *field[BATCH_FIELDS];
	struct adperm_question q = { .name = NULL };
	const char *wrong;

	if (strlen(line) != len)
		return "a NUL is in the line";
	if (!cut_line(line, field))
		return "expected 7 fields between tabs: kind, who, permission, server, account or "
		       "-, "
		       "address or -, time";
	if (!question_kind(field[0], &q.who))
		return "the kind is profile, login or key";
	q.name = field[1];
	q.permission = field[2];
	q.server = field[3];
	q.account = or_null(field[4]);
	q.from = or_null(field[5]);
	wrong = question_wrong_value(q.from, field[6], &q.time);
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
	ssize_t len;
	int ret;

	if (in == NULL)
		return complain("check: %s: %s", path, strerror(errno));
	while ((len = getline(&line, &room, in)) >= 0) {
		const char *wrong = ask_line(policy, line, (size_t)len, &answer);

		number++;
		if (wrong == NULL) {
			puts(adperm_verdict_word(answer.verdict));
			continue;
		}
		puts(adperm_verdict_word(ADPERM_ERROR));
		if (++errors > BATCH_COMPLAINTS)
			continue;
		show_text(stderr, path);
		fprintf(stderr, ":%zu: error: %s\n", number, wrong);
	}
	ret = feof(in) ? 0 : errno;
	free(line);
	if (!standard)
		fclose(in);
	if (ret != 0)
		return complain("check: %s: cannot be read to its end: %s", path, strerror(ret));
	if (errors > 0)
		complain("check: %zu of %zu lines are no questions", errors, number);
	return errors > 0 ? EXIT_ERROR : EXIT_OK;
}

static const struct command_option options[] = {
	QUESTION_OPTIONS(struct arguments, question),
	OPTION_VALUE(struct arguments, switch_conf, "switch", 0, "FILE",
		"and the sources that this file names (" ADPERM_SWITCH ")"),
	OPTION_VALUE(struct arguments, sources, "sources", 0, "DIR", "which are in this directory"),
	OPTION_VALUE(
		struct arguments, batch, "batch", 0, "FILE", "questions from a file, one a line"),
	OPTION_FLAG(struct arguments, json, "json", 0, "the answer as a JSON object"),
	{ .name = NULL },
};

/* Is something asked besides the file? */
static bool asks(const struct question_options *q)
{
	return q->profile != NULL || q->login != NULL || q->key != NULL || q->permission != NULL ||
	       q->server != NULL || q->account != NULL || q->from != NULL || q->at != NULL;
}

/* A policy that is named is asked itself; what is installed, with what switch.conf adds to it. */
static bool open_asked(const struct arguments *a, struct opened *out)
{
	const struct adperm_options installed = { .db = a->question.policy,
		.switch_conf = a->switch_conf,
		.people = a->question.people,
		.sources = a->sources };

	if (a->question.policy != NULL && a->switch_conf == NULL)
		return open_policy(a->question.policy, a->question.people, NULL, out);
	return open_installed(&installed, out);
}

static int run(int argc, char **argv)
{
	struct arguments a = { .batch = NULL };
	struct opened opened;
	int first, code;

	if (!arguments_parse(&cmd_check, &a, argc, argv, &first, &code))
		return code;
	if (first < argc)
		return complain_surplus(&cmd_check, argv[first]);
	if (a.batch != NULL && (a.json || asks(&a.question)))
		return complain("check: --batch takes the questions from a file and answers in "
				"words: no other question, and no --json");
	if (!open_asked(&a, &opened))
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
