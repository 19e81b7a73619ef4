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
		{ "profile", 0, "EMAIL", offsetof(arguments, member.profile),                      \
			"may this person ..." },                                                   \
		{ "login", 0, "NAME", offsetof(arguments, member.login),                           \
			"or the person of this login ..." },                                       \
		{ "key", 0, "SHA256:...", offsetof(arguments, member.key),                         \
			"or of the SSH key with this fingerprint ..." },                           \
		{ "permission", 0, "ID", offsetof(arguments, member.permission),                   \
			"use this permission ..." },                                               \
		{ "server", 0, "HOST", offsetof(arguments, member.server),                         \
			"on this server (a slice knows its own) ..." },                            \
		{ "account", 0, "NAME", offsetof(arguments, member.account),                       \
			"on this account of it ..." },                                             \
		{ "from", 0, "ADDRESS", offsetof(arguments, member.from),                          \
			"from this numeric address ..." },                                         \
		OPTION_AT(arguments, member.at), OPTION_PEOPLE(arguments, member.people)

/* The policy that is asked: what --policy says, or the installed one. */
const char *question_policy(const struct question_options *o);

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
