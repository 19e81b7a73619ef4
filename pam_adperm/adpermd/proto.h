/*
 * What is said on the socket of adpermd: one request and one reply of fixed size a connection,
 * SOCK_SEQPACKET, both sides of one machine and one build of this header. No uid or pid is ever in
 * a frame: who asks, the kernel says (SO_PEERCRED). Texts are NUL-terminated inside their array
 * and NUL-filled to its end. A frame of another size, magic or version is refused.
 */
#ifndef ADPERM_PROTO_H
#define ADPERM_PROTO_H

#include <stdint.h>

#define PROTO_MAGIC	 0x64707061u /* "appd" */
#define PROTO_VERSION	 1
#define PROTO_DEADLINE_S 3    /* seconds that either side waits for the other, in all */
#define PROTO_FRAME_MAX	 4096 /* bytes */

/*
 * The operations: OP(NUMBER, SYMBOL, "name", "what it does"). Numbers are never used again.
 */
#define PROTO_OPS(OP)                                                                             \
	OP(1, VERIFY, "verify", "judge a code and burn it")                                       \
	OP(2, ENROLL, "enroll", "make a new secret for a profile, replacing the old one")         \
	OP(3, STATUS, "status", "tell whether a profile is enrolled, and how")                    \
	OP(4, REMOVE, "remove", "forget a profile's secret")

enum proto_op {
#define PROTO_ENUM(number, symbol, name, does) PROTO_##symbol = (number),
	PROTO_OPS(PROTO_ENUM)
#undef PROTO_ENUM
};

/* Results; zero is never yes. Each maps to one reason word of the log. */
enum proto_result {
	PROTO_NONE = 0,
	PROTO_YES,
	PROTO_BAD_CODE,
	PROTO_REPLAY,
	PROTO_NOT_ENROLLED,
	PROTO_LOCKED,	 /* retry_after says for how long */
	PROTO_REFUSED,	 /* this peer may not ask that */
	PROTO_MALFORMED, /* the frame, or a field of it */
	PROTO_CLOCK,
	PROTO_STORE_CORRUPT,
	PROTO_STORE_FAILED,
};

enum proto_algorithm { PROTO_SHA1 = 1, PROTO_SHA256 = 2, PROTO_SHA512 = 3 };

#define PROTO_RID_SIZE	  8
#define PROTO_SECRET_MAX  64 /* bytes */
#define PROTO_SECRET_TEXT 112 /* base32 of it, without padding, and a NUL */

struct proto_request {
	uint32_t magic;
	uint16_t version;
	uint16_t op;			/* enum proto_op */
	uint8_t rid[PROTO_RID_SIZE];	/* random; the reply repeats it */
	uint64_t generation;		/* of the policy that asked for a code; the reply repeats it */
	char service[64];		/* PAM service */
	char profile[256];		/* e-mail, lower case */
	char from[64];			/* numeric address or "" */
	char key[64];			/* "SHA256:..." of the first factor's key or "" */
	char code[64];			/* VERIFY: as typed */
	uint8_t digits, algorithm;	/* ENROLL: 6 or 8, enum proto_algorithm; 0: the default */
	uint8_t period;			/* ENROLL: seconds, 30 or 60; 0: the default */
	uint8_t unused[5];		/* zero */
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
	uint32_t retry_after; /* PROTO_LOCKED: seconds until the next guess is taken */
	int64_t enrolled_at;  /* STATUS, seconds since 1970 */
	int64_t last_used_at; /* STATUS, 0 if never */
	uint8_t digits, algorithm, period;
	uint8_t unused[5];
	char secret[PROTO_SECRET_TEXT]; /* ENROLL: base32; shown once */
};

_Static_assert(sizeof(struct proto_request) == 544, "the request has no padding");
_Static_assert(sizeof(struct proto_reply) == 488, "the reply has no padding");
_Static_assert(sizeof(struct proto_request) <= PROTO_FRAME_MAX, "a frame has a limit");

#endif
