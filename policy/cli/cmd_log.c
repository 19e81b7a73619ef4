/* adperm log: who came in where, and who did not and why, from the log of decisions. */
#include "cli/audit.h"
#include "cli/cli.h"
#include "cli/describe.h"
#include "cli/json.h"
#include "cli/table.h"

#include "base/excerpt.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 100000

struct arguments {
	const char *file, *profile, *reason, *door, *user, *last, *policy_dir;
	bool denied, all, why, json;
};

static const struct command_option options[] = {
	OPTION_VALUE(struct arguments, profile, "profile", 0, "EMAIL", "only this person"),
	OPTION_VALUE(struct arguments, user, "user", 0, "NAME", "only this Unix user"),
	OPTION_VALUE(struct arguments, door, "door", 0, "SERVICE", "only this PAM service"),
	OPTION_VALUE(struct arguments, reason, "reason", 0, "WORD", "only for this reason"),
	OPTION_FLAG(struct arguments, denied, "denied", 0, "only who was not let in"),
	OPTION_FLAG(struct arguments, all, "all", 'a', "every phase of every login"),
	OPTION_VALUE(struct arguments, last, "last", 'n', "N", "only the last N"),
	OPTION_FLAG(struct arguments, why, "why", 0, "with the line of the policy that decided"),
	OPTION_FLAG(struct arguments, json, "json", 0, "a JSON object a line"),
	OPTION_VALUE(struct arguments, file, "file", 0, "FILE",
		"of syslog, - for standard input (the journal, or auth.log)"),
	OPTION_USUAL(struct arguments, policy_dir, "policy-dir", 0, "DIR",
		"where the policy is written", POLICY_DIRECTORY),
	{ .name = NULL },
};

/*
 * A denial of any phase, what the last phase of a login says of who came in, and what people
 * changed.
 */
static bool is_outcome(const struct audit_line *line)
{
	return strcmp(line->value[AUDIT_DEC], "deny") == 0 ||
	       strcmp(line->value[AUDIT_PHASE], "session") == 0 ||
	       strcmp(line->value[AUDIT_PHASE], "people") == 0;
}

static bool is_wanted(const struct arguments *a, const struct audit_line *line)
{
	const struct {
		const char *wanted, *value;
	} rows[] = {
		{ a->profile, line->value[AUDIT_PROFILE] },
		{ a->user, line->value[AUDIT_USER] },
		{ a->door, line->value[AUDIT_SVC] },
		{ a->reason, line->value[AUDIT_REASON] },
		{ a->denied ? "deny" : NULL, line->value[AUDIT_DEC] },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].wanted != NULL && strcasecmp(rows[i].wanted, rows[i].value) != 0)
			return false;
	return a->all || is_outcome(line);
}

static void print_json(const struct audit_line *line)
{
	struct json j = json_to(stdout);

	json_object(&j, NULL);
	json_string(&j, "time", line->time);
	for (size_t i = 0; i < AUDIT_FIELDS; i++)
		if (line->value[i][0] != '\0')
			json_string(&j, audit_names[i], line->value[i]);
	json_object_end(&j);
}

/* The line of YAML, if the file is still there. */
static void show_why(FILE *out, const struct arguments *a, const char *source)
{
	const char *colon = strrchr(source, ':');
	struct excerpt excerpt = { .at = { .col = 1 } }, *one = &excerpt;
	char path[PATH_MAX];

	if (colon == NULL || memchr(source, '/', (size_t)(colon - source)) != NULL)
		return;
	excerpt.at.line = (uint32_t)strtoul(colon + 1, NULL, 10);
	if (snprintf(path, sizeof path, "%s/%.*s", a->policy_dir, (int)(colon - source), source) >=
		(int)sizeof path)
		return;
	excerpts_read(path, &one, 1, 100);
	fprintf(out, "%s", excerpt.text + strspn(excerpt.text, " "));
}

