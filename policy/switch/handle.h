/*
 * What a handle is inside: the sources in the order of the switch, and which server this is. The
 * tool makes handles over sources of its own with adperm_over().
 */
#ifndef ADPERM_SWITCH_HANDLE_H
#define ADPERM_SWITCH_HANDLE_H

#include "switch/source.h"
#include "switch/switch.h"

/* A source, and what switch.conf says of its answers. */
struct handle_source {
	struct source source;
	enum adperm_reason unavail; /* why it could not be opened, or ADPERM_OK */
	struct switch_entry entry;
};

struct shelf;

struct adperm {
	struct shelf
		*shelf; /* of one that libadperm gives out, which has no sources: see follow.h */
	char server[ADPERM_HOST_SIZE];
	bool slice;   /* the policy itself says that it is of this server */
	char *people; /* NULL: nobody changed anything */
	enum trust people_trust;
	uint64_t generation;
	int64_t not_after;
	unsigned n;
	struct handle_source at[]; /* the n sources */
};

/* Opens what switch.conf and the database are now; as adperm_open(). Takes NULL: the usual files.
 */
enum adperm_reason handle_open(const struct adperm_options *options, struct adperm **policy);
/* Takes NULL. */
void handle_close(struct adperm *policy);

/*
 * A handle over one source, which it will close. `people` may be NULL. ADPERM_OK, or a reason, with
 * the source closed.
 */
enum adperm_reason adperm_over(const struct source *source, const char *people, enum trust trust,
	const char *server, struct adperm **policy);

/* One look-up, by all sources in turn. Same results as the functions of struct source_ops. */
enum adperm_reason walk_login(
	const struct adperm *policy, struct slice login, char profile[static ADPERM_EMAIL_SIZE]);
enum adperm_reason walk_key(const struct adperm *policy, const uint8_t digest[static SHA256_SIZE],
	struct slice blob, char profile[static ADPERM_EMAIL_SIZE]);
enum adperm_reason walk_server(const struct adperm *policy, struct slice server);
enum adperm_reason walk_account(
	const struct adperm *policy, struct slice account, struct slice server, bool *ssh_2fa);
enum adperm_reason walk_holding(
	const struct adperm *policy, struct slice profile, struct slice server, struct held *held);

#endif
