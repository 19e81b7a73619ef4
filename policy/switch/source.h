/*
 * A source of policy: look-ups, never verdicts. The switch walks a list of these; decide() alone
 * judges what they say, so that every source obeys the same rules. Each look-up returns ADPERM_OK,
 * the ADPERM_UNKNOWN_* that says it is certainly not there, or why it cannot tell.
 */
#ifndef ADPERM_SWITCH_SOURCE_H
#define ADPERM_SWITCH_SOURCE_H

#include "adperm.h"
#include "db/record.h"

/* A holding and the memory it lies in; zero it before the first use. */
struct held {
	struct holding holding;
	struct holding_text text;
	void *memory[2]; /* freed by held_done() */
};

/*
 * Decodes the payload of a holding's record. ADPERM_OK, ADPERM_NOMEM or ADPERM_POLICY_CORRUPT;
 * held_done() in every case.
 */
enum adperm_reason held_decode(struct slice payload, struct held *held);
void held_done(struct held *held);

struct source_ops {
	const char *name; /* as in switch.conf */

	/* The e-mail of a login. ADPERM_UNKNOWN_PERSON if nobody has it. */
	enum adperm_reason (*login)(
		const void *state, struct slice login, char profile[static ADPERM_EMAIL_SIZE]);

	/*
	 * Who a key belongs to, by its SHA-256; with a blob only if it is this very blob, byte by
	 * byte (blob.at NULL: do not compare). ADPERM_UNKNOWN_PERSON.
	 */
	enum adperm_reason (*key)(const void *state, const uint8_t digest[static SHA256_SIZE],
		struct slice blob, char profile[static ADPERM_EMAIL_SIZE]);

	/* ADPERM_UNKNOWN_SERVER if the policy has no such server. */
	enum adperm_reason (*server)(const void *state, struct slice server);

	/* ADPERM_UNKNOWN_ACCOUNT unless it is an account of that server. */
	enum adperm_reason (*account)(
		const void *state, struct slice account, struct slice server, bool *ssh_2fa);

	/*
	 * What a profile holds there; without any grant, what is true of the profile anywhere.
	 * ADPERM_UNKNOWN_PERSON if there is no such profile.
	 */
	enum adperm_reason (*holding)(
		const void *state, struct slice profile, struct slice server, struct held *held);

	void (*close)(void *state);

	/*
	 * Why the last look-up that failed did so, in a line for the administrator; "" if none did.
	 * NULL: the reasons alone say it.
	 */
	void (*trouble)(const void *state, char *out, size_t room);
};

struct source {
	const struct source_ops *ops;
	void *state;
	char server[ADPERM_HOST_SIZE]; /* the one server it is about, or "" */
	uint64_t generation;
	int64_t not_after;
};

#endif
