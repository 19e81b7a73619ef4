/*
 * What is said on the socket of adpermd: one request and one reply a connection, SOCK_SEQPACKET. No
 * uid or pid is ever in a frame: who asks, the kernel says (SO_PEERCRED). Texts are NUL-terminated
 * inside their array and NUL-filled to its end.
 *
 * Versions: a frame only ever grows at its end, and its version says its size; what a shorter one
 * lacks is zero, and zero means what was done before the field was there. A client asks in the
 * oldest version that can hold its question; the daemon answers every version up to its own, in
 * that version. So a login begun with the last release's module is answered by this release's
 * daemon, and the other way round. A frame of another size, magic or version is cut off.
 */
#ifndef ADPERM_PROTO_H
#define ADPERM_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROTO_SOCKET "/run/adperm/auth.sock" /* unless an option says otherwise */
#define PROTO_KEY    "/etc/adperm/state.key" /* likewise */
#define PROTO_STATE  "/var/lib/adperm/state" /* likewise */
#define PROTO_GROUP  "adperm-clients"        /* may connect to it, and read the policy */

#define PROTO_MAGIC      0x64707061u /* "appd" */
#define PROTO_VERSION    3
#define PROTO_DEADLINE_S 3    /* seconds that either side waits for the other, in all */
#define PROTO_FRAME_MAX  4096 /* bytes */

/*
 * The operations: OP(NUMBER, VERSION that it came with, SYMBOL, "name", "what it does"). Numbers
 * are never used again. The second factor of a profile is at most one secret in force, one that
 * waits for its CONFIRM, and PROTO_RECOVERY_CODES recovery codes.
 */
#define PROTO_OPS(OP)                                                                              \
	OP(1, 1, VERIFY, "verify", "judge a code, or a recovery code, and burn it")                \
	OP(2, 1, ENROLL, "enroll", "take a secret for a profile, its own making or a given one")   \
	OP(3, 1, STATUS, "status", "tell whether a profile is enrolled, and how")                  \
	OP(4, 1, REMOVE, "remove", "forget a profile's secret, recovery codes and guesses")        \
	OP(5, 2, DIGITS, "digits", "tell how many digits a profile's codes have")                  \
	OP(6, 2, CONFIRM, "confirm", "judge a code of the secret that waits, and put it in force") \
	OP(7, 2, RECOVERY, "recovery", "make new recovery codes and forget the old ones")          \
	OP(8, 2, UNLOCK, "unlock", "forget all wrong guesses at a profile")                        \
	OP(9, 2, LIST, "list", "tell a page of who is enrolled")                                   \
	OP(10, 2, REKEY, "rekey", "seal some more secrets with a new key")                         \
	OP(11, 3, GRACE, "grace", "tell whether an earlier code still counts here")                \
	OP(12, 3, GRACES, "graces", "tell a page of where earlier codes still count")              \
	OP(13, 3, REVOKE, "revoke", "let a profile's earlier codes count nowhere any more")

enum proto_op {
#define PROTO_ENUM(number, since, symbol, name, does) PROTO_##symbol = (number),
	PROTO_OPS(PROTO_ENUM)
#undef PROTO_ENUM
};

/*
 * Results: RESULT(NUMBER, SYMBOL, "reason in the log"). Zero is never yes; the words are those of
 * adperm_reasons.def where the PAM module can meet them.
 */
#define PROTO_RESULTS(RESULT)                                                                      \
	RESULT(1, YES, "ok")                                                                       \
	RESULT(2, BAD_CODE, "bad_code")                                                            \
	RESULT(3, REPLAY, "replay") /* a right code whose step is spent; not counted as a guess */ \
	RESULT(4, NOT_ENROLLED, "not_enrolled")                                                    \
	RESULT(5, LOCKED, "locked")             /* retry_after says for how long */                \
	RESULT(6, REFUSED, "daemon_refused")    /* this peer may not ask that */                   \
	RESULT(7, MALFORMED, "daemon_protocol") /* the frame, or a field of it */                  \
	RESULT(8, CLOCK, "clock")                                                                  \
	RESULT(9, STORE_CORRUPT, "store_corrupt") /* this person's record; nobody else's */        \
	RESULT(10, STORE_FAILED, "store_failed")                                                   \
	RESULT(11, EXISTS, "exists") /* ENROLL without replace: enrolled already */                \
	RESULT(12, BUSY, "busy")     /* REKEY: not yet done with another new key */                \
	RESULT(13, STORE_ROLLBACK, "store_rollback") /* the state is older than it once was */     \
	RESULT(14, NO_GRACE, "no_grace")             /* GRACE: no earlier code counts here */

