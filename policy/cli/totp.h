/*
 * What the parts of `adperm totp` share. All of it happens in adpermd: a part asks, and says what
 * came of it. A secret goes from the answer to the terminal and nowhere else: not to a file, an
 * argument, the environment or a log.
 */
#ifndef ADPERM_CLI_TOTP_H
#define ADPERM_CLI_TOTP_H

#include "adpermd/client.h"
#include "cli/cli.h"
#include "cli/json.h"

extern const struct command totp_enroll, totp_status, totp_list, totp_remove, totp_unlock,
	totp_recovery, totp_grace, totp_rekey, totp_import;

/* The row of --socket, for a `struct arguments` that has it. */
#define TOTP_SOCKET(arguments)                                                                     \
	OPTION_USUAL(arguments, socket, "socket", 0, "PATH", "of adpermd", PROTO_SOCKET)

/* Who is asked what, and the answer. The caller wipes it if it may hold a secret or a code. */
struct totp_question {
	const char *socket;
	struct proto_request request;
	enum client_problem problem;
	bool no_memory; /* for all of a list */
	struct proto_reply reply;
};

/* A question of that kind, about nobody yet. */
void totp_begin(struct totp_question *q, const char *socket, enum proto_op op);

/* Another one about the same person. */
void totp_next(struct totp_question *q, enum proto_op op);

/* About whom. False, with the complaint printed, if that is no e-mail address. */
bool totp_about(struct totp_question *q, const struct command *command, const char *email);

/*
 * For a part with one operand, an e-mail address: options, operand and question. False: *code is
 * what to exit with.
 */
bool totp_parse(struct totp_question *q, const struct command *command, enum proto_op op,
	void *arguments, const char *const *socket, int argc, char **argv, int *code);

/* Does anybody answer at that socket? Asks about somebody who cannot be. */
enum client_problem totp_answers(const char *socket);

/* Asks. True: the answer is yes; else totp_failed() is due, unless the caller knows better. */
bool totp_ask(struct totp_question *q);

/* Everybody who is enrolled, by address. */
struct totp_entries {
	struct proto_entry *at;
	uint32_t n, cap;
};

/* False, with nothing to free, if not all could be read: totp_failed(q) is due. */
bool totp_entries_read(struct totp_entries *all, struct totp_question *q, const char *socket);
void totp_entries_done(struct totp_entries *all);

/* Complains of no answer, or of one that is no yes; what to exit with. */
int totp_failed(const struct totp_question *q);

/* "SHA1" ...; NULL for none of the protocol's. */
const char *totp_algorithm(unsigned algorithm);

#define TOTP_SERVICE  "adperm" /* the name this tool gives itself to adpermd */
#define TOTP_ISSUER   "adperm"
#define TOTP_URI_SIZE 1536 /* all of label and issuer, percent-encoded, and the longest secret */

/* Old apps know the issuer only from before the address; a brief URI does without. */
enum totp_uri_form { TOTP_URI_FULL, TOTP_URI_BRIEF };

/* The URI that authenticator apps read, of a new secret. False: it does not fit. */
bool totp_uri(const struct totp_question *q, const char *issuer, enum totp_uri_form form,
	char out[static TOTP_URI_SIZE]);

/* Makes new recovery codes and shows them, once; raw: one a line. What to exit with. */
int totp_show_recovery(struct totp_question *q, bool raw);

#endif
