/* adperm totp status, list: who is enrolled, and how; never a secret. */
#include "cli/table.h"
#include "cli/totp.h"

#include "model/when.h"

#include <inttypes.h>
#include <string.h>

struct arguments {
	const char *socket;
	bool json;
};

static const struct command_option options[] = {
	OPTION_FLAG(struct arguments, json, "json", 0, "for programs"),
	TOTP_SOCKET(struct arguments),
	{ .name = NULL },
};

/* --- one ----------------------------------------------------------------------------------------
 */

/* What a reply says of one, as a list does. */
static struct proto_entry entry_of(const struct totp_question *q)
{
	const struct proto_reply *reply = &q->reply;
	struct proto_entry entry = {
		.enrolled_at = reply->enrolled_at,
		.last_used_at = reply->last_used_at,
		.retry_after = reply->retry_after,
		.digits = reply->digits,
		.algorithm = reply->algorithm,
		.period = reply->period,
		.recovery_left = reply->recovery_left,
	};

	memcpy(entry.profile, q->request.profile, sizeof entry.profile);
	return entry;
}

static void json_time(struct json *j, const char *name, int64_t when)
{
	char text[WHEN_SIZE];

	when_text(when, text);
	json_string(j, name, when == 0 ? NULL : text);
}

/* The members of one who is enrolled, behind the profile. */
static void json_entry(struct json *j, const struct proto_entry *e)
{
	json_bool(j, "damaged", e->digits == 0);
	if (e->digits == 0)
		return;
	json_number(j, "digits", e->digits);
	json_string(j, "algorithm", totp_algorithm(e->algorithm));
	json_number(j, "period", e->period);
	json_time(j, "enrolled_at", e->enrolled_at);
	json_time(j, "last_used_at", e->last_used_at);
	json_number(j, "recovery_codes_left", e->recovery_left);
	json_number(j, "retry_after", e->retry_after);
}

static void status_json(const struct totp_question *q, bool enrolled)
{
	const struct proto_entry entry = entry_of(q);
	struct json j = json_to(stdout);

	json_object(&j, NULL);
	json_string(&j, "profile", q->request.profile);
	json_bool(&j, "enrolled", enrolled);
	json_bool(&j, "pending", q->reply.pending != 0);
	if (enrolled)
		json_entry(&j, &entry);
	json_object_end(&j);
}

static void status_text(const struct totp_question *q, bool enrolled)
{
	const struct proto_reply *reply = &q->reply;
	const char *whose = q->request.profile;
	char since[WHEN_SIZE], used[WHEN_SIZE];

	when_text(reply->enrolled_at, since);
	when_text(reply->last_used_at, used);
	if (enrolled)
		printf("%s: enrolled %s, last used %s; %u digits, %s, every %u seconds; "
		       "%u recovery code%s left\n",
			whose, since, reply->last_used_at == 0 ? "never" : used, reply->digits,
			totp_algorithm(reply->algorithm), reply->period, reply->recovery_left,
			reply->recovery_left == 1 ? "" : "s");
	else
		printf("%s: not enrolled\n", whose);
	if (reply->pending != 0)
		printf("%s: a secret waits to be confirmed by a code\n", whose);
	if (reply->retry_after > 0)
		printf("%s: out of guesses; the next code is taken in %" PRIu32 " minutes\n", whose,
			(reply->retry_after + 59) / 60);
}

static int status(struct totp_question *q, bool json)
{
	bool enrolled = totp_ask(q);

	if (!enrolled && (q->problem != CLIENT_OK || q->reply.result != PROTO_NOT_ENROLLED))
		return totp_failed(q);
	if (json)
		status_json(q, enrolled);
	else
		status_text(q, enrolled);
	return enrolled ? EXIT_OK : EXIT_NO;
}

/* --- all ----------------------------------------------------------------------------------------
 */

static void add_headings(struct table *t)
{
	static const char *const headings[] = { "PROFILE", "CODES", "ENROLLED", "LAST USED",
		"RECOVERY", "WAIT" };

	t->columns = sizeof headings / sizeof headings[0];
	for (unsigned i = 0; i < t->columns; i++)
		fputs(headings[i], table_cell(t));
}

static void add_entry(struct table *t, const struct proto_entry *e)
{
	char since[WHEN_SIZE], used[WHEN_SIZE];

	when_text(e->enrolled_at, since);
	when_text(e->last_used_at, used);
	fputs(e->profile, table_cell(t));
	if (e->digits == 0)
		fputs("damaged", table_cell(t));
	else
		fprintf(table_cell(t), "%u %s %us", e->digits, totp_algorithm(e->algorithm),
			e->period);
	fputs(since, table_cell(t));
	fputs(e->last_used_at == 0 ? "never" : used, table_cell(t));
	fprintf(table_cell(t), "%u", e->recovery_left);
	if (e->retry_after > 0)
		fprintf(table_cell(t), "%" PRIu32 " min", (e->retry_after + 59) / 60);
	else
		table_cell(t);
}

static bool print_table(const struct totp_entries *all)
{
	struct table t = { .columns = 0 };

	add_headings(&t);
	for (uint32_t i = 0; i < all->n; i++)
		add_entry(&t, &all->at[i]);
	return table_print(&t, stdout);
}

static void print_json(const struct totp_entries *all)
{
	struct json j = json_to(stdout);

	json_array(&j, NULL);
	for (uint32_t i = 0; i < all->n; i++) {
		json_object(&j, NULL);
		json_string(&j, "profile", all->at[i].profile);
		json_entry(&j, &all->at[i]);
		json_object_end(&j);
	}
	json_array_end(&j);
}

static int list(const char *socket, bool json)
{
	struct totp_entries all;
	struct totp_question q;
	int code = EXIT_OK;

	if (!totp_entries_read(&all, &q, socket))
		return totp_failed(&q);
	if (json)
		print_json(&all);
	else if (!print_table(&all))
		code = complain("out of memory");
	totp_entries_done(&all);
	return code;
}

/* --- both ---------------------------------------------------------------------------------------
 */

static int run_status(int argc, char **argv)
{
	struct arguments a = { .socket = NULL };
	struct totp_question q;
	int first, code;

	if (!arguments_parse(&totp_status, &a, argc, argv, &first, &code))
		return code;
	if (first == argc)
		return list(a.socket, a.json);
	if (argc - first > 1)
		return complain_surplus(&totp_status, argv[first + 1]);
	totp_begin(&q, a.socket, PROTO_STATUS);
	return totp_about(&q, &totp_status, argv[first]) ? status(&q, a.json) : EXIT_ERROR;
}

static int run_list(int argc, char **argv)
{
	struct arguments a = { .socket = NULL };
	int first, code;

	if (!arguments_parse(&totp_list, &a, argc, argv, &first, &code))
		return code;
	return first < argc ? complain_surplus(&totp_list, argv[first]) : list(a.socket, a.json);
}

const struct command totp_status = {
	.name = "totp status",
	.synopsis = "[EMAIL] [OPTION...]",
	.summary = "tells whether a person is enrolled, and how; without one, as list",
	.run = run_status,
	.options = options,
};

const struct command totp_list = {
	.name = "totp list",
	.synopsis = "[OPTION...]",
	.summary = "tells who is enrolled, and how",
	.run = run_list,
	.options = options,
};
