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
#define WISH_VERSION    1
#define WISH_DEADLINE_S 10 /* seconds that a client waits: for the lock, the disk and adpermd */
#define WISH_REQUEST_S  3  /* seconds that it has to ask in */

/*
 * The operations: OP(NUMBER, SYMBOL, name, who, what it names besides a profile, "what it does").
 * ASKER_SELF: also whom it is about, from a personal login. Numbers are never used again.
 */
#define WISH_OPS(OP)                                                                               \
	OP(1, RENOUNCE, renounce, ASKER_SELF, NAMES_OWNER, "give back all that it has granted")    \
	OP(2, READMIT, readmit, ASKER_ROOT, NAMES_OWNER, "undo that")                              \
	OP(3, ADD_KEY, add_key, ASKER_ROOT, NAMES_KEY, "register a key for the profile")           \
	OP(4, REMOVE_KEY, remove_key, ASKER_ROOT, NAMES_KEY, "forget a registered key")            \
	OP(5, FORGET_KEYS, forget_keys, ASKER_ROOT, NAMES_NOTHING, "forget all of them")

enum wish_op {
#define WISH_ENUM(number, symbol, name, who, names, does) WISH_##symbol = (number),
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
		"a grant of yours asks for a second factor, and you have none; root can do it "    \
		"with --profile")                                                                  \
	RESULT(14, NO_DAEMON, "daemon", "adpermd did not judge the code; see the system log")      \
	RESULT(15, FOREIGN_KEY, "foreign_key", "that key is registered for somebody else")         \
	RESULT(16, BAD_KEY, "bad_key", "that is no SSH public key, or a weak one")                 \
	RESULT(17, FULL, "full", "that would be too many for one profile; remove some first")      \
	RESULT(18, DAMAGED, "people_corrupt",                                                      \
		"what this person changed there is damaged; put the file back from a backup")      \
	RESULT(19, BUSY, "busy", "somebody else changes something there; try again")               \
	RESULT(20, FAILED, "failed", "it could not be written; the system log says why")

enum wish_result {
	WISH_NONE = 0,
#define WISH_ENUM(number, symbol, word, says) WISH_##symbol = (number),
	WISH_RESULTS(WISH_ENUM)
#undef WISH_ENUM
};

#define WISH_EMAIL_SIZE 256
#define WISH_KEY_MAX    2104 /* bytes of a blob: RSA of 16384 bits is 2071 */

struct wish {
	uint32_t magic;
	uint16_t version;
	uint16_t op;                   /* enum wish_op */
	char profile[WISH_EMAIL_SIZE]; /* whom it is about; "": who asks */
	char owner[WISH_EMAIL_SIZE];   /* RENOUNCE, READMIT */
	char code[64];                 /* RENOUNCE by a person: as typed, or "" */
	uint8_t key[WISH_KEY_MAX];     /* ADD_KEY, REMOVE_KEY: the blob (RFC 4253, 6.6) */
	uint16_t key_len;
	uint8_t unused[6]; /* zero */
};

struct wish_reply {
	uint32_t magic;
	uint16_t version;
	uint16_t op;
	uint32_t result;               /* enum wish_result */
	uint32_t retry_after;          /* LOCKED: seconds */
	char profile[WISH_EMAIL_SIZE]; /* whom it was about */
};

_Static_assert(sizeof(struct wish) == 8 + 2 * 256 + 64 + 2104 + 8, "no padding");
_Static_assert(sizeof(struct wish_reply) == 16 + 256, "no padding");

#endif