enum proto_result {
	PROTO_NONE = 0,
#define PROTO_ENUM(number, symbol, word) PROTO_##symbol = (number),
	PROTO_RESULTS(PROTO_ENUM)
#undef PROTO_ENUM
};

enum proto_algorithm { PROTO_SHA1 = 1, PROTO_SHA256 = 2, PROTO_SHA512 = 3 };

#define PROTO_RID_SIZE       8
#define PROTO_PROFILE_SIZE   256
#define PROTO_SECRET_MAX     64   /* bytes */
#define PROTO_SECRET_TEXT    112  /* base32 of it, without padding, and a NUL */
#define PROTO_KEY_SIZE       32   /* bytes of a key that seals secrets */
#define PROTO_PENDING_S      3600 /* a secret that is not confirmed for so long is forgotten */
#define PROTO_RECOVERY_CODES 10
#define PROTO_RECOVERY_TEXT  20 /* "abcd-efgh-ijkl-mnop" and a NUL: 80 bits in base32 */
#define PROTO_PAGE           11 /* entries of a LIST reply */
#define PROTO_GRACE_PAGE     6  /* of a GRACES reply */
#define PROTO_GRACE_MAX_S    86400
#define PROTO_TERMS_SIZE     32

struct proto_request {
	uint32_t magic;
	uint16_t version;
	uint16_t op;                 /* enum proto_op */
	uint8_t rid[PROTO_RID_SIZE]; /* random; the reply repeats it */
	uint64_t generation;         /* of the policy that asked for a code; the reply repeats it */
	char service[64];            /* PAM service */
	char profile[PROTO_PROFILE_SIZE]; /* e-mail, lower case. LIST: go on after it, "": begin.
					     GRACES: only its own, "": everybody's. REKEY: "" */
	char from[64];                    /* numeric address or "" */
	char key[64];                     /* "SHA256:..." of the first factor's key or "" */
	char code[64];                    /* VERIFY, CONFIRM: as typed */
	uint8_t digits, algorithm;        /* ENROLL: 6 or 8, enum proto_algorithm; 0: the default */
	uint8_t period;                   /* ENROLL: seconds, 30 or 60; 0: the default */
	uint8_t replace;   /* ENROLL: 1: take the place of the secret there is, else EXISTS */
	uint8_t unused[4]; /* zero */
	/* From version 2 on. */
	int64_t mark; /* ENROLL: no step up to this one is accepted; 0: all are */
	uint8_t secret[PROTO_SECRET_MAX]; /* ENROLL: a given secret. REKEY: the new key */
	uint8_t secret_len; /* ENROLL: bytes of it, 0: make one. REKEY: PROTO_KEY_SIZE */
	/*
	 * ENROLL: 1: the secret waits for its CONFIRM, and the one in force stays in force till
	 * then. REMOVE: 1: forget only the one that waits.
	 */
	uint8_t pending;
	uint8_t unused_2[6]; /* zero */
	/* From version 3 on. */
	int64_t after;  /* GRACES: go on after the one of this number, 0: begin */
	uint32_t grace; /* VERIFY: seconds that this code shall count, 0: here and now only. GRACE:
			   how long ago it may have been */
	uint8_t unused_3[4]; /* zero */
	/* VERIFY with grace, GRACE: a digest of what the profile holds; another one ends it. */
	uint8_t terms[PROTO_TERMS_SIZE];
};

/* One who is enrolled. digits is 0 if the record is damaged. */
struct proto_entry {
	char profile[PROTO_PROFILE_SIZE];
	int64_t enrolled_at;
	int64_t last_used_at;
	uint32_t retry_after;
	uint8_t digits, algorithm, period;
	uint8_t recovery_left;
};

