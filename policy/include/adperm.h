/*
 * adperm.h - ask the permission policy of this server.
 *
 * One handle, any number of questions, the same answer from every program: the PAM module, the tool
 * and yours. A handle never prints, never aborts, keeps no global state and may be asked by several
 * threads at once.
 *
 *	struct adperm *policy;
 *	struct adperm_question q = {
 *		.who = ADPERM_LOGIN, .name = "alice",
 *		.permission = "server.firewall_rules", .from = "192.0.2.7", .time = time(NULL),
 *	};
 *	struct adperm_answer a;
 *
 *	if (adperm_open(NULL, &policy) != ADPERM_OK)
 *		...;
 *	if (adperm_ask(policy, &q, &a) == ADPERM_ALLOW)
 *		...;
 *	adperm_close(policy);
 */
#ifndef ADPERM_H
#define ADPERM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where things are unless an option says otherwise. */
#define ADPERM_DB     "/var/lib/adperm/policy.cdb"
#define ADPERM_PEOPLE "/var/lib/adperm/people"
#define ADPERM_SWITCH "/etc/adperm/switch.conf"

/* Sizes of texts in answers, with their NUL. */
#define ADPERM_EMAIL_SIZE  255
#define ADPERM_HOST_SIZE   254
#define ADPERM_NAME_SIZE   33  /* a login or an account */
#define ADPERM_PERM_SIZE   32  /* "server.smtp_configuration" */
#define ADPERM_SOURCE_SIZE 288 /* "10-acme.yaml:31" */

/* Zero is never yes. */
enum adperm_verdict {
	ADPERM_ERROR = 0, /* the question has no answer; the reason says why */
	ADPERM_DENY,
	ADPERM_ALLOW,
	ADPERM_ALLOW_2FA, /* allowed once a second factor has just been proved */
};

enum adperm_reason {
#define REASON(symbol, word, kind, meaning) ADPERM_##symbol,
#include "adperm_reasons.def"
};

/* What a reason is called in logs ("no_grant"), and what it means in a sentence. Static texts. */
const char *adperm_reason_word(enum adperm_reason reason);
const char *adperm_reason_text(enum adperm_reason reason);

/* Other files than the usual ones; a NULL member, or no options at all, means the usual. */
struct adperm_options {
	/* The compiled database. */
	const char *db;
	/* Which sources, in which order; an absent file means "policy: db". */
	const char *switch_conf;
	/* The directory of what people changed. */
	const char *people;
	/* Which server this is: needed with a whole database, else checked against the slice's. */
	const char *server;
};

struct adperm; /* an open policy */

/*
 * Opens the policy. ADPERM_OK and a handle to close, or the reason (ADPERM_POLICY_*, _NOMEM) and
 * NULL. Database, switch.conf and the directories above them must belong to root and be writable
 * by nobody else.
 */
enum adperm_reason adperm_open(const struct adperm_options *options, struct adperm **policy);

/* Takes NULL. */
void adperm_close(struct adperm *policy);

/* Properties of the open database; texts live as long as the handle. */
/* The name of this server; "" if a whole database was opened without saying which it is. */
const char *adperm_server(const struct adperm *policy);
uint64_t adperm_generation(const struct adperm *policy);
/* From this time on the policy answers nothing: seconds since 1970, INT64_MAX: no such time. */
int64_t adperm_not_after(const struct adperm *policy);

enum adperm_who {
	ADPERM_PROFILE = 1, /* name: an e-mail address, any case */
	ADPERM_LOGIN,       /* name: a login */
	ADPERM_KEY, /* key: a public key blob in SSH wire format; of a certificate, its own */
	ADPERM_FINGERPRINT, /* name: "SHA256:..." */
};

struct adperm_question {
	enum adperm_who who;
	const char *name;
	const void *key;
	size_t key_len;         /* bytes */
	const char *permission; /* "account.ssh", or "ssh" where one scope alone has it */
	const char *server;     /* NULL: this server */
	const char *account;    /* NULL unless the permission is an account's */
	const char *from;       /* numeric address; NULL or anything else: unknown */
	int64_t time;           /* seconds since 1970, UTC */
};

struct adperm_answer {
	enum adperm_verdict verdict;
	enum adperm_reason reason; /* ADPERM_OK with both kinds of allow */
	char profile[ADPERM_EMAIL_SIZE];
	char permission[ADPERM_PERM_SIZE]; /* in full: "account.ssh" */
	char source[ADPERM_SOURCE_SIZE];   /* "file:line" of the grant that decided, or "" */
	uint32_t grace;      /* seconds that a second factor counts for the same place, 0: none */
	uint64_t generation; /* of the database that answered */
};

/*
 * Asks. Returns answer->verdict; everything in *answer is set. ADPERM_DENY and ADPERM_ERROR both
 * mean no.
 */
enum adperm_verdict adperm_ask(struct adperm *policy, const struct adperm_question *question,
	struct adperm_answer *answer);

/*
 * Look-ups that a door needs to make a question. Each returns ADPERM_OK, or ADPERM_UNKNOWN_PERSON,
 * ADPERM_UNKNOWN_ACCOUNT, or why it could not tell (a SYSTEM or NOMEM reason).
 */

/* The profile of a login, or of a key. */
enum adperm_reason adperm_person(struct adperm *policy, enum adperm_who who, const char *name,
	const void *key, size_t key_len, char profile[ADPERM_EMAIL_SIZE]);

/*
 * Is this a hosting account of this server? *ssh_2fa: some grant or ownership that gives
 * account.ssh there carries the 2FA flag, whoever's and whether or not it counts today.
 */
enum adperm_reason adperm_account(struct adperm *policy, const char *name, int *ssh_2fa);

/*
 * For sshd's AuthorizedKeysCommand: does this key belong to a person who could be allowed, from
 * some address, to log in as `user` at the given time? ADPERM_OK puts "type base64" of the policy's
 * own copy of the key into line, NUL-terminated; a line too short for it is ADPERM_NOMEM. Otherwise
 * why not.
 */
enum adperm_reason adperm_offered_key(struct adperm *policy, const char *user, const void *key,
	size_t key_len, int64_t time, char *line, size_t room);

/*
 * The permission that a name stands for, in full, and its counterpart on an account ("" if it has
 * none): "ssh_users" is "server.ssh_users" and "account.ssh". ADPERM_BAD_QUESTION if it is none or
 * stands in several scopes.
 */
enum adperm_reason adperm_permission(
	const char *name, char full[ADPERM_PERM_SIZE], char counterpart[ADPERM_PERM_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
