/*
 * Runs decision tables: tables [POLICY.yaml TABLE.tests ...]; without arguments our own.
 * The format is in model.tests.
 */
#include "engines.h"
#include "tap.h"

static const char *const words[] = {
	[ADPERM_ERROR] = "error",
	[ADPERM_DENY] = "deny",
	[ADPERM_ALLOW] = "allow",
	[ADPERM_ALLOW_2FA] = "allow_2fa",
};

struct row {
	char verdict[16], reason[32], who[300], permission[64], server[260], account[40], from[64],
		at[32];
	unsigned grace;
	const char *shows;
};

static const char *or_null(const char *field)
{
	return strcmp(field, "-") == 0 ? NULL : field;
}

static struct adperm_question question_of(const struct row *row)
{
	struct adperm_question q = { .permission = row->permission,
		.server = row->server,
		.account = or_null(row->account),
		.from = or_null(row->from) };

	if (strncmp(row->who, "profile:", 8) == 0) {
		q.who = ADPERM_PROFILE;
		q.name = row->who + 8;
	} else if (strncmp(row->who, "login:", 6) == 0) {
		q.who = ADPERM_LOGIN;
		q.name = row->who + 6;
	} else {
		q.who = ADPERM_FINGERPRINT;
		q.name = row->who + 4;
	}
	if (!when_parse(slice_str(row->at), &q.time))
		q.time = -1;
	return q;
}

/* A slice may not know a person who holds nothing there, and knows no other server. */
static bool reason_fits(const struct row *row, const char *engine, const char *got)
{
	if (strcmp(row->reason, got) == 0)
		return true;
	return strcmp(engine, "slice") == 0 && strcmp(row->verdict, "deny") == 0 &&
	       strcmp(got, "unknown_person") == 0;
}

static void ask(struct adperm *handle, const char *engine, const struct row *row)
{
	struct adperm_question q = question_of(row);
	struct adperm_answer answer;
	const char *reason;

	adperm_ask(handle, &q, &answer);
	reason = adperm_reason_word(answer.reason);
	if (!ok(strcmp(words[answer.verdict], row->verdict) == 0 &&
			    reason_fits(row, engine, reason) && answer.grace == row->grace,
		    "%s: %s", engine, row->shows))
		printf("#   got %s %s grace=%u (%s), expected %s %s grace=%u\n",
			words[answer.verdict], reason, answer.grace, answer.source, row->verdict,
			row->reason, row->grace);
	ok((answer.verdict == ADPERM_ALLOW || answer.verdict == ADPERM_ALLOW_2FA) ==
				(answer.source[0] != '\0') ||
			answer.verdict == ADPERM_DENY,
		"%s: an allow cites its line", engine);
}

static void run_row(
	const struct policy *p, struct adperm *memory, struct adperm *whole, const struct row *row)
{
	uint32_t server = policy_find(p, NAME_SERVER, slice_str(row->server));
	struct adperm *slice;

	ask(memory, "memory", row);
	ask(whole, "database", row);
	if (server == NO_INDEX)
		return;
	slice = engine_database(p, server);
	if (!ok(slice != NULL, "the slice of %s opens", row->server))
		return;
	ask(slice, "slice", row);
	adperm_close(slice);
}

static bool parse_row(char *line, struct row *row)
{
	char *comment = strstr(line, " # ");
	char extra[32] = "";

	if (line[0] == '#' || line[0] == '\n')
		return false;
	line[strcspn(line, "\n")] = '\0';
	*row = (struct row){ .shows = comment != NULL ? comment + 3 : "?" };
	if (comment != NULL)
		*comment = '\0';
	if (sscanf(line, "%15s %31s %299s %63s %259s %39s %63s %31s %31s", row->verdict,
		    row->reason, row->who, row->permission, row->server, row->account, row->from,
		    row->at, extra) < 8) {
		ok(false, "a row has eight fields: %s", line);
		return false;
	}
	if (extra[0] != '\0')
		ok(sscanf(extra, "grace=%u", &row->grace) == 1, "grace=SECONDS");
	return true;
}

static void run_table(const struct policy *p, const char *path)
{
	struct adperm *memory = engine_memory(p), *whole = engine_database(p, NO_INDEX);
	FILE *in = fopen(path, "re");
	char line[1024];
	struct row row;

	if (!ok(in != NULL && memory != NULL && whole != NULL, "%s and its engines open", path))
		return;
	while (fgets(line, sizeof line, in) != NULL)
		if (parse_row(line, &row))
			run_row(p, memory, whole, &row);
	fclose(in);
	adperm_close(memory);
	adperm_close(whole);
}

static void run(const char *path, const char *table)
{
	struct diags *diags = diags_new();
	struct policy *p = policy_load(&path, 1, diags);

	diags_print(diags, stdout);
	if (ok(p != NULL, "%s loads", path))
		run_table(p, table);
	policy_free(p);
	diags_free(diags);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *policy, *table;
	} own[] = { { "tests/decide/model.yaml", "tests/decide/model.tests" },
		{ "tests/decide/corners.yaml", "tests/decide/corners.tests" } };

	for (size_t i = 0; argc == 1 && i < sizeof own / sizeof own[0]; i++)
		run(own[i].policy, own[i].table);
	for (int i = 1; i + 1 < argc; i += 2)
		run(argv[i], argv[i + 1]);
	return tap_done();
}