/* Where a code still counts: whose, at which service, from where, with which key. */
struct proto_grace {
	char profile[PROTO_PROFILE_SIZE];
	char service[64], from[64], key[64];
	int64_t number; /* they are told in the order of these */
	int64_t at;     /* when the code was accepted */
	int64_t until;  /* at the latest */
};

struct proto_reply {
	uint32_t magic;
	uint16_t version; /* the request's */
	uint16_t op;
	uint8_t rid[PROTO_RID_SIZE];
	uint64_t generation;
	char service[64];
	char profile[PROTO_PROFILE_SIZE];
	uint32_t result;      /* enum proto_result */
	uint32_t retry_after; /* LOCKED, and STATUS of somebody locked: seconds to the next guess */
	int64_t enrolled_at;  /* STATUS, seconds since 1970 */
	int64_t last_used_at; /* STATUS, 0 if never */
	uint8_t digits;       /* STATUS, ENROLL, DIGITS: 6 if not enrolled */
	uint8_t algorithm, period; /* STATUS, ENROLL */
	uint8_t recovery_left;     /* STATUS; VERIFY that took a recovery code */
	uint8_t recovery_used;     /* VERIFY that is YES: 1: it was a recovery code */
	uint8_t pending;           /* STATUS: 1: a secret waits, also if NOT_ENROLLED */
	uint8_t unused[2];
	char secret[PROTO_SECRET_TEXT]; /* ENROLL that made one: base32; shown once */
	/* From version 2 on. */
	char recovery[PROTO_RECOVERY_CODES][PROTO_RECOVERY_TEXT]; /* RECOVERY: shown once */
	uint32_t left;  /* REKEY: secrets that are still sealed with an older key: ask again */
	uint32_t count; /* LIST, GRACES: what follows; fewer than a page: these were the last */
	union {
		struct proto_entry entry[PROTO_PAGE];
		struct proto_grace grace[PROTO_GRACE_PAGE]; /* GRACES, from version 3 on */
	};
};

_Static_assert(offsetof(struct proto_request, mark) == 544, "the request of version 1");
_Static_assert(offsetof(struct proto_reply, recovery) == 488, "the reply of version 1");
_Static_assert(offsetof(struct proto_request, after) == 624, "the request of version 2");
_Static_assert(sizeof(struct proto_request) == 672, "the request has no padding");
_Static_assert(sizeof(struct proto_entry) == 280, "an entry has no padding");
_Static_assert(sizeof(struct proto_grace) == 472, "nor this");
_Static_assert(
	sizeof(struct proto_grace) * PROTO_GRACE_PAGE <= sizeof(struct proto_entry) * PROTO_PAGE,
	"the reply of version 3 is as long as that of version 2");
_Static_assert(sizeof(struct proto_reply) == 696 + PROTO_PAGE * 280, "the reply has no padding");
_Static_assert(sizeof(struct proto_reply) <= PROTO_FRAME_MAX, "a frame has a limit");

/* Bytes of a frame of that version; 0 if there is no such version. */
static inline size_t proto_request_size(unsigned version)
{
	static const size_t sizes[] = { 0, offsetof(struct proto_request, mark),
		offsetof(struct proto_request, after), sizeof(struct proto_request) };

	return version <= PROTO_VERSION ? sizes[version] : 0;
}

static inline size_t proto_reply_size(unsigned version)
{
	static const size_t sizes[] = { 0, offsetof(struct proto_reply, recovery),
		sizeof(struct proto_reply), sizeof(struct proto_reply) };

	return version <= PROTO_VERSION ? sizes[version] : 0;
}

/* The version that an operation came with; that of now if there is no such operation. */
static inline uint16_t proto_since(unsigned op)
{
	switch (op) {
#define PROTO_SINCE(number, since, symbol, name, does)                                             \
	case (number): return (since);
		PROTO_OPS(PROTO_SINCE)
#undef PROTO_SINCE
	}
	return PROTO_VERSION;
}

/* A text of a frame: a NUL inside its array, and nothing but NULs behind it. */
static inline bool proto_text_good(const char *text, size_t size)
{
	size_t len = 0;

	while (len < size && text[len] != '\0')
		len++;
	if (len == size)
		return false;
	while (len < size && text[len] == '\0')
		len++;
	return len == size;
}

#endif
