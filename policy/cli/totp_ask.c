/* Asking adpermd, and what its answers mean; see totp.h. */
#include "cli/totp.h"

#include "lang/rows.h"
#include "model/names.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Answers that end every action alike, and what to do about them. */
static const struct {
	enum proto_result result;
	const char *says;
} refusals[] = {
	{ PROTO_NOT_ENROLLED, "is not enrolled" },
	{ PROTO_LOCKED, "has no guesses left; `adperm totp unlock` gives new ones" },
	{ PROTO_REFUSED, "adpermd takes this from root only; run it as root" },
	{ PROTO_MALFORMED,
		"adpermd does not understand this question; restart it if it was updated" },
	{ PROTO_CLOCK, "this machine's clock is wrong; set it right first" },
	{ PROTO_STORE_CORRUPT, "the record is damaged, or was sealed with another key; enrol again "
			       "with --replace" },
	{ PROTO_STORE_FAILED,
		"adpermd cannot write its state; its log says why (is the disk full?)" },
	{ PROTO_STORE_ROLLBACK, "the state of adpermd is older than one it had before; adpermd(8) "
				"says what to do when a backup was put back" },
	{ PROTO_EXISTS,
		"is enrolled already; --replace puts a new secret in the place of the old one" },
	{ PROTO_BUSY, "adpermd still seals with another new key; finish that first" },
};

/* Answers about the person, not about adpermd. */
static bool is_no(uint32_t result)
{
	return result == PROTO_EXISTS || result == PROTO_NOT_ENROLLED || result == PROTO_LOCKED;
}

static const char *problem_text(enum client_problem problem)
{
	switch (problem) {
	case CLIENT_OK: break;
	case CLIENT_UNREACHABLE:
		return geteuid() != 0 ? "cannot be asked; only root may, so run it as root"
				      : "nobody answers; start adpermd: `systemctl start "
					"adpermd.socket`, or `adpermd --foreground` where there is "
					"no systemd";
	case CLIENT_UNTRUSTED:
		return "not asked: the directories above it and who listens there must be root's "
		       "alone";
	case CLIENT_PROTOCOL:
		return "the answer is to another question; restart adpermd if it was updated";
	}
	return "";
}

int totp_failed(const struct totp_question *q)
{
	const char *whose = q->request.profile[0] != '\0' ? q->request.profile : "totp";
	const char *says = "adpermd gave an answer that means nothing here";

	if (q->no_memory)
		return complain("out of memory");
	if (q->problem != CLIENT_OK)
		return complain("%s: %s", q->socket, problem_text(q->problem));
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		if (refusals[i].result == q->reply.result)
			says = refusals[i].says;
	}
	complain("%s: %s", whose, says);
	return is_no(q->reply.result) ? EXIT_NO : EXIT_ERROR;
}

void totp_begin(struct totp_question *q, const char *socket, enum proto_op op)
{
	*q = (struct totp_question){ .socket = socket };
	q->request.op = (uint16_t)op;
	memcpy(q->request.service, TOTP_SERVICE, sizeof TOTP_SERVICE);
}

void totp_next(struct totp_question *q, enum proto_op op)
{
	char profile[sizeof q->request.profile];

	memcpy(profile, q->request.profile, sizeof profile);
	totp_begin(q, q->socket, op);
	memcpy(q->request.profile, profile, sizeof profile);
}

bool totp_about(struct totp_question *q, const struct command *command, const char *email)
{
	if (name_is_email(slice_str(email)) &&
		name_lower(slice_str(email), q->request.profile, sizeof q->request.profile))
		return true;
	complain("%s: that is no e-mail address", command->name);
	return false;
}

bool totp_parse(struct totp_question *q, const struct command *command, enum proto_op op,
	void *arguments, const char *const *socket, int argc, char **argv, int *code)
{
	int first;

	if (!arguments_parse(command, arguments, argc, argv, &first, code))
		return false;
	*code = EXIT_ERROR;
	totp_begin(q, *socket, op);
	if (argc - first == 1)
		return totp_about(q, command, argv[first]);
	complain("%s takes one e-mail address; `adperm %s --help` says more", command->name,
		command->name);
	return false;
}

enum client_problem totp_answers(const char *socket)
{
	struct totp_question q;

	totp_begin(&q, socket, PROTO_STATUS);
	snprintf(q.request.profile, sizeof q.request.profile, "nobody@adperm.invalid");
	return client_ask(q.socket, &q.request, &q.reply);
}

bool totp_ask(struct totp_question *q)
{
	q->problem = client_ask(q->socket, &q->request, &q->reply);
	return q->problem == CLIENT_OK && q->reply.result == PROTO_YES;
}

static bool add_page(struct totp_entries *all, struct totp_question *q)
{
	for (uint32_t i = 0; i < q->reply.count; i++) {
		struct proto_entry *entry = ROWS_ADD(all);

		q->no_memory = entry == NULL;
		if (entry == NULL)
			return false;
		*entry = q->reply.entry[i];
	}
	return true;
}

bool totp_entries_read(struct totp_entries *all, struct totp_question *q, const char *socket)
{
	*all = (struct totp_entries){ .at = NULL };
	totp_begin(q, socket, PROTO_LIST);
	do {
		if (all->n > 0)
			memcpy(q->request.profile, all->at[all->n - 1].profile,
				sizeof q->request.profile);
		if (!totp_ask(q) || !add_page(all, q)) {
			totp_entries_done(all);
			return false;
		}
	} while (q->reply.count == PROTO_PAGE);
	return true;
}

void totp_entries_done(struct totp_entries *all)
{
	free(all->at);
	*all = (struct totp_entries){ .at = NULL };
}
