/*
 * What is said to adperm-people: one request and one reply a connection, SOCK_SEQPACKET. Who asks
 * is in no frame: root is who the kernel says is root (SO_PEERCRED), and a person is whose login
 * session the asking process belongs to (live_session.h). Texts are NUL-terminated inside their
 * array and NUL-filled to its end; addresses are in lower case.
 */
#ifndef ADPERM_PEOPLE_WISH_H
#define ADPERM_PEOPLE_WISH_H

#include <stdint.h>

#define PEOPLE_SOCKET  "/run/adperm/people.sock" /* unless an option says otherwise */
#define PEOPLE_PROGRAM ADPERM_LIBEXECDIR "/adperm-people"

#define WISH_MAGIC      0x65707061u /* "appe" */
#define WISH_VERSION    2
#define WISH_DEADLINE_S 10 /* seconds that a client waits: for the lock, the disk and adpermd */
#define WISH_REQUEST_S  3  /* seconds that it has to ask in */

/*
 * The operations: OP(NUMBER, SYMBOL, name, who, proof, what it names besides a profile, "what it
 * does"). Who: ASKER_ROOT about anybody; ASKER_SELF, a person from a login of their own; and
 * ASKER_INVITED, a person who has no more than an invitation, which their session holds. The proof
 * is what a person must give besides. Numbers are never used again.
 */
#define WISH_OPS(OP)                                                                               \
	OP(1, RENOUNCE, renounce, ASKER_ROOT | ASKER_SELF, PROOF_FLAGGED, NAMES_OWNER,             \
		"give back all that it has granted")                                               \
	OP(2, READMIT, readmit, ASKER_ROOT, PROOF_NONE, NAMES_OWNER, "undo that")                  \
	OP(3, ADD_KEY, add_key, ASKER_ROOT | ASKER_SELF, PROOF_FACTOR, NAMES_KEY,                  \
		"register a key for the profile")                                                  \
	OP(4, REMOVE_KEY, remove_key, ASKER_ROOT | ASKER_SELF, PROOF_ENROLLED, NAMES_KEY,          \
		"forget a registered key")                                                         \
	OP(5, FORGET_KEYS, forget_keys, ASKER_ROOT, PROOF_NONE, NAMES_NOTHING,                     \
		"forget all of them")                                                              \
	OP(6, INVITE, invite, ASKER_ROOT, PROOF_NONE, NAMES_NOTHING,                               \
		"make an invitation, in place of an earlier one")                                  \
	OP(7, UNINVITE, uninvite, ASKER_ROOT, PROOF_NONE, NAMES_NOTHING, "revoke it")              \
	OP(8, INVITED, invited, ASKER_ROOT, PROOF_NONE, NAMES_ANYBODY,                             \
		"tell the next invitation that is not spent")                                      \
	OP(9, REDEEM, redeem, ASKER_ROOT, PROOF_NONE, NAMES_SESSION,                               \
		"judge an invitation's code, and let a login session hold it")                     \
	OP(10, HOLDINGS, holdings, ASKER_SELF | ASKER_INVITED, PROOF_NONE, NAMES_NOTHING,          \
		"tell a page of what the person holds here")                                       \
	OP(11, KEYS, keys, ASKER_SELF | ASKER_INVITED, PROOF_NONE, NAMES_NOTHING,                  \
		"tell a registered key, or the one that waits")                                    \
	OP(12, OFFER_KEY, offer_key, ASKER_INVITED, PROOF_NONE, NAMES_KEY,                         \
		"let a key wait for the activation")                                               \
	OP(13, ENROLL, enroll, ASKER_SELF | ASKER_INVITED, PROOF_FACTOR, NAMES_NOTHING,            \
		"make a secret that waits for the activation")                                     \
	OP(14, ACTIVATE, activate, ASKER_SELF | ASKER_INVITED, PROOF_NONE, NAMES_NOTHING,          \
		"put in force what waits, and spend the invitation")                               \
	OP(15, FORGET, forget, ASKER_ROOT, PROOF_NONE, NAMES_NOTHING,                              \
		"forget keys, invitation and second factor")                                       \
	OP(16, MAILED, mailed, ASKER_ROOT, PROOF_NONE, NAMES_NOTHING,                              \
		"note that the message of the invitation was handed over")

enum wish_op {
#define WISH_ENUM(number, symbol, name, who, proof, names, does) WISH_##symbol = (number),
	WISH_OPS(WISH_ENUM)
#undef WISH_ENUM
};

/*
 * Results: RESULT(NUMBER, SYMBOL, "word in the log", "what to tell the person"). Zero is never
 * done.
 */
