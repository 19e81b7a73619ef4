/* adperm status: what is in force here, in a few lines: for people, for scripts and for Prometheus.
 */
#include "cli/audit.h"
#include "cli/cli.h"
#include "cli/describe.h"
#include "cli/invitations.h"
#include "cli/json.h"
#include "cli/totp.h"

#include "adperm.h"
#include "adpermd/client.h"
#include "db/reader.h"
#include "lang/policy.h"
#include "wiring/services.h"
#include "wiring/weigh.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DOORS_MAX   64
#define REASONS_MAX 64

struct arguments {
	const char *db, *people, *etc, *socket, *file;
	bool json, prometheus;
};

static const struct command_option options[] = {
	OPTION_FLAG(struct arguments, json, "json", 0, "as a JSON object"),
	OPTION_FLAG(struct arguments, prometheus, "prometheus", 0,
		"for the textfile collector of node_exporter"),
	OPTION_DB(struct arguments),
	OPTION_PEOPLE_DIR(struct arguments),
	OPTION_USUAL(struct arguments, etc, "etc", 0, "DIR", "of pam.d", WIRING_ETC),
	OPTION_SOCKET(struct arguments),
	OPTION_VALUE(struct arguments, file, "file", 0, "FILE",
		"the log to count denials in (the journal, or auth.log)"),
	{ .name = NULL },
};

struct status {
	bool readable; /* the database */
	bool hidden;   /* from who asks, and perhaps from nobody else */
	struct meta meta;
	char server[HOST_MAX + 1];
	uint32_t people, grants, machines;
	char doors[DOORS_MAX][NAME_MAX + 1];
	size_t doors_n;
	bool answers; /* adpermd */
	int unseen; /* why the invitations could not be read, as a negative errno; 0: they could */
	struct invitations invited;
	bool logged; /* the log could be read */
	struct {
		char word[AUDIT_VALUE];
		uint64_t n;
	} denied[REASONS_MAX];
	size_t denied_n;
	uint64_t allowed;
};

static void look_at_database(const struct arguments *a, struct status *s)
{
	struct opened rows;
	struct db db;
	enum db_result found = db_open(&db, a->db, TRUST_ROOT);

	s->hidden = found == DB_UNREADABLE && geteuid() != 0;
	if (found != DB_FOUND)
		return;
	s->meta = db.meta;
	memcpy(s->server, db.server, sizeof s->server);
	db_close(&db);
	if (!open_rows(a->db, &rows))
		return;
	s->readable = true;
	s->grants = rows.policy->grants.n;
	for (uint32_t i = 0; i < rows.policy->profiles.n; i++) {
		s->machines += rows.policy->profiles.at[i].machine;
		s->people += !rows.policy->profiles.at[i].machine;
	}
	close_policy(&rows);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Services whose file has our module. */
static void look_for_doors(const struct arguments *a, struct status *s)
{
	char path[PATH_MAX];
	const struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof path, "%s/pam.d", a->etc);
	dir = opendir(path);
	while (dir != NULL && s->doors_n < DOORS_MAX && (entry = readdir(dir)) != NULL) {
		struct stacks stacks;

		if (entry->d_name[0] == '.')
			continue;
		stacks_read(&stacks, path, entry->d_name);
		if (stacks_ask(&stacks))
			memcpy(s->doors[s->doors_n++], entry->d_name, strlen(entry->d_name) + 1);
		stacks_done(&stacks);
	}
	if (dir != NULL)
		closedir(dir);
	qsort(s->doors, s->doors_n, sizeof s->doors[0], compare_names);
}

static void look_at_daemon(const struct arguments *a, struct status *s)
{
	s->answers = totp_answers(a->socket) == CLIENT_OK;
}

static void look_for_invitations(const struct arguments *a, struct status *s)
{
	s->unseen = invitations_find(a->people, time(NULL), &s->invited);
}

