/*
 * What is said on the socket of adpermd: one request and one reply of fixed size a connection,
 * SOCK_SEQPACKET, both sides of one machine and one build of this header. No uid or pid is ever in
 * a frame: who asks, the kernel says (SO_PEERCRED). Texts are NUL-terminated inside their array
 * and NUL-filled to its end. A frame of another size, magic or version is refused.
 */
#ifndef ADPERM_PROTO_H
#define ADPERM_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROTO_SOCKET "/run/adperm/auth.sock" /* unless an option says otherwise */

#define PROTO_MAGIC      0x64707061u /* "appd" */
#define PROTO_VERSION    1
#define PROTO_DEADLINE_S 3    /* seconds that either side waits for the other, in all */
#define PROTO_FRAME_MAX  4096 /* bytes */

/*
 * The operations: OP(NUMBER, SYMBOL, "name", "what it does"). Numbers are never used again.
 */
#define PROTO_OPS(OP)                                                                              \
	OP(1, VERIFY, "verify", "judge a code and burn it")                                        \
	OP(2, ENROLL, "enroll", "make a new secret for a profile")                                 \
	OP(3, STATUS, "status", "tell whether a profile is enrolled, and how")                     \
	OP(4, REMOVE, "remove", "forget a profile's secret")

enum proto_op {
#define PROTO_ENUM(number, symbol, name, does) PROTO_##symbol = (number),
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
	RESULT(11, EXISTS, "exists") /* ENROLL without replace: enrolled already */

enum proto_result {
	PROTO_NONE = 0,
#define PROTO_ENUM(number, symbol, word) PROTO_##symbol = (number),
	PROTO_RESULTS(PROTO_ENUM)
#undef PROTO_ENUM
};

enum proto_algorithm { PROTO_SHA1 = 1, PROTO_SHA256 = 2, PROTO_SHA512 = 3 };

#define PROTO_RID_SIZE    8
#define PROTO_SECRET_MAX  64  /* bytes */
#define PROTO_SECRET_TEXT 112 /* base32 of it, without padding, and a NUL */

struct proto_request {
	uint32_t magic;
	uint16_t version;
	uint16_t op;                 /* enum proto_op */
	uint8_t rid[PROTO_RID_SIZE]; /* random; the reply repeats it */
	uint64_t generation;         /* of the policy that asked for a code; the reply repeats it */
	char service[64];            /* PAM service */
	char profile[256];           /* e-mail, lower case */
	char from[64];               /* numeric address or "" */
	char key[64];                /* "SHA256:..." of the first factor's key or "" */
	char code[64];               /* VERIFY: as typed */
	uint8_t digits, algorithm;   /* ENROLL: 6 or 8, enum proto_algorithm; 0: the default */
	uint8_t period;              /* ENROLL: seconds, 30 or 60; 0: the default */
	uint8_t replace;             /* ENROLL: 1: forget the secret there is, else EXISTS */
	uint8_t unused[4];           /* zero */
};

struct proto_reply {
	uint32_t magic;
	uint16_t version;
	uint16_t op;
	uint8_t rid[PROTO_RID_SIZE];
	uint64_t generation;
	char service[64];
	char profile[256];
	uint32_t result;      /* enum proto_result */
	uint32_t retry_after; /* LOCKED, and STATUS of somebody locked: seconds to the next guess */
	int64_t enrolled_at;  /* STATUS, seconds since 1970 */
	int64_t last_used_at; /* STATUS, 0 if never */
	uint8_t digits, algorithm, period;
	uint8_t unused[5];
	char secret[PROTO_SECRET_TEXT]; /* ENROLL: base32; shown once */
};

_Static_assert(sizeof(struct proto_request) == 544, "the request has no padding");
_Static_assert(sizeof(struct proto_reply) == 488, "the reply has no padding");
_Static_assert(sizeof(struct proto_request) <= PROTO_FRAME_MAX, "a frame has a limit");

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