#define WISH_RESULTS(RESULT)                                                                       \
	RESULT(1, DONE, "ok", "done")                                                              \
	RESULT(2, NOTHING, "nothing", "was so already")                                            \
	RESULT(3, REFUSED, "refused", "only root may do that")                                     \
	RESULT(4, MALFORMED, "malformed",                                                          \
		"adperm-people does not understand the request; is it of another version?")        \
	RESULT(5, NO_SESSION, "no_session",                                                        \
		"this is no personal login through adperm, so nothing proves who you are; "        \
		"root can do it with --profile")                                                   \
	RESULT(6, OLD_SESSION, "old_session",                                                      \
		"you logged in too long ago to prove who you are; log in again and repeat it")     \
	RESULT(7, NO_POLICY, "no_policy",                                                          \
		"the policy cannot be read, or you are no more in it; see the system log")         \
	RESULT(8, UNKNOWN_OWNER, "unknown_owner",                                                  \
		"this server belongs to somebody else; an owner's grants on another server are "   \
		"given back there")                                                                \
	RESULT(9, OWN, "own", "nobody can give back what they own")                                \
	RESULT(10, NEEDS_CODE, "needs_code", "a verification code is needed")                      \
	RESULT(11, BAD_CODE, "bad_code", "the code is wrong, or used already")                     \
	RESULT(12, LOCKED, "locked", "too many wrong codes; wait a while")                         \
	RESULT(13, NOT_ENROLLED, "not_enrolled",                                                   \
		"you have no second factor that could be proved; ask root, or for an invitation")  \
	RESULT(14, NO_DAEMON, "daemon", "adpermd did not judge the code; see the system log")      \
	RESULT(15, FOREIGN_KEY, "foreign_key", "that key is registered for somebody else")         \
	RESULT(16, BAD_KEY, "bad_key", "that is no SSH public key, or a weak one")                 \
	RESULT(17, FULL, "full", "that would be too many for one profile; remove some first")      \
	RESULT(18, DAMAGED, "people_corrupt",                                                      \
		"what this person changed there is damaged; put the file back from a backup")      \
	RESULT(19, BUSY, "busy", "somebody else changes something there; try again")               \
	RESULT(20, FAILED, "failed", "it could not be written; the system log says why")           \
	RESULT(21, HAS_KEY, "has_key",                                                             \
		"this person has registered a key; --reset forgets it, and their second factor")   \
	RESULT(22, NOT_INVITED, "not_invited", "there is no invitation")                           \
	RESULT(23, EXPIRED, "expired", "the invitation has run out")                               \
	RESULT(24, BAD_PIN, "bad_pin", "the PIN is wrong")                                         \
	RESULT(25, HELD, "held", "another session uses the invitation, or it began elsewhere")     \
	RESULT(26, NOT_HELD, "not_held",                                                           \
		"the invitation is not yours any more: it was revoked, or taken up elsewhere")     \
	RESULT(27, NO_KEY, "no_key", "no key waits yet")                                           \
	RESULT(28, NEEDS_PIN, "needs_pin",                                                         \
		"a grant asks for a second factor by now, and the invitation was made without a "  \
		"PIN; ask for another one")                                                        \
	RESULT(29, CLOCK, "clock", "the clock of this server is wrong, so nothing can be judged")  \
	RESULT(30, NO_SECRET, "no_secret", "no secret waits for a code; begin again")              \
	RESULT(31, NOT_HERE, "not_here", "that is not done from a login of this kind")

enum wish_result {
	WISH_NONE = 0,
#define WISH_ENUM(number, symbol, word, says) WISH_##symbol = (number),
	WISH_RESULTS(WISH_ENUM)
#undef WISH_ENUM
};

#define WISH_EMAIL_SIZE 256
#define WISH_KEY_MAX    2104 /* bytes of a blob: RSA of 16384 bits is 2071 */
#define WISH_PLACE_SIZE 64   /* "SHA256:..." or a numeric address, and a NUL */
#define WISH_CODE_SIZE  64
#define WISH_PIN_SIZE   16
#define WISH_PAGE       12 /* entries of a HOLDINGS reply */

#define WISH_SECRET_TEXT    112 /* base32 of a secret, without padding, and a NUL */
#define WISH_RECOVERY_CODES 10
#define WISH_RECOVERY_TEXT  20

#define WISH_INVITED_S     86400        /* seconds that an invitation lasts, unless said */
#define WISH_INVITED_MAX_S (30 * 86400) /* at most */