static void count_denial(struct status *s, const char *word)
{
	size_t i = 0;

	/* Whoever can write to the log could write anything. */
	if (word[strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_")] != '\0')
		word = "other";
	while (i < s->denied_n && strcmp(s->denied[i].word, word) != 0)
		i++;
	if (i == REASONS_MAX)
		return;
	if (i == s->denied_n) {
		snprintf(s->denied[i].word, sizeof s->denied[i].word, "%s", word);
		s->denied_n++;
	}
	s->denied[i].n++;
}

static void look_at_log(const struct arguments *a, struct status *s)
{
	const char *path = a->file;
	struct audit_line line;
	struct audit_log log;

	if (!audit_open(&log, &path))
		return;
	while (audit_next(&log, &line))
		if (strcmp(line.value[AUDIT_DEC], "deny") == 0)
			count_denial(s, line.value[AUDIT_REASON]);
		else if (strcmp(line.value[AUDIT_PHASE], "session") == 0)
			s->allowed++;
	s->logged = audit_close(&log) == 0;
}

/* --- telling */

/* "2 open; 1 not mailed, 1 mailed, 1 run out" */
static void show_invitations(const struct status *s)
{
	const char *before = "; ";

	printf("invited  ");
	if (s->unseen != 0)
		fputs(s->unseen == -EACCES ? " only root can tell" : " cannot be read", stdout);
	else if (s->invited.rows.n == 0)
		printf(" nobody");
	else
		printf(" %" PRIu32 " open", s->invited.open);
	for (unsigned state = 0; s->unseen == 0 && state < INVITATION_STATES; state++) {
		if (s->invited.in[state] == 0)
			continue;
		printf("%s%" PRIu32 " %s", before, s->invited.in[state], invitation_words[state]);
		before = ", ";
	}
	putchar('\n');
}

static void show_absence(const struct arguments *a, const struct status *s)
{
	fputs(s->hidden ? "policy    you may not read " : "policy    none that can be read at ",
		stdout);
	show_text(stdout, a->db);
	puts(s->hidden ? "; root may" : ": everybody is denied");
}

static void show(const struct arguments *a, const struct status *s)
{
	if (!s->readable)
		show_absence(a, s);
	else
		printf("policy    generation %" PRIu64 " of %s: %" PRIu32 " people, %" PRIu32
		       " machines, %" PRIu32 " grants\n",
			s->meta.generation, s->server[0] != '\0' ? s->server : "all servers",
			s->people, s->machines, s->grants);
	printf("doors    ");
	for (size_t i = 0; i < s->doors_n; i++) {
		printf(" ");
		show_text(stdout, s->doors[i]);
	}
	puts(s->doors_n > 0 ? "" : " none is wired");
	printf("adpermd   %s\n", s->answers ? "answers" : "does not answer");
	show_invitations(s);
	if (!s->logged) {
		puts("log       cannot be read");
		return;
	}
	printf("log       %" PRIu64 " sessions allowed; denied:", s->allowed);
	for (size_t i = 0; i < s->denied_n; i++)
		printf(" %s %" PRIu64, s->denied[i].word, s->denied[i].n);
	puts(s->denied_n > 0 ? "" : " nobody");
}

/* What nobody could count is not zero. */
static void log_json(struct json *j, const struct status *s)
{
	if (!s->logged) {
		json_string(j, "allowed", NULL);
		json_string(j, "denied", NULL);
		return;
	}
	json_count(j, "allowed", s->allowed);
	json_object(j, "denied");
	for (size_t i = 0; i < s->denied_n; i++)
		json_count(j, s->denied[i].word, s->denied[i].n);
	json_object_end(j);
}

static void show_json(const struct status *s)
{
	struct json j = json_to(stdout);

	json_object(&j, NULL);
	json_bool(&j, "readable", s->readable);
	json_string(&j, "server", s->server[0] != '\0' ? s->server : NULL);
	json_count(&j, "generation", s->meta.generation);
	json_number(&j, "people", s->people);
	json_number(&j, "machines", s->machines);
	json_number(&j, "grants", s->grants);
	json_array(&j, "doors");
	for (size_t i = 0; i < s->doors_n; i++)
		json_string(&j, NULL, s->doors[i]);
	json_array_end(&j);
	json_bool(&j, "adpermd", s->answers);
	if (s->unseen == 0) {
		json_array(&j, "invited");
		for (uint32_t i = 0; i < s->invited.rows.n; i++)
			invitation_json(&j, &s->invited.rows.at[i]);
		json_array_end(&j);
	} else {
		json_string(&j, "invited", NULL);
	}
	log_json(&j, s);
	json_object_end(&j);
}

static void metric(const char *name, const char *help, double value)
{
	printf("# HELP adperm_%s %s\n# TYPE adperm_%s gauge\nadperm_%s %.15g\n", name, help, name,
		name, value);
}

static void show_prometheus(const struct status *s)
{
	metric("policy_readable", "1 if there is a policy that can be read.", s->readable);
	metric("policy_generation", "Generation of the installed policy.",
		(double)s->meta.generation);
	if (s->readable && s->meta.not_after != WHEN_NEVER)
		metric("policy_not_after_seconds", "Time after which the policy lets nobody in.",
			(double)s->meta.not_after);
	metric("policy_people", "People in the policy.", s->people);
	metric("policy_machines", "Machines in the policy.", s->machines);
	metric("policy_grants", "Grants in the policy.", s->grants);
	metric("doors_wired", "PAM services that ask adperm.", (double)s->doors_n);
	metric("adpermd_up", "1 if the daemon of the second factor answers.", s->answers);
	if (s->unseen == 0) {
		metric("invitations_open", "Invitations that people have not taken up yet.",
			s->invited.open);
		metric("invitations_not_mailed", "Those of them whose message was not taken.",
			s->invited.in[INVITATION_NOT_MAILED]);
		metric("invitations_run_out", "Invitations that nobody took up in time.",
			s->invited.in[INVITATION_RUN_OUT]);
	}
	if (!s->logged)
		return;
	metric("sessions_allowed", "Sessions allowed, in the log there is.", (double)s->allowed);
	puts("# HELP adperm_denied Decisions against somebody, in the log there is, by reason.\n"
	     "# TYPE adperm_denied gauge");
	for (size_t i = 0; i < s->denied_n; i++)
		printf("adperm_denied{reason=\"%s\"} %" PRIu64 "\n", s->denied[i].word,
			s->denied[i].n);
}

static int run(int argc, char **argv)
{
	struct arguments a = { .db = NULL };
	struct status *s;
	int first, code;

	if (!arguments_parse(&cmd_status, &a, argc, argv, &first, &code))
		return code;
	if (first < argc)
		return complain_surplus(&cmd_status, argv[first]);
	if (a.json && a.prometheus)
		return complain("status: either --json or --prometheus");
	s = calloc(1, sizeof *s);
	if (s == NULL)
		return complain("out of memory");
	look_at_database(&a, s);
	look_for_doors(&a, s);
	look_at_daemon(&a, s);
	look_for_invitations(&a, s);
	look_at_log(&a, s);
	if (a.prometheus)
		show_prometheus(s);
	else if (a.json)
		show_json(s);
	else
		show(&a, s);
	code = s->readable ? EXIT_OK : EXIT_NO;
	invitations_done(&s->invited);
	free(s);
	return code;
}

const struct command cmd_status = {
	.name = "status",
	.synopsis = "[--json | --prometheus]",
	.summary = "What is in force here, in a few lines",
	.run = run,
	.options = options,
};