static void add_cell(struct table *t, const char *text)
{
	fprintf(table_cell(t), "%s", text[0] != '\0' ? text : "-");
}

static void add_row(struct table *t, const struct arguments *a, const struct audit_line *line)
{
	add_cell(t, line->time);
	add_cell(t, line->value[AUDIT_DEC]);
	add_cell(t, line->value[AUDIT_PROFILE]);
	add_cell(
		t, strcmp(line->value[AUDIT_PHASE], "keys") == 0 ? "sshd" : line->value[AUDIT_SVC]);
	add_cell(t, line->value[AUDIT_USER]);
	add_cell(t, line->value[AUDIT_RHOST]);
	add_cell(t, line->value[AUDIT_REASON]);
	if (a->why)
		show_why(table_cell(t), a, line->value[AUDIT_SRC]);
	else
		add_cell(t, line->value[AUDIT_SRC]);
}

static void add_heading(struct table *t, const struct arguments *a)
{
	static const char *const headings[] = { "TIME", "OUTCOME", "WHO", "DOOR", "USER", "FROM",
		"REASON" };

	t->columns = 8;
	for (size_t i = 0; i < sizeof headings / sizeof headings[0]; i++)
		add_cell(t, headings[i]);
	add_cell(t, a->why ? "POLICY" : "WHERE");
}

/* The last `keep` lines that are wanted, oldest first, in a ring. */
static int collect(const struct arguments *a, struct audit_log *log, size_t keep)
{
	struct audit_line *ring = NULL;
	struct table table = { .columns = 0 };
	size_t n = 0, room = 0;
	struct audit_line line;
	int code = EXIT_OK;

	while (code == EXIT_OK && audit_next(log, &line)) {
		if (!is_wanted(a, &line))
			continue;
		if (n == room && room < keep) {
			size_t more = room == 0 ? 64 : 2 * room;
			struct audit_line *at;

			more = more < keep ? more : keep;
			at = reallocarray(ring, more, sizeof *at);
			if (at == NULL) {
				code = complain("out of memory; --last N wants less");
				break;
			}
			ring = at;
			room = more;
		}
		ring[n++ % keep] = line;
	}
	if (!a->json)
		add_heading(&table, a);
	for (size_t i = n > keep ? n - keep : 0; code == EXIT_OK && i < n; i++)
		if (a->json)
			print_json(&ring[i % keep]);
		else
			add_row(&table, a, &ring[i % keep]);
	if (!a->json && !table_print(&table, stdout))
		code = complain("out of memory");
	free(ring);
	return code == EXIT_OK && n == 0 ? EXIT_NO : code;
}

static int run(int argc, char **argv)
{
	struct arguments a = { .file = NULL };
	struct audit_log log;
	const char *path;
	size_t keep = LINES_MAX;
	int first, code, ret;

	if (!arguments_parse(&cmd_log, &a, argc, argv, &first, &code))
		return code;
	if (first < argc)
		return complain_surplus(&cmd_log, argv[first]);
	if (a.last != NULL) {
		char *end;

		keep = strtoul(a.last, &end, 10);
		if (a.last[0] < '1' || a.last[0] > '9' || *end != '\0' || keep > LINES_MAX)
			return complain("log: --last takes a number up to %d", LINES_MAX);
	}
	path = a.file;
	if (!audit_open(&log, &path))
		return complain("log: %s: %s%s", path, strerror(errno),
			a.file == NULL ? "; name the log with --file" : "");
	code = collect(&a, &log, keep);
	ret = audit_close(&log);
	return ret == 0 ? code
			: complain("log: %s: cannot be read to its end: %s", path, strerror(-ret));
}

const struct command cmd_log = {
	.name = "log",
	.synopsis = "[--profile EMAIL] [--door SERVICE] [--reason WORD] [--denied] [--why] [-n N]",
	.summary = "Who came in where, and who did not and why",
	.run = run,
	.options = options,
};