/* Does an invitation need a PIN besides its code? */
enum wish_pin {
	WISH_PIN_MADE = 0,  /* it does */
	WISH_PIN_WAIVED,    /* it does not: root has said so */
	WISH_PIN_UNFLAGGED, /* it does not, as long as no grant asks for a second factor */
};

struct wish {
	uint32_t magic;
	uint16_t version;
	uint16_t op;                   /* enum wish_op */
	char profile[WISH_EMAIL_SIZE]; /* whom it is about; "": who asks */
	char owner[WISH_EMAIL_SIZE];   /* RENOUNCE, READMIT */
	/*
	 * As typed, or "". By a person who must prove a second factor: a verification or recovery
	 * code. ACTIVATE: a code of the secret that waits. REDEEM: the invitation's.
	 */
	char code[WISH_CODE_SIZE];
	char pin[WISH_PIN_SIZE];     /* REDEEM: as typed, or "" */
	char place[WISH_PLACE_SIZE]; /* REDEEM: the key that sshd verified, else where from */
	uint8_t key[WISH_KEY_MAX];   /* ADD_KEY, REMOVE_KEY, OFFER_KEY: the blob (RFC 4253, 6.6) */
	uint16_t key_len;
	uint8_t no_pin;   /* INVITE: enum wish_pin */
	uint8_t reset;    /* INVITE: 1: forget keys, second factor and graces there are */
	uint32_t number;  /* INVITED, HOLDINGS, KEYS: how many were told already */
	uint64_t start;   /* REDEEM: of the process of the session, see base/process.h */
	uint32_t session; /* REDEEM: the number of that process */
	uint32_t seconds; /* INVITE: how long it lasts; 0: WISH_INVITED_S */
};

/* A permission that the person was given on this server. */
struct wish_holding {
	char permission[32]; /* "account.ssh"; "": everything, of an owner */
	char account[36];    /* "": all of the server's, or the permission is no account's */
	uint32_t reason;     /* enum adperm_reason: ADPERM_OK if it counts here and now */
	int64_t until;       /* seconds since 1970, INT64_MAX: for good */
	uint8_t flagged;     /* 1: it asks for a second factor */
	uint8_t owned;       /* 1: the person is the owner */
	uint8_t unused[6];
};

struct wish_reply {
	uint32_t magic;
	uint16_t version;
	uint16_t op;
	uint32_t result;               /* enum wish_result */
	uint32_t retry_after;          /* LOCKED: seconds */
	char profile[WISH_EMAIL_SIZE]; /* whom it was about */
	char owner[WISH_EMAIL_SIZE];   /* HOLDINGS: of this server */
	char server[WISH_EMAIL_SIZE];  /* HOLDINGS: its name in the policy */
	int64_t made_at;               /* INVITE, INVITED, REDEEM: seconds since 1970 */
	int64_t expires_at;            /* likewise */
	char code[WISH_CODE_SIZE];     /* INVITE: shown once */
	char pin[WISH_PIN_SIZE];       /* likewise, or "" */
	uint8_t no_pin;                /* INVITE, INVITED: enum wish_pin */
	uint8_t held;                  /* INVITED: 1: by a session that goes on */
	uint8_t flagged;               /* HOLDINGS: 1: a grant asks for a second factor */
	uint8_t enrolled;              /* HOLDINGS: 1: there is one in force */
	uint8_t proved;                /* HOLDINGS: 1: proved in this login */
	uint8_t waits;                 /* KEYS: 1: it waits for the activation */
	uint8_t digits, algorithm;     /* ENROLL: as in adpermd/proto.h */
	uint8_t period;                /* likewise, seconds */
	uint8_t mailed;                /* INVITED: 1: its message was handed over */
	uint16_t key_len;              /* KEYS */
	uint32_t count;            /* HOLDINGS: of entry; fewer than a page: these were the last */
	uint8_t key[WISH_KEY_MAX]; /* KEYS */
	char secret[WISH_SECRET_TEXT]; /* ENROLL: base32, shown once */
	/* ACTIVATE that put a second factor in force, "" otherwise: shown once. */
	char recovery[WISH_RECOVERY_CODES][WISH_RECOVERY_TEXT];
	struct wish_holding entry[WISH_PAGE];
};

_Static_assert(sizeof(struct wish) == 8 + 2 * 256 + 64 + 16 + 64 + 2104 + 24, "no padding");
_Static_assert(sizeof(struct wish_holding) == 88, "no padding");
_Static_assert(sizeof(struct wish_reply) ==
		       16 + 3 * 256 + 16 + 64 + 16 + 16 + 2104 + 112 + 200 + WISH_PAGE * 88,
	"no padding");

#endif
