/*
 * adperm.h - ask the permission policy of this server; libadperm(3) has it with examples.
 *
 * One handle, any number of questions, the same answer from every program: the PAM module, the tool
 * and yours. Every failure is a no, and has a reason.
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
 *
 * True of all functions here: nothing is printed, no signal, locale, environment or umask is
 * touched, no state is kept outside of the handle, and the process is never ended. Several threads
 * may ask on one handle at the same time, and with the database none waits for another (another
 * source lets one in at a time); only adperm_close() has to be the last. A child of fork(2) may go
 * on with the handle, and closes its own copy. Descriptors are above 2 and closed by exec.
 *
 * Texts are NUL-terminated. Those that are given may be NULL where that is said; a NULL elsewhere
 * is no name of anything.
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

/* Everything that libadperm exports is declared here. */
#pragma GCC visibility push(default)

/* Sizes of texts in answers, with their NUL. */
#define ADPERM_EMAIL_SIZE  255
#define ADPERM_HOST_SIZE   254
#define ADPERM_NAME_SIZE   33  /* a login or an account */
#define ADPERM_PERM_SIZE   32  /* "server.smtp_configuration" */
#define ADPERM_SOURCE_SIZE 288 /* "10-acme.yaml:31" */
#define ADPERM_TERMS_SIZE  32  /* bytes */
#define ADPERM_WHY_SIZE    512

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

/* What a verdict is called: "allow_2fa" by programs, "allow with 2FA" to people. Static texts. */
const char *adperm_verdict_word(enum adperm_verdict verdict);
const char *adperm_verdict_text(enum adperm_verdict verdict);

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
	/* The directory of the sources that switch.conf may name besides "db". */
	const char *sources;
};

struct adperm; /* an open policy */

/*
 * Opens the policy. ADPERM_OK and a handle to close, or the reason (ADPERM_POLICY_*, _NOMEM) and
 * NULL. Database, switch.conf and the directories above them must belong to root and be writable
 * by nobody else; paths are absolute. The options are copied.
 *
 * With the shared library a handle follows the policy: once another database is installed, the next
 * question is answered by that one, and answer.generation tells. What adperm_open() would refuse is
 * then the reason that questions have no answer, until it is in order again. The handle stays about
 * the server that it was opened for. switch.conf is read again with each new database.
 */
enum adperm_reason adperm_open(const struct adperm_options *options, struct adperm **policy);

/* Takes NULL. No question may be under way, and none may follow. */
void adperm_close(struct adperm *policy);

/* The name of this server, for the life of the handle; "" if a whole database was opened without
 * saying which it is. */
const char *adperm_server(const struct adperm *policy);
/* Which edition of the policy is installed: it only grows. 0 if there is none now. */
uint64_t adperm_generation(const struct adperm *policy);
/*
 * From this time on the policy answers nothing: seconds since 1970, INT64_MAX: no such time,
 * INT64_MIN: there is none now.
 */
int64_t adperm_not_after(const struct adperm *policy);

/*
 * Why a source of switch.conf last failed, in a line for the administrator ("ldap: ..."); "" if
 * none did, or its reason says it all. Cut if there is less than ADPERM_WHY_SIZE of room, which is
 * at least 1.
 */
void adperm_trouble(const struct adperm *policy, char *text, size_t room);

/* The version of the library: "0.1.0". */
const char *adperm_version(void);

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
	/*
	 * With a grace, a digest of all that the profile holds on this server: whoever remembers a
	 * second factor forgets it when this changes. Else, and in a list, zeros.
	 */
	unsigned char terms[ADPERM_TERMS_SIZE];
};

/*
 * Asks. Returns answer->verdict; everything in *answer is set. ADPERM_DENY and ADPERM_ERROR both
 * mean no. ADPERM_ALLOW_2FA means no as long as the caller has not itself made sure, just now, of a
 * second factor. The answer holds for the question's time and address, not for later.
 */
enum adperm_verdict adperm_ask(struct adperm *policy, const struct adperm_question *question,
	struct adperm_answer *answer);

/*
 * The answer in a line for people, without a newline, as `adperm check` says it: "allow with 2FA
 * (10-acme.yaml:31)", "deny: expired: the grant has expired (10-acme.yaml:31)". Cut if there is
 * less than ADPERM_WHY_SIZE of room, which is at least 1.
 */
void adperm_why(const struct adperm_answer *answer, char *text, size_t room);

/* A permission that a profile was given. */
struct adperm_held {
	/*
	 * "" unless it is an account's; "*" is every account of the server of which no other
	 * element says something about this permission.
	 */
	char account[ADPERM_NAME_SIZE];
	/* What adperm_ask() says of it: also a no, if what gives it does not count here and now. */
	struct adperm_answer answer;
};

/*
 * All that the person of the question was given on the question's server: one element for each
 * permission that some grant or ownership gives or brings along, in the order of the catalogue.
 * Permission and account of the question are not looked at. ADPERM_OK and an array (NULL if it is
 * empty) for adperm_free(); or why not, and NULL.
 */
enum adperm_reason adperm_holdings(struct adperm *policy, const struct adperm_question *question,
	struct adperm_held **held, size_t *count);

/* Somebody to be told. */
struct adperm_contact {
	char profile[ADPERM_EMAIL_SIZE];
	char source[ADPERM_SOURCE_SIZE]; /* "file:line" of the grant, or of the owner's profile */
	int owner;                       /* of the server: always told, and the first */
	int suspended;                   /* only an owner is told all the same */
};

/*
 * Whom to tell: the owner of the server, and whoever holds the permission at that time, from
 * whatever address and with or without a second factor. The permission is
 * "server.technical_contact", "account.technical_contact" with an account, "overall.billing", or
 * any other; the question's person and address are not looked at. Reads the whole database.
 * ADPERM_OK and an array for adperm_free(), sorted by address behind the owner; or why not, and
 * NULL: ADPERM_POLICY_UNAVAIL if a source cannot list people.
 */
enum adperm_reason adperm_contacts(struct adperm *policy, const struct adperm_question *question,
	struct adperm_contact **contacts, size_t *count);

/* Frees an array that was given out. Takes NULL. */
void adperm_free(void *array);

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
 * some address, to log in as `user` at the given time? With NULL for a user: who holds anything on
 * this server, whatever it is, as at the door where people help themselves. ADPERM_OK puts "type
 * base64" of the policy's own copy of the key into line, NUL-terminated; a line too short for it,
 * of at least 1 byte, is ADPERM_NOMEM. Otherwise why not.
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

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
