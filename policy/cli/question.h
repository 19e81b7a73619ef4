/*
 * A question as the options of check and explain say it, and how its answer is told.
 */
#ifndef ADPERM_CLI_QUESTION_H
#define ADPERM_CLI_QUESTION_H

#include "adperm.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "model/catalogue.h"

struct question_options {
	const char *policy, *people, *profile, *login, *key, *permission, *server, *account, *from,
		*at;
};

/* Its rows, for a `struct arguments` that has one as `member`. */
#define QUESTION_OPTIONS(arguments, member)                                                        \
	OPTION_POLICY(arguments, member.policy),                                                   \
		OPTION_VALUE(                                                                      \
			arguments, member.profile, "profile", 0, "EMAIL", "may this person ..."),  \
		OPTION_VALUE(arguments, member.login, "login", 0, "NAME",                          \
			"or the person of this login ..."),                                        \
		OPTION_VALUE(arguments, member.key, "key", 0, "SHA256:...",                        \
			"or of the SSH key with this fingerprint ..."),                            \
		OPTION_VALUE(arguments, member.permission, "permission", 0, "ID",                  \
			"use this permission ..."),                                                \
		OPTION_VALUE(arguments, member.server, "server", 0, "HOST",                        \
			"on this server (a slice knows its own) ..."),                             \
		OPTION_VALUE(arguments, member.account, "account", 0, "NAME",                      \
			"on this account of it ..."),                                              \
		OPTION_VALUE(arguments, member.from, "from", 0, "ADDRESS",                         \
			"from this numeric address ..."),                                          \
		OPTION_AT(arguments, member.at), OPTION_PEOPLE(arguments, member.people)

/* The question. False, with the complaint printed, if it is none. */
bool question_settle(
	const char *command, const struct question_options *o, struct adperm_question *q);

/*
 * The permission that --permission names, for an account if and only if --account names one. False:
 * the complaint is printed, as by `command`.
 */
bool question_permission(
	const char *command, const char *permission, const char *account, enum perm *out);

/* "profile", "login", "key". False: no such kind. */
bool question_kind(const char *word, enum adperm_who *who);

/*
 * What is wrong with an address or a time, either of which may be NULL; NULL if nothing is.
 * Without this an address that is none would quietly be unknown.
 */
const char *question_wrong_value(const char *from, const char *at, int64_t *when);

/* One line for people; nothing for ADPERM_ERROR. */
void answer_print(const struct adperm_answer *answer);
/* The members verdict, reason, profile, permission and source of an open object. */
void answer_json(struct json *j, const struct adperm_answer *answer);
/* What to exit with; complains of ADPERM_ERROR. */
int answer_exit(const char *command, const struct adperm_answer *answer);

#endif
